/* The writer's inside, between what it takes in (snapshot-write.c) and how it ends
 * (snapshot-finish.c). */
#ifndef CB_COMMON_FETCH_SNAPSHOT_WRITER_H
#define CB_COMMON_FETCH_SNAPSHOT_WRITER_H

#include "common/fetch/snapshot-entries.h"
#include "common/fetch/snapshot-put.h"
#include "common/fetch/snapshot-target.h"
#include "common/fetch/snapshot-write.h"

struct cb_snapshot_writer {
    struct cb_target target;
    struct cb_put put;
    struct cb_sip_key key; /* new for each file */
    uint64_t identity;
    struct cb_entries credentials, chain;
    uint32_t certificates;         /* among the credentials */
    struct cb_buf record, scratch; /* reused from object to object */
};

#endif
