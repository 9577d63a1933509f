/* Comparing X.501 names as libcrypto's X509_NAME_cmp does, by our own code.
 *
 * libcrypto's canonical form would need a library context inside a provider, and the PKCS#11 module
 * has no libcrypto. tests/unit/test-name holds this code against X509_NAME_cmp. */
#ifndef CB_COMMON_NAME_H
#define CB_COMMON_NAME_H

#include "common/buf.h"

/* Bytes of one encoded name, where real ones stay below 2 kB; and of its canonical form: Latin-1
 * doubles as UTF-8, and headers of short attributes grow. */
#define CB_NAME_MAX 65536
#define CB_NAME_CANONICAL_MAX (4 * CB_NAME_MAX)

/* Appends the canonical form of the DER Name `der`: per RDN (SET, members sorted as DER has it) and
 * per attribute value of a character string type (UTF8, BMP, Universal, Printable, T61, IA5,
 * Visible): UTF-8, ASCII letters in lower case, blanks at both ends dropped and inner runs folded
 * into one; other types as they are. Two names compare equal exactly when their canonical forms are
 * the same bytes. -1: not a name that libcrypto accepts, or over the buffer's cap. */
int cb_name_canonical(struct cb_buf *out, struct cb_span der);

/* Do two names compare equal? What is no name equals nothing. */
bool cb_name_equal(struct cb_span der_a, struct cb_span der_b);

/* The value of the last commonName as UTF-8, appended to `out`; -1 when there is none. */
int cb_name_common_name(struct cb_buf *out, struct cb_span der);

/* RFC 4514/2253 text (most specific RDN first), UTF-8 kept, for people and JSON. Attribute types
 * without a well-known short name are printed as dotted numbers with their value as #HEX. */
int cb_name_text(struct cb_buf *out, struct cb_span der);

#endif
