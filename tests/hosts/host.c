#include "tests/hosts/host.h"

#include "common/fetch/snapshot-write.h"
#include "common/refresh.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_S 120 /* a host that hangs is ended */

static const struct cb_key no_keys[] = {{.name = NULL}};
static const struct cb_source_type type = {.name = "test", .keys = no_keys};

void host_need(bool ok, const char *format, ...)
{
    va_list args;

    if (ok)
        return;
    va_start(args, format);
    fputs("# ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    _exit(1);
}

void host_init(struct host *h, const char *orders)
{
    memset(h, 0, sizeof *h);
    scratch_init(&h->scratch);
    snprintf(h->path, sizeof h->path, "%s/certbridge.conf", h->scratch.folder);
    snprintf(h->cache, sizeof h->cache, "%s/cache", h->scratch.folder);
    scratch_write(&h->scratch, "certbridge.conf", "", 0600);
    scratch_age(h->path, 60000);
    host_need(mkdir(h->cache, 0700) == 0, "mkdir %s", h->cache);
    h->config = (struct cb_config){.path = h->path, .cache = h->cache};
    h->source = (struct cb_source){.name = "people",
                                   .type = &type,
                                   .identity = 7,
                                   .start_refresh = true,
                                   .refresh_ms = 3600000,
                                   .max_stale_ms = 7200000,
                                   .wait_ms = 60000};
    host_snapshot(h, "template.cdb", 1);
    host_order(h, orders);
    /* A build under a loose umask must not make the stand-in untrusted. */
    host_need(chmod(FAKE_HELPER, 0755) == 0, "chmod %s", FAKE_HELPER);
    setenv("CERTBRIDGE_HELPER", FAKE_HELPER, 1);
    h->live = cb_live_new(&h->config, &h->source);
    host_need(h->live != NULL, "cb_live_new");
}

void host_clear(struct host *h)
{
    cb_live_free(h->live);
    scratch_clear(&h->scratch);
}

void host_order(struct host *h, const char *orders)
{
    scratch_write(&h->scratch, "orders", orders, 0600);
}

void host_snapshot(struct host *h, const char *name, uint32_t passcodes)
{
    struct cb_snapshot_writer *w = NULL;
    struct cb_written written;
    struct cb_error err = {0};

    cb_snapshot_writer_new(scratch_path(&h->scratch, name), 0600, (gid_t)-1, h->source.identity, &w,
                           &err);
    for (uint32_t i = 0; w != NULL && i < passcodes; i++) {
        char path[32];
        snprintf(path, sizeof path, "profile/passcode/%u", (unsigned)i);
        struct cb_new_object o = {.kind = CB_PASSCODE,
                                  .path = cb_span_of(path),
                                  .label = cb_span_of("label"),
                                  .state = cb_span_of("ACTIVE"),
                                  .details = cb_span_of("{}"),
                                  .from = CB_TIME_MIN,
                                  .to = CB_TIME_MAX};
        cb_snapshot_writer_add(w, &o, &err);
    }
    if (err.code == CB_OK)
        cb_snapshot_writer_finish(w, true, &written, &err);
    host_need(err.code == CB_OK, "%s: %s", name, err.text);
    cb_snapshot_writer_free(w);
}

void host_must_take(struct host *h, enum cb_patience patience, uint32_t passcodes)
{
    struct cb_error err = {0};
    struct cb_snapshot *s = cb_live_take(h->live, patience, &err);

    host_need(s != NULL, "no snapshot: %s", err.text);
    host_need(cb_snapshot_facts(s)->passcodes == passcodes, "passcodes: %u, not %u",
              (unsigned)cb_snapshot_facts(s)->passcodes, (unsigned)passcodes);
    cb_snapshot_unref(s);
}

void host_must_fail(struct host *h, enum cb_patience patience, const char *text)
{
    struct cb_error err = {0};
    struct cb_snapshot *s = cb_live_take(h->live, patience, &err);

    host_need(s == NULL, "a snapshot, but it should be: %s", text);
    host_need(strstr(err.text, "source people: ") == err.text, "no source: %s", err.text);
    host_need(strstr(err.text, text) != NULL, "\"%s\" is not in: %s", text, err.text);
    host_need(cb_live_current(h->live) == NULL, "a current snapshot after none was taken");
}

void host_settle(struct host *h)
{
    while (cb_refresh_running(&h->config, &h->source))
        usleep(1000);
}

static void append_file(int folder, const char *name, struct cb_buf *out)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);

    host_need(fd >= 0 && cb_file_read(fd, name, out, NULL) == 0, "reading %s", name);
    close(fd);
}

static unsigned read_records(struct host *h, struct cb_buf *out)
{
    DIR *dir = opendir(h->scratch.folder);
    struct dirent *e;
    unsigned n = 0;

    host_need(dir != NULL, "opendir %s", h->scratch.folder);
    while ((e = readdir(dir)) != NULL)
        if (strncmp(e->d_name, "record.", strlen("record.")) == 0) {
            append_file(dirfd(dir), e->d_name, out);
            n++;
        }
    closedir(dir);
    return n;
}

char *host_records(struct host *h)
{
    struct cb_buf out;

    cb_buf_init(&out, 16u << 20);
    read_records(h, &out);
    return cb_buf_take(&out);
}

unsigned host_started(struct host *h)
{
    struct cb_buf out;
    unsigned n;

    cb_buf_init(&out, 16u << 20);
    n = read_records(h, &out);
    cb_buf_clear(&out);
    return n;
}

unsigned host_refreshed(struct host *h)
{
    char *text = host_records(h);
    unsigned n = 0;

    for (const char *p = text; p != NULL && (p = strstr(p, "did refresh\n")) != NULL; p++)
        n++;
    free(text);
    return n;
}

int host_run(void (*play)(struct host *h), struct host *h)
{
    int status = -1;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        alarm(LIMIT_S);
        play(h);
        fflush(NULL);
        _exit(0);
    }
    if (pid > 0)
        waitpid(pid, &status, 0);
    return status;
}
