#include "common/fetch/snapshot-put.h"
#include <errno.h>

#define FILE_HEAD 2048       /* tinycdb: the table of hash tables */
#define RECORD_COST (8 + 16) /* lengths of key and value, two slots of a hash table */

int cb_put_start(struct cb_put *put, int fd, struct cb_error *err)
{
    put->bytes = FILE_HEAD;
    put->limit = CB_SNAPSHOT_BYTES_MAX;
    if (cdb_make_start(&put->cdb, fd) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot begin the snapshot");
    put->started = true;
    return 0;
}

static int add(struct cb_put *put, struct cb_span key, struct cb_span value, struct cb_error *err)
{
    uint64_t cost = RECORD_COST + key.n + value.n;
    if (cost > put->limit || put->bytes > put->limit - cost)
        return cb_fail(err, CB_ERR_LIMIT,
                       "the snapshot would have more than %ju bytes: configure fewer "
                       "certificates for this source, or divide it into several",
                       (uintmax_t)put->limit);
    if (cdb_make_add(&put->cdb, key.p, (unsigned)key.n, value.p, (unsigned)value.n) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot write the snapshot");
    put->bytes += cost;
    return 0;
}

static struct cb_span numbered(uint8_t key[9], enum cb_tag tag, uint64_t number)
{
    key[0] = (uint8_t)tag;
    cb_put64(key + 1, number);
    return cb_span(key, 9);
}

int cb_put(struct cb_put *put, enum cb_tag tag, struct cb_span value, struct cb_error *err)
{
    uint8_t key = (uint8_t)tag;
    return add(put, cb_span(&key, 1), value, err);
}

int cb_put_number(struct cb_put *put, enum cb_tag tag, uint64_t number, struct cb_span value,
                  struct cb_error *err)
{
    uint8_t key[9];
    return add(put, numbered(key, tag, number), value, err);
}

int cb_put_remove(struct cb_put *put, enum cb_tag tag, uint64_t number, struct cb_error *err)
{
    uint8_t key[9];
    numbered(key, tag, number);
    if (cdb_make_find(&put->cdb, key, sizeof key, CDB_FIND_FILL0) < 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot write the snapshot");
    return 0;
}

int cb_put_finish(struct cb_put *put, struct cb_error *err)
{
    put->started = false;
    if (cdb_make_finish(&put->cdb) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot write the snapshot");
    return 0;
}

/* tinycdb frees only by finishing. */
void cb_put_abandon(struct cb_put *put)
{
    if (put->started)
        (void)cdb_make_finish(&put->cdb);
    put->started = false;
}
