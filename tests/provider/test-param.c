/* Numbers of any size as INTEGER elements, and the answers of get_params. */
#include "provider/param.h"
#include <limits.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIGNED OSSL_PARAM_INTEGER
#define UNSIGNED OSSL_PARAM_UNSIGNED_INTEGER

/* Bytes from the most significant one on. */
static const struct {
    unsigned type;
    size_t n;
    uint8_t bytes[9];
    size_t content_n;
    uint8_t content[10];
} integers[] = {
    {UNSIGNED, 0, {0}, 1, {0}},
    {UNSIGNED, 1, {0}, 1, {0}},
    {UNSIGNED, 4, {0, 0, 0, 1}, 1, {1}},
    {UNSIGNED, 1, {0x7f}, 1, {0x7f}},
    {UNSIGNED, 1, {0x80}, 2, {0, 0x80}},
    {UNSIGNED, 2, {0, 0x80}, 2, {0, 0x80}},
    {UNSIGNED, 1, {0xff}, 2, {0, 0xff}},
    {UNSIGNED, 9, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 9, {1, 2, 3, 4, 5, 6, 7, 8, 9}},
    {SIGNED, 4, {0, 0, 0, 0x80}, 2, {0, 0x80}},
    {SIGNED, 1, {0x80}, 1, {0x80}},
    {SIGNED, 4, {0xff, 0xff, 0xff, 0xff}, 1, {0xff}},
    {SIGNED, 4, {0xff, 0xff, 0xff, 0x80}, 1, {0x80}},
    {SIGNED, 4, {0xff, 0xff, 0xff, 0x7f}, 2, {0xff, 0x7f}},
};

static void to_native(uint8_t *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? in[n - 1 - i] : in[i];
}

static void test_integer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        uint8_t native[9];
        struct cb_buf out;
        to_native(native, integers[i].bytes, integers[i].n);
        OSSL_PARAM p = {"serial", integers[i].type, native, integers[i].n, 0};
        cb_buf_init(&out, 64);
        assert_int_equal(cb_param_integer(&p, &out), 0);
        assert_int_equal(out.n, 4 + integers[i].content_n);
        assert_memory_equal(out.p, ((uint8_t[]){2, 0x82, 0, (uint8_t)integers[i].content_n}), 4);
        assert_memory_equal(out.p + 4, integers[i].content, integers[i].content_n);
        cb_buf_clear(&out);
    }
}

static void test_int(void **state)
{
    int64_t large = INT64_C(1) << 40, small = -5;
    uint32_t unsigned_small = 5, unsigned_large = UINT32_MAX;
    int value = 0;
    (void)state;
    assert_int_equal(cb_param_int(&(OSSL_PARAM){"e", SIGNED, &small, 8, 0}, &value), 0);
    assert_int_equal(value, -5);
    assert_int_equal(cb_param_int(&(OSSL_PARAM){"e", UNSIGNED, &unsigned_small, 4, 0}, &value), 0);
    assert_int_equal(value, 5);
    assert_int_equal(cb_param_int(&(OSSL_PARAM){"e", SIGNED, &large, 8, 0}, &value), -1);
    assert_int_equal(cb_param_int(&(OSSL_PARAM){"e", UNSIGNED, &unsigned_large, 4, 0}, &value), -1);
    assert_int_equal(cb_param_int(&(OSSL_PARAM){"e", SIGNED, NULL, 4, 0}, &value), -1);
    assert_int_equal(cb_param_int(&(OSSL_PARAM){"e", OSSL_PARAM_REAL, &large, 8, 0}, &value), -1);
}

static void test_answers(void **state)
{
    const char *pointer = NULL;
    char room[4] = "xxx";
    int number = 0;
    OSSL_PARAM p = {"name", OSSL_PARAM_UTF8_PTR, &pointer, 0, 0};
    (void)state;
    assert_int_equal(cb_param_answer_text(&p, "abc"), 1);
    assert_string_equal(pointer, "abc");
    assert_int_equal(p.return_size, 3);
    p = (OSSL_PARAM){"name", OSSL_PARAM_UTF8_STRING, room, sizeof room, 0};
    assert_int_equal(cb_param_answer_text(&p, "abc"), 1);
    assert_string_equal(room, "abc");
    assert_int_equal(cb_param_answer_text(&p, "abcde"), 0);
    assert_int_equal(p.return_size, 5);
    p = (OSSL_PARAM){"status", SIGNED, &number, sizeof number, 0};
    assert_int_equal(cb_param_answer_text(&p, "abc"), 0);
    assert_int_equal(cb_param_answer_int(&p, 1), 1);
    assert_int_equal(number, 1);
    assert_int_equal(cb_param_answer_int(NULL, 1), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integer),
        cmocka_unit_test(test_int),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
