/* Certificate fields as APIs write them. Contents are any bytes here: only x509.c judges them. */
#include "common/fetch/base64.h"
#include "common/fetch/pem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

static void test_base64(void **state)
{
    static const struct {
        const char *text, *bytes; /* NULL: refused */
        size_t at;                /* the wrong byte */
    } rows[] = {
        {"", "", 0},
        {"Zg==", "f", 0},
        {"Zm8=", "fo", 0},
        {"Zm9v", "foo", 0},
        {"Zm9vYg==", "foob", 0},
        {"Zm9vYmE=", "fooba", 0},
        {"Zm9vYmFy", "foobar", 0},
        {" Z\tm\r\n9v\f\v", "foo", 0},
        {"Zg=\n=", "f", 0},
        {"+/8A", "\xfb\xff", 0},
        {"Z", NULL, 1},
        {"Zg", NULL, 2},
        {"Zg=", NULL, 3},
        {"Zm8", NULL, 3},
        {"Zg===", NULL, 4},
        {"=", NULL, 1},
        {"Z===", NULL, 3},
        {"====", NULL, 3},
        {"Zg=A", NULL, 3},
        {"Zg==Zg==", NULL, 4},
        {"Zh==", NULL, 3},
        {"Zm9=", NULL, 3},
        {"Zm9-", NULL, 3},
        {"Zm9_", NULL, 3},
        {"Zm9v!", NULL, 4},
        {"Z\xc2\xa0m9v", NULL, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_buf out;
        size_t at;
        cb_buf_init(&out, 100);
        int result = cb_base64_decode(&out, cb_span_of(rows[i].text), &at);
        if (result != (rows[i].bytes ? 0 : -1) || (result != 0 && at != rows[i].at))
            fail_msg("%s: %d at %zu", rows[i].text, result, at);
        if (rows[i].bytes)
            assert_memory_equal(cb_buf_text(&out), rows[i].bytes, strlen(rows[i].bytes));
        cb_buf_clear(&out);
    }
}

static void test_forms(void **state)
{
    static const struct {
        const char *what, *text;
        const char *der[4]; /* one after the other */
    } rows[] = {
        {"PEM", BEGIN "\nYWJj\n" END "\n", {"abc"}},
        {"no newline at the end", BEGIN "\nYWJj\n" END, {"abc"}},
        {"CR LF", BEGIN "\r\nYW\r\nJj\r\n" END "\r\n", {"abc"}},
        {"CR", BEGIN "\rYWJj\r" END "\r", {"abc"}},
        {"one line", BEGIN "YWJj" END, {"abc"}},
        {"blanks around", "  " BEGIN " \n YWJj \n  " END "  ", {"abc"}},
        {"a chain", BEGIN "\nYWJj\n" END "\n" BEGIN "\nZGVm\n" END "\n", {"abc", "def"}},
        {"text before, between and after",
         "subject=CN = a\n" BEGIN "\nYWJj\n" END "\nissuer=b\n" BEGIN "\nZGVm\n" END "\nbye\n",
         {"abc", "def"}},
        {"another label",
         "-----BEGIN X509 CERTIFICATE-----\nYWJj\n-----END X509 CERTIFICATE-----\n",
         {"abc"}},
        {"without armour", "YW\nJj\n", {"abc"}},
        {"without armour, CR LF", "YW\r\nJj\r\n", {"abc"}},
        {"base64 in one line", "YWJj", {"abc"}},
        {"base64 of PEM",
         "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCllXSmoKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=",
         {"abc"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_certificates c;
        struct cb_error err = {.code = CB_OK};
        size_t n = 0;
        if (cb_certificates_decode(cb_span_of(rows[i].text), &c, &err) != 0)
            fail_msg("%s: %s", rows[i].what, err.text);
        for (; n < 4 && rows[i].der[n]; n++)
            assert_string_equal(cb_buf_text(&c.der[n]), rows[i].der[n]);
        assert_int_equal(c.n, n);
        cb_certificates_clear(&c);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"", "no certificate"},
        {" \n ", "no certificate"},
        {BEGIN "\n" END, "certificate 1: there is no certificate"},
        {BEGIN "\nYWJj\n", "END line: cut short"},
        {BEGIN "\nYWJj\n-----END CERT", "END line: cut short"},
        {"-----BEGIN CERTIFICATE\nYWJj\n", "BEGIN line has no end"},
        {BEGIN "\nYWJj\n-----END X509 CERTIFICATE-----", "does not belong"},
        {BEGIN "\nYWJ\n" END, "cut short"},
        {BEGIN "\nYW!j\n" END, "bad base64 at byte 4"},
        {BEGIN "\nYWJj\n" END BEGIN "\nYW!j\n" END, "certificate 2: bad base64"},
        {BEGIN "\nProc-Type: 4,ENCRYPTED\n\nYWJj\n" END, "bad base64"},
        {"-----BEGIN TRUSTED CERTIFICATE-----\nYWJj\n-----END TRUSTED CERTIFICATE-----",
         "PEM of TRUSTED CERTIFICATE"},
        {"-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----", "PEM of PUBLIC KEY"},
        {"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", "private key"},
        {"-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----", "private key"},
        {BEGIN "\nYWJj\n" END
               "\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE "
               "KEY-----",
         "private key"},
        {"not a certificate", "cut short"},
        {"<html>c2VjcmV0</html>", "bad base64 at byte 1"},
        {"-----BEGIN c2VjcmV0\xff-----\n", "BEGIN line has no end"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_certificates c;
        struct cb_error err = {.code = CB_OK};
        assert_int_equal(cb_certificates_decode(cb_span_of(rows[i].text), &c, &err), -1);
        assert_int_equal(err.code, CB_ERR_CERTIFICATE);
        assert_int_equal(c.n, 0);
        if (!strstr(err.text, rows[i].reason) || strstr(err.text, "secret") ||
            strstr(err.text, "c2Vj"))
            fail_msg("%s: \"%s\"", rows[i].text, err.text);
    }
}

static void test_limits(void **state)
{
    struct cb_certificates c;
    struct cb_error err;
    struct cb_buf text;
    (void)state;
    cb_buf_init(&text, 4 * CB_CERTIFICATE_MAX);
    for (size_t i = 0; i < CB_CHAIN_MAX; i++)
        cb_buf_add_text(&text, BEGIN "YWJj" END);
    assert_int_equal(cb_certificates_decode(cb_buf_span(&text), &c, &err), 0);
    assert_int_equal(c.n, CB_CHAIN_MAX);
    cb_certificates_clear(&c);
    cb_buf_add_text(&text, BEGIN "YWJj" END);
    assert_int_equal(cb_certificates_decode(cb_buf_span(&text), &c, &err), -1);
    assert_non_null(strstr(err.text, "more than 32 certificates"));

    cb_buf_reset(&text);
    for (size_t i = 0; i < CB_CERTIFICATE_MAX / 3; i++)
        cb_buf_add_text(&text, "AAAA");
    assert_int_equal(cb_certificates_decode(cb_buf_span(&text), &c, &err), 0);
    cb_certificates_clear(&c);
    cb_buf_add_text(&text, "AAAA");
    assert_int_equal(cb_certificates_decode(cb_buf_span(&text), &c, &err), -1);
    assert_non_null(strstr(err.text, "more than 1048576 bytes"));
    cb_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
