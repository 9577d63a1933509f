/* Holding what an API states about a certificate against the certificate itself. */
#ifndef CB_COMMON_FETCH_CHECK_H
#define CB_COMMON_FETCH_CHECK_H

#include "common/fetch/plan.h"
#include "common/fetch/x509.h"

enum cb_verdict {
    CB_AGREES,
    CB_DIFFERS,    /* a serial number, expiry or key identifier contradicts, or a digest cannot be
                      compared: reported, and the certificate is served */
    CB_CONTRADICTS /* the digest is another certificate's: left out */
};

/* `reasons` receives what differs, "; " between several: below 1 kB. */
enum cb_verdict cb_check_claims(const struct cb_claims *claims, const struct cb_x509_facts *facts,
                                struct cb_buf *reasons);

#endif
