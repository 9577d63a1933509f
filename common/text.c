#include "common/text.h"

#include <stdlib.h>

#define NEAREST_WORD_MAX 64 /* no key, state or source name of ours is longer */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int cb_hex(struct cb_buf *out, struct cb_span in)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.n; i++) {
        char pair[2] = {digits[in.p[i] >> 4], digits[in.p[i] & 15]};
        if (cb_buf_add(out, pair, 2))
            return -1;
    }
    return 0;
}

static bool is_separator(uint8_t c)
{
    return c == ':' || c == ' ' || c == '\t';
}

int cb_unhex(uint8_t *out, size_t room, size_t *n, struct cb_span text, bool loose)
{
    size_t used = 0;
    for (size_t i = 0; i < text.n;) {
        if (loose && is_separator(text.p[i])) {
            i++;
            continue;
        }
        int high = hex_digit(text.p[i]);
        int low = i + 1 < text.n ? hex_digit(text.p[i + 1]) : -1;
        if (high < 0 || low < 0 || used == room)
            return -1;
        out[used++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    *n = used;
    return 0;
}

static bool is_unreserved(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int cb_percent_encode(struct cb_buf *out, struct cb_span in)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];
        char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        if (is_unreserved(c) ? cb_buf_add_byte(out, c) : cb_buf_add(out, escape, 3))
            return -1;
    }
    return 0;
}

int cb_percent_decode(struct cb_buf *out, struct cb_span in)
{
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];
        if (c == '%') {
            size_t n;
            if (in.n - i < 3 || cb_unhex(&c, 1, &n, cb_span(in.p + i + 1, 2), false) || c == 0)
                return -1;
            i += 2;
        }
        if (cb_buf_add_byte(out, c))
            return -1;
    }
    return 0;
}

int cb_path_add(struct cb_buf *out, struct cb_span segment)
{
    if (out->n > 0 && cb_buf_add_byte(out, '/'))
        return -1;
    return cb_percent_encode(out, segment);
}

bool cb_path_below(struct cb_span path, struct cb_span prefix)
{
    return path.n >= prefix.n && cb_span_equal(cb_span(path.p, prefix.n), prefix) &&
           (prefix.n == 0 || path.n == prefix.n || path.p[prefix.n] == '/');
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions and substitutions between two words (Levenshtein). */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[NEAREST_WORD_MAX + 1];
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(substitute, 1 + least(row[j], row[j - 1]));
        }
    }
    return row[nb];
}

const char *cb_nearest(const char *word, const char *const *words)
{
    size_t n = strlen(word);
    if (n > NEAREST_WORD_MAX)
        return NULL;
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (; *words; words++) {
        size_t m = strlen(*words);
        if (m > NEAREST_WORD_MAX)
            continue;
        size_t d = distance(word, n, *words, m);
        if (d < best_distance && 3 * d <= (n > m ? n : m)) {
            best = *words;
            best_distance = d;
        }
    }
    return best;
}

/* Bytes of the character at the start of `s`, or 0 when it is none (RFC 3629, 4). */
static size_t utf8_character(struct cb_span s)
{
    uint8_t lead = s.p[0];
    if (lead < 0x80)
        return 1;
    size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || s.n < n)
        return 0;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (s.p[1] < low || s.p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((s.p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

bool cb_utf8_valid(struct cb_span s)
{
    while (s.n > 0) {
        size_t n = utf8_character(s);
        if (n == 0)
            return false;
        s = cb_span(s.p + n, s.n - n);
    }
    return true;
}

/* C0, DEL, C1, the line separators U+2028 and U+2029, and what reorders a line (U+202A to U+202E,
 * U+2066 to U+2069). */
static bool is_control(const uint8_t *p, size_t n)
{
    if (n == 1)
        return p[0] < 0x20 || p[0] == 0x7F;
    if (n == 2)
        return p[0] == 0xC2 && p[1] < 0xA0;
    if (n != 3 || p[0] != 0xE2)
        return false;
    return (p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) ||
           (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9);
}

int cb_add_printable(struct cb_buf *out, struct cb_span s, size_t most)
{
    size_t used = 0;
    while (s.n > 0) {
        size_t n = utf8_character(s);
        bool bad = n == 0 || is_control(s.p, n);
        size_t step = n ? n : 1;
        size_t added = bad ? 1 : n;
        if (added > most - used)
            return cb_buf_add_text(out, "...");
        if (bad ? cb_buf_add_byte(out, '?') : cb_buf_add(out, s.p, n))
            return -1;
        used += added;
        s = cb_span(s.p + step, s.n - step);
    }
    return 0;
}
