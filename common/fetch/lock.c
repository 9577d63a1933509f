#include "common/fetch/lock.h"

#include "common/file.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int cb_lock_open(const struct cb_config *config, const struct cb_source *source,
                 struct cb_error *err)
{
    char path[CB_FILE_PATH_MAX];
    int fd;

    if (cb_cache_path(config, source, CB_FILE_LOCK, path, err) == -1)
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd == -1)
        cb_fail_errno(err, CB_ERR_SYSTEM, "lock file %s", path);
    return fd;
}

static int set_lock(int fd, int how)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    int rc;

    do
        rc = fcntl(fd, how, &lock);
    while (rc == -1 && errno == EINTR);
    return rc;
}

int cb_lock_try(int fd, bool *busy, struct cb_error *err)
{
    *busy = false;
    if (set_lock(fd, F_OFD_SETLK) == 0)
        return 0;
    *busy = errno == EAGAIN || errno == EACCES;
    return *busy ? 0 : cb_fail_errno(err, CB_ERR_SYSTEM, "taking the source's lock");
}

int cb_lock_wait(int fd, struct cb_error *err)
{
    if (set_lock(fd, F_OFD_SETLKW) == 0)
        return 0;
    return cb_fail_errno(err, CB_ERR_SYSTEM, "waiting for the source's lock");
}
