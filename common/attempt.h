/* One attempt at a refresh as the read half sees it: begun, and told of from the status file.
 *
 * The status is advice from a file: one that cannot be read counts as empty. */
#ifndef CB_COMMON_ATTEMPT_H
#define CB_COMMON_ATTEMPT_H

#include "common/refresh.h"

struct cb_attempt {
    const struct cb_config *config;
    const struct cb_source *source;
    struct cb_status before; /* as it was at the beginning */
};

/* Starts a refresh, or joins one that runs. -1: there is none, and `err` says why: not allowed
 * here, a back-off runs, or the helper cannot be started. The caller clears in every case. */
int cb_attempt_begin(struct cb_attempt *a, const struct cb_config *config,
                     const struct cb_source *source, struct cb_error *err);
void cb_attempt_clear(struct cb_attempt *a);

/* Why the attempt, which has ended, left nothing to serve. */
void cb_attempt_explain_end(const struct cb_attempt *a, struct cb_error *err);

/* What a refresh that still runs is doing. */
void cb_attempt_explain_progress(const struct cb_config *config, const struct cb_source *source,
                                 struct cb_error *err);

/* What can be said without an attempt. */
void cb_attempt_explain_none(const struct cb_config *config, const struct cb_source *source,
                             struct cb_error *err);

#endif
