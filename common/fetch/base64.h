/* Base64 (RFC 4648, 4), strict but for white space: padding is required, what follows it and bits
 * that carry nothing are errors. */
#ifndef CB_COMMON_FETCH_BASE64_H
#define CB_COMMON_FETCH_BASE64_H

#include "common/buf.h"

/* Appends the bytes. -1: not base64, `*at` is the place of the first wrong byte (the text's end
 * when it is cut short); or `out` is full, which `out->failed` tells. */
int cb_base64_decode(struct cb_buf *out, struct cb_span text, size_t *at);

/* Appends the text, padded, without line ends. */
int cb_base64_encode(struct cb_buf *out, struct cb_span bytes);

#endif
