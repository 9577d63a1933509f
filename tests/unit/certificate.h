/* Certificates made for a test. Every failure ends the program. */
#ifndef CB_TESTS_UNIT_CERTIFICATE_H
#define CB_TESTS_UNIT_CERTIFICATE_H

#include "common/buf.h"
#include <openssl/x509.h>

struct certificate {
    const char *subject; /* common name, printable */
    const char *issuer;  /* NULL: the subject */
    long serial;
    bool ca;
    bool no_key_id;      /* leave out subjectKeyIdentifier */
    const char *padding; /* a text for a comment extension, or NULL */
};

/* Appends the DER of a certificate whose key (EC P-256) is one for all. */
void certificate_make(struct cb_buf *out, const struct certificate *what);

/* The same as libcrypto's object, not signed yet; the caller frees. */
X509 *certificate_new(const struct certificate *what);
EVP_PKEY *certificate_key(void); /* borrowed */
void certificate_sign(X509 *x, struct cb_buf *out);

#endif
