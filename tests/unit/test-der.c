/* DER elements, and the parts of a certificate. */
#include "common/der.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define BYTES(s)                                                                                   \
    {                                                                                              \
        s, sizeof s - 1                                                                            \
    }

struct bytes {
    const char *p;
    size_t n;
};

static struct cb_span span(struct bytes b)
{
    return cb_span(b.p, b.n);
}

static void test_elements(void **state)
{
    static const struct {
        const char *what;
        struct bytes der;
        int result;
        uint8_t tag;
        size_t head, content; /* bytes */
    } rows[] = {
        {"short", BYTES("\x04\x02gh"), 0, 4, 2, 2},
        {"empty", BYTES("\x05\x00"), 0, 5, 2, 0},
        {"something follows", BYTES("\x04\x01gh"), 0, 4, 2, 1},
        {"long form", BYTES("\x04\x81\x02gh"), 0, 4, 3, 2},
        {"longer than need be", BYTES("\x04\x84\x00\x00\x00\x02gh"), 0, 4, 6, 2},
        {"nine octets of length", BYTES("\x04\x89\0\0\0\0\0\0\0\0\x02gh"), 0, 4, 11, 2},
        {"context tag", BYTES("\xa3\x01h"), 0, 0xa3, 2, 1},
        {"nothing", BYTES(""), -1, 0, 0, 0},
        {"only a tag", BYTES("\x04"), -1, 0, 0, 0},
        {"too short", BYTES("\x04\x03gh"), -1, 0, 0, 0},
        {"indefinite", BYTES("\x30\x80\x00\x00"), -1, 0, 0, 0},
        {"a tag above 30", BYTES("\x1f\x01\x00"), -1, 0, 0, 0},
        {"a private tag above 30", BYTES("\xff\x01\x00"), -1, 0, 0, 0},
        {"length cut short", BYTES("\x04\x82\x01"), -1, 0, 0, 0},
        {"length of 2^32", BYTES("\x04\x85\x01\x00\x00\x00\x00gh"), -1, 0, 0, 0},
        {"length that wraps", BYTES("\x04\x88\xff\xff\xff\xff\xff\xff\xff\xffgh"), -1, 0, 0, 0},
        {"reserved length", BYTES("\x04\xff\x00"), -1, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_span in = span(rows[i].der), content, whole;
        uint8_t tag;
        if (cb_der_next(&in, &tag, &content, &whole) != rows[i].result)
            fail_msg("%s", rows[i].what);
        if (rows[i].result != 0) {
            assert_true(cb_span_equal(in, span(rows[i].der)));
            continue;
        }
        assert_int_equal(tag, rows[i].tag);
        assert_ptr_equal(content.p, whole.p + rows[i].head);
        assert_int_equal(content.n, rows[i].content);
        assert_ptr_equal(whole.p, rows[i].der.p);
        assert_int_equal(whole.n, rows[i].head + rows[i].content);
        assert_ptr_equal(in.p, whole.p + whole.n);
        assert_int_equal(in.n, rows[i].der.n - whole.n);
    }
}

static void test_take(void **state)
{
    struct cb_span in = cb_span("\x02\x01\x07\x04\x01h", 6), before = in, content;
    (void)state;
    assert_int_equal(cb_der_take(&in, CB_DER_SET, &content, NULL), -1);
    assert_true(cb_span_equal(in, before));
    assert_int_equal(cb_der_take(&in, CB_DER_INTEGER, &content, NULL), 0);
    assert_int_equal(content.p[0], 7);
    assert_int_equal(cb_der_take(&in, CB_DER_OCTET_STRING, &content, NULL), 0);
    assert_int_equal(in.n, 0);
    assert_int_equal(cb_der_take(&in, CB_DER_OCTET_STRING, &content, NULL), -1);
}

/* Elements of a certificate, as small as they can be. */
#define VERSION_3 "\xa0\x03\x02\x01\x02"
#define SERIAL "\x02\x01\x05"
#define ALGORITHM "\x30\x00"
#define ISSUER "\x30\x02\x31\x00"
#define TIME                                                                                       \
    "\x17\x01"                                                                                     \
    "1"
#define LATER                                                                                      \
    "\x18\x01"                                                                                     \
    "2"
#define VALIDITY "\x30\x06" TIME LATER
#define SUBJECT "\x30\x00"
#define KEY "\x30\x03\x03\x01\x00"
#define IDS "\x81\x01\x00\x82\x01\x00"
#define EXTENSIONS "\xa3\x04\x30\x02\x30\x00"
#define SIGNATURE "\x03\x01\x00"
#define CERTIFICATE(whole, tbs, content) "\x30" whole "\x30" tbs content ALGORITHM SIGNATURE

static void test_parts(void **state)
{
    static const struct {
        const char *what;
        struct bytes der;
        int result;
        size_t cut, extensions; /* bytes */
    } rows[] = {
        {"version 3",
         BYTES(CERTIFICATE("\x2a", "\x23",
                           VERSION_3 SERIAL ALGORITHM ISSUER VALIDITY SUBJECT KEY EXTENSIONS)),
         0, 0, 2},
        {"version 1",
         BYTES(CERTIFICATE("\x1f", "\x18", SERIAL ALGORITHM ISSUER VALIDITY SUBJECT KEY)), 0, 0, 0},
        {"unique identifiers",
         BYTES(CERTIFICATE("\x30", "\x29",
                           VERSION_3 SERIAL ALGORITHM ISSUER VALIDITY SUBJECT KEY IDS EXTENSIONS)),
         0, 0, 2},
        {"what follows is cut",
         BYTES(CERTIFICATE("\x1f", "\x18", SERIAL ALGORITHM ISSUER VALIDITY SUBJECT KEY) "more"), 0,
         4, 0},
        {"extensions before the identifiers",
         BYTES(CERTIFICATE("\x30", "\x29",
                           VERSION_3 SERIAL ALGORITHM ISSUER VALIDITY SUBJECT KEY EXTENSIONS IDS)),
         -1, 0, 0},
        {"no key", BYTES(CERTIFICATE("\x1a", "\x13", SERIAL ALGORITHM ISSUER VALIDITY SUBJECT)), -1,
         0, 0},
        {"no serial", BYTES(CERTIFICATE("\x1c", "\x15", ALGORITHM ISSUER VALIDITY SUBJECT KEY)), -1,
         0, 0},
        {"a number for a time",
         BYTES(CERTIFICATE("\x1f", "\x18",
                           SERIAL ALGORITHM ISSUER "\x30\x06\x02\x01\x01" LATER SUBJECT KEY)),
         -1, 0, 0},
        {"one time",
         BYTES(CERTIFICATE("\x1c", "\x15", SERIAL ALGORITHM ISSUER "\x30\x03" TIME SUBJECT KEY)),
         -1, 0, 0},
        {"three times",
         BYTES(CERTIFICATE("\x22", "\x1b",
                           SERIAL ALGORITHM ISSUER "\x30\x09" TIME LATER TIME SUBJECT KEY)),
         -1, 0, 0},
        {"cut short", BYTES("\x30\x20\x30\x19\x02"), -1, 0, 0},
        {"nothing", BYTES(""), -1, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_certificate_parts parts;
        struct cb_span der = span(rows[i].der);
        if (cb_certificate_parts(der, &parts) != rows[i].result)
            fail_msg("%s", rows[i].what);
        if (rows[i].result != 0)
            continue;
        assert_true(cb_span_equal(parts.whole, cb_span(der.p, der.n - rows[i].cut)));
        assert_true(cb_span_equal(parts.serial, cb_span_of(SERIAL)));
        assert_true(cb_span_equal(parts.issuer, cb_span(ISSUER, 4)));
        assert_true(cb_span_equal(parts.subject, cb_span(SUBJECT, 2)));
        assert_true(cb_span_equal(parts.not_before, cb_span_of(TIME)));
        assert_true(cb_span_equal(parts.not_after, cb_span_of(LATER)));
        assert_true(cb_span_equal(parts.spki, cb_span(KEY, 5)));
        assert_int_equal(parts.extensions.n, rows[i].extensions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
