/* One refresh of one source, from the first request to the new snapshot in its place. The caller
 * holds the lock and keeps the status. */
#ifndef CB_COMMON_FETCH_RUN_H
#define CB_COMMON_FETCH_RUN_H

#include "common/fetch/cache.h"
#include "common/fetch/http.h"
#include "common/fetch/plan.h"
#include "common/fetch/snapshot-write.h"
#include "common/fetch/sync.h"

struct cb_run {
    const struct cb_config *config;
    const struct cb_source *source;
    const struct cb_sync_options *options;
    struct cb_cache_modes modes;
    struct cb_http *http;     /* borrowed */
    struct cb_status *status; /* borrowed; its progress is kept and written while the run lasts */
    int64_t retry_after_s;    /* out: what the server asked for, 0 when nothing */
};

/* Fills `written`, and moves the run's notes into the status. On failure nothing has changed but
 * `retry_after_s` and the status's progress. */
int cb_run(struct cb_run *run, struct cb_written *written, size_t *gone, struct cb_error *err);

#endif
