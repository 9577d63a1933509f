/* How facts of an object are written for people and in JSON: one form for both. */
#ifndef CB_CLI_WORDS_H
#define CB_CLI_WORDS_H

#include "common/buf.h"
#include "common/object.h"

/* The serial number in lower-case hexadecimal, '-' before a negative one. `serial` is the whole
 * INTEGER element. */
int cli_add_serial(struct cb_buf *out, struct cb_span serial);

/* RFC 7512: names one object by token, id and label (a passcode by token and label). */
int cli_add_pkcs11_uri(struct cb_buf *out, const struct cb_source *source,
                       const struct cb_object *o);

const char *cli_kind(enum cb_kind kind);

#endif
