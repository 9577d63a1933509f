/* A damaged snapshot: whatever byte is wrong, reading ends, gives only certificates that were in
 * it, and an object that cannot be read does not cost the others. */
#include "tests/provider/host.h"
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STEP 11 /* bytes between two tries; no divisor of anything's size */

static char path[4096];
static unsigned char *whole;
static size_t whole_n;

static void read_whole(void)
{
    const char *conf = getenv("CERTBRIDGE_CONF");
    snprintf(path, sizeof path, "%.*s/cache/people.cdb", (int)(strrchr(conf, '/') - conf), conf);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    whole_n = (size_t)ftell(in);
    rewind(in);
    whole = malloc(whole_n);
    assert_int_equal(fread(whole, 1, whole_n, in), whole_n);
    fclose(in);
}

/* Replaces the snapshot as the writer does: a mapped file never changes. */
static void replace(size_t n)
{
    char temporary[sizeof path + 4];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *out = fopen(temporary, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(whole, 1, n, out), n);
    fclose(out);
    assert_int_equal(rename(temporary, path), 0);
}

/* Names of certificates and errors that may come. "unknown": libcrypto 3.0 has numbers for the
 * reasons of 128 providers in the life of a process. */
static void check_known(const char *text)
{
    static const char *const known[] = {"server",
                                        "Example Issuing",
                                        "Example Root",
                                        "client",
                                        "numbered",
                                        "Other Root",
                                        "zero",
                                        "cousin",
                                        "!snapshot damaged",
                                        "!certificate cannot be decoded",
                                        "!not found",
                                        "!source unavailable",
                                        "!unknown"};
    char copy[HOST_TEXT_MAX], *rest = copy, *word;
    strcpy(copy, text);
    while (*copy && (word = strsep(&rest, ",")) != NULL) {
        size_t i = 0;
        while (i < sizeof known / sizeof known[0] && strcmp(word, known[i]) != 0)
            i++;
        if (i == sizeof known / sizeof known[0])
            fail_msg("\"%s\" in \"%s\"", word, text);
    }
}

static void read_damaged(OSSL_STORE_SEARCH *const searches[], size_t n)
{
    struct host host = host_new();
    char text[HOST_TEXT_MAX];
    host_read(&host, &(struct query){.uri = "certbridge://people"}, text);
    check_known(text);
    for (size_t i = 0; i < n; i++) {
        host_read(&host, &(struct query){.uri = "certbridge://people", .search = searches[i]},
                  text);
        check_known(text);
    }
    host_free(&host);
}

static void test_every_byte(void **state)
{
    X509 *server = world_certificate("server");
    OSSL_STORE_SEARCH *searches[] = {
        OSSL_STORE_SEARCH_by_name(X509_get_subject_name(server)),
        OSSL_STORE_SEARCH_by_issuer_serial(X509_get_issuer_name(server),
                                           X509_get0_serialNumber(server)),
        OSSL_STORE_SEARCH_by_alias("user-1/c1")};
    (void)state;
    for (size_t i = 0; i < whole_n; i += STEP) {
        whole[i] ^= 0x5a;
        replace(whole_n);
        read_damaged(searches, sizeof searches / sizeof searches[0]);
        whole[i] ^= 0x5a;
    }
    for (size_t n = 0; n < whole_n; n += 97) {
        replace(n);
        read_damaged(searches, 1);
    }
    for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++)
        OSSL_STORE_SEARCH_free(searches[i]);
    X509_free(server);
}

/* One byte inside a certificate: that one is an error, in the middle and at the end of a list. */
static void test_one_object(void **state)
{
    static const struct {
        const char *certificate, *uri, *text;
    } cases[] = {
        {"zero", "certbridge://people/user-2", "numbered,Other Root,!snapshot damaged,cousin"},
        {"cousin", "certbridge://people/user-2", "numbered,Other Root,zero,!snapshot damaged"},
        {"numbered", "certbridge://people/user-2", "!snapshot damaged,zero,cousin"},
        {"zero", "certbridge://people/user-2/c2", "!snapshot damaged"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        X509 *certificate = world_certificate(cases[i].certificate);
        unsigned char *der = NULL;
        char text[HOST_TEXT_MAX];
        int n = i2d_X509(certificate, &der);
        unsigned char *place = memmem(whole, whole_n, der, (size_t)n);
        assert_non_null(place);
        place[n / 2] ^= 1;
        replace(whole_n);
        place[n / 2] ^= 1;
        struct host host = host_new();
        host_read(&host, &(struct query){.uri = cases[i].uri}, text);
        assert_string_equal(text, cases[i].text);
        host_free(&host);
        OPENSSL_free(der);
        X509_free(certificate);
    }
}

static int set_up(void **state)
{
    int result = world_set_up(state);
    read_whole();
    return result;
}

static int tear_down(void **state)
{
    free(whole);
    return world_tear_down(state);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_object),
        cmocka_unit_test(test_every_byte),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
