/* Facts of one X.509 certificate (RFC 5280), worked out once for both faces.
 *
 * What libcrypto cannot decode is refused: handed out in a look-up it would end the whole look-up
 * of the host. */
#ifndef CB_COMMON_FETCH_X509_H
#define CB_COMMON_FETCH_X509_H

#include "common/der.h"
#include "common/error.h"

struct cb_x509_facts {
    struct cb_certificate_parts parts; /* spans into the given bytes */
    bool ca;                           /* basicConstraints present with cA TRUE */
    int64_t not_before, not_after;
    uint8_t sha1[20], sha256[32];
    uint8_t key_id[100]; /* subjectKeyIdentifier of 1 to 100 bytes, else SHA-1 of the
                            subjectPublicKey bits (RFC 5280, 4.2.1.2) */
    size_t key_id_n;
    bool has_ski;
};

/* CB_ERR_CERTIFICATE with libcrypto's reason. `der` must hold one certificate and nothing after it.
 */
int cb_x509_facts(struct cb_span der, struct cb_x509_facts *out, struct cb_error *err);

#endif
