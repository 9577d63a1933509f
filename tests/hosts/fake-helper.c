/* Stands in for the program that the faces start: writes down the surroundings it finds, then does
 * what the file `orders` beside the configuration says, line by line:
 *
 *   unless-fresh     first line only: ends when there is a snapshot, as `sync --helper` does
 *   sleep MS
 *   progress TEXT    into the status file
 *   snapshot         puts template.cdb in place
 *   error TEXT       a failed refresh: status with a back-off of a minute
 *   die              by a signal
 *
 * What it found is in record.PID, one "NAME VALUE" a line. */
#include "common/clock.h"
#include "common/spawn.h"
#include "common/status.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *folder, *source;

/* FOLDER/BEFOREnameAFTER; four results are valid at once. */
static const char *in_folder(const char *before, const char *name, const char *after)
{
    static char paths[4][CB_FILE_PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    snprintf(path, CB_FILE_PATH_MAX, "%s/%s%s%s", folder, before, name, after);
    return path;
}

static FILE *open_or_die(const char *path, const char *mode)
{
    FILE *f = fopen(path, mode);

    if (f == NULL)
        exit(3);
    return f;
}

static void record_descriptors(FILE *out)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *e;

    while (dir != NULL && (e = readdir(dir)) != NULL) {
        char link[64], target[512] = "";
        int fd = atoi(e->d_name);
        if (e->d_name[0] == '.' || fd == dirfd(dir) || fd == fileno(out))
            continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, target, sizeof target - 1) >= 0)
            fprintf(out, "descriptor %d=%s\n", fd, target);
    }
    if (dir != NULL)
        closedir(dir);
}

/* SigBlk and the like, as the kernel tells them. */
static void record_signals(FILE *out)
{
    FILE *in = open_or_die("/proc/self/status", "r");
    char line[256];

    while (fgets(line, sizeof line, in) != NULL)
        if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
            fprintf(out, "%.6s %s", line, line + 8);
    fclose(in);
}

/* The seventh field after the name, which may hold anything but ends with the last ')'. */
static int terminal(void)
{
    FILE *in = open_or_die("/proc/self/stat", "r");
    char line[1024] = "";
    int tty = -1;

    if (fgets(line, sizeof line, in) != NULL && strrchr(line, ')') != NULL)
        sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %d", &tty);
    fclose(in);
    return tty;
}

static int lock_is_held(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    int fd = open(in_folder("cache/", source, ".lock"), O_RDONLY | O_CLOEXEC);
    int held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;

    if (fd >= 0)
        close(fd);
    return held;
}

static void record(const char *did)
{
    char cwd[512] = "", pid[32];

    snprintf(pid, sizeof pid, "%d", (int)getpid());
    FILE *out = open_or_die(in_folder("unfinished.", pid, ""), "w");
    mode_t mask = umask(077);
    umask(mask);
    fprintf(out, "did %s\n", did);
    fprintf(out, "cwd %s\n", getcwd(cwd, sizeof cwd) != NULL ? cwd : "?");
    fprintf(out, "umask %04o\n", mask);
    fprintf(out, "session %s\n", getsid(0) == getpid() ? "own" : "the host's");
    fprintf(out, "terminal %d\n", terminal());
    fprintf(out, "parent %d\n", (int)getppid());
    fprintf(out, "lock %s\n", lock_is_held() ? "held" : "free");
    record_descriptors(out);
    record_signals(out);
    for (char **e = environ; *e != NULL; e++)
        fprintf(out, "env %s\n", *e);
    fclose(out);
    rename(in_folder("unfinished.", pid, ""), in_folder("record.", pid, ""));
}

static void write_status(const char *progress, const char *error)
{
    struct cb_status s;
    struct cb_buf text;

    cb_status_init(&s);
    s.last_try = cb_now();
    if (error[0] != '\0') {
        s.failures = 1;
        s.next_try = s.last_try + 60;
    }
    snprintf(s.progress, sizeof s.progress, "%s", progress);
    snprintf(s.error, sizeof s.error, "%s", error);
    cb_buf_init(&text, CB_STATUS_MAX);
    cb_status_print(&s, &text);
    FILE *out = open_or_die(in_folder("cache/", source, ".status.new"), "w");
    fwrite(text.p, 1, text.n, out);
    fclose(out);
    cb_buf_clear(&text);
    rename(in_folder("cache/", source, ".status.new"), in_folder("cache/", source, ".status"));
}

static void put_snapshot(void)
{
    FILE *in = open_or_die(in_folder("", "template.cdb", ""), "r");
    FILE *out = open_or_die(in_folder("cache/", source, ".cdb.new"), "w");
    char chunk[4096];
    size_t n;

    while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
        fwrite(chunk, 1, n, out);
    fclose(in);
    fclose(out);
    rename(in_folder("cache/", source, ".cdb.new"), in_folder("cache/", source, ".cdb"));
}

static void obey(const char *order, const char *rest)
{
    if (strcmp(order, "sleep") == 0)
        usleep((useconds_t)atoi(rest) * 1000);
    else if (strcmp(order, "progress") == 0)
        write_status(rest, "");
    else if (strcmp(order, "error") == 0)
        write_status("", rest);
    else if (strcmp(order, "snapshot") == 0)
        put_snapshot();
    else if (strcmp(order, "die") == 0)
        raise(SIGKILL);
    else
        exit(4);
}

/* The text of a whole file, which is closed again. */
static char *read_all(const char *path)
{
    struct cb_buf text;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    cb_buf_init(&text, 4096);
    if (fd < 0 || cb_file_read(fd, path, &text, NULL) != 0)
        exit(3);
    close(fd);
    return cb_buf_take(&text);
}

static void run(char *orders)
{
    char *line = strsep(&orders, "\n");
    bool check = strcmp(line, "unless-fresh") == 0;
    bool quiet = check && access(in_folder("cache/", source, ".cdb"), F_OK) == 0;

    record(quiet ? "nothing" : "refresh");
    if (check)
        line = strsep(&orders, "\n");
    for (; !quiet && line != NULL && *line != '\0'; line = strsep(&orders, "\n")) {
        char *rest = line;
        char *order = strsep(&rest, " ");
        obey(order, rest != NULL ? rest : "");
    }
}

int main(int argc, char **argv)
{
    static const char *const words[] = {"--config", NULL, "sync", "--quiet", "--helper", NULL};

    if (argc != 7)
        return 2;
    for (int i = 0; i < 6; i++)
        if (words[i] != NULL && strcmp(argv[i + 1], words[i]) != 0)
            return 2;
    char *slash = strrchr(argv[2], '/');
    if (argv[2][0] != '/' || slash == argv[2])
        return 2;
    source = argv[6];
    folder = strndup(argv[2], (size_t)(slash - argv[2]));
    if (folder == NULL)
        return 3;
    char *orders = read_all(in_folder("", "orders", ""));
    run(orders);
    free(orders);
    return 0;
}
