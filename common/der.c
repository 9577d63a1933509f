#include "common/der.h"

/* X.690, 8.1.3. Leading zero octets of a long form carry nothing. */
static int take_length(struct cb_span *in, size_t *length)
{
    if (in->n == 0)
        return -1;
    uint8_t first = in->p[0];
    *in = cb_span(in->p + 1, in->n - 1);
    if (first < 0x80) {
        *length = first;
        return 0;
    }
    size_t octets = first & 0x7fu;
    if (octets == 0 || octets > in->n)
        return -1;
    uint64_t value = 0;
    for (size_t i = 0; i < octets; i++) {
        if (value >> 32)
            return -1;
        value = value << 8 | in->p[i];
    }
    *in = cb_span(in->p + octets, in->n - octets);
    *length = (size_t)value;
    return 0;
}

int cb_der_next(struct cb_span *in, uint8_t *tag, struct cb_span *content, struct cb_span *whole)
{
    struct cb_span rest = *in;
    size_t length;
    if (rest.n == 0 || (rest.p[0] & 0x1fu) == 0x1f)
        return -1;
    uint8_t identifier = rest.p[0];
    rest = cb_span(rest.p + 1, rest.n - 1);
    if (take_length(&rest, &length) != 0 || length > rest.n)
        return -1;
    *tag = identifier;
    *content = cb_span(rest.p, length);
    if (whole)
        *whole = cb_span(in->p, (size_t)(rest.p - in->p) + length);
    *in = cb_span(rest.p + length, rest.n - length);
    return 0;
}

int cb_der_take(struct cb_span *in, uint8_t tag, struct cb_span *content, struct cb_span *whole)
{
    struct cb_span rest = *in;
    uint8_t found;
    if (cb_der_next(&rest, &found, content, whole) != 0 || found != tag)
        return -1;
    *in = rest;
    return 0;
}

static bool next_is(struct cb_span in, uint8_t tag)
{
    return in.n > 0 && in.p[0] == tag;
}

static int take_time(struct cb_span *in, struct cb_span *whole)
{
    uint8_t tag;
    struct cb_span content;
    if (cb_der_next(in, &tag, &content, whole) != 0)
        return -1;
    return tag == CB_DER_UTC_TIME || tag == CB_DER_GENERALIZED_TIME ? 0 : -1;
}

static int take_validity(struct cb_span *tbs, struct cb_certificate_parts *out)
{
    struct cb_span validity;
    if (cb_der_take(tbs, CB_DER_SEQUENCE, &validity, NULL) != 0 ||
        take_time(&validity, &out->not_before) != 0 || take_time(&validity, &out->not_after) != 0)
        return -1;
    return validity.n == 0 ? 0 : -1;
}

/* issuerUniqueID and subjectUniqueID, [1] and [2] IMPLICIT BIT STRING; extensions, [3] EXPLICIT. */
static int take_optional_end(struct cb_span *tbs, struct cb_certificate_parts *out)
{
    struct cb_span content;
    out->extensions = cb_span(NULL, 0);
    for (uint8_t number = 1; number <= 2; number++)
        if (next_is(*tbs, 0x80 | number) && cb_der_take(tbs, 0x80 | number, &content, NULL) != 0)
            return -1;
    if (next_is(*tbs, 0xa3) &&
        (cb_der_take(tbs, 0xa3, &content, NULL) != 0 ||
         cb_der_take(&content, CB_DER_SEQUENCE, &out->extensions, NULL) || content.n != 0))
        return -1;
    return tbs->n == 0 ? 0 : -1;
}

static int take_tbs(struct cb_span tbs, struct cb_certificate_parts *out)
{
    struct cb_span content;
    if (next_is(tbs, 0xa0) && cb_der_take(&tbs, 0xa0, &content, NULL) != 0)
        return -1;
    if (cb_der_take(&tbs, CB_DER_INTEGER, &content, &out->serial) != 0 ||
        cb_der_take(&tbs, CB_DER_SEQUENCE, &content, NULL) != 0 ||
        cb_der_take(&tbs, CB_DER_SEQUENCE, &content, &out->issuer) != 0 ||
        take_validity(&tbs, out) != 0 ||
        cb_der_take(&tbs, CB_DER_SEQUENCE, &content, &out->subject) != 0 ||
        cb_der_take(&tbs, CB_DER_SEQUENCE, &content, &out->spki) != 0)
        return -1;
    return take_optional_end(&tbs, out);
}

int cb_certificate_parts(struct cb_span der, struct cb_certificate_parts *out)
{
    struct cb_span certificate, tbs, content;
    if (cb_der_take(&der, CB_DER_SEQUENCE, &certificate, &out->whole) != 0 ||
        cb_der_take(&certificate, CB_DER_SEQUENCE, &tbs, NULL) != 0 ||
        cb_der_take(&certificate, CB_DER_SEQUENCE, &content, NULL) != 0 ||
        cb_der_take(&certificate, CB_DER_BIT_STRING, &content, NULL) != 0 || certificate.n != 0)
        return -1;
    return take_tbs(tbs, out);
}
