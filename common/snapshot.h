/* Reading a snapshot: mapped read-only, zero-copy, no lock, no allocation in any look-up.
 *
 * The bytes are untrusted: whatever is damaged gives CB_ERR_DAMAGED or "not found", never a read
 * outside the map. Every look-up copies the database handle, so any number of threads may use one
 * snapshot at once. Costs do not grow with the number of objects. */
#ifndef CB_COMMON_SNAPSHOT_H
#define CB_COMMON_SNAPSHOT_H

#include "common/name.h"
#include "common/object.h"
#include "common/snapshot-format.h"
#include <sys/stat.h>

struct cb_snapshot;

/* A list of object ids inside the snapshot. */
struct cb_ids {
    const uint8_t *p; /* 8 bytes each, little-endian */
    uint32_t n;
};

static inline uint64_t cb_ids_at(struct cb_ids ids, uint32_t i)
{
    return cb_get64(ids.p + 8 * (size_t)i);
}

struct cb_snapshot_facts {
    uint32_t listing, credentials, certificates, passcodes, chain; /* counts */
    uint64_t identity;                                             /* struct cb_source */
    int64_t created;
    uint8_t digest[32]; /* of the content */
};

/* Maps the file that `fd` is open on, and closes `fd` in every case. Checks magic, version, counts
 * and the size of the listing. The caller has checked owner and mode (cb_file_open_trusted). The
 * result has one reference. */
int cb_snapshot_map(int fd, struct cb_snapshot **out, struct cb_error *err);
struct cb_snapshot *cb_snapshot_ref(struct cb_snapshot *s);
void cb_snapshot_unref(struct cb_snapshot *s); /* NULL is fine; the last one unmaps */

const struct cb_snapshot_facts *cb_snapshot_facts(const struct cb_snapshot *s);

/* The object with this id. 0 found; -1 with CB_ERR_NOT_FOUND or CB_ERR_DAMAGED (`err` may be NULL).
 * The checksum is verified first. */
int cb_snapshot_object(const struct cb_snapshot *s, uint64_t id, struct cb_object *out,
                       struct cb_error *err);

/* Every object: credentials by path, then chain certificates. */
struct cb_ids cb_snapshot_listing(const struct cb_snapshot *s);

/* Credentials whose path is `path` or begins with its segments; "" gives all credentials. Empty
 * when none. */
struct cb_ids cb_snapshot_below(const struct cb_snapshot *s, struct cb_span path);

/* Candidates of an index (CB_TAG_SUBJECT with a canonical name, CB_TAG_ISSUER_SERIAL with a key of
 * cb_issuer_serial_key, CB_TAG_KEY_ID, CB_TAG_LABEL, CB_TAG_SHA1, CB_TAG_SHA256): a superset of the
 * right ones; the caller compares in full. */
struct cb_ids cb_snapshot_find(const struct cb_snapshot *s, enum cb_tag tag, struct cb_span key);

/* The rest of a credential's chain; the credentials that stand for those carrying a chain
 * certificate. */
struct cb_ids cb_snapshot_chain(const struct cb_snapshot *s, uint64_t credential);
struct cb_ids cb_snapshot_owners(const struct cb_snapshot *s, uint64_t chain_certificate);

/* cb_object_shown for objects of every kind: a chain certificate is shown while a credential that
 * carries it is. */
bool cb_snapshot_shows(const struct cb_snapshot *s, const struct cb_object *o,
                       const struct cb_source *source, const char *state, int64_t now);

/* Bytes of the longest key of an index: a canonical issuer and a serial, which is part of a
 * certificate. */
#define CB_INDEX_KEY_MAX (CB_NAME_CANONICAL_MAX + CB_CERTIFICATE_MAX)

/* Appends the CB_TAG_ISSUER_SERIAL key: canonical issuer, then the content bytes of the serial
 * INTEGER element. -1: not DER. */
int cb_issuer_serial_key(struct cb_buf *out, struct cb_span issuer, struct cb_span serial);

#endif
