/* Would libcrypto decode these bytes as a certificate? */
#ifndef CB_COMMON_FETCH_X509_DECODE_H
#define CB_COMMON_FETCH_X509_DECODE_H

#include "common/error.h"
#include "common/span.h"

/* CB_ERR_CERTIFICATE with libcrypto's reason when d2i_X509 would refuse `der` or leave a part of
 * it. */
int cb_x509_decodes(struct cb_span der, struct cb_error *err);

#endif
