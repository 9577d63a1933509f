/* JSON from a server: what is refused and where, what survives, what the accessors say. */
#include "common/fetch/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct json_object *parsed(const char *text)
{
    struct json_object *document;
    struct cb_error err;

    cb_error_clear(&err);
    if (cb_json_parse(cb_span_of(text), &document, &err) == -1)
        fail_msg("%s: %s", text, err.text);
    return document;
}

/* What does not change when it is parsed and printed again. */
static const char *const kept[] = {
    "{}",
    "[]",
    "[[],{}]",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a/b\"",
    "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u0000\"",
    "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \x7F\"",
    "0",
    "-0",
    "-1",
    "1.0",
    "1.50e+07",
    "1E400",
    "-0.0",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-123456789012345678901234567890",
    "[1,\"2\",3.0,{\"4\":-0},12345678901234567890123,null,5]",
    "{\"b\":1,\"a\":2,\"B\":{\"b\":[]}}",
};

static void keeps_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct json_object *document = parsed(kept[i]);
        struct cb_buf out;
        cb_buf_init(&out, 4096);
        assert_int_equal(cb_json_print_without(document, NULL, &out), 0);
        assert_string_equal(cb_buf_text(&out), kept[i]);
        cb_buf_clear(&out);
        cb_json_free(document);
    }
}

static const struct {
    const char *text, *printed, *leave_out;
} changed[] = {
    {" { \"a\" : [ 1 , 2 ] ,\t\"b\":\r\n3 } ", "{\"a\":[1,2],\"b\":3}", NULL},
    {"\xEF\xBB\xBF{}", "{}", NULL},
    {"\"\\u00e9\\ud83d\\ude00\\/\"", "\"\xC3\xA9\xF0\x9F\x98\x80/\"", NULL},
    {"{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":2,\"c\":3}", "a"},
    {"{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2}", "c"},
    {"{\"a\":1}", "{}", "a"},
    {"{\"a\":1}", "{\"a\":1}", "b"},
    {"{\"p\":{\"c\":1,\"d\":2},\"c\":3}", "{\"p\":{\"d\":2},\"c\":3}", "p/c"},
    {"{\"p\":{\"c\":1,\"d\":{\"c\":1}},\"c\":3}", "{\"p\":{\"c\":1,\"d\":{\"c\":1}}}", "c"},
    {"{\"pc\":1,\"p\":2,\"p/c\":3}", "{\"pc\":1,\"p\":2}", "p/c"},
};

static void prints_compactly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
        struct json_object *document = parsed(changed[i].text);
        struct cb_buf out;
        cb_buf_init(&out, 4096);
        cb_json_print_without(document, changed[i].leave_out, &out);
        assert_string_equal(cb_buf_text(&out), changed[i].printed);
        cb_buf_clear(&out);
        cb_json_free(document);
    }
}

static const struct {
    const char *text, *error;
} wrong[] = {
    {"", "empty"},
    {" ", "at byte 1: the text ends too early"},
    {"\xEF\xBB\xBF", "empty"},
    {"{\"a\":1", "at byte 6: a comma or } was expected"},
    {"[1,2", "at byte 4: a comma or ] was expected"},
    {"[1,]", "at byte 3: a value was expected"},
    {"{\"a\":1,}", "at byte 7: a member name was expected"},
    {"{\"a\" 1}", "at byte 5: a colon was expected"},
    {"{a:1}", "at byte 1: a member name was expected"},
    {"{'a':1}", "at byte 1: a member name was expected"},
    {"['a']", "at byte 1: a value was expected"},
    {"[1] x", "at byte 4: text after the end"},
    {"{}{}", "at byte 2: text after the end"},
    {"// no\n{}", "at byte 0: a value was expected"},
    {"[1/* no */]", "at byte 2: a comma or ] was expected"},
    {"NaN", "at byte 0: a value was expected"},
    {"-Infinity", "at byte 1: a digit was expected"},
    {"Infinity", "at byte 0: a value was expected"},
    {"True", "at byte 0: a value was expected"},
    {"nul", "at byte 0: a value was expected"},
    {"truex", "at byte 4: text after the end"},
    {"01", "at byte 0: a number that begins with 0"},
    {"-01", "at byte 0: a number that begins with 0"},
    {"+1", "at byte 0: a value was expected"},
    {".5", "at byte 0: a value was expected"},
    {"1.", "at byte 2: a digit was expected"},
    {"1e", "at byte 2: a digit was expected"},
    {"1e+", "at byte 3: a digit was expected"},
    {"-", "at byte 1: a digit was expected"},
    {"0x1", "at byte 1: text after the end"},
    {"\"abc", "at byte 0: a string without an end"},
    {"\"a\\", "at byte 2: an unknown escape"},
    {"\"a\\\"", "at byte 0: a string without an end"},
    {"\"\\x41\"", "at byte 1: an unknown escape"},
    {"\"\\u12g4\"", "at byte 1: a \\u escape that is no character"},
    {"\"\\u12", "at byte 1: a \\u escape that is no character"},
    {"\"\\ud800\"", "at byte 1: a \\u escape that is no character"},
    {"\"\\ud800\\u0041\"", "at byte 1: a \\u escape that is no character"},
    {"\"\\udc00\"", "at byte 1: a \\u escape that is no character"},
    {"\"a\tb\"", "at byte 2: a control character"},
    {"[\"\xFF\"]", "at byte 1: a string that is not UTF-8"},
    {"[\"\xC0\xAF\"]", "at byte 1: a string that is not UTF-8"},
    {"[\"\xED\xA0\x80\"]", "at byte 1: a string that is not UTF-8"},
    {"{\"a\":1,\"b\":2,\"a\":3}", "a member name that its object has already"},
    {"{\"a\":1,\"\\u0061\":3}", "a member name that its object has already"},
    {"{\"\xC3\xA9\":1,\"\\u00e9\":3}", "a member name that its object has already"},
    {"{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":3}", "a member name that its object has already"},
    {"{\"a\\/\":1,\"a/\":3}", "a member name that its object has already"},
    {"[{\"x\":{\"y\":1,\"y\":2}}]", "at byte 14: a member name that its object has already"},
    {"{\"a\\u0000b\":1}", "at byte 3: a member name with a zero character"},
};

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct json_object *document;
        struct cb_error err;
        cb_error_clear(&err);
        if (cb_json_parse(cb_span_of(wrong[i].text), &document, &err) == 0)
            fail_msg("row %zu was taken: %s", i, wrong[i].text);
        assert_int_equal(err.code, CB_ERR_ANSWER);
        assert_null(document);
        if (!strstr(err.text, wrong[i].error))
            fail_msg("%s: \"%s\" instead of \"%s\"", wrong[i].text, err.text, wrong[i].error);
    }
}

/* `n` times `each`, between `before` and `after`. */
static char *repeated(const char *before, const char *each, size_t n, const char *after)
{
    struct cb_buf out;

    cb_buf_init(&out, 64u << 20);
    cb_buf_add_text(&out, before);
    for (size_t i = 0; i < n; i++)
        cb_buf_add_text(&out, each);
    cb_buf_add_text(&out, after);
    return cb_buf_take(&out);
}

static void expect_limit(char *text, const char *error)
{
    struct json_object *document;
    struct cb_error err;
    int result;

    cb_error_clear(&err);
    result = cb_json_parse(cb_span_of(text), &document, &err);
    if (error) {
        assert_int_equal(result, -1);
        assert_non_null(strstr(err.text, error));
    } else {
        assert_string_equal(err.text, "");
        assert_int_equal(result, 0);
    }
    cb_json_free(document);
    free(text);
}

static char *nested(size_t depth)
{
    char *opened = repeated("", "[", depth, "1"), *closed = repeated(opened, "]", depth, "");

    free(opened);
    return closed;
}

static void limits_hold(void **state)
{
    (void)state;
    expect_limit(nested(CB_JSON_DEPTH_MAX), NULL);
    expect_limit(nested(CB_JSON_DEPTH_MAX + 1), "at byte 32: nested too deeply");
    expect_limit(nested(1000000), "nested too deeply");
    expect_limit(repeated("[0", ",0", CB_JSON_VALUES_MAX - 2, "]"), NULL);
    expect_limit(repeated("[0", ",0", CB_JSON_VALUES_MAX - 1, "]"), "too many values");
    expect_limit(repeated("[{}", ",{}", 4u << 20, "]"), "too many values");
}

/* Names of an object that is large enough to be sorted. */
static void finds_a_name_among_many(void **state)
{
    struct cb_buf text;

    (void)state;
    for (int twice = 0; twice < 2; twice++) {
        cb_buf_init(&text, 1u << 20);
        cb_buf_add_text(&text, "{\"\\u006e7x\":0");
        for (int i = 0; i < 1000; i++)
            cb_buf_printf(&text, ",\"n%d\":%d", i, i);
        cb_buf_add_text(&text, twice ? ",\"\\u006e77\":0}" : "}");
        expect_limit(cb_buf_take(&text), twice ? "its object has already" : NULL);
    }
}

static const char sample[] = "{\"s\":\"text\",\"e\":\"\",\"n\":17,\"big\":123456789012345678901,"
                             "\"f\":1.0,\"z\":null,\"t\":true,\"zero\":\"a\\u0000b\","
                             "\"o\":{\"p\":{\"q\":\"deep\"}},\"a\":[1,2,3],\"mz\":-0}";

static const struct {
    const char *path, *text, *error;
    bool number_too;
} texts[] = {
    {"s", "text", NULL, false},
    {"e", "", NULL, false},
    {"z", "", NULL, false},
    {"absent", "", NULL, false},
    {"o/p/q", "deep", NULL, false},
    {"o/p/r", "", NULL, false},
    {"s/p", "", NULL, false},
    {"n", NULL, "member \"n\" is int where a string was expected", false},
    {"o/p", NULL, "member \"o/p\" is object where a string was expected", false},
    {"zero", NULL, "member \"zero\" has a zero character", false},
    {"s", "text", NULL, true},
    {"n", "17", NULL, true},
    {"big", "123456789012345678901", NULL, true},
    {"f", "1.0", NULL, true},
    {"z", "", NULL, true},
    {"zero", NULL, "member \"zero\" has a zero character", true},
    {"t", NULL, "member \"t\" is boolean where a string or a number was expected", true},
    {"a", NULL, "member \"a\" is array", true},
};

static void reads_texts(void **state)
{
    struct json_object *document = parsed(sample);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cb_span span = {NULL, 0};
        struct cb_buf out;
        struct cb_error err;
        int result;
        cb_error_clear(&err);
        cb_buf_init(&out, 64);
        if (texts[i].number_too)
            result = cb_json_text_or_number(document, texts[i].path, &out, &err);
        else
            result = cb_json_text(document, texts[i].path, &span, &err);
        if (!texts[i].number_too)
            cb_buf_add_span(&out, span);
        assert_int_equal(result, texts[i].error ? -1 : 0);
        if (texts[i].error)
            assert_non_null(strstr(err.text, texts[i].error));
        else
            assert_string_equal(cb_buf_text(&out), texts[i].text);
        cb_buf_clear(&out);
    }
    cb_json_free(document);
}

static const struct {
    const char *path;
    int64_t value;
    bool present;
    const char *error;
} integers[] = {
    {"n", 17, true, NULL},
    {"mz", 0, true, NULL},
    {"z", 0, false, NULL},
    {"absent", 0, false, NULL},
    {"f", 0, true, "is double where an integer was expected"},
    {"s", 0, true, "is string where an integer was expected"},
    {"big", 0, true, "too large"},
};

static void reads_integers(void **state)
{
    struct json_object *document = parsed(sample);

    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        struct cb_error err;
        int64_t value;
        bool present;
        cb_error_clear(&err);
        int result = cb_json_integer(document, integers[i].path, &value, &present, &err);
        assert_int_equal(result, integers[i].error ? -1 : 0);
        if (integers[i].error) {
            assert_non_null(strstr(err.text, integers[i].error));
            continue;
        }
        assert_int_equal(present, integers[i].present);
        assert_int_equal(value, integers[i].value);
    }
    cb_json_free(document);
}

static void walks_arrays_and_objects(void **state)
{
    struct json_object *document = parsed(sample);
    cb_json array = cb_json_get(document, "a");

    (void)state;
    assert_true(cb_json_is_object(document));
    assert_true(cb_json_is_array(array));
    assert_false(cb_json_is_array(document));
    assert_false(cb_json_is_object(NULL));
    assert_int_equal(cb_json_length(array), 3);
    assert_int_equal(cb_json_length(document), 0);
    assert_non_null(cb_json_at(array, 2));
    assert_null(cb_json_at(array, 3));
    assert_null(cb_json_at(document, 0));
    assert_null(cb_json_get(array, "a"));
    assert_null(cb_json_get(NULL, "a"));
    cb_json_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_text),
        cmocka_unit_test(prints_compactly),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(finds_a_name_among_many),
        cmocka_unit_test(reads_texts),
        cmocka_unit_test(reads_integers),
        cmocka_unit_test(walks_arrays_and_objects),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
