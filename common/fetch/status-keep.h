/* What a source's status says of its tries: when, with what end, and when the next may be. */
#ifndef CB_COMMON_FETCH_STATUS_KEEP_H
#define CB_COMMON_FETCH_STATUS_KEEP_H

#include "common/fetch/snapshot-write.h"
#include "common/status.h"

/* A try begins now. */
void cb_status_begin(struct cb_status *status);

/* It failed: the reason, and the back-off until the next. A secret that only this process lacks
 * starts none, since others may have it. `retry_after_s`: what the server asked for, 0 when
 * nothing; at most CB_RETRY_AFTER_MOST_S of it counts. */
void cb_status_failed(struct cb_status *status, const struct cb_source *source,
                      int64_t retry_after_s, const struct cb_error *why);

/* It came to an end: the counts, and no back-off. */
void cb_status_succeeded(struct cb_status *status, const struct cb_written *written, size_t gone);

#endif
