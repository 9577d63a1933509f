/* Every authority that the system trusts is found by each search, byte for byte. */
#include "tests/provider/host.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FEWEST 100 /* authorities of any Debian */

/* Is exactly this certificate among what the search finds, and how many are found? */
static unsigned found(const struct host *host, OSSL_STORE_SEARCH *search, const X509 *certificate,
                      unsigned *n)
{
    unsigned same = 0;
    OSSL_STORE_CTX *store =
        OSSL_STORE_open_ex("certbridge://system", host->libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(store);
    assert_int_equal(OSSL_STORE_find(store, search), 1);
    *n = 0;
    while (!OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (!info)
            continue;
        same += X509_cmp(OSSL_STORE_INFO_get0_CERT(info), certificate) == 0;
        ++*n;
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    OSSL_STORE_SEARCH_free(search);
    return same;
}

static OSSL_STORE_SEARCH *by_fingerprint(const EVP_MD *md, X509 *certificate)
{
    static unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    assert_int_equal(X509_digest(certificate, md, bytes, &n), 1);
    return OSSL_STORE_SEARCH_by_key_fingerprint(md, bytes, n);
}

static void check(const struct host *host, X509 *certificate, const char *label)
{
    unsigned n;
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME *issuer = X509_get_issuer_name(certificate);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
    assert_int_equal(found(host, OSSL_STORE_SEARCH_by_name(subject), certificate, &n), 1);
    OSSL_STORE_SEARCH *exact[] = {OSSL_STORE_SEARCH_by_issuer_serial(issuer, serial),
                                  by_fingerprint(EVP_sha1(), certificate), NULL,
                                  OSSL_STORE_SEARCH_by_alias(label)};
    for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
        OSSL_STORE_SEARCH *search = exact[i] ? exact[i] : by_fingerprint(EVP_sha256(), certificate);
        assert_int_equal(found(host, search, certificate, &n), 1);
        assert_int_equal(n, 1);
    }
}

static void test_every_search(void **state)
{
    struct host host = host_new();
    char label[32];
    unsigned i = 0;
    X509 *certificate;
    (void)state;
    while (snprintf(label, sizeof label, "system-%03u", ++i),
           (certificate = world_certificate_if_any(label)) != NULL) {
        check(&host, certificate, label);
        X509_free(certificate);
    }
    assert_true(i > FEWEST);
    char text[HOST_TEXT_MAX];
    assert_int_equal(host_read(&host, &(struct query){.uri = "certbridge://system"}, text), i - 1);
    host_free(&host);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_search)};
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
