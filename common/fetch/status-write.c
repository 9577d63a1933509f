#include "common/fetch/status-write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define TEMPORARY_SUFFIX ".new"

static int write_all(int fd, struct cb_span s)
{
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        s = cb_span(s.p + n, s.n - (size_t)n);
    }
    return 0;
}

/* Not synced to disk: after a crash of the machine an old or empty status costs nothing. */
static int write_file(const char *path, const struct cb_cache_modes *modes, struct cb_span text)
{
    int fd, rc = -1;

    unlink(path); /* what a killed sync left; the lock is ours */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd == -1)
        return -1;
    if (fchown(fd, (uid_t)-1, modes->group) == 0 && fchmod(fd, modes->file) == 0)
        rc = write_all(fd, text);
    if (close(fd) == -1)
        rc = -1;
    return rc;
}

int cb_status_write(const struct cb_config *config, const struct cb_source *source,
                    const struct cb_cache_modes *modes, const struct cb_status *status,
                    struct cb_error *err)
{
    char path[CB_FILE_PATH_MAX], temporary[CB_FILE_PATH_MAX + sizeof TEMPORARY_SUFFIX];
    struct cb_buf text;
    int rc = -1;

    cb_buf_init(&text, CB_STATUS_MAX);
    if (cb_cache_path(config, source, CB_FILE_STATUS, path, err) == -1)
        goto out;
    snprintf(temporary, sizeof temporary, "%s%s", path, TEMPORARY_SUFFIX);
    if (cb_status_print(status, &text) == -1) {
        cb_fail_memory(err);
        goto out;
    }
    if (write_file(temporary, modes, cb_buf_span(&text)) == -1 || rename(temporary, path) == -1) {
        cb_fail_errno(err, CB_ERR_SYSTEM, "writing %s", path);
        unlink(temporary);
        goto out;
    }
    rc = 0;
out:
    cb_buf_clear(&text);
    return rc;
}
