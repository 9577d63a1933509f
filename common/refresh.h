/* When a snapshot is refreshed, by whom, and starting it: the rules of docs/architecture.md,
 * "Freshness". */
#ifndef CB_COMMON_REFRESH_H
#define CB_COMMON_REFRESH_H

#include "common/status.h"

#define CB_BACKOFF_FIRST_S 5
#define CB_BACKOFF_MOST_S 300
#define CB_RETRY_AFTER_MOST_S 3600

enum cb_freshness {
    CB_FRESH,  /* younger than `refresh` */
    CB_STALE,  /* older; served, refreshed in the background. Also when its time lies in the future
                  (the clock was set back). */
    CB_MISSING /* none, older than `max_stale`, damaged, refused, or for another configuration: not
                  served */
};

/* `age_ms` of the last successful sync; negative when it lies in the future. */
enum cb_freshness cb_freshness(const struct cb_source *source, int64_t age_ms);

/* Does the back-off of the last failed try still run? A configuration or secret file newer than
 * that try ends it. */
bool cb_backing_off(const struct cb_config *config, const struct cb_source *source,
                    const struct cb_status *status, int64_t now);

/* When to try next after `failures` failed refreshes in a row: doubling from CB_BACKOFF_FIRST_S to
 * CB_BACKOFF_MOST_S, +-20 % by `random` (any 32 bits), at least `retry_after_s`. Seconds from now.
 */
int64_t cb_backoff_s(int64_t failures, int64_t retry_after_s, uint32_t random);

/* May this process start a refresh at all? No in a privileged process, without write access to the
 * cache, with start_refresh = no, without a secret that the environment should hold, and inside
 * certbridge itself (CERTBRIDGE_REFRESHING). `err` then says who must run `certbridge sync`, or
 * where. */
int cb_refresh_allowed(const struct cb_config *config, const struct cb_source *source,
                       struct cb_error *err);

enum cb_refresh_result { CB_REFRESH_STARTED, CB_REFRESH_RUNNING, CB_REFRESH_FAILED };

/* Starts the helper (common/helper.h), which gets the source's lock: at most one runs per source.
 * CB_REFRESH_RUNNING: somebody has the lock already. `err` is set for CB_REFRESH_FAILED. */
enum cb_refresh_result cb_refresh_start(const struct cb_config *config,
                                        const struct cb_source *source, struct cb_error *err);

/* Does a refresh hold the source's lock, whoever started it? */
bool cb_refresh_running(const struct cb_config *config, const struct cb_source *source);

#endif
