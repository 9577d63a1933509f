/* Times: civil dates, ISO 8601, RFC 3339, HTTP dates, ASN.1 times. */
#include "common/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* Held against the C library's timegm over 1 400 years, in steps that meet every kind of day. */
static void test_civil_against_libc(void **state)
{
    (void)state;
    for (int64_t t = -30000000000; t < 14000000000; t += 86400 * 3 + 12345) {
        struct cb_civil c = cb_civil_of(t);
        struct tm tm = {.tm_year = (int)c.year - 1900,
                        .tm_mon = c.month - 1,
                        .tm_mday = c.day,
                        .tm_hour = c.hour,
                        .tm_min = c.minute,
                        .tm_sec = c.second};
        int64_t back = 0;
        assert_int_equal(timegm(&tm), t);
        assert_int_equal(cb_civil_seconds(&c, &back), 0);
        assert_int_equal(back, t);
    }
}

static void test_iso(void **state)
{
    (void)state;
    static const struct {
        int64_t t;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {CB_TIME_MIN, ""},
        {CB_TIME_MAX, ""},
    };
    char out[CB_ISO_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(cb_iso(cases[i].t, out), cases[i].text);
    cb_iso(CB_TIME_MAX - 1, out); /* the longest text fits */
    assert_true(strlen(out) < CB_ISO_MAX - 1);
}

#define REFUSED INT64_MIN

struct form {
    const char *text;
    int64_t t; /* or REFUSED */
};

static void check(int (*parse)(struct cb_span, int64_t *), const struct form *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t t = REFUSED;
        int result = parse(cb_span_of(cases[i].text), &t);
        if (result != (cases[i].t == REFUSED ? -1 : 0) || t != cases[i].t)
            fail_msg("\"%s\" gave %d, %lld", cases[i].text, result, (long long)t);
    }
}

#define CHECK(parse, cases) check(parse, cases, sizeof cases / sizeof *cases)

static void test_rfc3339(void **state)
{
    (void)state;
    static const struct form cases[] = {
        {"1994-11-06T08:49:37Z", 784111777},
        {"1994-11-06t08:49:37z", 784111777},
        {"1994-11-06 08:49:37.999999999Z", 784111777},
        {"1994-11-06T09:49:37+01:00", 784111777},
        {"1994-11-06T03:19:37-05:30", 784111777},
        {"1994-11-06T08:49:60Z", 784111800},
        {"2000-02-29T00:00:00Z", 951782400},
        {"1900-02-29T00:00:00Z", REFUSED},
        {"1994-11-06T08:49:37", REFUSED},
        {"1994-11-06T08:49:37.Z", REFUSED},
        {"1994-11-06T24:00:00Z", REFUSED},
        {"1994-11-06T08:60:00Z", REFUSED},
        {"1994-11-06T08:49:61Z", REFUSED},
        {"1994-13-06T08:49:37Z", REFUSED},
        {"1994-00-06T08:49:37Z", REFUSED},
        {"1994-11-31T08:49:37Z", REFUSED},
        {"1994-11-00T08:49:37Z", REFUSED},
        {"94-11-06T08:49:37Z", REFUSED},
        {"1994-11-06T08:49:37+24:00", REFUSED},
        {"1994-11-06T08:49:37+0100", REFUSED},
        {"1994-11-06T08:49:37Zx", REFUSED},
        {" 1994-11-06T08:49:37Z", REFUSED},
        {"", REFUSED},
    };
    CHECK(cb_parse_rfc3339, cases);
}

static void test_date(void **state)
{
    (void)state;
    static const struct form cases[] = {
        {"1970-01-02", 86400},  {"2024-02-29", 1709164800}, {"2023-02-29", REFUSED},
        {"2024-2-29", REFUSED}, {"2024-02-29 ", REFUSED},   {"2024-02-29T00:00:00Z", REFUSED},
    };
    CHECK(cb_parse_date, cases);
}

static void test_http_date(void **state)
{
    (void)state;
    static const struct form cases[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Wed Nov 16 08:49:37 1994", 784975777},
        {"Sun, 06 Nov 1994 08:49:37 UTC", REFUSED},
        {"Sun, 06 nov 1994 08:49:37 GMT", REFUSED},
        {"Sun, 6 Nov 1994 08:49:37 GMT", REFUSED},
        {"120", REFUSED},
        {"", REFUSED},
    };
    CHECK(cb_parse_http_date, cases);
}

static void test_asn1(void **state)
{
    (void)state;
    static const struct form utc[] = {
        {"700101000000Z", 0},       {"491231235959Z", 2524607999},  {"500101000000Z", -631152000},
        {"7001010000Z", REFUSED},   {"700101000000+0000", REFUSED}, {"700101000060Z", REFUSED},
        {"700101000000z", REFUSED}, {"700230000000Z", REFUSED},
    };
    static const struct form generalized[] = {
        {"19700101000000Z", 0},
        {"20500101000000Z", 2524608000},
        {"99991231235959Z", 253402300799},
        {"19700101000000.5Z", REFUSED},
        {"19700101000000", REFUSED},
        {"700101000000Z", REFUSED},
    };
    CHECK(cb_parse_utctime, utc);
    CHECK(cb_parse_generalizedtime, generalized);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civil_against_libc),
        cmocka_unit_test(test_iso),
        cmocka_unit_test(test_rfc3339),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_http_date),
        cmocka_unit_test(test_asn1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
