/* The indexes of a snapshot under construction: snapshot-format.h. */
#ifndef CB_COMMON_FETCH_SNAPSHOT_INDEX_H
#define CB_COMMON_FETCH_SNAPSHOT_INDEX_H

#include "common/fetch/snapshot-entries.h"
#include "common/fetch/snapshot-put.h"

/* Every object in the order of the listing. */
struct cb_listing {
    const struct cb_entry **at; /* credentials, then chain certificates */
    uint32_t n;
    const struct cb_entries *credentials; /* whose `n` is how many come first */
};

/* How many bits of a hash number its bucket, so that a bucket has four to eight of `n` words. */
uint32_t cb_bucket_bits(uint32_t n);

/* Writes the index of paths and their prefixes, and those of ids. */
int cb_index_write(struct cb_put *put, const struct cb_listing *listing,
                   const struct cb_sip_key *key, uint32_t bits, struct cb_error *err);

#endif
