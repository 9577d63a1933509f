#include "common/checksum.h"
#include "common/fetch/snapshot-index.h"
#include "common/fetch/snapshot-writer.h"
#include <openssl/evp.h>
#include <stdlib.h>

static const uint32_t *links_of(const struct cb_snapshot_writer *w, const struct cb_entry *entry)
{
    return w->credentials.links + entry->links_at;
}

static int by_path(const void *a, const void *b, void *entries)
{
    return cb_path_compare(cb_entry_path(entries, *(const struct cb_entry *const *)a),
                           cb_entry_path(entries, *(const struct cb_entry *const *)b));
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = (*(const struct cb_entry *const *)a)->id;
    uint64_t y = (*(const struct cb_entry *const *)b)->id;
    return (x > y) - (x < y);
}

static void sort_from(struct cb_listing *listing, uint32_t start, struct cb_entries *entries)
{
    if (listing->n > start)
        qsort_r(listing->at + start, listing->n - start, sizeof(struct cb_entry *), by_path,
                entries);
}

/* `carried` has one byte for each chain certificate: does a credential carry it (still)? The others
 * leave the file. */
static int list_chain(struct cb_snapshot_writer *w, const bool *carried, struct cb_listing *listing,
                      struct cb_error *err)
{
    for (uint32_t i = 0; i < w->chain.n; i++) {
        if (carried[i])
            listing->at[listing->n++] = &w->chain.entry[i];
        else if (cb_put_remove(&w->put, CB_TAG_OBJECT, w->chain.entry[i].id, err) != 0)
            return -1;
    }
    sort_from(listing, w->credentials.n, &w->chain);
    return 0;
}

static int make_listing(struct cb_snapshot_writer *w, struct cb_listing *listing,
                        struct cb_error *err)
{
    size_t n = (size_t)w->credentials.n + w->chain.n;
    bool *carried = calloc(w->chain.n + (size_t)1, sizeof *carried);
    *listing = (struct cb_listing){.at = calloc(n + 1, sizeof *listing->at),
                                   .credentials = &w->credentials};
    if (!carried || !listing->at) {
        free(carried);
        return cb_fail_memory(err);
    }
    for (uint32_t i = 0; i < w->credentials.links_n; i++)
        carried[w->credentials.links[i]] = true;
    for (uint32_t i = 0; i < w->credentials.n; i++)
        listing->at[listing->n++] = &w->credentials.entry[i];
    sort_from(listing, 0, &w->credentials);
    int result = list_chain(w, carried, listing, err);
    free(carried);
    return result;
}

/* The same for the same objects, in whatever order they came and whatever the key. */
static int digest_content(const struct cb_listing *listing, uint8_t out[32], struct cb_error *err)
{
    size_t size = listing->n * sizeof(struct cb_entry *);
    const struct cb_entry **sorted = malloc(size + 1);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = sorted && context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    if (done && listing->n) {
        memcpy(sorted, listing->at, size);
        qsort(sorted, listing->n, sizeof *sorted, by_id);
    }
    for (uint32_t i = 0; i < listing->n && done; i++) {
        uint8_t id[8];
        cb_put64(id, sorted[i]->id);
        done = EVP_DigestUpdate(context, id, sizeof id) == 1 &&
               EVP_DigestUpdate(context, sorted[i]->digest, sizeof sorted[i]->digest) == 1;
    }
    done = done && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    free(sorted);
    return done ? 0 : cb_fail_memory(err);
}

static int add_id(struct cb_buf *ids, uint64_t id)
{
    uint8_t bytes[8];
    cb_put64(bytes, id);
    return cb_buf_add(ids, bytes, sizeof bytes);
}

static int put_listing(struct cb_snapshot_writer *w, const struct cb_listing *listing,
                       struct cb_error *err)
{
    struct cb_buf ids;
    cb_buf_init(&ids, SIZE_MAX);
    for (uint32_t i = 0; i < listing->n; i++)
        (void)add_id(&ids, listing->at[i]->id);
    int result =
        ids.failed ? cb_fail_memory(err) : cb_put(&w->put, CB_TAG_LISTING, cb_buf_span(&ids), err);
    cb_buf_clear(&ids);
    return result;
}

static int put_chains(struct cb_snapshot_writer *w, const struct cb_listing *listing,
                      struct cb_error *err)
{
    uint8_t ids[8 * CB_CHAIN_MAX];
    for (uint32_t i = 0; i < w->credentials.n; i++) {
        const struct cb_entry *entry = listing->at[i];
        for (size_t k = 0; k < entry->links_n; k++)
            cb_put64(ids + 8 * k, w->chain.entry[links_of(w, entry)[k]].id);
        if (entry->links_n && cb_put_number(&w->put, CB_TAG_CHAIN, entry->id,
                                            cb_span(ids, 8 * (size_t)entry->links_n), err) != 0)
            return -1;
    }
    return 0;
}

/* A credential that carries a chain certificate, by their places. */
struct owner {
    uint32_t chain, credential;
};

static int by_chain_and_view(const void *a, const void *b, void *listing)
{
    const struct owner *x = a, *y = b;
    const struct cb_listing *l = listing;
    uint64_t view_x = l->at[x->credential]->view, view_y = l->at[y->credential]->view;
    if (x->chain != y->chain)
        return x->chain < y->chain ? -1 : 1;
    if (view_x != view_y)
        return view_x < view_y ? -1 : 1;
    return (x->credential > y->credential) - (x->credential < y->credential);
}

static size_t collect_owners(const struct cb_snapshot_writer *w, const struct cb_listing *listing,
                             struct owner *owners)
{
    size_t n = 0;
    for (uint32_t i = 0; i < w->credentials.n; i++)
        for (size_t k = 0; k < listing->at[i]->links_n; k++)
            owners[n++] = (struct owner){links_of(w, listing->at[i])[k], i};
    return n;
}

/* One credential for each different state and window shows or hides as all its like do. */
static int put_owners(struct cb_snapshot_writer *w, struct cb_listing *listing,
                      struct cb_error *err)
{
    struct owner *owners = calloc(w->credentials.links_n + (size_t)1, sizeof *owners);
    struct cb_buf ids;
    int result = owners ? 0 : cb_fail_memory(err);
    size_t n = owners ? collect_owners(w, listing, owners) : 0;
    cb_buf_init(&ids, SIZE_MAX);
    if (n)
        qsort_r(owners, n, sizeof *owners, by_chain_and_view, listing);
    for (size_t i = 0; i < n && result == 0; i++) {
        const struct cb_entry *entry = listing->at[owners[i].credential];
        bool first = i == 0 || owners[i].chain != owners[i - 1].chain;
        bool last = i + 1 == n || owners[i].chain != owners[i + 1].chain;
        if (first)
            cb_buf_reset(&ids);
        if (first || entry->view != listing->at[owners[i - 1].credential]->view)
            (void)add_id(&ids, entry->id);
        if (ids.failed)
            result = cb_fail_memory(err);
        else if (last)
            result = cb_put_number(&w->put, CB_TAG_OWNERS, w->chain.entry[owners[i].chain].id,
                                   cb_buf_span(&ids), err);
    }
    cb_buf_clear(&ids);
    free(owners);
    return result;
}

static int put_meta(struct cb_snapshot_writer *w, const struct cb_listing *listing, uint32_t bits,
                    const uint8_t digest[32], struct cb_error *err)
{
    uint8_t meta[CB_META_SIZE];
    memcpy(meta, CB_SNAPSHOT_MAGIC, 8);
    cb_put32(meta + 8, CB_SNAPSHOT_VERSION);
    cb_put32(meta + 12, listing->n);
    cb_put32(meta + 16, w->credentials.n);
    cb_put32(meta + 20, w->certificates);
    cb_put32(meta + 24, w->credentials.n - w->certificates);
    cb_put32(meta + 28, listing->n - w->credentials.n);
    cb_put32(meta + 32, bits);
    cb_put64(meta + 36, w->identity);
    cb_put64(meta + 44, w->key.k0);
    cb_put64(meta + 52, w->key.k1);
    cb_put64(meta + 60, (uint64_t)cb_now());
    memcpy(meta + 68, digest, 32);
    cb_put64(meta + 100, cb_checksum(cb_span(meta, 100)));
    return cb_put(&w->put, CB_TAG_META, cb_span(meta, sizeof meta), err);
}

static int put_rest(struct cb_snapshot_writer *w, struct cb_listing *listing,
                    const uint8_t digest[32], struct cb_error *err)
{
    uint32_t bits = cb_bucket_bits(listing->n);
    if (put_listing(w, listing, err) != 0 || put_chains(w, listing, err) != 0 ||
        put_owners(w, listing, err) != 0 ||
        cb_index_write(&w->put, listing, &w->key, bits, err) != 0 ||
        put_meta(w, listing, bits, digest, err) != 0)
        return -1;
    return cb_put_finish(&w->put, err);
}

int cb_snapshot_writer_finish(struct cb_snapshot_writer *w, bool anew, struct cb_written *out,
                              struct cb_error *err)
{
    struct cb_listing listing = {.at = NULL};
    uint8_t digest[32];
    int result = -1;
    *out = (struct cb_written){.certificates = w->certificates,
                               .passcodes = w->credentials.n - w->certificates};
    cb_entries_settle(&w->credentials);
    cb_entries_settle(&w->chain);
    if (make_listing(w, &listing, err) != 0 || digest_content(&listing, digest, err) != 0)
        goto out;
    out->unchanged = !anew && cb_target_keep(&w->target, w->identity, digest);
    if (out->unchanged) {
        result = 0;
        goto out;
    }
    if (put_rest(w, &listing, digest, err) == 0)
        result = cb_target_commit(&w->target, err);
out:
    free(listing.at);
    return result;
}
