#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

void scratch_init(struct scratch *s)
{
    snprintf(s->folder, sizeof s->folder, "/tmp/certbridge-test-XXXXXX");
    need(mkdtemp(s->folder) != NULL, s->folder);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void scratch_clear(struct scratch *s)
{
    need(nftw(s->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, s->folder);
}

const char *scratch_path(struct scratch *s, const char *name)
{
    int n = snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);

    need(n > 0 && (size_t)n < sizeof s->path, name);
    return s->path;
}

const char *scratch_write(struct scratch *s, const char *name, const char *text, mode_t mode)
{
    const char *path = scratch_path(s, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    need(fd >= 0, path);
    need(write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
    need(fchmod(fd, mode) == 0, path);
    close(fd);
    return path;
}

void scratch_age(const char *path, int64_t ms)
{
    struct timespec t[2];

    clock_gettime(CLOCK_REALTIME, &t[0]);
    int64_t ns = t[0].tv_sec * 1000000000LL + t[0].tv_nsec - ms * 1000000;
    t[0].tv_sec = ns / 1000000000;
    t[0].tv_nsec = ns % 1000000000;
    t[1] = t[0];
    need(utimensat(AT_FDCWD, path, t, 0) == 0, path);
}
