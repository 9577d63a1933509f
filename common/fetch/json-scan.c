#include "common/fetch/json-scan.h"
#include "common/fetch/json.h"
#include "common/text.h"
#include <stdlib.h>

struct name {
    struct cb_span raw; /* between the quotes, escapes as written */
    bool escaped;
};

struct scan {
    const uint8_t *start, *p, *end;
    unsigned depth;
    size_t values;
    bool long_numbers;
    struct name *names; /* of the open objects, the innermost object's last */
    size_t n_names, room;
    struct cb_error *err;
};

static int value(struct scan *s);

static int fail(const struct scan *s, const uint8_t *at, const char *what)
{
    return cb_fail(s->err, CB_ERR_ANSWER, "at byte %zu: %s", (size_t)(at - s->start), what);
}

static void skip_blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

/* Moves over `c` when it comes next. */
static bool accept(struct scan *s, char c)
{
    if (s->p >= s->end || *s->p != (uint8_t)c)
        return false;
    s->p++;
    return true;
}

static bool at_digit(const struct scan *s)
{
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

/* The code unit of four hexadecimal digits, or -1. */
static int32_t code_unit(const uint8_t *p, const uint8_t *end)
{
    uint8_t unit[2];
    size_t n;

    if (end - p < 4 || cb_unhex(unit, sizeof unit, &n, cb_span(p, 4), false) == -1)
        return -1;
    return unit[0] << 8 | unit[1];
}

/* The code point of the \u escape whose digits begin at `*p`, a surrogate pair as one; -1 when it
 * is none. */
static int32_t unicode_escape(const uint8_t **p, const uint8_t *end)
{
    int32_t high = code_unit(*p, end), low;

    if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return -1;
    *p += 4;
    if (high < 0xD800 || high > 0xDBFF)
        return high;
    if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return -1;
    low = code_unit(*p + 2, end);
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    *p += 6;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* What one letter after a backslash stands for; 0 when it stands for nothing. */
static int32_t short_escape(uint8_t letter)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found = letter ? strchr(letters, letter) : NULL;

    return found ? meant[found - letters] : 0;
}

/* After the backslash. */
static int escape(struct scan *s, bool in_name)
{
    const uint8_t *at = s->p - 1;
    int32_t c;

    if (!accept(s, 'u')) {
        if (s->p >= s->end || short_escape(*s->p) == 0)
            return fail(s, at, "an unknown escape in a string");
        s->p++;
        return 0;
    }
    c = unicode_escape(&s->p, s->end);
    if (c < 0)
        return fail(s, at, "a \\u escape that is no character");
    if (c == 0 && in_name)
        return fail(s, at, "a member name with a zero character");
    return 0;
}

/* At the opening quote. */
static int string(struct scan *s, bool in_name, struct name *out)
{
    const uint8_t *start = ++s->p;
    uint8_t all = 0;

    out->escaped = false;
    while (s->p < s->end && *s->p != '"') {
        uint8_t c = *s->p++;
        all |= c;
        if (c < 0x20)
            return fail(s, s->p - 1, "a control character in a string");
        if (c == '\\') {
            out->escaped = true;
            if (escape(s, in_name) == -1)
                return -1;
        }
    }
    if (s->p >= s->end)
        return fail(s, start - 1, "a string without an end");
    out->raw = cb_span(start, (size_t)(s->p - start));
    s->p++;
    if ((all & 0x80) != 0 && !cb_utf8_valid(out->raw))
        return fail(s, start - 1, "a string that is not UTF-8");
    return 0;
}

/* The next code point of a name that passed the scan, or -1 at its end. */
static int32_t next_char(const uint8_t **p, const uint8_t *end)
{
    if (*p == end)
        return -1;
    int32_t c = *(*p)++;
    if (c == '\\') {
        uint8_t letter = *(*p)++;
        return letter == 'u' ? unicode_escape(p, end) : short_escape(letter);
    }
    if (c < 0x80)
        return c;
    c &= c < 0xE0 ? 0x1F : c < 0xF0 ? 0x0F : 0x07;
    while (*p < end && (**p & 0xC0) == 0x80)
        c = c << 6 | (*(*p)++ & 0x3F);
    return c;
}

/* By code points: the order of the bytes of UTF-8, so both ways below agree. */
static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;

    if (!x->escaped && !y->escaped) {
        size_t n = x->raw.n < y->raw.n ? x->raw.n : y->raw.n;
        int order = n ? memcmp(x->raw.p, y->raw.p, n) : 0;
        return order ? order : (x->raw.n > y->raw.n) - (x->raw.n < y->raw.n);
    }
    const uint8_t *p = x->raw.p, *q = y->raw.p;
    int32_t c, d;
    do {
        c = next_char(&p, x->raw.p + x->raw.n);
        d = next_char(&q, y->raw.p + y->raw.n);
    } while (c == d && c != -1);
    return (c > d) - (c < d);
}

static bool same_name(const struct name *a, const struct name *b)
{
    if (!a->escaped && !b->escaped)
        return cb_span_equal(a->raw, b->raw);
    return compare_names(a, b) == 0;
}

/* Sorting pays only for objects far larger than any API's. */
#define FEW_NAMES 24

static const struct name *repeated_name(struct name *names, size_t n)
{
    if (n <= FEW_NAMES) {
        for (size_t i = 1; i < n; i++)
            for (size_t k = 0; k < i; k++)
                if (same_name(&names[i], &names[k]))
                    return &names[i];
        return NULL;
    }
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n; i++)
        if (same_name(&names[i], &names[i - 1]))
            return &names[i];
    return NULL;
}

static int add_name(struct scan *s, const struct name *name)
{
    if (s->n_names == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct name *names = reallocarray(s->names, room, sizeof *names);
        if (!names)
            return cb_fail_memory(s->err);
        s->names = names;
        s->room = room;
    }
    s->names[s->n_names++] = *name;
    return 0;
}

static int member(struct scan *s)
{
    struct name name;

    skip_blanks(s);
    if (s->p >= s->end || *s->p != '"')
        return fail(s, s->p, "a member name was expected");
    if (string(s, true, &name) == -1 || add_name(s, &name) == -1)
        return -1;
    skip_blanks(s);
    if (!accept(s, ':'))
        return fail(s, s->p, "a colon was expected");
    return value(s);
}

/* The members or values of a container, between its brackets. */
static int contents(struct scan *s, int (*one)(struct scan *), char closing)
{
    const uint8_t *at = s->p - 1;

    if (++s->depth > CB_JSON_DEPTH_MAX)
        return fail(s, at, "nested too deeply");
    skip_blanks(s);
    if (!accept(s, closing)) {
        do {
            if (one(s) == -1)
                return -1;
            skip_blanks(s);
        } while (accept(s, ','));
        if (!accept(s, closing))
            return fail(s, s->p,
                        closing == '}' ? "a comma or } was expected" : "a comma or ] was expected");
    }
    s->depth--;
    return 0;
}

static int object(struct scan *s)
{
    size_t outer = s->n_names;
    const struct name *twice;

    if (contents(s, member, '}') == -1)
        return -1;
    if (s->n_names == outer)
        return 0;
    twice = repeated_name(s->names + outer, s->n_names - outer);
    if (twice)
        return fail(s, twice->raw.p, "a member name that its object has already");
    s->n_names = outer;
    return 0;
}

static int digits(struct scan *s)
{
    if (!at_digit(s))
        return fail(s, s->p, "a digit was expected");
    while (at_digit(s))
        s->p++;
    return 0;
}

/* 18 digits always fit an int64_t. Integers of 19 that do count as long, which costs a little time
 * and nothing else. */
#define SAFE_DIGITS 18

static int number(struct scan *s)
{
    const uint8_t *start = s->p;
    bool negative = accept(s, '-'), integer = true;

    if (accept(s, '0')) {
        if (at_digit(s))
            return fail(s, start, "a number that begins with 0");
    } else if (digits(s) == -1) {
        return -1;
    }
    ptrdiff_t length = s->p - start - negative;
    bool minus_zero = negative && length == 1 && s->p[-1] == '0';
    if (accept(s, '.')) {
        integer = false;
        if (digits(s) == -1)
            return -1;
    }
    if (accept(s, 'e') || accept(s, 'E')) {
        integer = false;
        if (!accept(s, '+'))
            accept(s, '-');
        if (digits(s) == -1)
            return -1;
    }
    s->long_numbers |= integer && (minus_zero || length > SAFE_DIGITS);
    return 0;
}

static int word(struct scan *s, const char *w)
{
    size_t n = strlen(w);

    if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
        return fail(s, s->p, "a value was expected");
    s->p += n;
    return 0;
}

static int value(struct scan *s)
{
    struct name ignored;

    skip_blanks(s);
    if (s->p >= s->end)
        return fail(s, s->p, "the text ends too early");
    if (++s->values > CB_JSON_VALUES_MAX)
        return fail(s, s->p, "too many values");
    switch (*s->p) {
    case '{':
        s->p++;
        return object(s);
    case '[':
        s->p++;
        return contents(s, value, ']');
    case '"':
        return string(s, false, &ignored);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    default:
        return *s->p == '-' || at_digit(s) ? number(s) : fail(s, s->p, "a value was expected");
    }
}

int cb_json_scan(struct cb_span text, bool *long_numbers, struct cb_error *err)
{
    struct scan s = {.start = text.p, .p = text.p, .end = text.p + text.n, .err = err};
    int result = value(&s);

    if (result == 0) {
        skip_blanks(&s);
        if (s.p < s.end)
            result = fail(&s, s.p, "text after the end of the value");
    }
    *long_numbers = s.long_numbers;
    free(s.names);
    return result;
}

struct cb_span cb_json_scan_number(struct cb_span text, size_t *at)
{
    struct scan s = {.start = text.p, .p = text.p + *at, .end = text.p + text.n};
    struct name ignored;

    while (s.p < s.end && *s.p != '-' && !at_digit(&s)) {
        if (*s.p == '"')
            string(&s, false, &ignored);
        else
            s.p++;
    }
    const uint8_t *start = s.p;
    if (s.p < s.end)
        number(&s);
    *at = (size_t)(s.p - text.p);
    return cb_span(start, (size_t)(s.p - start));
}
