#include "common/name.h"
#include "common/name-parts.h"

/* Members of one RDN; real names have one or two, and sorting them costs the square. */
#define RDN_MAX 64

/* X.690, 8.19: not empty, each number ends, none begins with a zero group. */
static bool valid_oid(struct cb_span oid)
{
    bool first = true;
    for (size_t i = 0; i < oid.n; i++) {
        if (first && oid.p[i] == 0x80)
            return false;
        first = (oid.p[i] & 0x80) == 0;
    }
    return oid.n > 0 && first;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Folds the bytes of `out` from `start` on. */
static void fold(struct cb_buf *out, size_t start)
{
    size_t to = start, end = out->n;
    while (end > start && is_space(out->p[end - 1]))
        end--;
    for (size_t i = start; i < end; i++) {
        uint8_t c = out->p[i];
        if (!is_space(c))
            out->p[to++] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
        else if (to > start && out->p[to - 1] != ' ')
            out->p[to++] = ' ';
    }
    out->n = to;
}

/* Puts a DER header before what was appended since `start`. */
static int wrap(struct cb_buf *out, size_t start, uint8_t tag)
{
    uint8_t header[6] = {tag};
    size_t length = out->n - start, n = 2;
    if (length < 0x80) {
        header[1] = (uint8_t)length;
    } else {
        size_t octets = length >> 24 ? 4 : length >> 16 ? 3 : length >> 8 ? 2 : 1;
        header[1] = (uint8_t)(0x80 | octets);
        for (size_t i = 0; i < octets; i++)
            header[n++] = (uint8_t)(length >> (8 * (octets - 1 - i)));
    }
    if (cb_buf_add(out, header, n) != 0)
        return -1;
    memmove(out->p + start + n, out->p + start, length);
    memcpy(out->p + start, header, n);
    return 0;
}

/* Unused bits count for nothing. */
static int add_bit_string(struct cb_buf *out, struct cb_span value)
{
    size_t start = out->n;
    if (value.n == 0 || value.p[0] > 7)
        return -1;
    if (cb_buf_add_byte(out, value.n > 1 ? value.p[0] : 0) != 0 ||
        cb_buf_add(out, value.p + 1, value.n - 1) != 0)
        return -1;
    if (value.n > 1)
        out->p[out->n - 1] &= (uint8_t)(0xffu << value.p[0]);
    return wrap(out, start, CB_DER_BIT_STRING);
}

/* The value types that are no character strings but that libcrypto takes in a name, as they are:
 * NumericString and the universal types that it has no name for. */
static bool is_opaque(uint8_t tag)
{
    static const uint8_t tags[] = {7, 8, 9, 11, 13, 14, 15, 18, 29};
    return memchr(tags, tag, sizeof tags) != NULL;
}

/* asn1_string_canon of libcrypto. */
static int add_value(struct cb_buf *out, const struct cb_name_attribute *a)
{
    size_t start = out->n;
    if (cb_name_string_width(a->tag) >= 0) {
        if (cb_name_add_string(out, a->tag, a->value) != 0)
            return -1;
        fold(out, start);
        return wrap(out, start, CB_DER_UTF8_STRING);
    }
    if (a->tag == CB_DER_BIT_STRING)
        return add_bit_string(out, a->value);
    if (a->tag == CB_DER_SEQUENCE)
        return cb_buf_add_span(out, a->whole);
    if (!is_opaque(a->tag) || cb_buf_add_span(out, a->value) != 0)
        return -1;
    return wrap(out, start, a->tag);
}

static int add_attribute(struct cb_buf *out, const struct cb_name_attribute *a)
{
    size_t start = out->n;
    if (!valid_oid(a->oid) || cb_buf_add_span(out, a->oid) != 0 ||
        wrap(out, start, CB_DER_OID) != 0 || add_value(out, a) != 0)
        return -1;
    return wrap(out, start, CB_DER_SEQUENCE);
}

/* X.690, 11.6. */
static int compare_members(struct cb_span a, struct cb_span b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* Sorts the members that stand in `out` from `start` on. */
static int sort_members(struct cb_buf *out, size_t start)
{
    struct cb_span members[RDN_MAX], content, whole;
    struct cb_buf sorted;
    size_t n = 0;
    uint8_t tag;
    int result = -1;
    cb_buf_init(&sorted, out->n - start);
    for (struct cb_span rest = cb_span(out->p + start, out->n - start); rest.n > 0; n++) {
        size_t at = n;
        if (n == RDN_MAX || cb_der_next(&rest, &tag, &content, &whole) != 0)
            goto out;
        for (; at > 0 && compare_members(whole, members[at - 1]) < 0; at--)
            members[at] = members[at - 1];
        members[at] = whole;
    }
    for (size_t i = 0; i < n; i++)
        if (cb_buf_add_span(&sorted, members[i]) != 0)
            goto out;
    memcpy(out->p + start, sorted.p, sorted.n);
    result = 0;
out:
    cb_buf_clear(&sorted);
    return result;
}

static int add_rdn(struct cb_buf *out, struct cb_span set)
{
    size_t start = out->n, n = 0;
    struct cb_name_attribute a;
    for (; set.n > 0; n++)
        if (n == RDN_MAX || cb_name_attribute(&set, &a) != 0 || add_attribute(out, &a) != 0)
            return -1;
    if (n > 1 && sort_members(out, start) != 0)
        return -1;
    /* libcrypto forgets an empty RDN. */
    return n > 0 ? wrap(out, start, CB_DER_SET) : 0;
}

int cb_name_canonical(struct cb_buf *out, struct cb_span der)
{
    struct cb_span rdns, set;
    if (cb_name_rdns(der, &rdns) != 0)
        return -1;
    while (rdns.n > 0)
        if (cb_der_take(&rdns, CB_DER_SET, &set, NULL) != 0 || add_rdn(out, set) != 0)
            return -1;
    return 0;
}

bool cb_name_equal(struct cb_span der_a, struct cb_span der_b)
{
    struct cb_buf a, b;
    cb_buf_init(&a, CB_NAME_CANONICAL_MAX);
    cb_buf_init(&b, CB_NAME_CANONICAL_MAX);
    bool equal = cb_name_canonical(&a, der_a) == 0 && cb_name_canonical(&b, der_b) == 0 &&
                 cb_span_equal(cb_buf_span(&a), cb_buf_span(&b));
    cb_buf_clear(&a);
    cb_buf_clear(&b);
    return equal;
}
