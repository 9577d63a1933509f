/* Which objects a search has to look at: the shortest list that an index gives. */
#include "common/der.h"
#include "common/text.h"
#include "pkcs11/certbridge-pkcs11.h"
#include "pkcs11/find.h"

/* Each gives every object that may have the wanted value, or -1 when it cannot tell and the listing
 * must be walked. */

static int by_name(const struct cb_search *search, enum cb_tag tag, struct cb_span name,
                   struct cb_span serial, struct cb_ids *ids)
{
    struct cb_buf key;
    cb_buf_init(&key, CB_INDEX_KEY_MAX);
    int done = tag == CB_TAG_SUBJECT ? cb_name_canonical(&key, name)
                                     : cb_issuer_serial_key(&key, name, serial);
    *ids = (struct cb_ids){0};
    if (done == 0)
        *ids = cb_snapshot_find(search->snapshot, tag, cb_buf_span(&key));
    int rc = done < 0 && key.failed ? -1 : 0; /* what is not a name is nobody's */
    cb_buf_clear(&key);
    return rc;
}

static int by_subject(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    return by_name(search, CB_TAG_SUBJECT, value, cb_span(NULL, 0), ids);
}

static int by_issuer(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    for (size_t i = 0; i < search->n_wanted; i++)
        if (search->wanted[i].type == CKA_SERIAL_NUMBER)
            return by_name(search, CB_TAG_ISSUER_SERIAL, value, search->wanted[i].value, ids);
    return -1;
}

static int by_value(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    struct cb_certificate_parts parts;
    if (cb_certificate_parts(value, &parts) < 0)
        return -1; /* a passcode's */
    return by_name(search, CB_TAG_ISSUER_SERIAL, parts.issuer, parts.serial, ids);
}

static int by_key_id(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    *ids = cb_snapshot_find(search->snapshot, CB_TAG_KEY_ID, value);
    return 0;
}

static int by_label(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    *ids = cb_snapshot_find(search->snapshot, CB_TAG_LABEL, value);
    return 0;
}

static int by_path(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    *ids = cb_snapshot_below(search->snapshot, value);
    return 0;
}

/* The digest in "chain/SHA256". */
static bool chain_digest(struct cb_span value, uint8_t sha256[32])
{
    static const char chain[] = "chain/";
    size_t start = sizeof chain - 1, n;
    return value.n == start + 64 && memcmp(value.p, chain, start) == 0 &&
           cb_unhex(sha256, 32, &n, cb_span(value.p + start, 64), false) == 0;
}

/* Chain certificates have no place in the index of paths, but a credential may have a path that
 * looks like one of theirs. */
static int by_unique_id(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    uint8_t sha256[32];
    (void)by_path(search, value, ids);
    if (!chain_digest(value, sha256))
        return 0;
    if (ids->n > 0)
        return -1;
    *ids = cb_snapshot_find(search->snapshot, CB_TAG_SHA256, cb_span(sha256, sizeof sha256));
    return 0;
}

static int by_uri(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    static const char scheme[] = "certbridge://";
    size_t n = sizeof scheme - 1;
    const uint8_t *slash = value.n > n ? memchr(value.p + n, '/', value.n - n) : NULL;
    if (!slash)
        return -1;
    return by_path(search, cb_span(slash + 1, (size_t)(value.p + value.n - slash - 1)), ids);
}

static const struct {
    CK_ATTRIBUTE_TYPE type;
    int (*candidates)(const struct cb_search *search, struct cb_span value, struct cb_ids *ids);
} indexes[] = {
    {CKA_SUBJECT, by_subject},      {CKA_ISSUER, by_issuer},      {CKA_ID, by_key_id},
    {CKA_LABEL, by_label},          {CKA_VALUE, by_value},        {CKA_UNIQUE_ID, by_unique_id},
    {CKA_CERTBRIDGE_PATH, by_path}, {CKA_CERTBRIDGE_URI, by_uri},
};

void cb_search_candidates(struct cb_search *search)
{
    search->candidates = cb_snapshot_listing(search->snapshot);
    for (size_t i = 0; i < search->n_wanted; i++) {
        for (size_t k = 0; k < sizeof indexes / sizeof indexes[0]; k++) {
            struct cb_ids ids;
            if (indexes[k].type == search->wanted[i].type &&
                indexes[k].candidates(search, search->wanted[i].value, &ids) == 0 &&
                ids.n < search->candidates.n)
                search->candidates = ids;
        }
    }
}
