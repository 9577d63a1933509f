#include "common/file.h"

#include "common/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int cb_cache_path(const struct cb_config *config, const struct cb_source *source,
                  enum cb_cache_file which, char out[CB_FILE_PATH_MAX], struct cb_error *err)
{
    static const char *const suffix[] = {
        [CB_FILE_SNAPSHOT] = "cdb", [CB_FILE_STATUS] = "status", [CB_FILE_LOCK] = "lock"};
    int n = snprintf(out, CB_FILE_PATH_MAX, "%s/%s.%s", config->cache, source->name, suffix[which]);

    if (n < 0 || n >= CB_FILE_PATH_MAX)
        return cb_fail(err, CB_ERR_LIMIT, "the cache folder's path is longer than %d bytes",
                       CB_FILE_PATH_MAX);
    return 0;
}

uid_t cb_cache_owner(const struct cb_config *config)
{
    uid_t uid;

    if (config->owner == NULL || cb_user_id(config->owner, &uid) != 0)
        return (uid_t)-1;
    return uid;
}

int cb_file_trusted(const char *path, const struct stat *st, uid_t also, struct cb_error *err)
{
    uid_t self = geteuid();
    bool owner_ok = st->st_uid == 0 || st->st_uid == self || st->st_uid == also;
    char owner[CB_USER_NAME_MAX], want[CB_USER_NAME_MAX];

    if (owner_ok && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return 0;
    cb_user_name(st->st_uid, owner);
    cb_user_name(also != (uid_t)-1 ? also : self, want);
    if (!owner_ok)
        return cb_fail(err, CB_ERR_REFUSED,
                       "%s belongs to user %s, mode %04o; it must belong to %s%s "
                       "(remedy: chown %s %s)",
                       path, owner, st->st_mode & 07777,
                       strcmp(want, "root") == 0 ? "" : "root or ", want, want, path);
    return cb_fail(err, CB_ERR_REFUSED,
                   "%s belongs to user %s, mode %04o: others may write it (remedy: chmod go-w %s)",
                   path, owner, st->st_mode & 07777, path);
}

int cb_file_open_trusted(const char *path, uid_t also, struct stat *st, struct cb_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int result = -1;

    if (fd < 0)
        return cb_fail_errno(err,
                             errno == ENOENT || errno == ENOTDIR ? CB_ERR_NOT_FOUND : CB_ERR_SYSTEM,
                             "%s", path);
    if (fstat(fd, st) != 0)
        cb_fail_errno(err, CB_ERR_SYSTEM, "%s", path);
    else if (!S_ISREG(st->st_mode))
        cb_fail(err, CB_ERR_REFUSED, "%s is not a regular file", path);
    else
        result = cb_file_trusted(path, st, also, err);
    if (result != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int cb_cache_trusted(const struct cb_config *config, struct stat *st, struct cb_error *err)
{
    struct stat own;
    const char *path = config->cache;

    if (st == NULL)
        st = &own;
    if (stat(path, st) != 0) {
        if (errno == ENOENT)
            return cb_fail(
                err, CB_ERR_REFUSED,
                "the cache folder %s does not exist: run `certbridge sync` once, or make "
                "it, owned by the user that syncs and with mode 0755",
                path);
        return cb_fail_errno(err, CB_ERR_SYSTEM, "the cache folder %s", path);
    }
    if (!S_ISDIR(st->st_mode))
        return cb_fail(err, CB_ERR_REFUSED, "the cache %s is not a folder", path);
    return cb_file_trusted(path, st, cb_cache_owner(config), err);
}

int cb_file_read(int fd, const char *path, struct cb_buf *out, struct cb_error *err)
{
    uint8_t chunk[8192];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cb_fail_errno(err, CB_ERR_SYSTEM, "reading %s", path);
        if (n == 0)
            return 0;
        if ((size_t)n > out->cap - out->n)
            return cb_fail(err, CB_ERR_LIMIT, "%s is larger than %zu bytes", path, out->cap);
        if (cb_buf_add(out, chunk, (size_t)n) != 0)
            return cb_fail_memory(err);
    }
}

int64_t cb_mtime_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}
