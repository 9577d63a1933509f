#include "common/snapshot.h"
#include "common/checksum.h"
#include "common/der.h"
#include "common/siphash.h"
#include "common/text.h"
#include <cdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct cb_snapshot {
    atomic_uint references;
    struct cdb cdb; /* never searched itself: cdb_find writes into its handle */
    struct cb_sip_key key;
    uint32_t bucket_bits;
    struct cb_snapshot_facts facts;
    struct cb_ids listing;
};

/* The value under `tag` and `key`, inside the map. False: not there, or the file is damaged. */
static bool look_up(const struct cb_snapshot *s, enum cb_tag tag, struct cb_span key,
                    struct cb_span *value)
{
    struct cdb cdb = s->cdb;
    uint8_t whole[1 + 8] = {(uint8_t)tag};
    if (key.n > sizeof whole - 1)
        return false;
    memcpy(whole + 1, key.p, key.n);
    if (cdb_find(&cdb, whole, (unsigned)(1 + key.n)) != 1)
        return false;
    *value = cb_span(cdb_getdata(&cdb), cdb_datalen(&cdb));
    return value->p != NULL;
}

static bool look_up_number(const struct cb_snapshot *s, enum cb_tag tag, uint64_t number,
                           struct cb_span *value)
{
    uint8_t key[8];
    cb_put64(key, number);
    return look_up(s, tag, cb_span(key, sizeof key), value);
}

static int read_meta(struct cb_snapshot *s, struct cb_error *err)
{
    struct cb_span meta;
    struct cb_snapshot_facts *facts = &s->facts;
    if (!look_up(s, CB_TAG_META, cb_span("", 0), &meta) || meta.n < 12 ||
        memcmp(meta.p, CB_SNAPSHOT_MAGIC, 8) != 0)
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot is damaged, or no snapshot");
    if (cb_get32(meta.p + 8) != CB_SNAPSHOT_VERSION)
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot has version %u, not %u",
                       (unsigned)cb_get32(meta.p + 8), CB_SNAPSHOT_VERSION);
    if (meta.n != CB_META_SIZE)
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot is damaged: its head has a wrong size");
    s->key = (struct cb_sip_key){cb_get64(meta.p + 44), cb_get64(meta.p + 52)};
    if (cb_checksum(cb_span(meta.p, meta.n - 8)) != cb_get64(meta.p + meta.n - 8))
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot is damaged: its head contradicts itself");
    facts->listing = cb_get32(meta.p + 12);
    facts->credentials = cb_get32(meta.p + 16);
    facts->certificates = cb_get32(meta.p + 20);
    facts->passcodes = cb_get32(meta.p + 24);
    facts->chain = cb_get32(meta.p + 28);
    s->bucket_bits = cb_get32(meta.p + 32);
    facts->identity = cb_get64(meta.p + 36);
    facts->created = (int64_t)cb_get64(meta.p + 60);
    memcpy(facts->digest, meta.p + 68, sizeof facts->digest);
    if (s->bucket_bits > CB_BUCKET_BITS_MAX ||
        (uint64_t)facts->credentials + facts->chain != facts->listing ||
        (uint64_t)facts->certificates + facts->passcodes != facts->credentials)
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot is damaged: its counts disagree");
    return 0;
}

/* Its size is known, so a listing that is damaged or cut is found here, not taken for an empty
 * one. */
static int find_listing(struct cb_snapshot *s, struct cb_error *err)
{
    struct cb_span value;
    if (!look_up(s, CB_TAG_LISTING, cb_span("", 0), &value) ||
        value.n != 8 * (uint64_t)s->facts.listing)
        return cb_fail(err, CB_ERR_DAMAGED,
                       "the snapshot is damaged: its listing has a wrong size");
    s->listing = (struct cb_ids){value.p, s->facts.listing};
    return 0;
}

/* tinycdb takes a size of 32 bits without asking whether that is all. */
static int map(int fd, struct cdb *cdb, struct cb_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "snapshot");
    if (st.st_size <= 0 || st.st_size > (off_t)UINT32_MAX)
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot has %jd bytes, which none can have",
                       (intmax_t)st.st_size);
    if (cdb_init(cdb, fd) != 0)
        return cb_fail_errno(err, CB_ERR_DAMAGED, "the snapshot cannot be mapped");
    /* Reading ahead around each look-up costs more than the look-up. */
    void *start = (void *)(uintptr_t)cdb_get(cdb, 1, 0);
    if (start)
        (void)madvise(start, (size_t)st.st_size, MADV_RANDOM);
    return 0;
}

int cb_snapshot_map(int fd, struct cb_snapshot **out, struct cb_error *err)
{
    struct cb_snapshot *s = calloc(1, sizeof *s);
    int result = s ? map(fd, &s->cdb, err) : cb_fail_memory(err);
    close(fd);
    *out = NULL;
    if (result != 0) {
        free(s);
        return -1;
    }
    atomic_init(&s->references, 1);
    if (read_meta(s, err) != 0 || find_listing(s, err) != 0) {
        cb_snapshot_unref(s);
        return -1;
    }
    *out = s;
    return 0;
}

struct cb_snapshot *cb_snapshot_ref(struct cb_snapshot *s)
{
    atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
    return s;
}

void cb_snapshot_unref(struct cb_snapshot *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
        return;
    cdb_free(&s->cdb);
    free(s);
}

const struct cb_snapshot_facts *cb_snapshot_facts(const struct cb_snapshot *s)
{
    return &s->facts;
}

/* Takes `n` bytes off the front of `*in`; false when there are fewer. */
static bool take(struct cb_span *in, size_t n, struct cb_span *out)
{
    if (n > in->n)
        return false;
    *out = cb_span(in->p, n);
    *in = cb_span(in->p + n, in->n - n);
    return true;
}

/* The part of `in` that an offset and a length at `p` name. */
static bool part(const uint8_t *p, struct cb_span in, struct cb_span *out)
{
    uint32_t offset = cb_get32(p), length = cb_get32(p + 4);
    if (offset > in.n || length > in.n - offset)
        return false;
    *out = cb_span(in.p + offset, length);
    return true;
}

static bool valid_kind(const struct cb_object *o)
{
    if (o->kind == CB_PASSCODE)
        return o->der.n == 0;
    return (o->kind == CB_CERTIFICATE || o->kind == CB_CHAIN) && o->key_id.n > 0;
}

/* An object record whose checksum was right: snapshot-format.h. */
static bool read_object(struct cb_span record, struct cb_object *o)
{
    const uint8_t *p = record.p + 8, *lengths = p + 96, *parts = lengths + 24;
    struct cb_span rest = cb_span(record.p + CB_RECORD_FIXED, record.n - CB_RECORD_FIXED);
    o->id = cb_get64(p);
    o->kind = p[8];
    o->ca = p[9] != 0;
    o->from = (int64_t)cb_get64(p + 12);
    o->to = (int64_t)cb_get64(p + 20);
    o->not_before = (int64_t)cb_get64(p + 28);
    o->not_after = (int64_t)cb_get64(p + 36);
    o->sha1 = cb_span(p + 44, 20);
    o->sha256 = cb_span(p + 64, 32);
    return take(&rest, cb_get32(lengths), &o->path) &&
           take(&rest, cb_get32(lengths + 4), &o->label) &&
           take(&rest, cb_get32(lengths + 8), &o->state) &&
           take(&rest, cb_get32(lengths + 12), &o->details) &&
           take(&rest, cb_get32(lengths + 16), &o->key_id) &&
           take(&rest, cb_get32(lengths + 20), &o->der) && rest.n == 0 &&
           part(parts, o->der, &o->subject) && part(parts + 8, o->der, &o->issuer) &&
           part(parts + 16, o->der, &o->serial) && part(parts + 24, o->der, &o->spki) &&
           valid_kind(o);
}

int cb_snapshot_object(const struct cb_snapshot *s, uint64_t id, struct cb_object *out,
                       struct cb_error *err)
{
    struct cb_span record;
    if (!look_up_number(s, CB_TAG_OBJECT, id, &record))
        return cb_fail(err, CB_ERR_NOT_FOUND, "the snapshot has no such object");
    if (record.n < CB_RECORD_FIXED ||
        cb_checksum(cb_span(record.p + 8, record.n - 8)) != cb_get64(record.p) ||
        !read_object(record, out) || out->id != id)
        return cb_fail(err, CB_ERR_DAMAGED, "the snapshot is damaged: object %016jx",
                       (uintmax_t)id);
    if (out->kind == CB_PASSCODE)
        out->sha1 = out->sha256 = cb_span(NULL, 0);
    return 0;
}

static struct cb_ids ids_of(struct cb_span value)
{
    return (struct cb_ids){value.p, value.n % 8 == 0 ? (uint32_t)(value.n / 8) : 0};
}

static struct cb_ids ids_under(const struct cb_snapshot *s, enum cb_tag tag, uint64_t key)
{
    struct cb_span value = {NULL, 0};
    (void)look_up_number(s, tag, key, &value);
    return ids_of(value);
}

struct cb_ids cb_snapshot_listing(const struct cb_snapshot *s)
{
    return s->listing;
}

/* The first place among `n` ascending numbers whose number is not below `least`. Any bytes give a
 * place from 0 to n. */
static uint32_t first_from(const uint8_t *numbers, uint32_t n, uint64_t least)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cb_get32(numbers + 4 * (size_t)middle) < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The words that an index keeps under the hash of `key`. */
static struct cb_ids words_under(const struct cb_snapshot *s, enum cb_tag tag, struct cb_span key)
{
    uint64_t hash = cb_siphash(&s->key, key);
    uint32_t rest = cb_bucket_rest(hash, s->bucket_bits);
    struct cb_span bucket;
    if (!look_up_number(s, tag, cb_bucket(hash, s->bucket_bits), &bucket) || bucket.n % 12 != 0)
        return (struct cb_ids){NULL, 0};
    uint32_t n = (uint32_t)(bucket.n / 12), from = first_from(bucket.p, n, rest);
    uint32_t to = from + first_from(bucket.p + 4 * (size_t)from, n - from, (uint64_t)rest + 1);
    return (struct cb_ids){bucket.p + 4 * (size_t)n + 8 * (size_t)from, to - from};
}

/* The part of the listing that an index word names, if it is what lies below `path`. A first object
 * that cannot be read is left for the caller to meet and report. */
static bool range_of(const struct cb_snapshot *s, struct cb_ids listing, uint64_t word,
                     struct cb_span path, struct cb_ids *out)
{
    uint32_t start = (uint32_t)word, count = (uint32_t)(word >> 32);
    struct cb_object first;
    if (start > listing.n || count > listing.n - start || count == 0)
        return false;
    *out = (struct cb_ids){listing.p + 8 * (size_t)start, count};
    return cb_snapshot_object(s, cb_ids_at(*out, 0), &first, NULL) != 0 ||
           cb_path_below(first.path, path);
}

struct cb_ids cb_snapshot_below(const struct cb_snapshot *s, struct cb_span path)
{
    struct cb_ids credentials = {s->listing.p, s->facts.credentials}, found;
    if (path.n == 0)
        return credentials;
    struct cb_ids words = words_under(s, CB_TAG_RANGE, path);
    for (uint32_t i = 0; i < words.n; i++)
        if (range_of(s, credentials, cb_ids_at(words, i), path, &found))
            return found;
    return (struct cb_ids){NULL, 0};
}

struct cb_ids cb_snapshot_find(const struct cb_snapshot *s, enum cb_tag tag, struct cb_span key)
{
    return words_under(s, tag, key);
}

struct cb_ids cb_snapshot_chain(const struct cb_snapshot *s, uint64_t credential)
{
    return ids_under(s, CB_TAG_CHAIN, credential);
}

struct cb_ids cb_snapshot_owners(const struct cb_snapshot *s, uint64_t chain_certificate)
{
    return ids_under(s, CB_TAG_OWNERS, chain_certificate);
}

bool cb_snapshot_shows(const struct cb_snapshot *s, const struct cb_object *o,
                       const struct cb_source *source, const char *state, int64_t now)
{
    if (o->kind != CB_CHAIN)
        return cb_object_shown(o, source, state, now);
    struct cb_ids owners = cb_snapshot_owners(s, o->id);
    for (uint32_t i = 0; i < owners.n; i++) {
        struct cb_object owner;
        if (cb_snapshot_object(s, cb_ids_at(owners, i), &owner, NULL) == 0 &&
            owner.kind != CB_CHAIN && cb_object_shown(&owner, source, state, now))
            return true;
    }
    return false;
}

int cb_issuer_serial_key(struct cb_buf *out, struct cb_span issuer, struct cb_span serial)
{
    struct cb_span content;
    if (cb_name_canonical(out, issuer) != 0 ||
        cb_der_take(&serial, CB_DER_INTEGER, &content, NULL) != 0 || serial.n != 0)
        return -1;
    return cb_buf_add_span(out, content);
}
