/* What sources do alike with the plan: asking at an address, and reporting by an outer name (a
 * profile, a user), an inner one (a collection of it) and an id, each of which may be NULL.
 * Answers and errors are the plan's. */
#ifndef CB_COMMON_FETCH_ASK_H
#define CB_COMMON_FETCH_ASK_H

#include "common/fetch/plan.h"

/* Puts the request on the plan, for the address in `target`, which is cleared. */
int cb_ask(struct cb_plan *plan, struct cb_request *like, struct cb_buf *target,
           struct cb_error *err);

int cb_ask_left_out(struct cb_plan *plan, const char *outer, const char *inner, const char *id,
                    const struct cb_error *why, struct cb_error *err);
int cb_ask_gone(struct cb_plan *plan, const char *outer, const char *inner, const char *id,
                const char *reason, struct cb_error *err);
int cb_ask_forget(struct cb_plan *plan, enum cb_kind kind, const char *outer, const char *inner,
                  struct cb_error *err);

/* At the end: each of the ids but `*` whose mark is not set is gone. `mark` is that of the first id.
 * `outer` is NULL when several were asked for it. */
int cb_ask_unmarked_gone(struct cb_plan *plan, const struct cb_list *ids, size_t mark,
                         const char *outer, const char *inner, const char *reason,
                         struct cb_error *err);

#endif
