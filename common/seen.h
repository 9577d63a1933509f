/* The newest snapshot of a source as it was when somebody last looked: mapped anew only when
 * another file has taken its place, its age read from the file's time. Not locked: one thread at a
 * time. */
#ifndef CB_COMMON_SEEN_H
#define CB_COMMON_SEEN_H

#include "common/snapshot.h"

struct cb_seen {
    struct cb_snapshot *snapshot; /* a reference, or NULL: `why` says why there is none */
    dev_t dev;                    /* which file is mapped; 0, 0, 0: not known */
    ino_t ino;
    off_t size;
    int64_t mtime_ns; /* of the last successful sync */
    struct cb_error why;
};

/* Looks at the cache folder and the file. A snapshot that is there no more, is not trusted, damaged
 * or made for another configuration is no snapshot. */
void cb_seen_look(struct cb_seen *seen, const struct cb_config *config,
                  const struct cb_source *source);
void cb_seen_clear(struct cb_seen *seen);

/* Milliseconds since the last successful sync; negative when it lies in the future. */
int64_t cb_seen_age_ms(const struct cb_seen *seen);

#endif
