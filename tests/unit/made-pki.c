#include "tests/unit/made-pki.h"
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    require(extension && X509_add_ext(certificate, extension, -1));
    X509_EXTENSION_free(extension);
}

struct made made_certificate(const struct made *issuer, const char *name, const char *names,
                             bool ca, int days)
{
    static long serial = 1;
    struct made m = {X509_new(), EVP_EC_gen("P-256")};
    X509_NAME *subject;

    require(m.certificate && m.key);
    X509_set_version(m.certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(m.certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(m.certificate), -3600L * 24 * 30);
    X509_gmtime_adj(X509_getm_notAfter(m.certificate), 3600L * 24 * days);
    subject = X509_get_subject_name(m.certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    if (!issuer)
        issuer = &m;
    X509_set_issuer_name(m.certificate, X509_get_subject_name(issuer->certificate));
    X509_set_pubkey(m.certificate, m.key);
    add_extension(m.certificate, issuer->certificate, NID_basic_constraints,
                  ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (names)
        add_extension(m.certificate, issuer->certificate, NID_subject_alt_name, names);
    require(X509_sign(m.certificate, issuer->key, EVP_sha256()) > 0);
    return m;
}

void made_clear(struct made *m)
{
    X509_free(m->certificate);
    EVP_PKEY_free(m->key);
}

void made_write_certificates(const char *path, X509 *const *certificates)
{
    FILE *file = fopen(path, "we");

    require(file != NULL);
    for (; *certificates; certificates++)
        require(PEM_write_X509(file, *certificates) == 1);
    require(fclose(file) == 0);
}

void made_write_key(const char *path, EVP_PKEY *key)
{
    FILE *file = fdopen(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), "w");

    require(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
    require(fclose(file) == 0);
}

char *made_pin(const struct made *m)
{
    unsigned char *der = NULL, digest[SHA256_DIGEST_LENGTH];
    int n = i2d_PUBKEY(m->key, &der);
    static const char prefix[] = "sha256//";
    char *pin = malloc(sizeof prefix + 4 * (sizeof digest / 3 + 1) + 1);

    require(n > 0 && pin);
    SHA256(der, (size_t)n, digest);
    memcpy(pin, prefix, sizeof prefix);
    EVP_EncodeBlock((unsigned char *)pin + sizeof prefix - 1, digest, sizeof digest);
    OPENSSL_free(der);
    return pin;
}
