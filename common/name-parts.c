#include "common/name-parts.h"
#include "common/text.h"

int cb_name_rdns(struct cb_span der, struct cb_span *rdns)
{
    if (der.n > CB_NAME_MAX || cb_der_take(&der, CB_DER_SEQUENCE, rdns, NULL) != 0)
        return -1;
    return der.n == 0 ? 0 : -1;
}

int cb_name_attribute(struct cb_span *set, struct cb_name_attribute *out)
{
    struct cb_span sequence;
    if (cb_der_take(set, CB_DER_SEQUENCE, &sequence, NULL) != 0 ||
        cb_der_take(&sequence, CB_DER_OID, &out->oid, NULL) != 0 ||
        cb_der_next(&sequence, &out->tag, &out->value, &out->whole) != 0)
        return -1;
    return sequence.n == 0 ? 0 : -1;
}

static int add_utf8(struct cb_buf *out, uint32_t c)
{
    uint8_t b[4];
    if (c < 0x80)
        return cb_buf_add_byte(out, (uint8_t)c);
    if (c < 0x800) {
        b[0] = (uint8_t)(0xc0 | c >> 6);
        b[1] = (uint8_t)(0x80 | (c & 0x3f));
        return cb_buf_add(out, b, 2);
    }
    if (c >> 16 == 0) {
        b[0] = (uint8_t)(0xe0 | c >> 12);
        b[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        b[2] = (uint8_t)(0x80 | (c & 0x3f));
        return cb_buf_add(out, b, 3);
    }
    b[0] = (uint8_t)(0xf0 | c >> 18);
    b[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    b[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    b[3] = (uint8_t)(0x80 | (c & 0x3f));
    return cb_buf_add(out, b, 4);
}

/* Big-endian characters of `width` bytes. libcrypto knows no surrogate pairs in a BMPString, so
 * each half of one is an error. T61String is read as Latin-1, as libcrypto does. */
static int add_wide(struct cb_buf *out, struct cb_span value, size_t width)
{
    if (value.n % width != 0)
        return -1;
    for (size_t i = 0; i < value.n; i += width) {
        uint32_t c = 0;
        for (size_t k = 0; k < width; k++)
            c = c << 8 | value.p[i + k];
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || add_utf8(out, c) != 0)
            return -1;
    }
    return 0;
}

int cb_name_string_width(uint8_t tag)
{
    switch (tag) {
    case CB_DER_UTF8_STRING:
        return 0;
    case CB_DER_PRINTABLE_STRING:
    case CB_DER_T61_STRING:
    case CB_DER_IA5_STRING:
        return 1;
    case CB_DER_BMP_STRING:
        return 2;
    case CB_DER_UNIVERSAL_STRING:
        return 4;
    default:
        return -1;
    }
}

int cb_name_add_string(struct cb_buf *out, uint8_t tag, struct cb_span value)
{
    int width = cb_name_string_width(tag);
    if (width > 0)
        return add_wide(out, value, (size_t)width);
    return width == 0 && cb_utf8_valid(value) ? cb_buf_add_span(out, value) : -1;
}
