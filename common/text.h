/* Small conversions of text, with no locale: hexadecimal, percent-encoding, nearest word. */
#ifndef CB_COMMON_TEXT_H
#define CB_COMMON_TEXT_H

#include "common/buf.h"

/* Lower-case hexadecimal of `in`, two digits a byte. */
int cb_hex(struct cb_buf *out, struct cb_span in);

/* Bytes of hexadecimal text; either case. -1 when it is not, or does not fit `room` bytes.
 * `*n` receives the number of bytes. Colons or blanks between the bytes are accepted when `loose`.
 */
int cb_unhex(uint8_t *out, size_t room, size_t *n, struct cb_span text, bool loose);

/* RFC 3986, 2.1 and 2.3: every byte but the unreserved characters (A-Z a-z 0-9 - . _ ~) as %XX,
 * upper-case digits. */
int cb_percent_encode(struct cb_buf *out, struct cb_span in);

/* The reverse. -1 for a % that is not followed by two hexadecimal digits, and for %00. */
int cb_percent_decode(struct cb_buf *out, struct cb_span in);

/* Appends one path segment, percent-encoded, with a '/' before it unless `out` is empty. */
int cb_path_add(struct cb_buf *out, struct cb_span segment);

/* Is `path` the path `prefix`, or does it go on from there with a new segment? Every path is below
 * the empty one. */
bool cb_path_below(struct cb_span path, struct cb_span prefix);

/* The word of a NULL-terminated list that is nearest to `word` by edit distance, or NULL when none
 * is near enough to be meant (more than a third of the letters differ). */
const char *cb_nearest(const char *word, const char *const *words);

/* Is `s` valid UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool cb_utf8_valid(struct cb_span s);

/* Appends `s` so that it is safe in one line of a terminal, a log or a status file: control
 * characters and invalid UTF-8 become '?'; at most `most` bytes, then "...". */
int cb_add_printable(struct cb_buf *out, struct cb_span s, size_t most);

#endif
