/* d2i_X509 spends most of its time on the public key: it looks for a decoder and builds the key,
 * and then ignores whether that worked. So libcrypto's own decoder is run over its own templates of
 * all the other parts, in the same order, with the key as what its encoding is: an algorithm and a
 * BIT STRING. tests/unit/test-x509 holds the verdicts against d2i_X509. */
#include "common/fetch/x509-decode.h"
#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/x509.h>

/* clang-format off */

/* RFC 5280, 4.1.2.7. */
typedef struct {
    X509_ALGOR *algorithm;
    ASN1_BIT_STRING *bits;
} KEY;

ASN1_SEQUENCE(KEY) = {
    ASN1_SIMPLE(KEY, algorithm, X509_ALGOR),
    ASN1_SIMPLE(KEY, bits, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(KEY)

/* RFC 5280, 4.1. */
typedef struct {
    ASN1_INTEGER *version, *serial;
    X509_ALGOR *algorithm;
    X509_NAME *issuer;
    X509_VAL *validity;
    X509_NAME *subject;
    KEY *key;
    ASN1_BIT_STRING *issuer_id, *subject_id;
    STACK_OF(X509_EXTENSION) *extensions;
} TBS;

ASN1_SEQUENCE(TBS) = {
    ASN1_EXP_OPT(TBS, version, ASN1_INTEGER, 0),
    ASN1_SIMPLE(TBS, serial, ASN1_INTEGER),
    ASN1_SIMPLE(TBS, algorithm, X509_ALGOR),
    ASN1_SIMPLE(TBS, issuer, X509_NAME),
    ASN1_SIMPLE(TBS, validity, X509_VAL),
    ASN1_SIMPLE(TBS, subject, X509_NAME),
    ASN1_SIMPLE(TBS, key, KEY),
    ASN1_IMP_OPT(TBS, issuer_id, ASN1_BIT_STRING, 1),
    ASN1_IMP_OPT(TBS, subject_id, ASN1_BIT_STRING, 2),
    ASN1_EXP_SEQUENCE_OF_OPT(TBS, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END(TBS)

typedef struct {
    TBS *tbs;
    X509_ALGOR *algorithm;
    ASN1_BIT_STRING *signature;
} CERTIFICATE;

ASN1_SEQUENCE(CERTIFICATE) = {
    ASN1_SIMPLE(CERTIFICATE, tbs, TBS),
    ASN1_SIMPLE(CERTIFICATE, algorithm, X509_ALGOR),
    ASN1_SIMPLE(CERTIFICATE, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(CERTIFICATE)

    /* clang-format on */

    int cb_x509_decodes(struct cb_span der, struct cb_error *err)
{
    const uint8_t *p = der.p;
    if (der.n > INT32_MAX)
        return cb_fail(err, CB_ERR_CERTIFICATE, "the certificate is too long");
    ASN1_VALUE *value = ASN1_item_d2i(NULL, &p, (long)der.n, ASN1_ITEM_rptr(CERTIFICATE));
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    int result = 0;
    if (!value)
        result = cb_fail(err, CB_ERR_CERTIFICATE, "libcrypto cannot decode the certificate: %s",
                         reason ? reason : "no reason given");
    else if (p != der.p + der.n)
        result = cb_fail(err, CB_ERR_CERTIFICATE, "%zu bytes follow the certificate",
                         (size_t)(der.p + der.n - p));
    ASN1_item_free(value, ASN1_ITEM_rptr(CERTIFICATE));
    ERR_clear_error();
    return result;
}
