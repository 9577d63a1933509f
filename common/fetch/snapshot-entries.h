/* What the writer remembers of each object that it has put into the file: enough to sort, index and
 * compare, 96 bytes and the path. */
#ifndef CB_COMMON_FETCH_SNAPSHOT_ENTRIES_H
#define CB_COMMON_FETCH_SNAPSHOT_ENTRIES_H

#include "common/buf.h"
#include "common/object.h"
#include "common/siphash.h"
#include "common/snapshot-format.h"

/* The indexes whose words are ids. */
enum cb_hash {
    CB_HASH_LABEL,
    CB_HASH_SUBJECT,
    CB_HASH_ISSUER_SERIAL,
    CB_HASH_KEY_ID,
    CB_HASH_SHA1,
    CB_HASH_SHA256,
    CB_HASHES
};

struct cb_entry {
    uint64_t id;
    uint64_t hashes[CB_HASHES]; /* a passcode has only that of its label */
    uint64_t view;              /* hash of state and window */
    uint8_t digest[16];         /* of everything that the file says of it */
    uint32_t path_at;           /* in struct cb_entries' paths */
    uint32_t links_at;          /* in struct cb_entries' links */
    uint16_t path_n;
    uint8_t links_n;
    uint8_t kind; /* enum cb_kind */
};

/* A hash table of places in the entries; the hash is worked out anew from the entry. */
struct cb_slots {
    uint32_t *slot; /* place + 1; 0 is free */
    size_t n;       /* a power of two */
};

struct cb_entries {
    struct cb_entry *entry;
    uint32_t n, room;
    struct cb_buf paths;
    uint32_t *links; /* places of chain certificates in their own entries */
    uint32_t links_n, links_room;
    struct cb_slots by_path, by_id;
    struct cb_sip_key key;
};

void cb_entries_init(struct cb_entries *e, const struct cb_sip_key *key);
void cb_entries_clear(struct cb_entries *e);

struct cb_span cb_entry_path(const struct cb_entries *e, const struct cb_entry *entry);

/* NULL when there is none. Valid until the next change. */
const struct cb_entry *cb_entries_with_path(const struct cb_entries *e, struct cb_span path);
const struct cb_entry *cb_entries_with_id(const struct cb_entries *e, uint64_t id);

/* Adds a copy of `like` with this path and these links. -1: no memory. */
int cb_entries_add(struct cb_entries *e, const struct cb_entry *like, struct cb_span path,
                   const uint32_t *links, struct cb_error *err);

/* Forgets the entries of this kind below `prefix` (whole segments; "" forgets all), after calling
 * `gone` for each. -1 when that failed, or no memory. */
int cb_entries_forget(struct cb_entries *e, enum cb_kind kind, struct cb_span prefix,
                      int (*gone)(void *user, const struct cb_entry *entry), void *user);

/* Drops the hash tables, which only the functions above need. */
void cb_entries_settle(struct cb_entries *e);

/* Order of the listing: by path, segment by segment, so that what is below a path stands together.
 */
int cb_path_compare(struct cb_span a, struct cb_span b);

#endif
