/* Putting records into a snapshot under construction: tinycdb's writer with an error for every
 * failure and a limit on the file's size. */
#ifndef CB_COMMON_FETCH_SNAPSHOT_PUT_H
#define CB_COMMON_FETCH_SNAPSHOT_PUT_H

#include "common/error.h"
#include "common/siphash.h"
#include "common/snapshot-format.h"
#include <cdb.h>

#define CB_SNAPSHOT_BYTES_MAX UINT32_MAX /* tinycdb's positions have 32 bits */

struct cb_put {
    struct cdb_make cdb;
    uint64_t bytes; /* that the finished file will have */
    uint64_t limit;
    bool started;
};

int cb_put_start(struct cb_put *put, int fd, struct cb_error *err);

/* CB_ERR_LIMIT when the file would become larger than the limit; CB_ERR_SYSTEM (disk full, ...).
 * META and LISTING have no number. */
int cb_put(struct cb_put *put, enum cb_tag tag, struct cb_span value, struct cb_error *err);
int cb_put_number(struct cb_put *put, enum cb_tag tag, uint64_t number, struct cb_span value,
                  struct cb_error *err);

/* Takes the record out again; its place in the file is filled with zeros. */
int cb_put_remove(struct cb_put *put, enum cb_tag tag, uint64_t number, struct cb_error *err);

/* Writes what is buffered and the tables, and frees what cb_put_start and the others allocated. */
int cb_put_finish(struct cb_put *put, struct cb_error *err);
/* Only frees. */
void cb_put_abandon(struct cb_put *put);

#endif
