#include "common/fetch/snapshot-record.h"
#include "common/fetch/snapshot-writer.h"
#include "common/name.h"
#include "common/snapshot.h"
#include "common/text.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

static int start(struct cb_snapshot_writer *w, const char *path, mode_t mode, gid_t group,
                 struct cb_error *err)
{
    if (RAND_bytes((unsigned char *)&w->key, sizeof w->key) != 1)
        return cb_fail(err, CB_ERR_SYSTEM, "libcrypto has no random bytes");
    cb_entries_init(&w->credentials, &w->key);
    cb_entries_init(&w->chain, &w->key);
    cb_buf_init(&w->record, CB_RECORD_MAX);
    cb_buf_init(&w->scratch, CB_INDEX_KEY_MAX);
    if (cb_target_create(&w->target, path, mode, group, err) != 0)
        return -1;
    return cb_put_start(&w->put, w->target.fd, err);
}

int cb_snapshot_writer_new(const char *path, mode_t mode, gid_t group, uint64_t identity,
                           struct cb_snapshot_writer **out, struct cb_error *err)
{
    struct cb_snapshot_writer *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w)
        return cb_fail_memory(err);
    w->target.fd = -1;
    w->identity = identity;
    if (start(w, path, mode, group, err) != 0) {
        cb_snapshot_writer_free(w);
        return -1;
    }
    *out = w;
    return 0;
}

void cb_snapshot_writer_free(struct cb_snapshot_writer *w)
{
    if (!w)
        return;
    cb_put_abandon(&w->put);
    cb_target_clear(&w->target);
    cb_entries_clear(&w->credentials);
    cb_entries_clear(&w->chain);
    cb_buf_clear(&w->record);
    cb_buf_clear(&w->scratch);
    free(w);
}

const char *cb_snapshot_writer_temporary(const struct cb_snapshot_writer *w)
{
    return w->target.temporary;
}

void cb_snapshot_writer_limit(struct cb_snapshot_writer *w, uint64_t bytes)
{
    w->put.limit = bytes;
}

/* SHA-256 of what the file says of an object but for its checksum, which depends on the key. */
static int digest_record(struct cb_span record, const struct cb_snapshot_writer *w,
                         const uint32_t *links, size_t links_n, uint8_t out[16])
{
    uint8_t digest[32], id[8];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, record.p + 8, record.n - 8) == 1;
    for (size_t i = 0; i < links_n && done; i++) {
        cb_put64(id, w->chain.entry[links[i]].id);
        done = EVP_DigestUpdate(context, id, sizeof id) == 1;
    }
    done = done && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    memcpy(out, digest, 16);
    return done ? 0 : -1;
}

/* Puts an object into the file and remembers it. 1: an object with its id is there already. */
static int add_object(struct cb_snapshot_writer *w, struct cb_entries *to, struct cb_object *o,
                      const uint32_t *links, size_t links_n, struct cb_error *err)
{
    struct cb_entry entry = {.kind = (uint8_t)o->kind, .links_n = (uint8_t)links_n};
    cb_buf_reset(&w->record);
    if (cb_record_print(&w->record, o) != 0 ||
        digest_record(cb_buf_span(&w->record), w, links, links_n, entry.digest) != 0)
        return cb_fail_memory(err);
    if (cb_record_hashes(o, &w->key, &w->scratch, &entry) != 0)
        return cb_fail(err, CB_ERR_CERTIFICATE, "the certificate's names cannot be compared");
    entry.id = o->id;
    if (cb_entries_with_id(&w->credentials, o->id) || cb_entries_with_id(&w->chain, o->id))
        return 1;
    if (cb_put_number(&w->put, CB_TAG_OBJECT, o->id, cb_buf_span(&w->record), err) != 0)
        return -1;
    return cb_entries_add(to, &entry, o->path, links, err);
}

static void set_certificate(struct cb_object *o, struct cb_span der, const struct cb_x509_facts *f)
{
    o->ca = f->ca;
    o->not_before = f->not_before;
    o->not_after = f->not_after;
    o->der = der;
    o->subject = f->parts.subject;
    o->issuer = f->parts.issuer;
    o->serial = f->parts.serial;
    o->spki = f->parts.spki;
    o->key_id = cb_span(f->key_id, f->key_id_n);
    o->sha1 = cb_span(f->sha1, sizeof f->sha1);
    o->sha256 = cb_span(f->sha256, sizeof f->sha256);
}

/* Finds or adds one certificate of a chain, and says its place. */
static int add_chain(struct cb_snapshot_writer *w, struct cb_span der,
                     const struct cb_x509_facts *facts, uint32_t *place, struct cb_error *err)
{
    struct cb_object o = {.kind = CB_CHAIN, .from = CB_TIME_MIN, .to = CB_TIME_MAX};
    struct cb_buf path, label;
    int result = -1;
    cb_buf_init(&path, CB_OBJECT_PATH_MAX);
    cb_buf_init(&label, CB_NAME_CANONICAL_MAX);
    set_certificate(&o, der, facts);
    if (cb_buf_add_text(&path, "chain/") != 0 || cb_hex(&path, o.sha256) != 0) {
        cb_fail_memory(err);
        goto out;
    }
    o.path = cb_buf_span(&path);
    const struct cb_entry *known = cb_entries_with_path(&w->chain, o.path);
    if (known) {
        *place = (uint32_t)(known - w->chain.entry);
        result = 0;
        goto out;
    }
    if (cb_name_common_name(&label, o.subject) == 0 && label.n > 0 && label.n <= CB_LABEL_MAX)
        o.label = cb_buf_span(&label);
    else
        o.label = cb_span(o.path.p + strlen("chain/"), o.path.n - strlen("chain/"));
    *place = w->chain.n;
    result = add_object(w, &w->chain, &o, NULL, 0, err);
    if (result == 1)
        result = cb_fail(err, CB_ERR_CERTIFICATE,
                         "a certificate of the chain has the id of another object");
out:
    cb_buf_clear(&path);
    cb_buf_clear(&label);
    return result;
}

/* The places of all certificates but the leaf, each once. */
static int add_chains(struct cb_snapshot_writer *w, const struct cb_new_object *object,
                      uint32_t links[CB_CHAIN_MAX], size_t *links_n, struct cb_error *err)
{
    *links_n = 0;
    for (size_t i = 1; i < object->n_certificates; i++) {
        uint32_t place;
        size_t k = 0;
        if (memcmp(object->facts[i].sha256, object->facts[0].sha256, 32) == 0)
            continue;
        if (add_chain(w, object->certificates[i], &object->facts[i], &place, err) != 0)
            return -1;
        while (k < *links_n && links[k] != place)
            k++;
        links[k] = place;
        *links_n += k == *links_n;
    }
    return 0;
}

static int check(const struct cb_new_object *object, const struct cb_object *o,
                 struct cb_error *err)
{
    const char *too_large = cb_record_too_large(o);
    for (size_t i = 1; i < object->n_certificates && !too_large; i++)
        if (object->certificates[i].n > CB_CERTIFICATE_MAX)
            too_large = "a certificate of its chain is longer than 1 MiB";
    if (object->n_certificates > CB_CHAIN_MAX)
        too_large = "its chain has more than 32 certificates";
    if ((o->kind == CB_PASSCODE) != (object->n_certificates == 0))
        return cb_fail(err, CB_ERR_USAGE, "a credential without its certificate");
    return too_large ? cb_fail(err, CB_ERR_CERTIFICATE, "%s", too_large) : 0;
}

int cb_snapshot_writer_add(struct cb_snapshot_writer *w, const struct cb_new_object *object,
                           struct cb_error *err)
{
    struct cb_object o = {.kind = object->kind,
                          .from = object->from,
                          .to = object->to,
                          .path = object->path,
                          .label = object->label,
                          .state = object->state,
                          .details = object->details};
    uint32_t links[CB_CHAIN_MAX];
    size_t links_n;
    if (object->n_certificates)
        set_certificate(&o, object->certificates[0], &object->facts[0]);
    if (check(object, &o, err) != 0)
        return -1;
    if (cb_entries_with_path(&w->credentials, o.path))
        return 1;
    if (add_chains(w, object, links, &links_n, err) != 0)
        return -1;
    int result = add_object(w, &w->credentials, &o, links, links_n, err);
    w->certificates += result == 0 && o.kind == CB_CERTIFICATE;
    return result;
}

bool cb_snapshot_writer_has(const struct cb_snapshot_writer *w, struct cb_span path)
{
    return cb_entries_with_path(&w->credentials, path) != NULL;
}

struct forgetting {
    struct cb_snapshot_writer *w;
    struct cb_error *err;
};

static int forget_one(void *user, const struct cb_entry *entry)
{
    struct forgetting *f = user;
    f->w->certificates -= entry->kind == CB_CERTIFICATE;
    return cb_put_remove(&f->w->put, CB_TAG_OBJECT, entry->id, f->err);
}

int cb_snapshot_writer_forget(struct cb_snapshot_writer *w, enum cb_kind kind,
                              struct cb_span prefix, struct cb_error *err)
{
    struct cb_error failure = {.code = CB_OK};
    struct forgetting f = {w, &failure};
    if (cb_entries_forget(&w->credentials, kind, prefix, forget_one, &f) == 0)
        return 0;
    if (failure.code == CB_OK)
        return cb_fail_memory(err);
    return cb_fail(err, failure.code, "%s", failure.text);
}
