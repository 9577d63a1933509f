/* The grammar of certbridge.conf. */
#include "common/buf.h"
#include "common/ini.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static int on_section(void *user, const char *name, unsigned line, struct cb_error *err)
{
    (void)err;
    return cb_buf_printf(user, "%u[%s]", line, name);
}

static int on_value(void *user, const char *key, const char *value, unsigned line,
                    struct cb_error *err)
{
    if (strcmp(key, "refuse") == 0)
        return cb_fail(err, CB_ERR_CONFIG, "no");
    return cb_buf_printf(user, "%u{%s=%s}", line, key, value);
}

static int on_more(void *user, const char *value, unsigned line, struct cb_error *err)
{
    (void)err;
    return cb_buf_printf(user, "%u+%s+", line, value);
}

static int read_text(struct cb_span text, struct cb_buf *seen, struct cb_error *err)
{
    const struct cb_ini_handler handler = {seen, on_section, on_value, on_more};
    cb_buf_init(seen, 100000);
    return cb_ini_read(text, "f", &handler, err);
}

static void test_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *seen;
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"[a]", "1[a]"},
        {"[ a ]  ; why", "1[a]"},
        {"[a]\nk=v", "1[a]2{k=v}"},
        {"[a]\nk = v w  \n", "1[a]2{k=v w}"},
        {"[a]\nk\t=\tv=w", "1[a]2{k=v=w}"},
        {"[a]\nk =\n", "1[a]2{k=}"},
        {"[a]\r\nk = v\r\n", "1[a]2{k=v}"},
        {"\xEF\xBB\xBF[a]", "1[a]"},
        {"[a]\nk = v ; c\nl = v;c\nm = #c\nn=#c", "1[a]2{k=v}3{l=v;c}4{m=}5{n=#c}"},
        {"; c\n# c\n  ; c\n[a]", "4[a]"},
        {"[a]\nk = v\n  w\n\tx", "1[a]2{k=v}3+w+4+x+"},
        {"[a]\nk = v\n\n ; c\n# c\n  w", "1[a]2{k=v}6+w+"},
        {"[a]\nk = v\n  [b]", "1[a]2{k=v}3+[b]+"},
        {"[a]\nk = \xC3\xA9", "1[a]2{k=\xC3\xA9}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cb_buf seen;
        struct cb_error err = {0};
        int result = read_text(cb_span_of(cases[i].text), &seen, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(result, 0);
        assert_string_equal(cb_buf_text(&seen), cases[i].seen);
        cb_buf_clear(&seen);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"k = v", "f:1: a key before the first [section]"},
        {"[a", "f:1: a section is a line of its own: [name]"},
        {"\n[a] b", "f:2: a section is a line of its own: [name]"},
        {"[a]\nword", "f:2: neither \"[section]\" nor \"key = value\" nor an indented line"},
        {"[a]\n= v", "f:2: neither \"[section]\" nor \"key = value\" nor an indented line"},
        {"[a]\nk = v\n[b]\n w",
         "f:4: an indented line goes on with the key above, and there is none in this section"},
        {" w",
         "f:1: an indented line goes on with the key above, and there is none in this section"},
        {"[a]\nk = \x01", "f:2: the line holds a control character or is not UTF-8 text"},
        {"[a]\nk = a\rb", "f:2: the line holds a control character or is not UTF-8 text"},
        {"[a]\nk = \xFF", "f:2: the line holds a control character or is not UTF-8 text"},
        {"[a]\nrefuse = it", "f:2: no"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cb_buf seen;
        struct cb_error err = {0};
        assert_int_equal(read_text(cb_span_of(cases[i].text), &seen, &err), -1);
        assert_string_equal(err.text, cases[i].error);
        assert_int_equal(err.code, CB_ERR_CONFIG);
        cb_buf_clear(&seen);
    }
}

static void test_zero_byte(void **state)
{
    (void)state;
    struct cb_buf seen;
    struct cb_error err = {0};
    assert_int_equal(read_text(cb_span("[a]\nk = v\0w\n", 12), &seen, &err), -1);
    cb_buf_clear(&seen);
}

/* The longest line is taken whole, one byte more is an error and never a cut value. */
static void test_line_length(void **state)
{
    (void)state;
    char text[CB_INI_LINE_MAX + 16] = "[a]\nk=";
    struct cb_buf seen;
    struct cb_error err = {0};
    memset(text + 6, 'x', CB_INI_LINE_MAX - 2);
    assert_int_equal(read_text(cb_span(text, 4 + CB_INI_LINE_MAX), &seen, &err), 0);
    assert_int_equal(seen.n, strlen("1[a]2{k=}") + CB_INI_LINE_MAX - 2);
    cb_buf_clear(&seen);
    text[4 + CB_INI_LINE_MAX] = 'x';
    assert_int_equal(read_text(cb_span(text, 5 + CB_INI_LINE_MAX), &seen, &err), -1);
    assert_non_null(strstr(err.text, "f:2: the line is longer than 4096 bytes"));
    cb_buf_clear(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_zero_byte),
        cmocka_unit_test(test_line_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
