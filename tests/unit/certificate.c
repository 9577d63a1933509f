#include "tests/unit/certificate.h"
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

static void need(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s failed\n", what);
        abort();
    }
}

EVP_PKEY *certificate_key(void)
{
    static EVP_PKEY *key;
    if (!key)
        key = EVP_EC_gen("P-256");
    need(key != NULL, "EVP_EC_gen");
    return key;
}

static void add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    need(extension && X509_add_ext(x, extension, -1), value);
    X509_EXTENSION_free(extension);
}

static void set_name(X509_NAME *name, const char *text)
{
    need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1,
                                    0),
         text);
}

X509 *certificate_new(const struct certificate *what)
{
    X509 *x = X509_new();
    need(x && X509_set_version(x, X509_VERSION_3), "X509_new");
    ASN1_INTEGER_set(X509_get_serialNumber(x), what->serial);
    set_name(X509_get_subject_name(x), what->subject);
    set_name(X509_get_issuer_name(x), what->issuer ? what->issuer : what->subject);
    need(ASN1_TIME_set_string(X509_getm_notBefore(x), "250101000000Z"), "notBefore");
    need(ASN1_TIME_set_string(X509_getm_notAfter(x), "20510101000000Z"), "notAfter");
    need(X509_set_pubkey(x, certificate_key()), "X509_set_pubkey");
    if (what->ca)
        add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    if (!what->no_key_id)
        add_extension(x, NID_subject_key_identifier, "hash");
    if (what->padding)
        add_extension(x, NID_netscape_comment, what->padding);
    return x;
}

void certificate_sign(X509 *x, struct cb_buf *out)
{
    unsigned char *der = NULL;
    need(X509_sign(x, certificate_key(), EVP_sha256()) > 0, "X509_sign");
    int n = i2d_X509(x, &der);
    need(n > 0 && cb_buf_add(out, der, (size_t)n) == 0, "i2d_X509");
    OPENSSL_free(der);
}

void certificate_make(struct cb_buf *out, const struct certificate *what)
{
    X509 *x = certificate_new(what);
    certificate_sign(x, out);
    X509_free(x);
}
