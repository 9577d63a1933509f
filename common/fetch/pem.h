/* The forms in which an API gives certificates: PEM (one or a chain, any line ends), PEM without
 * its armour, base64 of DER. */
#ifndef CB_COMMON_FETCH_PEM_H
#define CB_COMMON_FETCH_PEM_H

#include "common/buf.h"
#include "common/error.h"
#include "common/snapshot-format.h"

/* Certificates of one field, the credential's own first. Owned. */
struct cb_certificates {
    struct cb_buf der[CB_CHAIN_MAX];
    size_t n;
};

/* CB_ERR_CERTIFICATE says what is wrong and where: bad base64, no certificate, a private key in the
 * field, too many or too large. */
int cb_certificates_decode(struct cb_span text, struct cb_certificates *out, struct cb_error *err);
void cb_certificates_clear(struct cb_certificates *c);

#endif
