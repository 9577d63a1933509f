/* What a URI lists, and what a host reads when it cannot be listed. */
#include "tests/provider/host.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *uri;
    int expect;
    const char *text;
} cases[] = {
    /* every source */
    {"certbridge://", 0,
     "certbridge://people,certbridge://anchors,certbridge://factory,"
     "certbridge://system,certbridge://dead"},
    {"certbridge://", OSSL_STORE_INFO_NAME,
     "certbridge://people,certbridge://anchors,certbridge://factory,"
     "certbridge://system,certbridge://dead"},
    {"certbridge://", OSSL_STORE_INFO_PKEY, ""},
    {"certbridge://", OSSL_STORE_INFO_CRL, ""},

    /* a source: leaf, rest of its chain, each chain certificate once; state and window */
    {"certbridge://people", 0,
     "server,Example Issuing,Example Root,client,numbered,Other Root,zero,cousin"},
    {"CertBridge://people/", OSSL_STORE_INFO_CERT,
     "server,Example Issuing,Example Root,client,numbered,Other Root,zero,cousin"},
    {"certbridge:people/user-10", 0, "client,Example Issuing,Example Root"},
    {"certbridge://factory", 0, "client,Example Issuing,Example Root,Example Root"},

    /* paths are prefixes by whole segments */
    {"certbridge://people/user-1", 0, "server,Example Issuing,Example Root"},
    {"certbridge://people/user-1/c1", 0, "server,Example Issuing,Example Root"},
    {"certbridge://people/user%2D1/c1/", 0, "server,Example Issuing,Example Root"},
    {"certbridge://people/user-10/c1", 0, "client,Example Issuing,Example Root"},
    {"certbridge://people/user", 0, ""},
    {"certbridge://people/user-1/c", 0, ""},
    {"certbridge://people/user-1/c1/x", 0, ""},
    {"certbridge://factory/IOT_1/passcode", 0, ""},

    /* attributes */
    {"certbridge://people/user-1?part=leaf", 0, "server"},
    {"certbridge://people/user-1?part=issuers", 0, "Example Issuing,Example Root"},
    {"certbridge://people?part=all&label=client", 0, "client,Example Issuing,Example Root"},
    {"certbridge://people?label=a%20label%20%2F%20with%20%25&part=leaf", 0, "numbered"},
    {"certbridge://people?label=Server", 0, ""},
    {"certbridge://people?state=disabled&part=leaf", 0, "locked"},
    {"certbridge://people/user-1?state=any&part=leaf", 0, "server,locked,late"},
    {"certbridge://people/user-1?state=active&part=leaf", 0, "server"},

    /* certificates are all there is */
    {"certbridge://people", OSSL_STORE_INFO_PKEY, ""},
    {"certbridge://people", OSSL_STORE_INFO_PARAMS, ""},
    {"certbridge://people", OSSL_STORE_INFO_CRL, ""},
    {"certbridge://people", OSSL_STORE_INFO_NAME, ""},
    {"certbridge://dead", OSSL_STORE_INFO_PARAMS, ""},

    /* errors of open */
    {"certbridge://nobody", 0, "!no such source"},
    {"certbridge://people?part=key", 0, "!invalid uri"},
    {"certbridge://people?state=ACTIVE", 0, "!invalid uri"},
    {"certbridge://people/a//b", 0, "!invalid uri"},
    {"certbridge://people/%zz", 0, "!invalid uri"},
    {"certbridge://people#x", 0, "!invalid uri"},

    /* errors of load */
    {"certbridge://dead", 0, "!source unavailable"},
    {"certbridge://dead", OSSL_STORE_INFO_CERT, "!source unavailable"},
};

static void test_lists(void **state)
{
    struct host host = host_new();
    unsigned bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[HOST_TEXT_MAX];
        host_read(&host, &(struct query){cases[i].uri, cases[i].expect, NULL, NULL}, text);
        if (strcmp(text, cases[i].text) == 0)
            continue;
        print_error("%s, expecting %d:\n  got    %s\n  wanted %s\n", cases[i].uri, cases[i].expect,
                    text, cases[i].text);
        bad++;
    }
    host_free(&host);
    assert_int_equal(bad, 0);
}

/* The texts of errors say what a person must know. */
static void test_error_texts(void **state)
{
    static const struct {
        const char *uri, *word;
    } texts[] = {
        {"certbridge://nobody", "nobody"},
        {"certbridge://peeple", "people"},
        {"certbridge://people?part=key", "leaf"},
        {"certbridge://dead", "dead"},
        {"certbridge://dead", "sync"},
    };
    struct host host = host_new();
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *data = NULL;
        int flags = 0;
        OSSL_STORE_CTX *store =
            OSSL_STORE_open_ex(texts[i].uri, host.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
        if (store)
            assert_null(OSSL_STORE_load(store));
        assert_int_not_equal(ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags), 0);
        assert_true(flags & ERR_TXT_STRING);
        if (!strstr(data, texts[i].word))
            fail_msg("%s: \"%s\" lacks \"%s\"", texts[i].uri, data, texts[i].word);
        ERR_clear_error();
        OSSL_STORE_close(store);
    }
    host_free(&host);
}

/* After an error: not at its end, a load that yields nothing, at its end. */
static void test_error_protocol(void **state)
{
    struct host host = host_new();
    (void)state;
    OSSL_STORE_CTX *store =
        OSSL_STORE_open_ex("certbridge://dead", host.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(store);
    assert_int_equal(OSSL_STORE_eof(store), 0);
    assert_null(OSSL_STORE_load(store));
    assert_int_equal(OSSL_STORE_error(store), 1);
    assert_int_equal(OSSL_STORE_eof(store), 0);
    ERR_clear_error();
    assert_null(OSSL_STORE_load(store));
    assert_int_equal(ERR_peek_error(), 0);
    assert_int_equal(OSSL_STORE_eof(store), 1);
    OSSL_STORE_close(store);
    host_free(&host);
}

/* The end is known with the last object, for hosts that take an empty load for an error. */
static void test_end(void **state)
{
    struct host host = host_new();
    (void)state;
    OSSL_STORE_CTX *store = OSSL_STORE_open_ex("certbridge://people/user-2/c2", host.libctx, NULL,
                                               NULL, NULL, NULL, NULL, NULL);
    assert_non_null(store);
    OSSL_STORE_INFO *info = OSSL_STORE_load(store);
    assert_non_null(info);
    OSSL_STORE_INFO_free(info);
    assert_int_equal(OSSL_STORE_eof(store), 1);
    OSSL_STORE_close(store);
    host_free(&host);
}

/* A host that allows only what is marked fips=yes still finds the loader. */
static void test_fips_property(void **state)
{
    struct host host = host_new();
    (void)state;
    assert_int_equal(EVP_set_default_properties(host.libctx, "fips=yes"), 1);
    OSSL_STORE_CTX *store =
        OSSL_STORE_open_ex("certbridge://people", host.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    assert_non_null(store);
    OSSL_STORE_close(store);
    host_free(&host);
}

/* A configuration that is mended counts at the next open. */
static void test_configuration(void **state)
{
    char *path = strdup(getenv("CERTBRIDGE_CONF")), text[HOST_TEXT_MAX];
    struct host host = host_new();
    (void)state;
    setenv("CERTBRIDGE_CONF", "/nonexistent/certbridge.conf", 1);
    host_read(&host, &(struct query){.uri = "certbridge://people"}, text);
    assert_string_equal(text, "!configuration error");
    setenv("CERTBRIDGE_CONF", path, 1);
    host_read(&host, &(struct query){.uri = "certbridge://people/user-1?part=leaf"}, text);
    assert_string_equal(text, "server");
    host_free(&host);
    free(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),          cmocka_unit_test(test_error_texts),
        cmocka_unit_test(test_error_protocol), cmocka_unit_test(test_end),
        cmocka_unit_test(test_fips_property),  cmocka_unit_test(test_configuration),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
