/* One sync of one source: lock, fetch, check, write, status. The program's `sync`, and the helper
 * that the faces start. */
#ifndef CB_COMMON_FETCH_SYNC_H
#define CB_COMMON_FETCH_SYNC_H

#include "common/status.h"

struct cb_sync_options {
    bool force; /* heed no back-off and no Retry-After, write anew */
    /* Started by a face: heeds the back-off, waits for nobody else's refresh, and leaves a snapshot
     * that is fresh by now alone. */
    bool helper;
    int lock_fd; /* a descriptor that holds the source's lock already, or -1 */
    void *user;
    /* Progress, at most ten times a second: requests answered, requests known so far, objects so
     * far. May be NULL. */
    void (*progress)(void *user, size_t done, size_t known, size_t objects);
};

struct cb_sync_result {
    int64_t certificates, passcodes;
    size_t left_out, reported;
    size_t gone; /* configured ids that the API does not have; the exit status is then 1 */
    bool unchanged;
    bool fetched; /* false: another process did, and these are its counts (a helper has none) */
};

/* Creates the cache folder when its parent exists, removes snapshots that no source owns. Call
 * before the first cb_sync_source. */
int cb_sync_prepare(const struct cb_config *config, struct cb_error *err);

/* As root, where the cache folder is another user's: a child reads the secrets, becomes that user
 * and does the rest. */
int cb_sync_source(const struct cb_config *config, const struct cb_source *source,
                   const struct cb_sync_options *options, struct cb_sync_result *result,
                   struct cb_error *err);

#endif
