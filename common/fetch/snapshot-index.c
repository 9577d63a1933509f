#include "common/fetch/snapshot-index.h"
#include "common/text.h"
#include <stdlib.h>

/* What a bucket will hold: a place in the listing, or the range from there. */
struct word {
    uint64_t hash;
    uint32_t place, count;
};

struct words {
    struct word *at;
    size_t n, room;
};

#define WORDS_PER_BUCKET 8

uint32_t cb_bucket_bits(uint32_t n)
{
    uint32_t bits = 0;
    while (bits < CB_BUCKET_BITS_MAX && (uint64_t)WORDS_PER_BUCKET << bits < n)
        bits++;
    return bits;
}

static int add(struct words *w, struct word word, struct cb_error *err)
{
    if (w->n == w->room) {
        size_t room = w->room + w->room / 2 + 64;
        struct word *grown = reallocarray(w->at, room, sizeof *grown);
        if (!grown)
            return cb_fail_memory(err);
        w->at = grown;
        w->room = room;
    }
    w->at[w->n++] = word;
    return 0;
}

/* Words of one hash stay in the order of the listing. */
static int compare(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int put_bucket(struct cb_put *put, enum cb_tag tag, const struct words *w, size_t from,
                      size_t to, const struct cb_listing *ids, uint32_t bits, struct cb_buf *value,
                      struct cb_error *err)
{
    uint8_t number[8];
    cb_buf_reset(value);
    for (size_t i = from; i < to; i++) {
        cb_put32(number, cb_bucket_rest(w->at[i].hash, bits));
        (void)cb_buf_add(value, number, 4);
    }
    for (size_t i = from; i < to; i++) {
        const struct word *word = &w->at[i];
        cb_put64(number,
                 ids ? ids->at[word->place]->id : word->place | (uint64_t)word->count << 32);
        (void)cb_buf_add(value, number, 8);
    }
    if (value->failed)
        return cb_fail_memory(err);
    return cb_put_number(put, tag, cb_bucket(w->at[from].hash, bits), cb_buf_span(value), err);
}

/* `ids` NULL: the words are ranges. */
static int put_index(struct cb_put *put, enum cb_tag tag, struct words *w,
                     const struct cb_listing *ids, uint32_t bits, struct cb_error *err)
{
    struct cb_buf value;
    int result = 0;
    cb_buf_init(&value, SIZE_MAX);
    if (w->n)
        qsort(w->at, w->n, sizeof *w->at, compare);
    for (size_t from = 0, to; from < w->n && result == 0; from = to) {
        uint64_t bucket = cb_bucket(w->at[from].hash, bits);
        for (to = from + 1; to < w->n && cb_bucket(w->at[to].hash, bits) == bucket;)
            to++;
        result = put_bucket(put, tag, w, from, to, ids, bits, &value, err);
    }
    cb_buf_clear(&value);
    return result;
}

static struct cb_span path_at(const struct cb_listing *listing, uint32_t place)
{
    return cb_entry_path(listing->credentials, listing->at[place]);
}

/* The end of the segment that begins at `from`. */
static size_t segment_end(struct cb_span path, size_t from)
{
    const uint8_t *slash = from < path.n ? memchr(path.p + from, '/', path.n - from) : NULL;
    return slash ? (size_t)(slash - path.p) : path.n;
}

/* Adds the ranges of the prefixes that begin at `place`: those that the path before does not have.
 */
static int add_ranges(struct words *w, const struct cb_listing *listing, uint32_t place,
                      const struct cb_sip_key *key, struct cb_error *err)
{
    struct cb_span path = path_at(listing, place);
    for (size_t end = segment_end(path, 0);; end = segment_end(path, end + 1)) {
        struct cb_span prefix = cb_span(path.p, end);
        if (place == 0 || !cb_path_below(path_at(listing, place - 1), prefix)) {
            uint32_t last = place + 1;
            while (last < listing->credentials->n && cb_path_below(path_at(listing, last), prefix))
                last++;
            if (add(w, (struct word){cb_siphash(key, prefix), place, last - place}, err) != 0)
                return -1;
        }
        if (end == path.n)
            return 0;
    }
}

static int put_ranges(struct cb_put *put, const struct cb_listing *listing,
                      const struct cb_sip_key *key, uint32_t bits, struct cb_error *err)
{
    struct words w = {NULL, 0, 0};
    int result = 0;
    for (uint32_t i = 0; i < listing->credentials->n && result == 0; i++)
        result = add_ranges(&w, listing, i, key, err);
    if (result == 0)
        result = put_index(put, CB_TAG_RANGE, &w, NULL, bits, err);
    free(w.at);
    return result;
}

static const enum cb_tag tags[CB_HASHES] = {
    [CB_HASH_LABEL] = CB_TAG_LABEL,
    [CB_HASH_SUBJECT] = CB_TAG_SUBJECT,
    [CB_HASH_ISSUER_SERIAL] = CB_TAG_ISSUER_SERIAL,
    [CB_HASH_KEY_ID] = CB_TAG_KEY_ID,
    [CB_HASH_SHA1] = CB_TAG_SHA1,
    [CB_HASH_SHA256] = CB_TAG_SHA256,
};

static int put_ids(struct cb_put *put, const struct cb_listing *listing, enum cb_hash which,
                   uint32_t bits, struct cb_error *err)
{
    struct words w = {NULL, 0, 0};
    int result = 0;
    for (uint32_t i = 0; i < listing->n && result == 0; i++) {
        const struct cb_entry *entry = listing->at[i];
        if (entry->kind != CB_PASSCODE || which == CB_HASH_LABEL)
            result = add(&w, (struct word){entry->hashes[which], i, 1}, err);
    }
    if (result == 0)
        result = put_index(put, tags[which], &w, listing, bits, err);
    free(w.at);
    return result;
}

int cb_index_write(struct cb_put *put, const struct cb_listing *listing,
                   const struct cb_sip_key *key, uint32_t bits, struct cb_error *err)
{
    int result = put_ranges(put, listing, key, bits, err);
    for (enum cb_hash i = 0; i < CB_HASHES && result == 0; i++)
        result = put_ids(put, listing, i, bits, err);
    return result;
}
