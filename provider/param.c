#include "provider/param.h"
#include "common/der.h"
#include <limits.h>

OSSL_PARAM *cb_param_find(OSSL_PARAM *params, const char *key)
{
    for (; params && params->key; params++)
        if (strcmp(params->key, key) == 0)
            return params;
    return NULL;
}

static bool is_integer(const OSSL_PARAM *p)
{
    return p->data &&
           (p->data_type == OSSL_PARAM_INTEGER || p->data_type == OSSL_PARAM_UNSIGNED_INTEGER);
}

/* Byte `i` of a native number, counted from its most significant one. */
static uint8_t big_endian_byte(const OSSL_PARAM *p, size_t i)
{
    const uint8_t *bytes = p->data;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return bytes[p->data_size - 1 - i];
#else
    return bytes[i];
#endif
}

static bool is_negative(const OSSL_PARAM *p)
{
    return p->data_type == OSSL_PARAM_INTEGER && p->data_size > 0 &&
           (big_endian_byte(p, 0) & 0x80) != 0;
}

int cb_param_int(const OSSL_PARAM *p, int *value)
{
    if (!is_integer(p) || p->data_size == 0 || p->data_size > 8)
        return -1;
    uint64_t bits = is_negative(p) ? UINT64_MAX : 0;
    for (size_t i = 0; i < p->data_size; i++)
        bits = bits << 8 | big_endian_byte(p, i);
    int64_t number;
    memcpy(&number, &bits, sizeof number);
    if (number < INT_MIN || number > INT_MAX)
        return -1;
    *value = (int)number;
    return 0;
}

int cb_param_octets(const OSSL_PARAM *p, struct cb_span *value)
{
    if (p->data_type != OSSL_PARAM_OCTET_STRING || (!p->data && p->data_size > 0))
        return -1;
    *value = cb_span(p->data, p->data_size);
    return 0;
}

int cb_param_text(const OSSL_PARAM *p, struct cb_span *value)
{
    if (p->data_type != OSSL_PARAM_UTF8_STRING || (!p->data && p->data_size > 0))
        return -1;
    *value = cb_span(p->data, p->data ? strnlen(p->data, p->data_size) : 0);
    return 0;
}

int cb_param_integer(const OSSL_PARAM *p, struct cb_buf *out)
{
    if (!is_integer(p) || p->data_size > UINT16_MAX - 1)
        return -1;
    uint8_t sign = is_negative(p) ? 0xff : 0;
    size_t skip = 0; /* bytes that say no more than the sign does */
    while (skip < p->data_size && big_endian_byte(p, skip) == sign)
        skip++;
    size_t n = p->data_size - skip;
    bool pad = n == 0 || (big_endian_byte(p, skip) & 0x80) != (sign & 0x80);
    size_t length = n + (pad ? 1 : 0);

    cb_buf_add_byte(out, CB_DER_INTEGER);
    cb_buf_add_byte(out, 0x82);
    cb_buf_add_byte(out, (uint8_t)(length >> 8));
    cb_buf_add_byte(out, (uint8_t)length);
    if (pad)
        cb_buf_add_byte(out, sign);
    for (size_t i = skip; i < p->data_size; i++)
        cb_buf_add_byte(out, big_endian_byte(p, i));
    return out->failed ? -1 : 0;
}

int cb_param_answer_text(OSSL_PARAM *p, const char *text)
{
    if (!p)
        return 1;
    size_t n = strlen(text);
    p->return_size = n;
    if (p->data_type == OSSL_PARAM_UTF8_PTR && p->data) {
        memcpy(p->data, &text, sizeof text);
        return 1;
    }
    if (p->data_type != OSSL_PARAM_UTF8_STRING)
        return 0;
    if (!p->data)
        return 1;
    if (p->data_size < n)
        return 0;
    memcpy(p->data, text, p->data_size > n ? n + 1 : n);
    return 1;
}

int cb_param_answer_int(OSSL_PARAM *p, int value)
{
    if (!p)
        return 1;
    if (!is_integer(p) || p->data_size != sizeof value)
        return 0;
    p->return_size = sizeof value;
    memcpy(p->data, &value, sizeof value);
    return 1;
}
