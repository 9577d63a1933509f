/* What an API says in an error answer, whatever its shape.
 *
 * Understood: errors[0].{code,message}, error.{code,message}, {error, error_description} (OAuth
 * 2.0, RFC 6749, 5.2), flat {code,message}; a code may be a number, and errors[0] a text. Of HTML
 * the title, of anything else its first words. Safe to show: one line, printable, capped. */
#ifndef CB_COMMON_FETCH_API_ERROR_H
#define CB_COMMON_FETCH_API_ERROR_H

#include "common/fetch/request.h"

#define CB_API_CODE_MAX 128
#define CB_API_MESSAGE_MAX 512

struct cb_api_error {
    char code[CB_API_CODE_MAX];       /* "" when it gave none */
    char message[CB_API_MESSAGE_MAX]; /* "" when it gave none */
};

/* Never fails: what cannot be understood is shown as it is, what is empty stays empty. */
void cb_api_error_read(struct cb_span body, struct cb_api_error *out);

#endif
