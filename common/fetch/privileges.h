/* Root gives up its rights before any connection is opened: a sync by root works as the owner of
 * the cache folder, for good. */
#ifndef CB_COMMON_FETCH_PRIVILEGES_H
#define CB_COMMON_FETCH_PRIVILEGES_H

#include "common/fetch/cache.h"

/* Is this root, and the cache folder somebody else's? Then `*owner` says whose. */
bool cb_privileges_too_many(const struct cb_config *config, uid_t *owner);

/* Becomes that user: no supplementary group but the configuration's, the user's own group or else
 * the folder's. Verified: fails when any of root's rights is left. The lock `fd` (or -1) becomes
 * the user's first. */
int cb_privileges_drop(const struct cb_config *config, uid_t owner,
                       const struct cb_cache_modes *modes, int fd, struct cb_error *err);

#endif
