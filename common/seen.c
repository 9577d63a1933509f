#include "common/seen.h"

#include "common/file.h"

#include <errno.h>
#include <time.h>

#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL

/* Stores before it drops: a child forked in between inherits either one whole. */
static void replace(struct cb_seen *seen, struct cb_snapshot *snapshot, const struct stat *st)
{
    struct cb_snapshot *old = seen->snapshot;

    seen->snapshot = snapshot;
    seen->dev = st->st_dev;
    seen->ino = st->st_ino;
    seen->size = st->st_size;
    seen->mtime_ns = cb_mtime_ns(st);
    cb_snapshot_unref(old);
}

void cb_seen_clear(struct cb_seen *seen)
{
    static const struct stat none;

    replace(seen, NULL, &none);
}

static int map(struct cb_seen *seen, const char *path, uid_t also, const struct cb_source *source)
{
    struct cb_snapshot *snapshot = NULL;
    struct stat st;
    int fd = cb_file_open_trusted(path, also, &st, &seen->why);

    if (fd < 0)
        return -1;
    if (cb_snapshot_map(fd, &snapshot, &seen->why) != 0)
        return cb_fail_in(&seen->why, "%s", path);
    if (cb_snapshot_facts(snapshot)->identity != source->identity) {
        cb_snapshot_unref(snapshot);
        return cb_fail(
            &seen->why, CB_ERR_UNAVAILABLE,
            "the snapshot was made for another configuration (type, url, account or ids)");
    }
    replace(seen, snapshot, &st);
    return 0;
}

static int look(struct cb_seen *seen, const struct cb_config *config,
                const struct cb_source *source)
{
    char path[CB_FILE_PATH_MAX];
    uid_t also = cb_cache_owner(config);
    struct stat st;

    if (cb_cache_path(config, source, CB_FILE_SNAPSHOT, path, &seen->why) != 0 ||
        cb_cache_trusted(config, NULL, &seen->why) != 0)
        return -1;
    if (stat(path, &st) != 0)
        return errno == ENOENT ? cb_fail(&seen->why, CB_ERR_UNAVAILABLE, "there is no snapshot yet")
                               : cb_fail_errno(&seen->why, CB_ERR_SYSTEM, "%s", path);
    if (seen->snapshot == NULL || st.st_dev != seen->dev || st.st_ino != seen->ino ||
        st.st_size != seen->size)
        return map(seen, path, also, source);
    seen->mtime_ns = cb_mtime_ns(&st);
    return cb_file_trusted(path, &st, also, &seen->why);
}

void cb_seen_look(struct cb_seen *seen, const struct cb_config *config,
                  const struct cb_source *source)
{
    if (look(seen, config, source) != 0)
        cb_seen_clear(seen);
}

int64_t cb_seen_age_ms(const struct cb_seen *seen)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_ns = now.tv_sec * NS_PER_S + now.tv_nsec - seen->mtime_ns;
    /* Rounded down, so that a time just ahead of us is negative too. */
    return age_ns < 0 ? -1 + age_ns / NS_PER_MS : age_ns / NS_PER_MS;
}
