#include "common/fetch/cache.h"

#include "common/file.h"
#include "common/log.h"
#include "common/snapshot.h"
#include "common/users.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int cb_cache_modes(const struct cb_config *config, struct cb_cache_modes *out, struct cb_error *err)
{
    *out = (struct cb_cache_modes){.folder = 0755, .file = 0644, .group = (gid_t)-1};
    if (config->group) {
        *out = (struct cb_cache_modes){.folder = 0750, .file = 0640};
        if (cb_group_id(config->group, &out->group) == -1)
            return cb_fail(
                err, CB_ERR_CONFIG,
                "group = %s: /etc/group has no such group (one of a directory service is "
                "given by its number)",
                config->group);
        return 0;
    }
    if (config->user_owned)
        *out = (struct cb_cache_modes){.folder = 0700, .file = 0600, .group = (gid_t)-1};
    return 0;
}

/* Gives a folder that was just made its owner and mode, by descriptor and not by name. */
static int dress(const struct cb_config *config, const struct cb_cache_modes *modes,
                 struct cb_error *err)
{
    int fd = open(config->cache, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    uid_t owner = geteuid() == 0 ? cb_cache_owner(config) : (uid_t)-1;
    int rc = 0;

    if (fd == -1)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cache folder %s", config->cache);
    if (fchown(fd, owner, modes->group) == -1 || fchmod(fd, modes->folder) == -1)
        rc = cb_fail_errno(err, CB_ERR_SYSTEM, "owner, group and mode of the cache folder %s",
                           config->cache);
    close(fd);
    return rc;
}

int cb_cache_make(const struct cb_config *config, struct cb_error *err)
{
    struct cb_cache_modes modes;

    if (cb_cache_modes(config, &modes, err) == -1)
        return -1;
    if (mkdir(config->cache, 0700) == 0) {
        if (dress(config, &modes, err) == -1)
            return -1;
    } else if (errno != EEXIST) {
        return cb_fail_errno(err, CB_ERR_SYSTEM,
                             "making the cache folder %s (sync makes the last component of `cache` "
                             "and nothing above it)",
                             config->cache);
    }
    return cb_cache_trusted(config, NULL, err);
}

static bool has_no_source(const struct cb_config *config, const char *name)
{
    static const char suffix[] = ".cdb";
    size_t n = strlen(name);

    if (n < sizeof suffix || strcmp(name + n - strlen(suffix), suffix) != 0)
        return false;
    return !cb_config_source(config, cb_span(name, n - strlen(suffix)));
}

static bool is_snapshot(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct cb_snapshot *snapshot = NULL;
    struct stat st;
    bool is;

    if (fd == -1)
        return false;
    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        close(fd);
        return false;
    }
    is = cb_snapshot_map(fd, &snapshot, NULL) == 0;
    cb_snapshot_unref(snapshot);
    return is;
}

void cb_cache_tidy(const struct cb_config *config)
{
    DIR *folder = opendir(config->cache);
    const struct dirent *entry;

    if (!folder)
        return;
    while ((entry = readdir(folder))) {
        if (!has_no_source(config, entry->d_name) || !is_snapshot(dirfd(folder), entry->d_name))
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) == 0)
            cb_log(CB_LOG_INFO, "%s/%s removed: no source owns it", config->cache, entry->d_name);
    }
    closedir(folder);
}
