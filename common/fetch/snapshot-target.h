/* The file that a snapshot will be: written beside its place, put there whole or not at all. */
#ifndef CB_COMMON_FETCH_SNAPSHOT_TARGET_H
#define CB_COMMON_FETCH_SNAPSHOT_TARGET_H

#include "common/file.h"

struct cb_target {
    char path[CB_FILE_PATH_MAX];
    char temporary[CB_FILE_PATH_MAX]; /* "" when there is none (any more) */
    mode_t mode;
    gid_t group; /* (gid_t)-1: the process's own */
    int fd;      /* of the temporary file, or -1 */
};

/* Creates the temporary file with its final mode and group: ".NAME.XXXXXX" in the same folder. What
 * killed syncs left of that form is removed; the caller holds the source's lock. */
int cb_target_create(struct cb_target *t, const char *path, mode_t mode, gid_t group,
                     struct cb_error *err);

/* Syncs the file to disk, renames it into place, syncs the folder. */
int cb_target_commit(struct cb_target *t, struct cb_error *err);

/* If the file in place is whole, ours, of the right mode and group, and has this identity and
 * content digest: sets its time to now. Otherwise false: it must be replaced. */
bool cb_target_keep(const struct cb_target *t, uint64_t identity, const uint8_t digest[32]);

/* Removes the temporary file if it is still there. */
void cb_target_clear(struct cb_target *t);

#endif
