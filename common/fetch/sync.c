#include "common/fetch/sync.h"

#include "common/fetch/cache.h"
#include "common/fetch/http-tls.h"
#include "common/fetch/lock.h"
#include "common/fetch/privileges.h"
#include "common/fetch/run.h"
#include "common/fetch/secret.h"
#include "common/fetch/status-write.h"
#include "common/helper.h"
#include "common/log.h"
#include "common/refresh.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cb_sync_prepare(const struct cb_config *config, struct cb_error *err)
{
    cb_http_tls_library();
    umask(077); /* modes are set by fchmod */
    if (cb_cache_make(config, err) == -1)
        return -1;
    cb_cache_tidy(config);
    return 0;
}

/* Everything that reads secrets and keys. */
static int open_http(const struct cb_source *source, struct cb_http **http, struct cb_error *err)
{
    struct cb_secrets secrets;
    struct cb_buf headers;
    int rc = -1;

    cb_buf_init(&headers, 2 * CB_SECRET_MAX);
    if (cb_secrets_read(source, &secrets, err) == 0 &&
        source->type->fetch->headers(source, &secrets, &headers, err) == 0)
        rc = cb_http_new(source, cb_buf_text(&headers), http, err);
    cb_buf_wipe(&headers);
    cb_secrets_wipe(&secrets);
    return rc;
}

/* One sync, while it goes on. */
struct sync {
    const struct cb_config *config;
    const struct cb_source *source;
    const struct cb_sync_options *options;
    struct cb_cache_modes modes;
    struct cb_http *http;
    struct cb_error no_http; /* why there is none: a failure of this try, not of the call */
    struct cb_status status;
    int own_lock; /* opened here, or -1 */
};

/* A status that cannot be read is as good as none. */
static void read_status(struct sync *s)
{
    struct cb_error why = {0};

    cb_status_clear(&s->status);
    if (cb_status_read(s->config, s->source, &s->status, &why) == -1) {
        cb_log(CB_LOG_WARNING, "%s: %s", s->source->name, why.text);
        cb_status_clear(&s->status);
    }
}

/* What another process's refresh came to, when it ended in the order of things. `before` is its
 * last_try_ns, seen before waiting, or 0 when a refresh was under way then. */
static bool other_ended(const struct sync *s, int64_t before)
{
    return s->status.progress[0] == '\0' && s->status.last_try_ns != before;
}

static int report_other(const struct sync *s, struct cb_sync_result *result, struct cb_error *err)
{
    if (s->status.error[0] != '\0')
        return cb_fail(err, CB_ERR_UNAVAILABLE, "another process tried just now: %s",
                       s->status.error);
    result->certificates = s->status.certificates;
    result->passcodes = s->status.passcodes;
    result->left_out = s->status.left_out.total;
    result->reported = s->status.reported.total;
    return 0;
}

enum turn { OURS, DONE_BY_OTHER, FAILED };

/* Gets the lock, waiting for whoever has it where that is wanted. */
static enum turn take_turn(struct sync *s, struct cb_sync_result *result, struct cb_error *err)
{
    int fd = s->options->lock_fd;
    int64_t before;
    bool busy;

    if (fd == -1)
        fd = s->own_lock = cb_lock_open(s->config, s->source, err);
    if (fd == -1 || cb_lock_try(fd, &busy, err) == -1)
        return FAILED;
    read_status(s);
    if (!busy)
        return OURS;
    if (s->options->helper)
        return DONE_BY_OTHER;
    before = s->status.progress[0] == '\0' ? s->status.last_try_ns : 0;
    if (cb_lock_wait(fd, err) == -1)
        return FAILED;
    read_status(s);
    if (s->options->force || !other_ended(s, before))
        return OURS;
    return report_other(s, result, err) == 0 ? DONE_BY_OTHER : FAILED;
}

/* May we ask now? */
static int heed_back_off(const struct sync *s, struct cb_error *err)
{
    const struct cb_status *status = &s->status;
    int64_t now = cb_now();
    char iso[CB_ISO_MAX];

    if (s->options->force)
        return 0;
    if (s->options->helper && cb_backing_off(s->config, s->source, status, now))
        return cb_fail(err, CB_ERR_UNAVAILABLE, "%s (next try at %s)", status->error,
                       cb_iso(status->next_try, iso));
    if (!s->options->helper && now < status->retry_after &&
        status->retry_after - now <= CB_RETRY_AFTER_MOST_S)
        return cb_fail(err, CB_ERR_UNAVAILABLE,
                       "the server asked to be left alone until %s (Retry-After); --force asks it "
                       "all the same. Its words: %s",
                       cb_iso(status->retry_after, iso), status->error);
    return 0;
}

static void begin_try(struct cb_status *status)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    status->last_try = t.tv_sec;
    status->last_try_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void note_failure(struct sync *s, int64_t retry_after_s, const struct cb_error *why)
{
    struct cb_status *status = &s->status;
    uint32_t random = 0;

    if (retry_after_s > CB_RETRY_AFTER_MOST_S)
        retry_after_s = CB_RETRY_AFTER_MOST_S;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) == -1)
        random = (uint32_t)status->last_try_ns;
    memcpy(status->error, why->text, sizeof status->error);
    status->progress[0] = '\0';
    /* What only this caller lacks keeps nobody else from trying. */
    if (why->code == CB_ERR_SECRET && cb_helper_has_secrets(s->source, NULL) == -1)
        return;
    status->failures++;
    status->next_try = cb_now() + cb_backoff_s(status->failures, retry_after_s, random);
    status->retry_after = retry_after_s > 0 ? cb_now() + retry_after_s : 0;
}

static void note_success(struct cb_status *status, const struct cb_written *written)
{
    status->last_success = cb_now();
    status->certificates = written->certificates;
    status->passcodes = written->passcodes;
    status->next_try = status->retry_after = status->failures = 0;
    status->error[0] = status->progress[0] = '\0';
}

static int refresh(struct sync *s, struct cb_sync_result *result, struct cb_error *err)
{
    struct cb_run run = {.config = s->config,
                         .source = s->source,
                         .options = s->options,
                         .modes = s->modes,
                         .http = s->http,
                         .status = &s->status};
    struct cb_written written = {0};
    int rc;

    begin_try(&s->status);
    snprintf(s->status.progress, sizeof s->status.progress, "asking %s", s->source->url);
    if (cb_status_write(s->config, s->source, &s->modes, &s->status, err) == -1)
        return -1;
    if (s->http) {
        rc = cb_run(&run, &written, &result->gone, err);
    } else {
        *err = s->no_http;
        rc = -1;
    }
    if (rc == -1) {
        note_failure(s, run.retry_after_s, err);
        cb_status_write(s->config, s->source, &s->modes, &s->status, NULL);
        return -1;
    }
    note_success(&s->status, &written);
    result->fetched = true;
    result->unchanged = written.unchanged;
    result->certificates = written.certificates;
    result->passcodes = written.passcodes;
    result->left_out = s->status.left_out.total - result->gone;
    result->reported = s->status.reported.total;
    return cb_status_write(s->config, s->source, &s->modes, &s->status, err);
}

/* `owner`: whom to become first, or NULL. */
static int sync_here(const struct cb_config *config, const struct cb_source *source,
                     const struct cb_sync_options *options, const uid_t *owner,
                     struct cb_sync_result *result, struct cb_error *err)
{
    struct sync s = {.config = config, .source = source, .options = options, .own_lock = -1};
    int rc = -1;

    cb_status_init(&s.status);
    if (cb_cache_modes(config, &s.modes, err) == -1)
        goto out;
    open_http(source, &s.http, &s.no_http);
    if (owner && (cb_privileges_drop(config, *owner, &s.modes, options->lock_fd, err) == -1 ||
                  prctl(PR_SET_PDEATHSIG, SIGTERM) == -1))
        goto out;
    switch (take_turn(&s, result, err)) {
    case OURS:
        rc = heed_back_off(&s, err) == 0 ? refresh(&s, result, err) : -1;
        break;
    case DONE_BY_OTHER:
        rc = 0;
        break;
    case FAILED:
        break;
    }
out:
    cb_http_free(s.http);
    cb_status_clear(&s.status);
    if (s.own_lock != -1)
        close(s.own_lock);
    return rc;
}

/* What a child that gave up root's rights hands back. Fits one write to a pipe. */
struct report {
    int rc;
    struct cb_sync_result result;
    struct cb_error err;
};

static int read_report(int fd, pid_t child, struct report *report, struct cb_error *err)
{
    ssize_t n;

    do
        n = read(fd, report, sizeof *report);
    while (n == -1 && errno == EINTR);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
        ;
    return n == (ssize_t)sizeof *report
               ? 0
               : cb_fail(err, CB_ERR_SYSTEM,
                         "the process that synced for the owner of the cache "
                         "folder ended without a result");
}

/* In a process of its own, since the next source's secrets may be root's alone. */
static int sync_in_child(const struct cb_config *config, const struct cb_source *source,
                         const struct cb_sync_options *options, uid_t owner,
                         struct cb_sync_result *result, struct cb_error *err)
{
    struct report report = {0};
    int ends[2];
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) == -1)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "pipe");
    child = fork();
    if (child == -1) {
        close(ends[0]);
        close(ends[1]);
        return cb_fail_errno(err, CB_ERR_SYSTEM, "fork");
    }
    if (child == 0) {
        report.rc = sync_here(config, source, options, &owner, &report.result, &report.err);
        _exit(write(ends[1], &report, sizeof report) == (ssize_t)sizeof report ? 0 : 1);
    }
    close(ends[1]);
    if (read_report(ends[0], child, &report, err) == -1)
        report.rc = -1;
    else
        *err = report.err;
    close(ends[0]);
    *result = report.result;
    return report.rc;
}

int cb_sync_source(const struct cb_config *config, const struct cb_source *source,
                   const struct cb_sync_options *options, struct cb_sync_result *result,
                   struct cb_error *err)
{
    uid_t owner;
    int rc;

    *result = (struct cb_sync_result){0};
    if (cb_privileges_too_many(config, &owner))
        rc = sync_in_child(config, source, options, owner, result, err);
    else
        rc = sync_here(config, source, options, NULL, result, err);
    if (rc == -1) {
        cb_fail_in(err, "source %s", source->name);
        cb_log(CB_LOG_ERROR, "%s", err->text);
        return -1;
    }
    cb_log(CB_LOG_INFO, "source %s: %lld certificates, %lld passcodes, %zu left out, %zu gone",
           source->name, (long long)result->certificates, (long long)result->passcodes,
           result->left_out, result->gone);
    return 0;
}
