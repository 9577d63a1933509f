/* Certificates made while a test runs: a CA, and what it issues. Aborts on failure. */
#ifndef CB_TESTS_UNIT_MADE_PKI_H
#define CB_TESTS_UNIT_MADE_PKI_H

#include <openssl/x509.h>
#include <stdbool.h>

struct made {
    X509 *certificate;
    EVP_PKEY *key; /* P-256 */
};

/* `names` is a subjectAltName as OpenSSL writes it ("DNS:localhost,IP:127.0.0.1") or NULL; without
 * an issuer it is self-signed. `days` from now; negative ones have passed. */
struct made made_certificate(const struct made *issuer, const char *name, const char *names,
                             bool ca, int days);
void made_clear(struct made *m);

/* PEM files: certificates one after the other (ended by NULL); a key, mode 0600. */
void made_write_certificates(const char *path, X509 *const *certificates);
void made_write_key(const char *path, EVP_PKEY *key);

/* "sha256//BASE64" of its public key, as curl pins it. The caller frees. */
char *made_pin(const struct made *m);

#endif
