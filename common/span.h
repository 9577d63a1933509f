/* A span names bytes that somebody else owns: a part of a snapshot, of a certificate, of a string.
 * It never owns and is never freed; it is valid as long as what it points into. */
#ifndef CB_COMMON_SPAN_H
#define CB_COMMON_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cb_span {
    const uint8_t *p; /* may be NULL only when n is 0 */
    size_t n;         /* bytes */
};

static inline struct cb_span cb_span(const void *p, size_t n)
{
    return (struct cb_span){p, n};
}

/* The bytes of a string without its terminating zero. NULL gives an empty span. */
static inline struct cb_span cb_span_of(const char *s)
{
    return (struct cb_span){(const uint8_t *)s, s ? strlen(s) : 0};
}

static inline bool cb_span_equal(struct cb_span a, struct cb_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* For printf's "%.*s". Texts here are far below INT_MAX. */
#define CB_SPAN_ARGS(s) (int)(s).n, (const char *)(s).p

#endif
