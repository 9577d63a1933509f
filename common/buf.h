/* A growing byte buffer with a cap that is fixed at its start.
 *
 * Going over the cap, or running out of memory, frees the content, marks the buffer as failed and
 * makes every later append fail too: a caller may check once, at the end. The content is always
 * followed by a zero byte that does not count. */
#ifndef CB_COMMON_BUF_H
#define CB_COMMON_BUF_H

#include "common/span.h"

struct cb_buf {
    uint8_t *p;  /* owned; NULL while empty */
    size_t n;    /* bytes used */
    size_t room; /* bytes allocated */
    size_t cap;  /* most bytes that n may reach */
    bool failed;
};

void cb_buf_init(struct cb_buf *b, size_t cap);
void cb_buf_clear(struct cb_buf *b); /* frees; the cap stays; usable again */
void cb_buf_wipe(struct cb_buf *b);  /* the same, after overwriting the content (secrets) */
void cb_buf_reset(struct cb_buf *b); /* empties, keeps the memory */
int cb_buf_add(struct cb_buf *b, const void *p, size_t n);
int cb_buf_add_span(struct cb_buf *b, struct cb_span s);
int cb_buf_add_text(struct cb_buf *b, const char *s);
int cb_buf_add_byte(struct cb_buf *b, uint8_t byte);
int cb_buf_printf(struct cb_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The content; valid until the next change. */
struct cb_span cb_buf_span(const struct cb_buf *b);
/* The content as a C string ("" when empty); valid until the next change. */
const char *cb_buf_text(const struct cb_buf *b);
/* Hands the content over as a zero-terminated heap string; the buffer is empty afterwards.
 * NULL when the buffer had failed. The caller frees. */
char *cb_buf_take(struct cb_buf *b);

#endif
