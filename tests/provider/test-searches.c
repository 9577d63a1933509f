/* The four searches of OSSL_STORE, what a search for trust anchors gives, and criteria that make no
 * sense. */
#include "tests/provider/host.h"
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <string.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum by { BY_SUBJECT, BY_ISSUER_SERIAL, BY_SHA1, BY_SHA256, BY_SHA512, BY_ALIAS };

static const struct {
    const char *uri;
    enum by by;
    const char *what; /* a certificate of the world, or the alias */
    const char *text;
} cases[] = {
    /* trust anchors: credentials' own certificates, anchor states, inside their window */
    {"certbridge://anchors", BY_SUBJECT, "root", "Example Root"},
    {"certbridge://anchors/ca", BY_SUBJECT, "root", "Example Root"},
    {"certbridge://anchors", BY_SUBJECT, "respelled", "Example Root"},
    {"certbridge://anchors", BY_SUBJECT, "issuing", "Example Issuing"},
    {"certbridge://anchors", BY_SUBJECT, "server", ""},
    {"certbridge://anchors", BY_SUBJECT, "other", ""},
    {"certbridge://anchors?state=disabled", BY_SUBJECT, "other", "Other Root"},
    {"certbridge://anchors?state=any", BY_SUBJECT, "other", "Other Root"},
    {"certbridge://anchors?label=root", BY_SUBJECT, "root", "Example Root"},
    {"certbridge://anchors?label=other", BY_SUBJECT, "root", ""},
    {"certbridge://anchors/ca/issuing", BY_SUBJECT, "root", ""},
    {"certbridge://anchors?part=issuers", BY_SUBJECT, "root", ""},
    {"certbridge://people", BY_SUBJECT, "issuing", ""},
    {"certbridge://people", BY_SUBJECT, "server", "server"},
    {"certbridge://people", BY_SUBJECT, "locked", ""},
    {"certbridge://people", BY_SUBJECT, "late", ""},
    {"certbridge://factory", BY_SUBJECT, "client", "client"},
    {"certbridge://factory", BY_SUBJECT, "root", ""},
    {"certbridge://dead", BY_SUBJECT, "root", ""},
    {"certbridge://", BY_SUBJECT, "root", ""},

    /* issuer and serial number: whatever the URI lists */
    {"certbridge://people", BY_ISSUER_SERIAL, "server", "server"},
    {"certbridge://people", BY_ISSUER_SERIAL, "issuing", "Example Issuing"},
    {"certbridge://people", BY_ISSUER_SERIAL, "numbered", "numbered"},
    {"certbridge://people", BY_ISSUER_SERIAL, "zero", "zero"},
    {"certbridge://people", BY_ISSUER_SERIAL, "cousin", "cousin"},
    {"certbridge://people", BY_ISSUER_SERIAL, "locked", ""},
    {"certbridge://people?state=any", BY_ISSUER_SERIAL, "locked", "locked"},
    {"certbridge://people/user-2", BY_ISSUER_SERIAL, "issuing", ""},
    {"certbridge://people/user-2", BY_ISSUER_SERIAL, "other", "Other Root"},
    {"certbridge://people?label=zero", BY_ISSUER_SERIAL, "other", ""},
    {"certbridge://people?part=leaf", BY_ISSUER_SERIAL, "issuing", ""},
    {"certbridge://people?part=issuers", BY_ISSUER_SERIAL, "server", ""},
    {"certbridge://people?part=issuers", BY_ISSUER_SERIAL, "issuing", "Example Issuing"},
    {"certbridge://dead", BY_ISSUER_SERIAL, "root", "!source unavailable"},
    {"certbridge://", BY_ISSUER_SERIAL, "root", ""},

    /* fingerprint: two digests by index, another by a scan */
    {"certbridge://people", BY_SHA1, "client", "client"},
    {"certbridge://people", BY_SHA256, "client", "client"},
    {"certbridge://people", BY_SHA512, "client", "client"},
    {"certbridge://people", BY_SHA1, "root", "Example Root"},
    {"certbridge://people", BY_SHA256, "root", "Example Root"},
    {"certbridge://people", BY_SHA512, "root", "Example Root"},
    {"certbridge://people/user-2", BY_SHA256, "client", ""},
    {"certbridge://people/user-2", BY_SHA512, "client", ""},
    {"certbridge://people/user-1", BY_SHA256, "client", ""},
    {"certbridge://people", BY_SHA256, "locked", ""},
    {"certbridge://people", BY_SHA512, "locked", ""},
    {"certbridge://", BY_SHA512, "root", ""},

    /* alias: label or path */
    {"certbridge://people", BY_ALIAS, "server", "server"},
    {"certbridge://people", BY_ALIAS, "user-1/c1", "server"},
    {"certbridge://people", BY_ALIAS, "user-1", ""},
    {"certbridge://people", BY_ALIAS, "", ""},
    {"certbridge://people", BY_ALIAS, "a label / with %", "numbered"},
    {"certbridge://people", BY_ALIAS, "Server", ""},
    {"certbridge://people", BY_ALIAS, "locked", ""},
    {"certbridge://people/user-2", BY_ALIAS, "user-1/c1", ""},
    {"certbridge://factory", BY_ALIAS, "p1", ""},
    {"certbridge://factory", BY_ALIAS, "IOT_1/passcode/p1", ""},
    {"certbridge://anchors", BY_ALIAS, "twin", "late"},
    {"certbridge://", BY_ALIAS, "people", ""},
};

static OSSL_STORE_SEARCH *by_fingerprint(const char *digest, X509 *certificate)
{
    static unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const EVP_MD *md = EVP_get_digestbyname(digest);
    assert_int_equal(X509_digest(certificate, md, bytes, &n), 1);
    return OSSL_STORE_SEARCH_by_key_fingerprint(md, bytes, n);
}

static OSSL_STORE_SEARCH *search_of(enum by by, const char *what, X509 *certificate)
{
    switch (by) {
    case BY_SUBJECT:
        return OSSL_STORE_SEARCH_by_name(X509_get_subject_name(certificate));
    case BY_ISSUER_SERIAL:
        return OSSL_STORE_SEARCH_by_issuer_serial(X509_get_issuer_name(certificate),
                                                  X509_get0_serialNumber(certificate));
    case BY_SHA1:
        return by_fingerprint("SHA1", certificate);
    case BY_SHA256:
        return by_fingerprint("SHA256", certificate);
    case BY_SHA512:
        return by_fingerprint("SHA512", certificate);
    case BY_ALIAS:
        break;
    }
    return OSSL_STORE_SEARCH_by_alias(what);
}

static bool has_result(const struct host *host, size_t i, int expect)
{
    char text[HOST_TEXT_MAX];
    X509 *certificate = cases[i].by == BY_ALIAS ? NULL : world_certificate(cases[i].what);
    OSSL_STORE_SEARCH *search = search_of(cases[i].by, cases[i].what, certificate);
    host_read(host, &(struct query){cases[i].uri, expect, search, NULL}, text);
    OSSL_STORE_SEARCH_free(search);
    X509_free(certificate);
    /* With an expected type nobody builds a chain: an error is reported. */
    bool reported = expect && cases[i].by == BY_SUBJECT && strstr(cases[i].uri, "dead");
    const char *wanted = reported ? "!source unavailable" : cases[i].text;
    if (strcmp(text, wanted) == 0)
        return true;
    print_error("%s by %d, %s, expecting %d:\n  got    %s\n  wanted %s\n", cases[i].uri,
                cases[i].by, cases[i].what, expect, text, wanted);
    return false;
}

static void test_searches(void **state)
{
    struct host host = host_new();
    unsigned bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int expect = 0; expect <= OSSL_STORE_INFO_CERT; expect += OSSL_STORE_INFO_CERT)
            bad += has_result(&host, i, expect) ? 0 : 1;
    host_free(&host);
    assert_int_equal(bad, 0);
}

static unsigned char big[70000];
static unsigned char one = 1;
static int minus_one = -1;

#define OCTETS(key, p, n) OSSL_PARAM_octet_string(key, p, n)
#define TEXT(key, literal) OSSL_PARAM_utf8_string(key, (char *)(literal), sizeof(literal) - 1)

/* Criteria that OSSL_STORE_find would never send, or not in this way. A refused criterion leaves
 * nothing behind that could be trusted by mistake. */
static const struct {
    const char *name;
    OSSL_PARAM params[3];
    const char *text;
} raw[] = {
    {"subject too long", {OCTETS("subject", big, sizeof big)}, ""},
    {"subject that is no name", {OCTETS("subject", &one, 1)}, ""},
    {"subject that is empty", {OCTETS("subject", big, 0)}, ""},
    {"serial too long", {OCTETS("name", &one, 1), {"serial", 2, big, 2000, 0}}, ""},
    {"negative serial", {OCTETS("name", "0", 2), {"serial", 1, &minus_one, 4, 0}}, ""},
    {"alias too long", {OSSL_PARAM_utf8_string("alias", big, sizeof big)}, ""},
    {"fingerprint too long", {TEXT("digest", "SHA1"), OCTETS("fingerprint", big, 65)}, ""},
    {"fingerprint too short", {TEXT("digest", "SHA1"), OCTETS("fingerprint", big, 1)}, ""},
    {"fingerprint without digest", {OCTETS("fingerprint", big, 20)}, "!invalid call"},
    {"unknown digest", {TEXT("digest", "X"), OCTETS("fingerprint", big, 20)}, "!not found"},
    {"alias given twice", {TEXT("alias", "nobody"), TEXT("alias", "zero")}, "zero"},
    {"digest without fingerprint", {TEXT("digest", "X")}, "zero"},
    {"unknown parameter", {TEXT("colour", "red")}, "zero"},
    {"properties and input type", {TEXT("properties", "x=y"), TEXT("input-type", "DER")}, "zero"},
    {"subject of a wrong type", {TEXT("subject", "CN=zero")}, ""},
    {"alias of a wrong type", {OCTETS("alias", "zero", 4)}, "!invalid call"},
    {"expected type of a wrong type", {TEXT("expect", "CERT")}, "!invalid call"},
};

static void test_raw_criteria(void **state)
{
    struct host host = host_new();
    unsigned bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof raw / sizeof raw[0]; i++) {
        char text[HOST_TEXT_MAX];
        host_read(&host,
                  &(struct query){.uri = "certbridge://people/user-2/c2", .params = raw[i].params},
                  text);
        if (strcmp(text, raw[i].text) == 0)
            continue;
        print_error("%s: got \"%s\", wanted \"%s\"\n", raw[i].name, text, raw[i].text);
        bad++;
    }
    host_free(&host);
    assert_int_equal(bad, 0);
}

/* Every spelling that OpenSSL knows of the indexed digests, and one that needs the host's. */
static void test_digest_names(void **state)
{
    static const struct {
        const char *name, *digest;
    } names[] = {
        {"SHA1", "SHA1"},
        {"sha1", "SHA1"},
        {"SHA-1", "SHA1"},
        {"SSL3-SHA1", "SHA1"},
        {"1.3.14.3.2.26", "SHA1"},
        {"SHA2-256", "SHA256"},
        {"SHA-256", "SHA256"},
        {"sha256", "SHA256"},
        {"2.16.840.1.101.3.4.2.1", "SHA256"},
        {"SHA3-384", "SHA3-384"},
        {"md5", "MD5"},
    };
    struct host host = host_new();
    X509 *certificate = world_certificate("issuing");
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsigned char bytes[EVP_MAX_MD_SIZE];
        unsigned n = 0;
        char text[HOST_TEXT_MAX];
        assert_int_equal(X509_digest(certificate, EVP_get_digestbyname(names[i].digest), bytes, &n),
                         1);
        const OSSL_PARAM params[] = {
            OSSL_PARAM_utf8_string("digest", (char *)names[i].name, strlen(names[i].name)),
            OCTETS("fingerprint", bytes, n), OSSL_PARAM_END};
        host_read(&host, &(struct query){.uri = "certbridge://people", .params = params}, text);
        assert_string_equal(text, "Example Issuing");
    }
    X509_free(certificate);
    host_free(&host);
}

/* Once loading has begun, a criterion comes too late. */
static void test_late_criterion(void **state)
{
    struct host host = host_new();
    (void)state;
    OSSL_STORE_CTX *store =
        OSSL_STORE_open_ex("certbridge://people", host.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
    OSSL_STORE_INFO_free(OSSL_STORE_load(store));
    assert_int_equal(OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY), 0);
    OSSL_STORE_close(store);
    host_free(&host);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_searches),
        cmocka_unit_test(test_raw_criteria),
        cmocka_unit_test(test_digest_names),
        cmocka_unit_test(test_late_criterion),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
