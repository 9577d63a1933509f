#include "common/fetch/snapshot-record.h"
#include "common/checksum.h"
#include "common/name.h"
#include "common/snapshot.h"
#include <openssl/evp.h>

const char *cb_record_too_large(const struct cb_object *o)
{
    if (o->path.n == 0 || o->path.n > CB_OBJECT_PATH_MAX)
        return "its path is empty or longer than 4096 bytes";
    if (o->label.n == 0 || o->label.n > CB_LABEL_MAX)
        return "its label is empty or longer than 4096 bytes";
    if (o->state.n > CB_LABEL_MAX)
        return "its state is longer than 4096 bytes";
    if (o->details.n > CB_DETAILS_MAX)
        return "what the API says of it is longer than 1 MiB";
    if (o->der.n > CB_CERTIFICATE_MAX)
        return "its certificate is longer than 1 MiB";
    return NULL;
}

/* 63 bits of SHA-256(path, 0, certificate). PKCS#11 has no handle 0. */
static int make_id(struct cb_object *o)
{
    uint8_t digest[32];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
               EVP_DigestUpdate(context, o->path.p, o->path.n) == 1 &&
               EVP_DigestUpdate(context, "", 1) == 1 &&
               (o->der.n == 0 || EVP_DigestUpdate(context, o->der.p, o->der.n) == 1) &&
               EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    o->id = done ? cb_get64(digest) >> 1 : 0;
    if (done && o->id == 0)
        o->id = 1;
    return done ? 0 : -1;
}

static uint8_t *put32(uint8_t *p, size_t v)
{
    cb_put32(p, (uint32_t)v);
    return p + 4;
}

static uint8_t *put64(uint8_t *p, int64_t v)
{
    cb_put64(p, (uint64_t)v);
    return p + 8;
}

static uint8_t *put_part(uint8_t *p, struct cb_span part, struct cb_span der)
{
    p = put32(p, part.n ? (size_t)(part.p - der.p) : 0);
    return put32(p, part.n);
}

static void put_digest(uint8_t *p, struct cb_span digest)
{
    if (digest.n)
        memcpy(p, digest.p, digest.n);
}

static void print_fixed(uint8_t *p, const struct cb_object *o)
{
    cb_put64(p + 8, o->id);
    p[16] = (uint8_t)o->kind;
    p[17] = o->ca;
    p = put64(p + 20, o->from);
    p = put64(p, o->to);
    p = put64(p, o->not_before);
    p = put64(p, o->not_after);
    put_digest(p, o->sha1);
    put_digest(p + 20, o->sha256);
    p = put32(p + 52, o->path.n);
    p = put32(p, o->label.n);
    p = put32(p, o->state.n);
    p = put32(p, o->details.n);
    p = put32(p, o->key_id.n);
    p = put32(p, o->der.n);
    p = put_part(p, o->subject, o->der);
    p = put_part(p, o->issuer, o->der);
    p = put_part(p, o->serial, o->der);
    put_part(p, o->spki, o->der);
}

int cb_record_print(struct cb_buf *out, struct cb_object *o)
{
    uint8_t fixed[CB_RECORD_FIXED] = {0};
    size_t start = out->n;
    if (make_id(o) != 0)
        return -1;
    print_fixed(fixed, o);
    (void)cb_buf_add(out, fixed, sizeof fixed);
    (void)cb_buf_add_span(out, o->path);
    (void)cb_buf_add_span(out, o->label);
    (void)cb_buf_add_span(out, o->state);
    (void)cb_buf_add_span(out, o->details);
    (void)cb_buf_add_span(out, o->key_id);
    if (cb_buf_add_span(out, o->der) != 0)
        return -1;
    cb_put64(out->p + start, cb_checksum(cb_span(out->p + start + 8, out->n - start - 8)));
    return 0;
}

static int hash_names(const struct cb_object *o, const struct cb_sip_key *key,
                      struct cb_buf *scratch, uint64_t *subject, uint64_t *issuer_serial)
{
    cb_buf_reset(scratch);
    if (cb_name_canonical(scratch, o->subject) != 0)
        return -1;
    *subject = cb_siphash(key, cb_buf_span(scratch));
    cb_buf_reset(scratch);
    if (cb_issuer_serial_key(scratch, o->issuer, o->serial) != 0)
        return -1;
    *issuer_serial = cb_siphash(key, cb_buf_span(scratch));
    return 0;
}

static int hash_view(const struct cb_object *o, const struct cb_sip_key *key,
                     struct cb_buf *scratch, uint64_t *view)
{
    uint8_t window[16];
    put64(put64(window, o->from), o->to);
    cb_buf_reset(scratch);
    if (cb_buf_add(scratch, window, sizeof window) != 0 || cb_buf_add_span(scratch, o->state) != 0)
        return -1;
    *view = cb_siphash(key, cb_buf_span(scratch));
    return 0;
}

int cb_record_hashes(const struct cb_object *o, const struct cb_sip_key *key,
                     struct cb_buf *scratch, struct cb_entry *entry)
{
    uint64_t *h = entry->hashes;
    h[CB_HASH_LABEL] = cb_siphash(key, o->label);
    if (hash_view(o, key, scratch, &entry->view) != 0)
        return -1;
    if (o->kind == CB_PASSCODE)
        return 0;
    h[CB_HASH_KEY_ID] = cb_siphash(key, o->key_id);
    h[CB_HASH_SHA1] = cb_siphash(key, o->sha1);
    h[CB_HASH_SHA256] = cb_siphash(key, o->sha256);
    return hash_names(o, key, scratch, &h[CB_HASH_SUBJECT], &h[CB_HASH_ISSUER_SERIAL]);
}
