#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_ROOM 256        /* bytes; the keys of an index fit at once */
#define SECRET_ROOM_MAX 65536 /* no buffer that holds a secret grows beyond this */

void cb_buf_init(struct cb_buf *b, size_t cap)
{
    /* One byte of room is always needed for the terminating zero. */
    *b = (struct cb_buf){.cap = cap < SIZE_MAX ? cap : SIZE_MAX - 1};
}

void cb_buf_clear(struct cb_buf *b)
{
    free(b->p);
    cb_buf_init(b, b->cap);
}

void cb_buf_wipe(struct cb_buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->room);
    cb_buf_clear(b);
}

void cb_buf_reset(struct cb_buf *b)
{
    b->n = 0;
    b->failed = false;
    if (b->p)
        b->p[0] = 0;
}

static int fail(struct cb_buf *b)
{
    cb_buf_wipe(b); /* nobody can wipe later what is freed here */
    b->failed = true;
    return -1;
}

/* realloc may leave a copy of a secret behind, so small contents are moved by hand and wiped. Large
 * ones are left to realloc, which moves pages instead of bytes. */
static uint8_t *move(struct cb_buf *b, size_t room)
{
    if (b->room > SECRET_ROOM_MAX)
        return realloc(b->p, room);
    uint8_t *p = malloc(room);
    if (p && b->p) {
        memcpy(p, b->p, b->n + 1);
        explicit_bzero(b->p, b->n);
        free(b->p);
    }
    return p;
}

static int grow(struct cb_buf *b, size_t need)
{
    size_t room = b->room ? b->room : FIRST_ROOM;
    while (room < need && room <= SIZE_MAX / 2)
        room *= 2;
    if (room > b->cap + 1)
        room = b->cap + 1;
    uint8_t *p = move(b, room);
    if (!p)
        return fail(b);
    b->p = p;
    b->room = room;
    return 0;
}

/* Room for n more bytes and the zero after them. */
static int reserve(struct cb_buf *b, size_t n)
{
    if (b->failed)
        return -1;
    if (n > b->cap - b->n)
        return fail(b);
    if (b->n + n + 1 <= b->room)
        return 0;
    return grow(b, b->n + n + 1);
}

int cb_buf_add(struct cb_buf *b, const void *p, size_t n)
{
    if (reserve(b, n))
        return -1;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
    return 0;
}

int cb_buf_add_span(struct cb_buf *b, struct cb_span s)
{
    return cb_buf_add(b, s.p, s.n);
}

int cb_buf_add_text(struct cb_buf *b, const char *s)
{
    return cb_buf_add(b, s, strlen(s));
}

int cb_buf_add_byte(struct cb_buf *b, uint8_t byte)
{
    return cb_buf_add(b, &byte, 1);
}

int cb_buf_printf(struct cb_buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    int result = -1;
    if (n < 0) {
        fail(b);
    } else if (reserve(b, (size_t)n) == 0) {
        vsnprintf((char *)b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
        result = 0;
    }
    va_end(again);
    va_end(args);
    return result;
}

struct cb_span cb_buf_span(const struct cb_buf *b)
{
    return cb_span(b->p, b->n);
}

const char *cb_buf_text(const struct cb_buf *b)
{
    return b->p ? (const char *)b->p : "";
}

char *cb_buf_take(struct cb_buf *b)
{
    if (b->failed || reserve(b, 0))
        return NULL;
    b->p[b->n] = 0;
    char *text = (char *)b->p;
    cb_buf_init(b, b->cap);
    return text;
}
