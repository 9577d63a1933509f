/* A source's lock: an open-file-description write lock on byte 0 of SOURCE.lock. Whoever holds it
 * refreshes the source; it ends with the descriptor, so a killed holder leaves nothing behind. */
#ifndef CB_COMMON_FETCH_LOCK_H
#define CB_COMMON_FETCH_LOCK_H

#include "common/config.h"

/* Opens the file, made with mode 0600 when missing: whoever can open it could hold it for ever. The
 * descriptor (close-on-exec), or -1. */
int cb_lock_open(const struct cb_config *config, const struct cb_source *source,
                 struct cb_error *err);

/* Takes the lock; one that this descriptor holds already stays. `*busy`: another process has it. */
int cb_lock_try(int fd, bool *busy, struct cb_error *err);

/* The same, waiting for as long as it takes: a refresh has deadlines of its own. */
int cb_lock_wait(int fd, struct cb_error *err);

#endif
