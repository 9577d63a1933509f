/* A sync in a process of its own, which may give up its rights for good: the next source's secrets
 * may be root's alone. */
#ifndef CB_COMMON_FETCH_SYNC_CHILD_H
#define CB_COMMON_FETCH_SYNC_CHILD_H

#include "common/fetch/sync.h"

/* Calls `work` in a child process and waits for its end. Answers what `work` answers and hands over
 * `result` and `err`; CB_ERR_SYSTEM when the child ended without a result. */
int cb_sync_in_child(int (*work)(const void *user, struct cb_sync_result *result,
                                 struct cb_error *err),
                     const void *user, struct cb_sync_result *result, struct cb_error *err);

#endif
