/* Every certificate of the system's bundle is found again by each attribute that clients search by,
 * and read byte for byte. */
#include "tests/pkcs11/harness.h"
#include "tests/pkcs11/world.h"
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define ROOTS_MAX 1000

static X509 *roots[ROOTS_MAX];
static size_t n_roots;

static int setup(void **state)
{
    world_setup(state);
    BIO *bundle = BIO_new_file(BUNDLE, "r");
    assert_non_null(bundle);
    while (n_roots < ROOTS_MAX && (roots[n_roots] = PEM_read_bio_X509(bundle, NULL, NULL, NULL)))
        n_roots++;
    BIO_free(bundle);
    assert_in_range(n_roots, 50, ROOTS_MAX - 1);
    world_write_certificates(world_dir, PEOPLE, roots, n_roots);
    return module_start(state);
}

static int teardown(void **state)
{
    for (size_t i = 0; i < n_roots; i++)
        X509_free(roots[i]);
    return module_stop(state) || world_teardown(state);
}

/* Is the object numbered `label` among what this template finds? */
static void assert_found(CK_SESSION_HANDLE s, CK_ATTRIBUTE *t, CK_ULONG n, const char *label)
{
    CK_OBJECT_HANDLE found[FOUND_MAX];
    CK_ULONG n_found = find(s, t, n, 10, found);
    for (CK_ULONG i = 0; i < n_found; i++) {
        CK_ULONG length;
        uint8_t *got = get(s, found[i], CKA_LABEL, &length);
        bool same = length == strlen(label) && memcmp(got, label, length) == 0;
        free(got);
        if (same)
            return;
    }
    fail_msg("certificate %s is not found by %#lx", label, t->type);
}

static void finds_one(CK_SESSION_HANDLE s, size_t number)
{
    char label[32];
    uint8_t *der = NULL, *subject = NULL, *issuer = NULL, *serial = NULL;
    X509 *x = roots[number];
    CK_ATTRIBUTE by_label = {CKA_LABEL, label, (CK_ULONG)sprintf(label, "%zu", number)};
    CK_ATTRIBUTE by_value = {CKA_VALUE, NULL, (CK_ULONG)i2d_X509(x, &der)};
    CK_ATTRIBUTE by_subject = {CKA_SUBJECT, NULL,
                               (CK_ULONG)i2d_X509_NAME(X509_get_subject_name(x), &subject)};
    CK_ATTRIBUTE by_serial[2] = {
        {CKA_SERIAL_NUMBER, NULL, (CK_ULONG)i2d_ASN1_INTEGER(X509_get_serialNumber(x), &serial)},
        {CKA_ISSUER, NULL, (CK_ULONG)i2d_X509_NAME(X509_get_issuer_name(x), &issuer)}};
    by_value.pValue = der;
    by_subject.pValue = subject;
    by_serial[0].pValue = serial;
    by_serial[1].pValue = issuer;
    CK_OBJECT_HANDLE object = find_one(s, &by_label, 1);
    CK_ATTRIBUTE by_id = {CKA_ID, NULL, 0};
    by_id.pValue = get(s, object, CKA_ID, &by_id.ulValueLen);
    assert_non_null(by_id.pValue);
    assert_value(s, object, CKA_VALUE, der, by_value.ulValueLen);
    assert_value(s, object, CKA_SUBJECT, subject, by_subject.ulValueLen);
    assert_value(s, object, CKA_ISSUER, issuer, by_serial[1].ulValueLen);
    assert_value(s, object, CKA_SERIAL_NUMBER, serial, by_serial[0].ulValueLen);
    assert_true(find_one(s, &by_value, 1) == object);
    assert_found(s, &by_subject, 1, label);
    assert_found(s, by_serial, 2, label);
    assert_found(s, &by_id, 1, label);
    free(by_id.pValue);
    OPENSSL_free(der);
    OPENSSL_free(subject);
    OPENSSL_free(issuer);
    OPENSSL_free(serial);
}

static void finds_each(void **state)
{
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    (void)state;
    for (size_t i = 0; i < n_roots; i++)
        finds_one(s, i);
}

static void lists_all(void **state)
{
    CK_OBJECT_HANDLE found[FOUND_MAX];
    (void)state;
    assert_int_equal(find(open_session(PEOPLE), NULL, 0, 10, found), n_roots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lists_all), cmocka_unit_test(finds_each)};
    return cmocka_run_group_tests_name("pkcs11 roots", tests, setup, teardown);
}
