/* The status file: written, read back, and distrusted. */
#include "common/status.h"
#include "tests/unit/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void print(const struct cb_status *s, struct cb_buf *out)
{
    cb_buf_init(out, CB_STATUS_MAX);
    assert_int_equal(cb_status_print(s, out), 0);
}

static void written_and_read_back(void **state)
{
    struct cb_status a, b;
    struct cb_buf text;

    (void)state;
    cb_status_init(&a);
    a.last_try = 1795349000;
    a.last_try_ns = 1795349000123456789;
    a.last_success = 1795340000;
    a.next_try = 1795349007;
    a.retry_after = 1795349100;
    a.failures = 3;
    a.certificates = 100000;
    a.passcodes = 2;
    strcpy(a.progress, "try 2 of 4");
    strcpy(a.error, "connect to idm.example.com: timed out");
    assert_int_equal(cb_notes_add(&a.left_out, "user-1/c1", "401: no"), 0);
    assert_int_equal(cb_notes_add(&a.left_out, "user-1/c%3A2", "gone"), 0);
    assert_int_equal(cb_notes_add(&a.reported, "x", "serial: 12, not 13"), 0);
    print(&a, &text);
    assert_int_equal(cb_status_parse(cb_buf_span(&text), &b), 0);
    assert_memory_equal(&a, &b, offsetof(struct cb_status, left_out));
    assert_int_equal(b.left_out.n, 2);
    assert_int_equal(b.left_out.total, 2);
    assert_string_equal(b.left_out.items[0].path, "user-1/c1");
    assert_string_equal(b.left_out.items[0].reason, "401: no");
    assert_string_equal(b.left_out.items[1].path, "user-1/c%3A2");
    assert_string_equal(b.reported.items[0].reason, "serial: 12, not 13");
    cb_buf_clear(&text);
    cb_status_clear(&a);
    cb_status_clear(&b);
}

static void one_line_of_text(void **state)
{
    static const struct {
        const char *line;
        int result;
        const char *error; /* what `error` becomes */
    } rows[] = {
        {"", 0, ""},
        {"error = plain", 0, "plain"},
        {"error = two = signs", 0, "two = signs"},
        {"error = esc\x1b[31mape", 0, "esc?[31mape"},
        {"error = bad\xff", 0, "bad?"},
        {"\n\nerror = after blank lines\n", 0, "after blank lines"},
        {"unknown = kept for later\nerror = x", 0, "x"},
        {"no sign", -1, NULL},
        {"error=x", -1, NULL},
        {"last_try = yesterday", -1, NULL},
        {"failures = -1", -1, NULL},
        {"failures = 1x", -1, NULL},
        {"failures = ", -1, NULL},
        {"failures = 99999999999999999999", -1, NULL},
        {"left_out = without colon", -1, NULL},
        {"left_out_more = 99999999999", -1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_status s;
        int result = cb_status_parse(cb_span_of(rows[i].line), &s);
        assert_int_equal(result, rows[i].result);
        if (result == 0)
            assert_string_equal(s.error, rows[i].error);
        cb_status_clear(&s);
    }
}

static void long_texts_are_cut(void **state)
{
    struct cb_status s;
    struct cb_buf line;

    (void)state;
    cb_buf_init(&line, 5000);
    cb_buf_add_text(&line, "error = ");
    for (int i = 0; i < 4000; i++)
        cb_buf_add_byte(&line, 'x');
    assert_int_equal(cb_status_parse(cb_buf_span(&line), &s), 0);
    assert_int_equal(strlen(s.error), CB_ERROR_TEXT_MAX - 1);
    assert_string_equal(s.error + CB_ERROR_TEXT_MAX - 4, "...");
    cb_buf_clear(&line);
}

/* Notes beyond the cap, and notes too long for the file, are counted. */
static void notes_are_counted_when_not_kept(void **state)
{
    static const struct {
        size_t notes, reason; /* bytes of each reason */
        size_t least_kept;
    } rows[] = {{3, 10, 3}, {2500, 10, CB_STATUS_NOTES_MAX}, {1000, 1000, 500}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *reason = calloc(1, rows[i].reason + 1);
        struct cb_status a, b;
        struct cb_buf text;
        memset(reason, 'r', rows[i].reason);
        cb_status_init(&a);
        for (size_t j = 0; j < rows[i].notes; j++) {
            cb_notes_add(&a.left_out, "path", reason);
            cb_notes_add(&a.reported, "path", reason);
        }
        print(&a, &text);
        assert_int_equal(cb_status_parse(cb_buf_span(&text), &b), 0);
        assert_true(b.left_out.n >= rows[i].least_kept);
        assert_true(b.reported.n >= rows[i].least_kept);
        assert_int_equal(b.left_out.total, rows[i].notes);
        assert_int_equal(b.reported.total, rows[i].notes);
        cb_status_clear(&a);
        cb_status_clear(&b);
        cb_buf_clear(&text);
        free(reason);
    }
}

static void file_is_judged(void **state)
{
    static const struct {
        const char *text; /* NULL: no file */
        mode_t mode;
        int result;
        enum cb_error_code code;
        int64_t failures;
    } rows[] = {
        {NULL, 0, 0, CB_OK, 0},
        {"failures = 2\n", 0600, 0, CB_OK, 2},
        {"failures = 2\n", 0644, 0, CB_OK, 2},
        {"failures = 2\n", 0666, -1, CB_ERR_REFUSED, 0},
        {"what?\n", 0600, -1, CB_ERR_DAMAGED, 0},
    };
    struct scratch s;

    (void)state;
    scratch_init(&s);
    struct cb_source source = {.name = "people"};
    struct cb_config config = {.cache = s.folder};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_error err = {0};
        struct cb_status status;
        if (rows[i].text != NULL)
            scratch_write(&s, "people.status", rows[i].text, rows[i].mode);
        assert_int_equal(cb_status_read(&config, &source, &status, &err), rows[i].result);
        assert_int_equal(err.code, rows[i].code);
        assert_int_equal(status.failures, rows[i].failures);
        cb_status_clear(&status);
    }
    scratch_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read_back), cmocka_unit_test(one_line_of_text),
        cmocka_unit_test(long_texts_are_cut),    cmocka_unit_test(notes_are_counted_when_not_kept),
        cmocka_unit_test(file_is_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
