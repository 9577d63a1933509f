#include "pkcs11/find.h"
#include "common/der.h"
#include "common/name.h"
#include "pkcs11/attributes.h"
#include "pkcs11/certbridge-pkcs11.h"
#include "pkcs11/session.h"
#include <stdlib.h>

#define TEMPLATE_MAX (16u << 20) /* bytes of all values: a template of the largest certificates */
#define INDEX_KEY_MAX (2 * CB_NAME_MAX)

struct cb_wanted {
    CK_ATTRIBUTE_TYPE type;
    struct cb_span value;
};

void cb_search_init(struct cb_search *search)
{
    *search = (struct cb_search){0};
    cb_buf_init(&search->values, TEMPLATE_MAX);
}

void cb_search_clear(struct cb_search *search)
{
    cb_snapshot_unref(search->snapshot);
    free(search->wanted);
    cb_buf_clear(&search->values);
    cb_search_init(search);
}

static bool template_readable(const CK_ATTRIBUTE *template, CK_ULONG n)
{
    if (!template)
        return n == 0;
    for (CK_ULONG i = 0; i < n; i++)
        if (!template[i].pValue && template[i].ulValueLen)
            return false;
    return true;
}

/* Keeps what the kinds of objects alone cannot answer. The values' addresses come last, when their
 * buffer no longer moves. */
static CK_RV narrow(struct cb_search *search, const CK_ATTRIBUTE *template, CK_ULONG n)
{
    search->kinds = CB_KINDS_ANY;
    if (n && !(search->wanted = calloc(n, sizeof *search->wanted)))
        return CKR_HOST_MEMORY;
    for (CK_ULONG i = 0; i < n && search->kinds; i++) {
        bool settled;
        struct cb_span value = cb_span(template[i].pValue, template[i].ulValueLen);
        search->kinds &= cb_attribute_kinds(template[i].type, value, &settled);
        if (settled || !search->kinds)
            continue;
        if (cb_buf_add_span(&search->values, value) < 0)
            return CKR_HOST_MEMORY;
        search->wanted[search->n_wanted++] =
            (struct cb_wanted){template[i].type, cb_span(NULL, value.n)};
    }
    size_t at = 0;
    for (size_t i = 0; i < search->n_wanted; i++) {
        search->wanted[i].value.p = search->values.p + at;
        at += search->wanted[i].value.n;
    }
    return CKR_OK;
}

/* Indexes. Each gives every object that may have the wanted value, or -1 when it cannot tell and the
 * listing must be walked. */

static int by_name(const struct cb_search *search, enum cb_tag tag, struct cb_span name,
                   struct cb_span serial, struct cb_ids *ids)
{
    struct cb_buf key;
    cb_buf_init(&key, INDEX_KEY_MAX);
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

/* Chain certificates have no place in the index of paths. */
static int by_unique_id(const struct cb_search *search, struct cb_span value, struct cb_ids *ids)
{
    static const char chain[] = "chain/";
    size_t n = sizeof chain - 1;
    return value.n >= n && memcmp(value.p, chain, n) == 0 ? -1 : by_path(search, value, ids);
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

static int choose_candidates(struct cb_search *search, struct cb_error *err)
{
    search->candidates = cb_snapshot_listing(search->snapshot);
    if (search->candidates.n != cb_snapshot_facts(search->snapshot)->listing)
        return cb_fail(err, CB_ERR_DAMAGED,
                       "the snapshot is damaged: its listing has a wrong size");
    for (size_t i = 0; i < search->n_wanted; i++) {
        for (size_t k = 0; k < sizeof indexes / sizeof indexes[0]; k++) {
            struct cb_ids ids;
            if (indexes[k].type == search->wanted[i].type &&
                indexes[k].candidates(search, search->wanted[i].value, &ids) == 0 &&
                ids.n < search->candidates.n)
                search->candidates = ids;
        }
    }
    return 0;
}

static CK_RV begin(struct cb_session *s, const CK_ATTRIBUTE *template, CK_ULONG n)
{
    struct cb_search *search = &s->search;
    struct cb_error err = {0};
    CK_RV rv = narrow(search, template, n);
    if (rv != CKR_OK)
        return rv;
    if (search->kinds) {
        search->snapshot = cb_live_take(s->slot->live, CB_WAIT, &err);
        if (!search->snapshot || choose_candidates(search, &err) < 0)
            return cb_device_error(s->slot, &err);
    }
    search->active = true;
    return CKR_OK;
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *template, CK_ULONG n)
{
    struct cb_session *s;
    CK_RV rv = cb_session_enter(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!template_readable(template, n))
        return cb_session_leave(s, CKR_ARGUMENTS_BAD);
    if (s->search.active)
        return cb_session_leave(s, CKR_OPERATION_ACTIVE);
    rv = begin(s, template, n);
    if (rv != CKR_OK)
        cb_search_clear(&s->search);
    return cb_session_leave(s, rv);
}

static bool matches(const struct cb_search *search, const struct cb_view *view)
{
    struct cb_scratch scratch;
    struct cb_span value;
    if (!(search->kinds & CB_KIND_SET(view->object->kind)))
        return false;
    for (size_t i = 0; i < search->n_wanted; i++)
        if (cb_attribute(view, search->wanted[i].type, &scratch, &value) < 0 ||
            !cb_span_equal(value, search->wanted[i].value))
            return false;
    return cb_snapshot_shows(search->snapshot, view->object, view->source, NULL, view->now);
}

/* CKR_OK and an id, or 0 at the end. */
static CK_RV find_next(struct cb_session *s, int64_t now, CK_OBJECT_HANDLE *found)
{
    struct cb_search *search = &s->search;
    struct cb_error err = {0};
    struct cb_object object;
    struct cb_view view = {&object, s->slot->source, now};
    *found = CK_INVALID_HANDLE;
    while (search->next < search->candidates.n) {
        uint64_t id = cb_ids_at(search->candidates, search->next++);
        if (cb_snapshot_object(search->snapshot, id, &object, &err) < 0)
            return cb_device_error(s->slot, &err);
        if (matches(search, &view)) {
            cb_session_look_at(s, search->snapshot, &object);
            *found = id;
            return CKR_OK;
        }
    }
    return CKR_OK;
}

CK_RV C_FindObjects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *found, CK_ULONG room,
                    CK_ULONG *n_found)
{
    struct cb_session *s;
    CK_RV rv = cb_session_enter(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!n_found || (!found && room))
        return cb_session_leave(s, CKR_ARGUMENTS_BAD);
    if (!s->search.active)
        return cb_session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
    int64_t now = cb_now();
    CK_OBJECT_HANDLE object = 1;
    *n_found = 0;
    while (rv == CKR_OK && object && *n_found < room) {
        rv = find_next(s, now, &object);
        if (rv == CKR_OK && object)
            found[(*n_found)++] = object;
    }
    return cb_session_leave(s, rv);
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE handle)
{
    struct cb_session *s;
    CK_RV rv = cb_session_enter(handle, &s);
    if (rv != CKR_OK)
        return rv;
    rv = s->search.active ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
    cb_search_clear(&s->search);
    return cb_session_leave(s, rv);
}
