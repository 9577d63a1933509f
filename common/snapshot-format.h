/* The snapshot file, SOURCE.cdb: what the writer (common/fetch/snapshot-write.c) and the reader
 * (common/snapshot.c) agree on.
 *
 * A constant database (tinycdb). One record per key. A key is one byte of tag and, but for META and
 * LISTING, eight bytes, little-endian like every number here: an object's id, or the number of a
 * bucket of an index.
 *
 *   tag  key                       value
 *   M    -                         META, below
 *   A    -                         listing: ids of credentials sorted by path (segment by segment),
 *                                  then of chain certificates
 *   O    id                        object record, below
 *   C    id of a credential        ids of the rest of its chain, from the leaf's issuer on
 *   W    id of a chain certificate ids of credentials that carry it: one for each different state
 *                                  and window among them
 *   R    bucket                    index of paths and their prefixes (a prefix ends where a segment
 *                                  ends): first place in the listing u32, how many from there u32
 *   S    bucket                    index of canonical subjects (credentials and chain): ids
 *   I    bucket                    index of canonical issuer and content of the serial: ids
 *   K    bucket                    index of CKA_ID: ids
 *   L    bucket                    index of labels: ids
 *   1    bucket                    index of the SHA-1 of the DER: ids
 *   2    bucket                    index of the SHA-256 of the DER: ids
 *
 * An index maps the SipHash of what is searched, under the snapshot's own key, to words of eight
 * bytes: ids, or ranges. It is cut into buckets by the first bits of the hash, since a record for
 * each hash would cost 41 bytes of which only the word matters. A bucket holds n times the next 32
 * bits of the hash (u32, ascending), then the n words in the same order. What is found is compared
 * in full.
 *
 * META: magic (8 bytes), version u32, listing count u32, credentials u32, certificates among them
 * u32, passcodes u32, chain u32, bits of a bucket's number u32, identity u64 (struct cb_source),
 * hash key u64 u64, created i64, content digest (32 bytes), checksum of all before it u64.
 *
 * Object record: checksum of the rest u64; id u64; kind u8; ca u8; zero u16; from, to, not_before,
 * not_after i64; sha1 (20); sha256 (32); then u32 lengths of path, label, state, details, key_id,
 * der; then u32 offset and u32 length inside der of subject, issuer, serial, spki; then the bytes
 * of path, label, state, details, key_id, der. */
#ifndef CB_COMMON_SNAPSHOT_FORMAT_H
#define CB_COMMON_SNAPSHOT_FORMAT_H

#include "common/bytes.h"

#define CB_SNAPSHOT_MAGIC "certbrdg"
#define CB_SNAPSHOT_VERSION 2u

#define CB_META_SIZE (8 + 7 * 4 + 8 + 16 + 8 + 32 + 8)
#define CB_BUCKET_BITS_MAX 28u
#define CB_RECORD_FIXED (8 + 8 + 4 + 4 * 8 + 20 + 32 + 6 * 4 + 4 * 8)

/* Caps of one object; more is left out with a reason. */
#define CB_CERTIFICATE_MAX (1u << 20) /* bytes of DER; one with 10 000 names has 300 kB */
#define CB_DETAILS_MAX (1u << 20)
#define CB_LABEL_MAX 4096u
#define CB_OBJECT_PATH_MAX 4096u
#define CB_CHAIN_MAX 32u /* certificates of one credential */

enum cb_tag {
    CB_TAG_META = 'M',
    CB_TAG_LISTING = 'A',
    CB_TAG_OBJECT = 'O',
    CB_TAG_CHAIN = 'C',
    CB_TAG_OWNERS = 'W',
    CB_TAG_RANGE = 'R',
    CB_TAG_SUBJECT = 'S',
    CB_TAG_ISSUER_SERIAL = 'I',
    CB_TAG_KEY_ID = 'K',
    CB_TAG_LABEL = 'L',
    CB_TAG_SHA1 = '1',
    CB_TAG_SHA256 = '2'
};

/* Where an index keeps a hash: the bucket's number is its first bits, multiplied by an odd constant
 * because the database's own hash puts small numbers close together. */
static inline uint64_t cb_bucket(uint64_t hash, uint32_t bits)
{
    return bits ? (hash >> (64 - bits)) * 0x9E3779B97F4A7C15 : 0;
}

static inline uint32_t cb_bucket_rest(uint64_t hash, uint32_t bits)
{
    return (uint32_t)((hash << bits) >> 32);
}

#endif
