#include "pkcs11/attributes.h"
#include "pkcs11/certbridge-pkcs11.h"
#include <stdio.h>

#define LEAF CB_KINDS_LEAF
#define PASSCODE CB_KINDS_PASSCODE
#define CHAIN CB_KINDS_CHAIN
#define CREDENTIAL (LEAF | PASSCODE)
#define X509 (LEAF | CHAIN)
#define ANY CB_KINDS_ANY

/* One of three: bytes that every object of these kinds has; a function that works the value out;
 * a span of struct cb_object. */
struct row {
    CK_ATTRIBUTE_TYPE type;
    unsigned kinds;
    struct cb_span constant; /* p is NULL: not constant */
    struct cb_span (*work_out)(const struct cb_view *view, struct cb_scratch *scratch);
    size_t member;
};

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const CK_OBJECT_CLASS data = CKO_DATA, certificate = CKO_CERTIFICATE;
static const CK_CERTIFICATE_TYPE x509 = CKC_X_509;
static const CK_MECHANISM_TYPE sha1 = CKM_SHA_1;
static const CK_ULONG unspecified = 0;

static struct cb_span put(struct cb_scratch *scratch, const void *p, size_t n)
{
    memcpy(scratch->bytes, p, n);
    return cb_span(scratch->bytes, n);
}

/* CK_DATE, or empty when its four digits cannot hold the year. */
static struct cb_span date(int64_t t, struct cb_scratch *scratch)
{
    char text[16];
    struct cb_civil c = cb_civil_of(t);
    if (c.year < 0 || c.year > 9999)
        return cb_span(scratch->bytes, 0);
    snprintf(text, sizeof text, "%04d%02d%02d", (int)c.year, c.month, c.day);
    return put(scratch, text, sizeof(CK_DATE));
}

static struct cb_span start_date(const struct cb_view *view, struct cb_scratch *scratch)
{
    return date(view->object->not_before, scratch);
}

static struct cb_span end_date(const struct cb_view *view, struct cb_scratch *scratch)
{
    return date(view->object->not_after, scratch);
}

static struct cb_span trusted(const struct cb_view *view, struct cb_scratch *scratch)
{
    const struct cb_object *o = view->object;
    bool anchor = view->source->trust == CB_TRUST_ANCHOR && o->ca &&
                  cb_object_anchor(o, view->source, view->now);
    return put(scratch, anchor ? &yes : &no, sizeof(CK_BBOOL));
}

static struct cb_span category(const struct cb_view *view, struct cb_scratch *scratch)
{
    CK_ULONG of = CK_CERTIFICATE_CATEGORY_TOKEN_USER;
    if (view->object->ca)
        of = CK_CERTIFICATE_CATEGORY_AUTHORITY;
    else if (view->source->trust == CB_TRUST_ANCHOR)
        of = CK_CERTIFICATE_CATEGORY_OTHER_ENTITY;
    return put(scratch, &of, sizeof of);
}

/* PKCS #11 2.40, 4.6.2: the first three bytes of the SHA-1 of CKA_VALUE. */
static struct cb_span check_value(const struct cb_view *view, struct cb_scratch *scratch)
{
    return put(scratch, view->object->sha1.p, 3);
}

static struct cb_span uri(const struct cb_view *view, struct cb_scratch *scratch)
{
    int n = snprintf((char *)scratch->bytes, sizeof scratch->bytes, "certbridge://%s/%.*s",
                     view->source->name, CB_SPAN_ARGS(view->object->path));
    return cb_span(scratch->bytes, n > 0 && (size_t)n < sizeof scratch->bytes ? (size_t)n : 0);
}

#define SPAN(type, kinds, member)                                                                  \
    {                                                                                              \
        type, kinds, {NULL, 0}, NULL, offsetof(struct cb_object, member)                           \
    }
#define SAME(type, kinds, object)                                                                  \
    {                                                                                              \
        type, kinds, {(const uint8_t *)&(object), sizeof(object)}, NULL, 0                         \
    }
#define TEXT(type, kinds, text)                                                                    \
    {                                                                                              \
        type, kinds, {(const uint8_t *)(text), sizeof(text) - 1}, NULL, 0                          \
    }
#define TOLD(type, kinds, work_out)                                                                \
    {                                                                                              \
        type, kinds, {NULL, 0}, work_out, 0                                                        \
    }

/* What clients ask for most comes first. */
static const struct row rows[] = {
    SAME(CKA_CLASS, X509, certificate),
    SAME(CKA_CLASS, PASSCODE, data),
    SAME(CKA_CERTIFICATE_TYPE, X509, x509),
    SPAN(CKA_LABEL, ANY, label),
    SPAN(CKA_ID, X509, key_id),
    SPAN(CKA_SUBJECT, X509, subject),
    SPAN(CKA_ISSUER, X509, issuer),
    SPAN(CKA_SERIAL_NUMBER, X509, serial),
    SPAN(CKA_VALUE, X509, der),
    SPAN(CKA_VALUE, PASSCODE, details),
    SAME(CKA_TOKEN, ANY, yes),
    SAME(CKA_PRIVATE, ANY, no),
    SAME(CKA_MODIFIABLE, ANY, no),
    SAME(CKA_COPYABLE, ANY, no),
    SAME(CKA_DESTROYABLE, ANY, no),
    TOLD(CKA_TRUSTED, LEAF, trusted),
    SAME(CKA_TRUSTED, CHAIN, no),
    TOLD(CKA_CERTIFICATE_CATEGORY, X509, category),
    TOLD(CKA_CHECK_VALUE, X509, check_value),
    TOLD(CKA_START_DATE, X509, start_date),
    TOLD(CKA_END_DATE, X509, end_date),
    SPAN(CKA_PUBLIC_KEY_INFO, X509, spki),
    TEXT(CKA_URL, X509, ""),
    TEXT(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, X509, ""),
    TEXT(CKA_HASH_OF_ISSUER_PUBLIC_KEY, X509, ""),
    SAME(CKA_NAME_HASH_ALGORITHM, X509, sha1),
    SAME(CKA_JAVA_MIDP_SECURITY_DOMAIN, X509, unspecified),
    TEXT(CKA_APPLICATION, PASSCODE, "certbridge passcode"),
    TEXT(CKA_OBJECT_ID, PASSCODE, ""),
    SPAN(CKA_UNIQUE_ID, ANY, path),
    SPAN(CKA_CERTBRIDGE_STATE, CREDENTIAL, state),
    SPAN(CKA_CERTBRIDGE_PATH, CREDENTIAL, path),
    TOLD(CKA_CERTBRIDGE_URI, CREDENTIAL, uri),
    SPAN(CKA_CERTBRIDGE_DETAILS, CREDENTIAL, details),
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static struct cb_span value_of(const struct row *row, const struct cb_view *view,
                               struct cb_scratch *scratch)
{
    if (row->constant.p)
        return row->constant;
    if (row->work_out)
        return row->work_out(view, scratch);
    return *(const struct cb_span *)((const char *)view->object + row->member);
}

int cb_attribute(const struct cb_view *view, CK_ATTRIBUTE_TYPE type, struct cb_scratch *scratch,
                 struct cb_span *value)
{
    for (const struct row *row = rows; row < rows + N_ROWS; row++) {
        if (row->type == type && row->kinds & CB_KIND_SET(view->object->kind)) {
            *value = value_of(row, view, scratch);
            return 0;
        }
    }
    return -1;
}

/* What every object of the row's kinds has in this source; p is NULL when they differ. Clients that
 * look for anchors in every handshake must not cost a walk where there are none. */
static struct cb_span constant_of(const struct row *row, const struct cb_source *source)
{
    if (row->work_out == trusted && source->trust != CB_TRUST_ANCHOR)
        return cb_span(&no, sizeof no);
    return row->constant;
}

unsigned cb_attribute_kinds(const struct cb_source *source, CK_ATTRIBUTE_TYPE type,
                            struct cb_span value, bool *settled)
{
    unsigned kinds = 0;
    *settled = true;
    for (const struct row *row = rows; row < rows + N_ROWS; row++) {
        if (row->type != type || value.n > CB_ATTRIBUTE_MAX)
            continue;
        struct cb_span constant = constant_of(row, source);
        if (!constant.p)
            *settled = false;
        if (!constant.p || cb_span_equal(constant, value))
            kinds |= row->kinds;
    }
    return kinds;
}

CK_ULONG cb_attributes_size(const struct cb_view *view)
{
    CK_ULONG size = 0;
    struct cb_scratch scratch;
    for (const struct row *row = rows; row < rows + N_ROWS; row++)
        if (row->kinds & CB_KIND_SET(view->object->kind))
            size += value_of(row, view, &scratch).n;
    return size;
}
