/* What an API states about a certificate against the certificate: agrees, differs, contradicts. */
#include "common/fetch/check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* The certificate: serial number `serial`, expiry 2021-03-03T10:19:17Z, key id 0102..14, SHA-1
 * aa..aa, SHA-256 bb..bb. */
#define EXPIRY 1614766757
#define SHA1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA256 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define KEY_ID "0102030405060708090a0b0c0d0e0f1011121314"
#define SERIAL_0A1B "\x02\x02\x0a\x1b"
#define SERIAL_HIGH "\x02\x03\x00\xff\x01" /* 65281 */
#define SERIAL_NEGATIVE "\x02\x01\xf6"     /* -10 */

static const struct {
    const char *serial_der, *digest, *serial, *key_id, *not_after;
    bool decimal;
    enum cb_verdict verdict;
    const char *reasons;
} cases[] = {
    {SERIAL_0A1B, NULL, NULL, NULL, NULL, false, CB_AGREES, ""},
    /* digests */
    {SERIAL_0A1B, SHA256, NULL, NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_0A1B, SHA1, NULL, NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_0A1B, "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:aa:aa:aa:aa:aa:aa:aa:aa:aa:aa", NULL, NULL, NULL,
     false, CB_AGREES, ""},
    {SERIAL_0A1B, "abaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, NULL, NULL, false,
     CB_CONTRADICTS,
     "the API's digest \"abaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is not the certificate's, "
     "which "
     "is " SHA1},
    {SERIAL_0A1B, "aaaa", NULL, NULL, NULL, false, CB_DIFFERS,
     "the API's digest \"aaaa\" is neither SHA-1 nor SHA-256"},
    {SERIAL_0A1B, "unknown\n", NULL, NULL, NULL, false, CB_DIFFERS,
     "the API's digest \"unknown?\" is neither SHA-1 nor SHA-256"},
    /* serial numbers */
    {SERIAL_0A1B, NULL, "a1b", NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, "0A:1B", NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, "0x00000a1b", NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_HIGH, NULL, "ff01", NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_HIGH, NULL, "65281", NULL, NULL, true, CB_AGREES, ""},
    {SERIAL_HIGH, NULL, "65281", NULL, NULL, false, CB_DIFFERS,
     "the API's serial number \"65281\" is not the certificate's"},
    {SERIAL_HIGH, NULL, "65282", NULL, NULL, true, CB_DIFFERS,
     "the API's serial number \"65282\" is not the certificate's"},
    {SERIAL_NEGATIVE, NULL, "-0a", NULL, NULL, false, CB_AGREES, ""},
    {SERIAL_NEGATIVE, NULL, "-10", NULL, NULL, true, CB_AGREES, ""},
    {SERIAL_NEGATIVE, NULL, "0a", NULL, NULL, true, CB_DIFFERS,
     "the API's serial number \"0a\" is not the certificate's"},
    {SERIAL_0A1B, NULL, "a1bc", NULL, NULL, true, CB_DIFFERS,
     "the API's serial number \"a1bc\" is not the certificate's"},
    /* key identifiers */
    {SERIAL_0A1B, NULL, NULL, KEY_ID, NULL, false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, NULL, "01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14", NULL,
     false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, NULL, "0414" KEY_ID, NULL, false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, NULL, "0102", NULL, false, CB_DIFFERS,
     "the API's key identifier \"0102\" is not the certificate's, which is " KEY_ID},
    {SERIAL_0A1B, NULL, NULL, "?", NULL, false, CB_DIFFERS,
     "the API's key identifier \"?\" is not the certificate's, which is " KEY_ID},
    /* expiry */
    {SERIAL_0A1B, NULL, NULL, NULL, "2021-03-03T10:19:17Z", false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, NULL, NULL, "2021-03-03T11:19:17.5+01:00", false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, NULL, NULL, "Wed, 03 Mar 2021 10:19:17 GMT", false, CB_AGREES, ""},
    {SERIAL_0A1B, NULL, NULL, NULL, "2021-03-03T10:19:18Z", false, CB_DIFFERS,
     "the API's expiry \"2021-03-03T10:19:18Z\" is not the certificate's, which is "
     "2021-03-03T10:19:17Z"},
    {SERIAL_0A1B, NULL, NULL, NULL, "soon", false, CB_DIFFERS,
     "the API's expiry \"soon\" is not the certificate's, which is 2021-03-03T10:19:17Z"},
    /* several; a contradiction ends the matter */
    {SERIAL_0A1B, "aa", "1", NULL, "soon", false, CB_DIFFERS,
     "the API's digest \"aa\" is neither SHA-1 nor SHA-256; the API's serial number \"1\" is not "
     "the "
     "certificate's; the API's expiry \"soon\" is not the certificate's, which is "
     "2021-03-03T10:19:17Z"},
    {SERIAL_0A1B, "cccccccccccccccccccccccccccccccccccccccc", "1", NULL, NULL, false,
     CB_CONTRADICTS,
     "the API's digest \"cccccccccccccccccccccccccccccccccccccccc\" is not the certificate's, "
     "which "
     "is " SHA1},
};

static struct cb_x509_facts certificate(const char *serial_der)
{
    struct cb_x509_facts f = {.not_after = EXPIRY, .key_id_n = 20, .has_ski = true};

    f.parts.serial = cb_span(serial_der, 2 + (size_t)serial_der[1]);
    memset(f.sha1, 0xaa, sizeof f.sha1);
    memset(f.sha256, 0xbb, sizeof f.sha256);
    for (uint8_t i = 0; i < 20; i++)
        f.key_id[i] = (uint8_t)(i + 1);
    return f;
}

static void judges(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cb_x509_facts facts = certificate(cases[i].serial_der);
        struct cb_claims claims = {
            .digest = cb_span_of(cases[i].digest),
            .serial = cb_span_of(cases[i].serial),
            .serial_may_be_decimal = cases[i].decimal,
            .key_id = cb_span_of(cases[i].key_id),
            .not_after = cb_span_of(cases[i].not_after),
        };
        struct cb_buf reasons;

        cb_buf_init(&reasons, 1024);
        if (cb_check_claims(&claims, &facts, &reasons) != cases[i].verdict)
            fail_msg("case %zu: another verdict; %s", i, cb_buf_text(&reasons));
        assert_string_equal(cb_buf_text(&reasons), cases[i].reasons);
        cb_buf_clear(&reasons);
    }
}

/* Four long texts fit the buffer that the plan gives. */
static void long_texts_fit(void **state)
{
    struct cb_x509_facts facts = certificate(SERIAL_0A1B);
    struct cb_buf text, reasons;
    struct cb_span s;
    struct cb_claims claims;

    (void)state;
    cb_buf_init(&text, 100000);
    for (int i = 0; i < 100000; i++)
        cb_buf_add_byte(&text, 'a');
    s = cb_buf_span(&text);
    claims = (struct cb_claims){s, s, true, s, s};
    facts.key_id_n = sizeof facts.key_id;
    cb_buf_init(&reasons, CB_ERROR_TEXT_MAX);
    assert_int_equal(cb_check_claims(&claims, &facts, &reasons), CB_DIFFERS);
    assert_false(reasons.failed);
    cb_buf_clear(&reasons);
    cb_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges),
        cmocka_unit_test(long_texts_fit),
    };

    return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
