/* Reading and answering OSSL_PARAM(3) arrays with our own code, so that no call reaches libcrypto.
 */
#ifndef CB_PROVIDER_PARAM_H
#define CB_PROVIDER_PARAM_H

#include "common/buf.h"
#include <openssl/core.h>

/* The first parameter called `key`, or NULL. `params` may be NULL. */
OSSL_PARAM *cb_param_find(OSSL_PARAM *params, const char *key);

/* A native integer of one to eight bytes; -1 for another type or a value beyond int. */
int cb_param_int(const OSSL_PARAM *p, int *value);

/* The bytes of an octet string; those of a UTF-8 string, without a terminating zero. -1 for another
 * type. The span points into the parameter. */
int cb_param_octets(const OSSL_PARAM *p, struct cb_span *value);
int cb_param_text(const OSSL_PARAM *p, struct cb_span *value);

/* Appends a number of any size as an INTEGER element (its length in two octets, which our reader
 * takes). -1: not an integer, or beyond 65 534 bytes or the cap of `out`. */
int cb_param_integer(const OSSL_PARAM *p, struct cb_buf *out);

/* Answers of a get_params function. NULL `p` is fine: nobody asked. 1 done, 0 wrong type or too
 * little room, as OpenSSL's own. `text` must be static. */
int cb_param_answer_text(OSSL_PARAM *p, const char *text);
int cb_param_answer_int(OSSL_PARAM *p, int value);

#endif
