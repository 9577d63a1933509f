#include "common/refresh.h"

#include "common/helper.h"
#include "common/spawn.h"
#include "common/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL

enum cb_freshness cb_freshness(const struct cb_source *source, int64_t age_ms)
{
    if (age_ms < 0)
        return CB_STALE;
    if (age_ms < source->refresh_ms)
        return CB_FRESH;
    return age_ms < source->max_stale_ms ? CB_STALE : CB_MISSING;
}

/* Of the file as it is now: this process may have read it long ago. */
static int64_t config_mtime(const struct cb_config *config)
{
    struct stat st;

    if (stat(config->path, &st) != 0)
        return config->mtime_ns;
    return cb_mtime_ns(&st);
}

bool cb_backing_off(const struct cb_config *config, const struct cb_source *source,
                    const struct cb_status *status, int64_t now)
{
    int64_t tried = status->last_try_ns;

    /* A file from before the clock was set back, or one that lies, stops nobody. */
    if (status->last_try > now || status->next_try - now > CB_RETRY_AFTER_MOST_S)
        return false;
    if (now >= status->next_try || status->failures == 0)
        return false;
    if (tried == 0 && status->last_try < INT64_MAX / NS_PER_S)
        tried = status->last_try * NS_PER_S;
    return config_mtime(config) <= tried && cb_source_secret_mtime(source) <= tried;
}

int64_t cb_backoff_s(int64_t failures, int64_t retry_after_s, uint32_t random)
{
    int64_t delay = CB_BACKOFF_FIRST_S;

    for (int64_t i = 1; i < failures && delay < CB_BACKOFF_MOST_S; i++)
        delay *= 2;
    if (delay > CB_BACKOFF_MOST_S)
        delay = CB_BACKOFF_MOST_S;
    delay = delay * (80 + (int64_t)(random % 41)) / 100;
    if (retry_after_s > CB_RETRY_AFTER_MOST_S)
        retry_after_s = CB_RETRY_AFTER_MOST_S;
    return delay > retry_after_s ? delay : retry_after_s;
}

/* A folder in which the effective user can make files. */
static bool writable(const char *folder)
{
    return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
}

/* `sync` makes the last component of the cache's path; so do we, unless it shall belong to somebody
 * else. */
static bool may_make_cache(const struct cb_config *config)
{
    char parent[CB_FILE_PATH_MAX];
    int n = (int)(strrchr(config->cache, '/') - config->cache);

    if (config->owner != NULL || config->group != NULL)
        return false;
    n = snprintf(parent, sizeof parent, "%.*s", n > 0 ? n : 1, config->cache);
    return n < (int)sizeof parent && writable(parent);
}

/* Whether a refresh could store its result, or who could. */
static int check_cache(const struct cb_config *config, struct cb_error *err)
{
    char user[CB_USER_NAME_MAX];
    struct stat st;

    if (stat(config->cache, &st) != 0 && errno == ENOENT && may_make_cache(config))
        return 0;
    if (cb_cache_trusted(config, &st, err) != 0)
        return -1;
    if (writable(config->cache))
        return 0;
    return cb_fail(err, CB_ERR_REFUSED,
                   "this process may not write the cache folder %s: `certbridge sync` must run as "
                   "user %s",
                   config->cache, cb_user_name(st.st_uid, user));
}

static const char *owner_of_cache(const struct cb_config *config, char user[CB_USER_NAME_MAX])
{
    struct stat st;

    if (stat(config->cache, &st) == 0)
        return cb_user_name(st.st_uid, user);
    return config->owner != NULL ? config->owner : cb_user_name(config->file_owner, user);
}

static int must_sync(const struct cb_config *config, const char *why, struct cb_error *err)
{
    char user[CB_USER_NAME_MAX];

    return cb_fail(err, CB_ERR_REFUSED, "%s: `certbridge sync` must run as user %s", why,
                   owner_of_cache(config, user));
}

int cb_refresh_allowed(const struct cb_config *config, const struct cb_source *source,
                       struct cb_error *err)
{
    struct cb_error why;

    if (secure_getenv("CERTBRIDGE_REFRESHING") != NULL)
        return must_sync(config, "certbridge itself starts no refresh", err);
    if (getauxval(AT_SECURE) != 0)
        return must_sync(config, "a privileged process (setuid) starts no refresh", err);
    if (!source->start_refresh)
        return must_sync(config, "start_refresh = no", err);
    if (check_cache(config, err) != 0)
        return -1;
    if (cb_helper_has_secrets(source, &why) != 0)
        return cb_fail(err, CB_ERR_SECRET, "%s: `certbridge sync` must run where it is", why.text);
    return 0;
}

/* The lock lives in the folder, so the folder comes first. */
static int make_cache(const struct cb_config *config, struct cb_error *err)
{
    int fd, result = -1;

    if (mkdir(config->cache, 0700) != 0)
        return errno == EEXIST
                   ? 0
                   : cb_fail_errno(err, CB_ERR_SYSTEM, "making the cache folder %s", config->cache);
    fd = open(config->cache, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        result = fchmod(fd, config->user_owned ? 0700 : 0755);
    if (result != 0)
        cb_fail_errno(err, CB_ERR_SYSTEM, "making the cache folder %s", config->cache);
    if (fd >= 0)
        close(fd);
    return result;
}

static int explain(enum cb_spawn_result result, int error, const struct cb_spawn *what,
                   struct cb_error *err)
{
    errno = error;
    if (result == CB_SPAWN_NO_LOCK)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "the lock file %s", what->lock);
    if (error == EACCES || error == EPERM)
        return cb_fail_errno(
            err, CB_ERR_SYSTEM,
            "starting %s (a seccomp filter, SELinux, AppArmor or a noexec mount may forbid it: set "
            "start_refresh = no and run `certbridge sync` by a timer)",
            what->program);
    return cb_fail_errno(err, CB_ERR_SYSTEM, "starting %s", what->program);
}

enum cb_refresh_result cb_refresh_start(const struct cb_config *config,
                                        const struct cb_source *source, struct cb_error *err)
{
    char lock[CB_FILE_PATH_MAX];
    enum cb_refresh_result result = CB_REFRESH_FAILED;
    struct cb_helper helper;

    if (cb_helper_init(&helper, config, source, err) != 0 ||
        cb_cache_path(config, source, CB_FILE_LOCK, lock, err) != 0 || make_cache(config, err) != 0)
        goto out;
    struct cb_spawn what = {
        .program = helper.program, .argv = helper.argv, .envp = helper.envp, .lock = lock};
    enum cb_spawn_result spawned = cb_spawn(&what);
    if (spawned == CB_SPAWN_STARTED)
        result = CB_REFRESH_STARTED;
    else if (spawned == CB_SPAWN_BUSY)
        result = CB_REFRESH_RUNNING;
    else
        explain(spawned, errno, &what, err);
out:
    cb_helper_clear(&helper);
    return result;
}

bool cb_refresh_running(const struct cb_config *config, const struct cb_source *source)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    char path[CB_FILE_PATH_MAX];
    bool running = false;
    int fd;

    if (cb_cache_path(config, source, CB_FILE_LOCK, path, NULL) != 0)
        return false;
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    if (fcntl(fd, F_OFD_GETLK, &lock) == 0)
        running = lock.l_type != F_UNLCK;
    close(fd);
    return running;
}
