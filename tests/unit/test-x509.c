/* Facts of certificates held against libcrypto, and verdicts against d2i_X509, over made, public
 * and damaged certificates. */
#include "common/clock.h"
#include "common/fetch/x509-decode.h"
#include "common/fetch/x509.h"
#include "tests/unit/certificate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CA_BUNDLE "/etc/ssl/certs/ca-certificates.crt" /* Debian: ca-certificates */
#define CERTIFICATE_MAX 65536

static X509 *libcrypto(struct cb_span der)
{
    const uint8_t *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    ERR_clear_error();
    if (x && p == der.p + der.n)
        return x;
    X509_free(x);
    return NULL;
}

static void assert_name(struct cb_span ours, const X509_NAME *name)
{
    uint8_t *der = NULL;
    int n = i2d_X509_NAME(name, &der);
    assert_true(cb_span_equal(ours, cb_span(der, (size_t)n)));
    OPENSSL_free(der);
}

static void assert_time(int64_t ours, const ASN1_TIME *time)
{
    struct tm tm;
    assert_int_equal(ASN1_TIME_to_tm(time, &tm), 1);
    assert_true(ours == (int64_t)timegm(&tm));
}

static void assert_key_id(const struct cb_x509_facts *f, const X509 *x)
{
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(x);
    ASN1_OCTET_STRING *id = X509_get_ext_d2i(x, NID_subject_key_identifier, NULL, NULL);
    uint8_t digest[32];
    if (f->has_ski) {
        assert_non_null(id);
        assert_int_equal(f->key_id_n, ASN1_STRING_length(id));
        assert_memory_equal(f->key_id, ASN1_STRING_get0_data(id), f->key_id_n);
    } else {
        EVP_Digest(bits->data, (size_t)bits->length, digest, NULL, EVP_sha1(), NULL);
        assert_int_equal(f->key_id_n, 20);
        assert_memory_equal(f->key_id, digest, 20);
    }
    ASN1_OCTET_STRING_free(id);
    ERR_clear_error();
}

static void assert_ca(const struct cb_x509_facts *f, const X509 *x)
{
    BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(x, NID_basic_constraints, NULL, NULL);
    assert_int_equal(f->ca, bc && bc->ca);
    BASIC_CONSTRAINTS_free(bc);
    ERR_clear_error();
}

static void assert_facts(struct cb_span der, const struct cb_x509_facts *f, const X509 *x)
{
    uint8_t digest[32];
    uint8_t *serial = NULL;
    assert_true(f->parts.whole.p == der.p && f->parts.whole.n == der.n);
    assert_name(f->parts.subject, X509_get_subject_name(x));
    assert_name(f->parts.issuer, X509_get_issuer_name(x));
    int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &serial);
    assert_true(cb_span_equal(f->parts.serial, cb_span(serial, (size_t)n)));
    OPENSSL_free(serial);
    assert_time(f->not_before, X509_get0_notBefore(x));
    assert_time(f->not_after, X509_get0_notAfter(x));
    assert_key_id(f, x);
    assert_ca(f, x);
    EVP_Digest(der.p, der.n, digest, NULL, EVP_sha1(), NULL);
    assert_memory_equal(f->sha1, digest, 20);
    EVP_Digest(der.p, der.n, digest, NULL, EVP_sha256(), NULL);
    assert_memory_equal(f->sha256, digest, 32);
}

/* Every public authority, RSA and elliptic. */
static void test_public_certificates(void **state)
{
    BIO *bio = BIO_new_file(CA_BUNDLE, "r");
    size_t n = 0;
    (void)state;
    assert_non_null(bio);
    for (X509 *x; (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)); n++) {
        struct cb_x509_facts f;
        struct cb_error err = {.code = CB_OK};
        uint8_t *der = NULL;
        int length = i2d_X509(x, &der);
        struct cb_span span = cb_span(der, (size_t)length);
        if (cb_x509_facts(span, &f, &err) != 0)
            fail_msg("%s", err.text);
        assert_facts(span, &f, x);
        OPENSSL_free(der);
        X509_free(x);
    }
    ERR_clear_error();
    assert_in_range(n, 100, 1000);
    BIO_free(bio);
}

static void set_long_serial(X509 *x)
{
    BIGNUM *bn = BN_new();
    BN_set_bit(bn, 2400);
    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
    BN_free(bn);
}

static void set_negative_serial(X509 *x)
{
    ASN1_INTEGER_set(X509_get_serialNumber(x), -1234567);
}

static void set_version_1(X509 *x)
{
    X509_set_version(x, X509_VERSION_1);
}

static void set_late(X509 *x)
{
    ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z");
}

static void set_early(X509 *x)
{
    ASN1_TIME_set_string(X509_getm_notBefore(x), "500101000000Z");
}

static void add_raw(X509 *x, int nid, const void *value, int n)
{
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(octets, value, n);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, nid, 1, octets);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
}

static void add_key_id(X509 *x, uint8_t length)
{
    uint8_t value[2 + 255] = {4, length};
    memset(value + 2, 0xab, length);
    add_raw(x, NID_subject_key_identifier, value, length < 128 ? 2 + length : 0);
}

static void key_id_0(X509 *x)
{
    add_key_id(x, 0);
}

static void key_id_1(X509 *x)
{
    add_key_id(x, 1);
}

static void key_id_100(X509 *x)
{
    add_key_id(x, 100);
}

static void key_id_101(X509 *x)
{
    add_key_id(x, 101);
}

static void key_id_damaged(X509 *x)
{
    add_raw(x, NID_subject_key_identifier, "\4\5abc", 5);
}

static void key_id_twice(X509 *x)
{
    add_key_id(x, 3);
    add_key_id(x, 4);
}

static void ca_true(X509 *x)
{
    add_raw(x, NID_basic_constraints, "\x30\3\1\1\xff", 5);
}

static void ca_path_length(X509 *x)
{
    add_raw(x, NID_basic_constraints, "\x30\6\1\1\xff\2\1\0", 8);
}

static void ca_false(X509 *x)
{
    add_raw(x, NID_basic_constraints, "\x30\0", 2);
}

static void ca_damaged(X509 *x)
{
    add_raw(x, NID_basic_constraints, "\x30\4\1\1\xff", 5);
}

static void ca_twice(X509 *x)
{
    ca_true(x);
    ca_true(x);
}

static void leave(X509 *x)
{
    (void)x;
}

static void test_kinds(void **state)
{
    static const struct {
        const char *what;
        void (*change)(X509 *x);
        size_t key_id_n;
        bool has_ski, ca;
    } rows[] = {
        {"plain", leave, 20, false, false},
        {"long serial", set_long_serial, 20, false, false},
        {"negative serial", set_negative_serial, 20, false, false},
        {"version 1", set_version_1, 20, false, false},
        {"GeneralizedTime", set_late, 20, false, false},
        {"1950", set_early, 20, false, false},
        {"empty key id", key_id_0, 20, false, false},
        {"key id of 1", key_id_1, 1, true, false},
        {"key id of 100", key_id_100, 100, true, false},
        {"key id of 101", key_id_101, 20, false, false},
        {"key id that is not DER", key_id_damaged, 20, false, false},
        {"two key ids", key_id_twice, 20, false, false},
        {"a CA", ca_true, 20, false, true},
        {"a CA with path length", ca_path_length, 20, false, true},
        {"no CA", ca_false, 20, false, false},
        {"basicConstraints that are not DER", ca_damaged, 20, false, false},
        {"two basicConstraints", ca_twice, 20, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct certificate plain = {.subject = "Anna", .serial = 1, .no_key_id = true};
        struct cb_x509_facts f;
        struct cb_error err = {.code = CB_OK};
        struct cb_buf der;
        X509 *x = certificate_new(&plain);
        cb_buf_init(&der, CERTIFICATE_MAX);
        rows[i].change(x);
        certificate_sign(x, &der);
        if (cb_x509_facts(cb_buf_span(&der), &f, &err) != 0)
            fail_msg("%s: %s", rows[i].what, err.text);
        if (f.key_id_n != rows[i].key_id_n || f.has_ski != rows[i].has_ski || f.ca != rows[i].ca)
            fail_msg("%s: key id of %zu bytes, %d, CA %d", rows[i].what, f.key_id_n, f.has_ski,
                     f.ca);
        assert_facts(cb_buf_span(&der), &f, x);
        X509_free(x);
        cb_buf_clear(&der);
    }
}

static void assert_refused(struct cb_span der, const char *reason)
{
    struct cb_x509_facts f;
    struct cb_error err = {.code = CB_OK};
    assert_int_equal(cb_x509_facts(der, &f, &err), -1);
    assert_int_equal(err.code, CB_ERR_CERTIFICATE);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" has no \"%s\"", err.text, reason);
}

static void test_refused(void **state)
{
    struct certificate plain = {.subject = "Anna", .serial = 1, .no_key_id = true};
    struct cb_buf der;
    (void)state;
    cb_buf_init(&der, CERTIFICATE_MAX);
    certificate_make(&der, &plain);
    assert_refused(cb_span("", 0), "libcrypto");
    assert_refused(cb_span("\x30\0", 2), "libcrypto");
    assert_refused(cb_span(der.p, der.n - 1), "libcrypto");
    cb_buf_add_byte(&der, 0);
    assert_refused(cb_buf_span(&der), "1 bytes follow");
    der.n--;
    /* The BIT STRING of an uncompressed point on P-256: 66 bytes of content. */
    uint8_t *key = memmem(der.p, der.n, "\x03\x42\x00\x04", 4), last = key[67];
    key[2] = 3;
    key[67] |= 7;
    assert_refused(cb_buf_span(&der), "public key is not DER");
    key[2] = 0;
    key[67] = last;
    /* 250101000000Z: libcrypto's decoder takes any bytes for a time. */
    uint8_t *time = memmem(der.p, der.n, "250101000000Z", 13);
    assert_non_null(time);
    time[3] = 'x';
    assert_refused(cb_buf_span(&der), "notBefore is not a time");
    time[3] = '1';
    uint8_t *issuer = memmem(der.p, der.n, "Anna", 4);
    issuer[0] = 0xff;
    assert_refused(cb_buf_span(&der), "libcrypto");
    cb_buf_clear(&der);
}

/* Ours is libcrypto's verdict; facts are only given where it takes the certificate, and are right.
 */
static void check_verdict(struct cb_span der, size_t *taken)
{
    X509 *x = libcrypto(der);
    struct cb_x509_facts f;
    assert_int_equal(cb_x509_decodes(der, NULL) == 0, x != NULL);
    assert_int_equal(ERR_peek_error(), 0);
    if (cb_x509_facts(der, &f, NULL) == 0) {
        assert_non_null(x);
        assert_facts(der, &f, x);
        ++*taken;
    }
    X509_free(x);
}

static void test_damaged(void **state)
{
    static const struct certificate rows[] = {
        {.subject = "Anna", .serial = -77, .ca = true},
        {.subject = "Bert", .issuer = "Inner", .serial = 1, .no_key_id = true, .padding = "x"},
    };
    static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xff};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_buf der;
        size_t taken = 0;
        cb_buf_init(&der, CERTIFICATE_MAX);
        certificate_make(&der, &rows[i]);
        for (size_t at = 0; at < der.n; at++)
            for (size_t k = 0; k < sizeof masks; k++) {
                der.p[at] ^= masks[k];
                check_verdict(cb_buf_span(&der), &taken);
                der.p[at] ^= masks[k];
            }
        assert_in_range(taken, der.n, 4 * der.n - 200);
        for (size_t n = 0; n < der.n; n++) {
            taken = 0;
            check_verdict(cb_span(der.p, n), &taken);
            assert_int_equal(taken, 0);
        }
        cb_buf_clear(&der);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_certificates),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
