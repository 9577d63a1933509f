/* Buffers and the texts of errors: caps, failing, handing over. */
#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_grows_and_ends_with_zero(void **state)
{
    (void)state;
    struct cb_buf b;
    cb_buf_init(&b, 1 << 20);
    assert_string_equal(cb_buf_text(&b), "");
    for (int i = 0; i < 100000; i++)
        assert_int_equal(cb_buf_add_byte(&b, (uint8_t)('a' + i % 26)), 0);
    assert_int_equal(b.n, 100000);
    for (size_t i = 0; i < b.n; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    assert_int_equal(b.p[b.n], 0);
    cb_buf_reset(&b);
    assert_string_equal(cb_buf_text(&b), "");
    cb_buf_printf(&b, "%d-%s", 7, "x");
    assert_string_equal(cb_buf_text(&b), "7-x");
    cb_buf_clear(&b);
}

static void test_cap(void **state)
{
    (void)state;
    struct cb_buf b;
    cb_buf_init(&b, 4);
    assert_int_equal(cb_buf_add_text(&b, "abcd"), 0);
    assert_int_equal(cb_buf_add_byte(&b, 'e'), -1);
    assert_true(b.failed);
    assert_null(b.p);
    assert_int_equal(cb_buf_add_text(&b, ""), -1);
    assert_null(cb_buf_take(&b));
    cb_buf_clear(&b);
    assert_int_equal(cb_buf_printf(&b, "%s", "abcd"), 0);
    assert_int_equal(cb_buf_printf(&b, "%s", "e"), -1);
    cb_buf_clear(&b);
}

static void test_take(void **state)
{
    (void)state;
    struct cb_buf b;
    cb_buf_init(&b, 100);
    char *empty = cb_buf_take(&b);
    assert_string_equal(empty, "");
    cb_buf_add_text(&b, "content");
    char *text = cb_buf_take(&b);
    assert_string_equal(text, "content");
    assert_int_equal(b.n, 0);
    cb_buf_add_text(&b, "next");
    assert_string_equal(cb_buf_text(&b), "next");
    cb_buf_wipe(&b);
    assert_null(b.p);
    free(empty);
    free(text);
}

static void test_error_prefixes(void **state)
{
    (void)state;
    struct cb_error err;
    assert_int_equal(cb_fail(&err, CB_ERR_URI, "%s is wrong", "it"), -1);
    assert_int_equal(cb_fail_in(&err, "source %s", "people"), -1);
    assert_string_equal(err.text, "source people: it is wrong");
    assert_int_equal(err.code, CB_ERR_URI);
    errno = ENOENT;
    cb_fail_errno(&err, CB_ERR_SYSTEM, "/a");
    assert_string_equal(err.text, "/a: No such file or directory");
    cb_fail(&err, CB_ERR_URI, "again: %s", err.text);
    assert_string_equal(err.text, "again: /a: No such file or directory");
    cb_fail(&err, CB_ERR_URI, "a server's \"%s\"", "\x1b[31m\n\x7f");
    assert_string_equal(err.text, "a server's \"?[31m??\"");
    cb_fail_in(&err, "%s", "\t");
    assert_string_equal(err.text, "?: a server's \"?[31m??\"");
    assert_int_equal(cb_fail(NULL, CB_ERR_URI, "nobody asks"), -1);
    cb_error_clear(&err);
    assert_int_equal(err.code, CB_OK);
    assert_string_equal(err.text, "");
}

/* A long text ends before the character that does not fit whole, whichever step cuts it. */
static void test_error_cut_at_character(void **state)
{
    (void)state;
    struct cb_error err;
    char many[CB_ERROR_TEXT_MAX * 2];
    for (size_t lead = 0; lead < 4; lead++) {
        memset(many, 'a', lead);
        for (size_t i = lead; i + 3 < sizeof many; i += 3)
            memcpy(many + i, "\xE2\x82\xAC", 4);
        cb_fail(&err, CB_ERR_URI, "%s", many);
        size_t whole = (CB_ERROR_TEXT_MAX - 1 - lead) / 3 * 3 + lead;
        assert_int_equal(strlen(err.text), whole);
        cb_fail_in(&err, "p");
        whole = (CB_ERROR_TEXT_MAX - 1 - lead - 3) / 3 * 3 + lead + 3;
        assert_int_equal(strlen(err.text), whole);
    }
}

static void test_arena(void **state)
{
    (void)state;
    struct cb_arena arena = {0};
    char *texts[1000];
    for (int i = 0; i < 1000; i++) {
        char text[32];
        snprintf(text, sizeof text, "text %d", i);
        texts[i] = cb_arena_dup(&arena, cb_span_of(text));
        uint64_t *number = cb_arena_alloc(&arena, sizeof *number, _Alignof(uint64_t));
        assert_int_equal((uintptr_t)number % _Alignof(uint64_t), 0);
        assert_int_equal(*number, 0);
        *number = UINT64_MAX;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(atoi(texts[i] + 5), i);
    assert_non_null(cb_arena_alloc(&arena, CB_ARENA_CHUNK_MAX * 3, 16));
    cb_arena_clear(&arena);
    assert_null(arena.chunks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_ends_with_zero),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_error_prefixes),
        cmocka_unit_test(test_error_cut_at_character),
        cmocka_unit_test(test_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
