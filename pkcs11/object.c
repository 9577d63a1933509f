/* Objects by their handles, which are the ids that they have in every snapshot:
 * docs/architecture.md, "PKCS#11". Nothing is kept for a handle, so it needs no table and holds
 * across refreshes. */
#include "pkcs11/session.h"

void cb_session_look_at(struct cb_session *s, struct cb_snapshot *snapshot,
                        const struct cb_object *object)
{
    if (s->snapshot != snapshot) {
        cb_snapshot_unref(s->snapshot);
        s->snapshot = cb_snapshot_ref(snapshot);
    }
    s->object = *object;
}

static CK_RV fetch_from(struct cb_session *s, CK_OBJECT_HANDLE handle, struct cb_snapshot *current)
{
    struct cb_error err;
    struct cb_object object;
    if (cb_snapshot_object(current, handle, &object, &err) < 0)
        return err.code == CB_ERR_NOT_FOUND ? CKR_OBJECT_HANDLE_INVALID
                                            : cb_device_error(s->slot, &err);
    cb_session_look_at(s, current, &object);
    return CKR_OK;
}

/* Without a current snapshot no search has succeeded, so nobody was given the handle, or what it
 * stood for cannot be served any more. */
static CK_RV fetch(struct cb_session *s, CK_OBJECT_HANDLE handle)
{
    if (s->snapshot && s->object.id == handle && cb_live_is_current(s->slot->live, s->snapshot))
        return CKR_OK;
    struct cb_snapshot *current = cb_live_current(s->slot->live);
    CK_RV rv = current ? fetch_from(s, handle, current) : CKR_OBJECT_HANDLE_INVALID;
    cb_snapshot_unref(current);
    return rv;
}

/* Is the certificate a shown credential's own? */
static bool is_leaf(const struct cb_snapshot *snapshot, const struct cb_view *view)
{
    struct cb_ids ids = cb_snapshot_find(snapshot, CB_TAG_SHA256, view->object->sha256);
    for (uint32_t i = 0; i < ids.n; i++) {
        struct cb_object o;
        if (cb_snapshot_object(snapshot, cb_ids_at(ids, i), &o, NULL) == 0 &&
            o.kind == CB_CERTIFICATE && cb_span_equal(o.der, view->object->der) &&
            cb_snapshot_shows(snapshot, &o, view->source, NULL, view->now))
            return true;
    }
    return false;
}

bool cb_visible(const struct cb_snapshot *snapshot, const struct cb_view *view)
{
    return cb_snapshot_shows(snapshot, view->object, view->source, NULL, view->now) &&
           !(view->object->kind == CB_CHAIN && is_leaf(snapshot, view));
}

CK_RV cb_session_object(struct cb_session *s, CK_OBJECT_HANDLE handle, struct cb_view *view)
{
    CK_RV rv = fetch(s, handle);
    if (rv != CKR_OK)
        return rv;
    *view = (struct cb_view){&s->object, s->slot->source, cb_now()};
    return cb_visible(s->snapshot, view) ? CKR_OK : CKR_OBJECT_HANDLE_INVALID;
}

/* PKCS #11 2.40, 5.7, C_GetAttributeValue: one attribute. */
static CK_RV answer(const struct cb_view *view, CK_ATTRIBUTE *attribute)
{
    struct cb_scratch scratch;
    struct cb_span value;
    CK_ULONG room = attribute->ulValueLen;
    attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
    if (cb_attribute(view, attribute->type, &scratch, &value) < 0)
        return CKR_ATTRIBUTE_TYPE_INVALID;
    if (attribute->pValue && room < value.n)
        return CKR_BUFFER_TOO_SMALL;
    attribute->ulValueLen = value.n;
    if (attribute->pValue && value.n)
        memcpy(attribute->pValue, value.p, value.n);
    return CKR_OK;
}

/* Every attribute is answered; an unknown one is reported before a buffer that is too small. */
static CK_RV answer_all(const struct cb_view *view, CK_ATTRIBUTE *template, CK_ULONG n)
{
    CK_RV rv = CKR_OK;
    for (CK_ULONG i = 0; i < n; i++) {
        CK_RV one = answer(view, &template[i]);
        if (one != CKR_OK && rv != CKR_ATTRIBUTE_TYPE_INVALID)
            rv = one;
    }
    return rv;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                          CK_ULONG n)
{
    struct cb_session *s;
    struct cb_view view;
    CK_RV rv = cb_session_enter(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!template && n)
        return cb_session_leave(s, CKR_ARGUMENTS_BAD);
    rv = cb_session_object(s, object, &view);
    return cb_session_leave(s, rv == CKR_OK ? answer_all(&view, template, n) : rv);
}

CK_RV C_GetObjectSize(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ULONG *size)
{
    struct cb_session *s;
    struct cb_view view;
    CK_RV rv = cb_session_enter(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!size)
        return cb_session_leave(s, CKR_ARGUMENTS_BAD);
    rv = cb_session_object(s, object, &view);
    if (rv == CKR_OK)
        *size = cb_attributes_size(&view);
    return cb_session_leave(s, rv);
}

static CK_RV refuse_change(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, bool arguments_good)
{
    struct cb_session *s;
    struct cb_view view;
    CK_RV rv = cb_session_enter(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!arguments_good)
        return cb_session_leave(s, CKR_ARGUMENTS_BAD);
    rv = cb_session_object(s, object, &view);
    return cb_session_leave(s, rv == CKR_OK ? CKR_TOKEN_WRITE_PROTECTED : rv);
}

CK_RV C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                   CK_ULONG n, CK_OBJECT_HANDLE *copy)
{
    return refuse_change(session, object, copy && (template || n == 0));
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    return refuse_change(session, object, true);
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE *template, CK_ULONG n)
{
    return refuse_change(session, object, template || n == 0);
}
