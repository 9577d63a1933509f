/* The cache folder as sync makes and keeps it: its modes, its owner, what has no business there any
 * more. */
#ifndef CB_COMMON_FETCH_CACHE_H
#define CB_COMMON_FETCH_CACHE_H

#include "common/config.h"
#include <sys/types.h>

/* 0755 and 0644 for a system configuration, 0750 and 0640 with `group`, 0700 and 0600 for a user's
 * own. */
struct cb_cache_modes {
    mode_t folder, file;
    gid_t group; /* (gid_t)-1: the process's own */
};

int cb_cache_modes(const struct cb_config *config, struct cb_cache_modes *out,
                   struct cb_error *err);

/* Makes the last component of the folder's path when it is missing. CB_ERR_REFUSED when the folder
 * is not trusted. */
int cb_cache_make(const struct cb_config *config, struct cb_error *err);

/* Removes snapshots that no source of the configuration owns. What is not a snapshot of ours stays;
 * failures too: nothing depends on it. */
void cb_cache_tidy(const struct cb_config *config);

#endif
