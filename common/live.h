/* A source's snapshot as a face sees it: the newest one, looked for at most once a second, with
 * refreshes started as needed.
 *
 * One struct cb_live per source and face instance; any number of threads; works on in a forked
 * child. Takes care of everything in docs/architecture.md, "Freshness". Nothing here opens a
 * socket. */
#ifndef CB_COMMON_LIVE_H
#define CB_COMMON_LIVE_H

#include "common/snapshot.h"

struct cb_live;

enum cb_patience {
    CB_WAIT,      /* a missing snapshot is waited for, at most the source's `wait` */
    CB_WAIT_ONCE, /* the same, but once per refresh and struct cb_live; later calls answer at once
                     until it ends (chain building) */
    CB_WAIT_NOT   /* never waits and never starts a refresh: certbridge's own commands */
};

/* Keeps pointers to both, which must outlive it. NULL: no memory. */
struct cb_live *cb_live_new(const struct cb_config *config, const struct cb_source *source);
void cb_live_free(struct cb_live *live);

/* The snapshot to search now, with a reference for the caller. NULL: `err` says which source, and
 * why there is none. */
struct cb_snapshot *cb_live_take(struct cb_live *live, enum cb_patience patience,
                                 struct cb_error *err);

/* The snapshot of the last cb_live_take, with a reference for the caller; NULL when there was none.
 * Looks at no file. */
struct cb_snapshot *cb_live_current(struct cb_live *live);

/* Would cb_live_current give this snapshot, to which the caller has a reference? Takes no lock. */
bool cb_live_is_current(const struct cb_live *live, const struct cb_snapshot *snapshot);

/* Reads the snapshot once, with no refresh: for `list`, `show`, `status`. `age_ms` (may be NULL)
 * since the last successful sync. */
struct cb_snapshot *cb_snapshot_open(const struct cb_config *config, const struct cb_source *source,
                                     int64_t *age_ms, struct cb_error *err);

#endif
