#include "pkcs11/find.h"
#include "pkcs11/session.h"
#include <stdlib.h>

#define TEMPLATE_MAX (16u << 20) /* bytes of all values: a template of the largest certificates */

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
static CK_RV narrow(struct cb_search *search, const struct cb_source *source,
                    const CK_ATTRIBUTE *template, CK_ULONG n)
{
    search->kinds = CB_KINDS_ANY;
    if (n && !(search->wanted = calloc(n, sizeof *search->wanted)))
        return CKR_HOST_MEMORY;
    for (CK_ULONG i = 0; i < n && search->kinds; i++) {
        bool settled;
        struct cb_span value = cb_span(template[i].pValue, template[i].ulValueLen);
        search->kinds &= cb_attribute_kinds(source, template[i].type, value, &settled);
        if (settled || !search->kinds)
            continue;
        if (cb_buf_add_span(&search->values, value) < 0)
            return CKR_HOST_MEMORY;
        search->wanted[search->n_wanted++] =
            (struct cb_wanted){template[i].type, cb_span(NULL, value.n)};
    }
    size_t at = 0;
    for (size_t i = 0; i < search->n_wanted; i++) {
        struct cb_span *value = &search->wanted[i].value;
        if (value->n)
            value->p = search->values.p + at;
        at += value->n;
    }
    return CKR_OK;
}

static CK_RV begin(struct cb_session *s, const CK_ATTRIBUTE *template, CK_ULONG n)
{
    struct cb_search *search = &s->search;
    struct cb_error err;
    CK_RV rv = narrow(search, s->slot->source, template, n);
    if (rv != CKR_OK)
        return rv;
    if (search->kinds) {
        search->snapshot = cb_live_take(s->slot->live, CB_WAIT, &err);
        if (!search->snapshot)
            return cb_device_error(s->slot, &err);
        cb_search_candidates(search);
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
    return cb_visible(search->snapshot, view);
}

/* CKR_OK and an id, or 0 at the end. */
static CK_RV find_next(struct cb_session *s, int64_t now, CK_OBJECT_HANDLE *found)
{
    struct cb_search *search = &s->search;
    struct cb_error err;
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
