#include "common/fetch/base64.h"

#define PADDING 64

static int digit_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : c == '=' ? PADDING : -1;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* How many bytes four digits hold; 0: they are not as RFC 4648 has them. */
static size_t bytes_of(const int quad[4])
{
    if (quad[0] == PADDING || quad[1] == PADDING)
        return 0;
    if (quad[2] == PADDING)
        return quad[3] == PADDING && (quad[1] & 0xf) == 0 ? 1 : 0;
    if (quad[3] == PADDING)
        return (quad[2] & 0x3) == 0 ? 2 : 0;
    return 3;
}

int cb_base64_decode(struct cb_buf *out, struct cb_span text, size_t *at)
{
    int quad[4];
    size_t digits = 0, bytes = 3;
    for (*at = 0; *at < text.n; ++*at) {
        if (is_space(text.p[*at]))
            continue;
        quad[digits] = digit_value(text.p[*at]);
        if (quad[digits] < 0 || bytes < 3)
            return -1;
        if (++digits < 4)
            continue;
        digits = 0;
        bytes = bytes_of(quad);
        uint8_t three[3] = {(uint8_t)(quad[0] << 2 | quad[1] >> 4),
                            (uint8_t)(quad[1] << 4 | quad[2] >> 2),
                            (uint8_t)(quad[2] << 6 | quad[3])};
        if (bytes == 0 || cb_buf_add(out, three, bytes) != 0)
            return -1;
    }
    return digits == 0 ? 0 : -1;
}

int cb_base64_encode(struct cb_buf *out, struct cb_span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.n; i += 3) {
        size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        uint8_t in[3] = {0};
        memcpy(in, bytes.p + i, n);
        char quad[4] = {digits[in[0] >> 2], digits[(in[0] & 3) << 4 | in[1] >> 4],
                        n > 1 ? digits[(in[1] & 15) << 2 | in[2] >> 6] : '=',
                        n > 2 ? digits[in[2] & 63] : '='};
        cb_buf_add(out, quad, sizeof quad);
    }
    return out->failed ? -1 : 0;
}
