/* Hexadecimal, percent-encoding, nearest words, UTF-8. */
#include "common/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_unhex(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool loose;
        int n; /* -1: refused */
        const char *bytes;
    } cases[] = {
        {"", false, 0, ""},       {"00ffAb", false, 3, "\x00\xFF\xAB"},
        {"0", false, -1, ""},     {"0g", false, -1, ""},
        {"00:ff", false, -1, ""}, {"00:ff 01", true, 3, "\x00\xFF\x01"},
        {"0:0", true, -1, ""},    {"0102030405", false, -1, ""}, /* does not fit */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[4];
        size_t n = 99;
        int result = cb_unhex(out, sizeof out, &n, cb_span_of(cases[i].text), cases[i].loose);
        assert_int_equal(result, cases[i].n < 0 ? -1 : 0);
        if (result == 0) {
            assert_int_equal(n, cases[i].n);
            assert_memory_equal(out, cases[i].bytes, n);
        }
    }
}

static void test_hex(void **state)
{
    (void)state;
    struct cb_buf b;
    cb_buf_init(&b, 100);
    cb_hex(&b, cb_span("\x00\xFE\x7f", 3));
    assert_string_equal(cb_buf_text(&b), "00fe7f");
    cb_buf_clear(&b);
}

static void test_percent(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *encoded;
    } cases[] = {
        {"AZaz09-._~", "AZaz09-._~"},
        {"a b/c", "a%20b%2Fc"},
        {"100%+", "100%25%2B"},
        {"\xC3\xA9", "%C3%A9"},
        {"", ""},
    };
    struct cb_buf b;
    cb_buf_init(&b, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cb_buf_reset(&b);
        assert_int_equal(cb_percent_encode(&b, cb_span_of(cases[i].plain)), 0);
        assert_string_equal(cb_buf_text(&b), cases[i].encoded);
        cb_buf_reset(&b);
        assert_int_equal(cb_percent_decode(&b, cb_span_of(cases[i].encoded)), 0);
        assert_string_equal(cb_buf_text(&b), cases[i].plain);
    }
    cb_buf_clear(&b);
}

static void test_percent_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"%", "a%", "%4", "%zz", "%00", "a%4", "%%41"};
    struct cb_buf b;
    cb_buf_init(&b, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(cb_percent_decode(&b, cb_span_of(cases[i])), -1);
    cb_buf_reset(&b);
    assert_int_equal(cb_percent_decode(&b, cb_span_of("%2f%2F+")), 0);
    assert_string_equal(cb_buf_text(&b), "//+");
    cb_buf_clear(&b);
}

static void test_path(void **state)
{
    (void)state;
    struct cb_buf b;
    cb_buf_init(&b, 100);
    cb_path_add(&b, cb_span_of("user 1"));
    cb_path_add(&b, cb_span_of("a/b"));
    assert_string_equal(cb_buf_text(&b), "user%201/a%2Fb");
    cb_buf_clear(&b);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"users", "client", "certificates", "url", NULL};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"userz", "users"},
        {"usr", NULL},
        {"user", "users"},
        {"clients", "client"},
        {"certifcate", "certificates"},
        {"uri", "url"},
        {"wholly-other", NULL},
        {"", NULL},
        {"URL", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = cb_nearest(cases[i].word, words);
        if (cases[i].nearest)
            assert_string_equal(nearest ? nearest : "(none)", cases[i].nearest);
        else
            assert_null(nearest);
    }
}

static void test_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "a",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xED\x9F\xBF",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF",
    };
    static const char *const bad[] = {
        "\x80",         "\xC0\x80",         "\xC1\xBF",         "\xC2",         "\xE0\x9F\xBF",
        "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80", "\xE2\x82",
        "a\xFF",        "\xE2\x28\xA1",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(cb_utf8_valid(cb_span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(cb_utf8_valid(cb_span_of(bad[i])));
}

static void test_printable(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *printed;
    } cases[] = {
        {"plain \xC3\xA9", 100, "plain \xC3\xA9"},
        {"a\nb\tc\x7F", 100, "a?b?c?"},
        {"\x1B[31mred", 100, "?[31mred"},
        {"\xC2\x9B"
         "1m\xE2\x80\xAE!",
         100, "?1m?!"},
        {"bad \xFF\xC3", 100, "bad ??"},
        {"abcdef", 6, "abcdef"},
        {"abcdef", 5, "abcde..."},
        {"ab\xE2\x82\xAC", 4, "ab..."},
    };
    struct cb_buf b;
    cb_buf_init(&b, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cb_buf_reset(&b);
        assert_int_equal(cb_add_printable(&b, cb_span_of(cases[i].text), cases[i].most), 0);
        assert_string_equal(cb_buf_text(&b), cases[i].printed);
    }
    cb_buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hex),     cmocka_unit_test(test_unhex),
        cmocka_unit_test(test_percent), cmocka_unit_test(test_percent_refused),
        cmocka_unit_test(test_path),    cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_utf8),    cmocka_unit_test(test_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
