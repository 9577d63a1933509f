/* certbridge: URIs: what is accepted, what is said of the rest, which source is meant. */
#include "common/uri.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *source, *path, *label, *state; /* NULL: not given */
        enum cb_part part;
    } cases[] = {
        {"certbridge://", "", "", NULL, NULL, CB_PART_ALL},
        {"certbridge:///", "", "", NULL, NULL, CB_PART_ALL},
        {"certbridge://?state=any", "", "", NULL, "any", CB_PART_ALL},
        {"certbridge://people", "people", "", NULL, NULL, CB_PART_ALL},
        {"CertBridge://people/", "people", "", NULL, NULL, CB_PART_ALL},
        {"certbridge:people", "people", "", NULL, NULL, CB_PART_ALL},
        {"certbridge:people/u1/c1", "people", "u1/c1", NULL, NULL, CB_PART_ALL},
        {"certbridge://people/u1/c1/", "people", "u1/c1", NULL, NULL, CB_PART_ALL},
        {"certbridge://people/%41%2f%c3%a9", "people", "A%2F%C3%A9", NULL, NULL, CB_PART_ALL},
        {"certbridge://people/a+b@c:d", "people", "a%2Bb%40c%3Ad", NULL, NULL, CB_PART_ALL},
        {"certbridge://people/./..", "people", "./..", NULL, NULL, CB_PART_ALL},
        {"certbridge://people?part=leaf", "people", "", NULL, NULL, CB_PART_LEAF},
        {"certbridge://people/?part=issuers", "people", "", NULL, NULL, CB_PART_ISSUERS},
        {"certbridge://p/a?label=b%20c+d=e/f?&state=active&part=all", "p", "a", "b c+d=e/f?",
         "active", CB_PART_ALL},
        {"certbridge://p?label=%26%3d", "p", "", "&=", NULL, CB_PART_ALL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct cb_uri uri;
        struct cb_error err = {0};
        if (cb_uri_parse(cases[i].text, &uri, &err))
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_string_equal(uri.source, cases[i].source);
        assert_string_equal(uri.path, cases[i].path);
        assert_int_equal(uri.has_label, cases[i].label != NULL);
        assert_string_equal(uri.label, cases[i].label ? cases[i].label : "");
        assert_int_equal(uri.has_state, cases[i].state != NULL);
        assert_string_equal(uri.state, cases[i].state ? cases[i].state : "");
        assert_int_equal(uri.part, cases[i].part);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "must begin with certbridge://"},
        {"file:/x", "must begin with certbridge://"},
        {"certbridge:", "every source"},
        {"certbridge:/people", "//SOURCE"},
        {"certbridge:?state=any", "//SOURCE"},
        {"certbridge:///u1", "a path needs a source"},
        {"certbridge:////", "a path needs a source"},
        {"certbridge://People", "the name of a source"},
        {"certbridge://-p", "the name of a source"},
        {"certbridge://a23456789a23456789a23456789a23456", "the name of a source"},
        {"certbridge://user@people", "without user or port"},
        {"certbridge://people:443", "without user or port"},
        {"certbridge://people//", "empty segment"},
        {"certbridge://people//a", "empty segment"},
        {"certbridge://people/a//", "empty segment"},
        {"certbridge://people/a b", "(here %20)"},
        {"certbridge://people/\xC3\xA9", "(here %C3)"},
        {"certbridge://people/a\"b", "\"\"\" in the path is written %22"},
        {"certbridge://people/a%2", "two hexadecimal digits"},
        {"certbridge://people/a%00", "other than 00"},
        {"certbridge://people/a#b", "a fragment is not allowed"},
        {"certbridge://people#b", "a fragment is not allowed"},
        {"certbridge://people?part=leaf#b", "a fragment is not allowed"},
        {"certbridge://people?", "label=, state= or part="},
        {"certbridge://people?part=leaf&", "label=, state= or part="},
        {"certbridge://people?leaf", "label=, state= or part="},
        {"certbridge://people?prt=leaf", "unknown attribute \"prt\"; did you mean \"part\"?"},
        {"certbridge://people?colour=red", "allowed are label=, state= and part="},
        {"certbridge://people?Label=x", "did you mean \"label\"?"},
        {"certbridge://people?a\x1B=x", "(here %1B)"},
        {"certbridge://people?label=x&label=y", "label= is given twice"},
        {"certbridge://people?label=", "label= has no value"},
        {"certbridge://people?part=both", "must be all, leaf or issuers"},
        {"certbridge://people?label=%", "two hexadecimal digits"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct cb_uri uri;
        struct cb_error err = {0};
        int result = cb_uri_parse(cases[i].text, &uri, &err);
        if (result != -1 || err.code != CB_ERR_URI || !strstr(err.text, cases[i].says))
            fail_msg("%s: %d \"%s\"", cases[i].text, result, err.text);
    }
}

/* The longest URI has the longest path; one byte more is an error. */
static void test_length(void **state)
{
    (void)state;
    static struct cb_uri uri;
    static char text[CB_URI_MAX + 8] = "certbridge://p/";
    struct cb_error err = {0};
    memset(text + 15, '!', CB_URI_MAX - 1 - 15);
    assert_int_equal(cb_uri_parse(text, &uri, &err), 0);
    assert_int_equal(strlen(uri.path), 3 * (CB_URI_MAX - 16));
    text[CB_URI_MAX - 1] = '!';
    assert_int_equal(cb_uri_parse(text, &uri, &err), -1);
    assert_non_null(strstr(err.text, "longer than 4095 bytes"));
}

static void test_resolve(void **state)
{
    (void)state;
    static const char text[] =
        "[people]\ntype = nevisidm\nurl = https://a.example\nclient = c\nusers = *\n"
        "bearer_token = env:T\n"
        "[factory]\ntype = digicert-iot\nurl = https://b.example\nenrollment_profile = p\n"
        "api_key = env:K\n";
    static const struct {
        const char *uri, *source; /* NULL: every source */
        enum cb_error_code code;
        const char *says;
    } cases[] = {
        {"certbridge://", NULL, CB_OK, ""},
        {"certbridge://?state=archived", NULL, CB_OK, ""},
        {"certbridge://?state=verified-not", NULL, CB_ERR_URI, "no configured source has"},
        {"certbridge://people", "people", CB_OK, ""},
        {"certbridge://factory?state=ACTIVE", "factory", CB_OK, ""},
        {"certbridge://factory?state=any", "factory", CB_OK, ""},
        {"certbridge://people?state=actve", NULL, CB_ERR_URI, "did you mean \"active\"?"},
        {"certbridge://people?state=ACTIVE", NULL, CB_ERR_URI, "allowed are initial, active"},
        {"certbridge://peple", NULL, CB_ERR_NO_SOURCE, "did you mean \"people\"?"},
        {"certbridge://xyz", NULL, CB_ERR_NO_SOURCE, "it has people, factory"},
    };
    struct cb_config *config;
    assert_int_equal(cb_config_parse(cb_span_of(text), "/t.conf", &config, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct cb_uri uri;
        const struct cb_source *source;
        struct cb_error err = {0};
        assert_int_equal(cb_uri_parse(cases[i].uri, &uri, &err), 0);
        int result = cb_uri_resolve(&uri, config, &source, &err);
        if (result != (cases[i].code ? -1 : 0) || err.code != cases[i].code ||
            !strstr(err.text, cases[i].says))
            fail_msg("%s: %d \"%s\"", cases[i].uri, result, err.text);
        if (cases[i].source)
            assert_string_equal(source->name, cases[i].source);
        else
            assert_null(source);
    }
    cb_config_free(config);
}

/* What is written is read back as the same. */
static void test_add(void **state)
{
    (void)state;
    static struct cb_uri uri;
    struct cb_buf text;
    cb_buf_init(&text, 1000);
    cb_uri_add(&text, "people", cb_span_of("a%2Fb/c"));
    assert_string_equal(cb_buf_text(&text), "certbridge://people/a%2Fb/c");
    assert_int_equal(cb_uri_parse(cb_buf_text(&text), &uri, NULL), 0);
    assert_string_equal(uri.path, "a%2Fb/c");
    cb_buf_reset(&text);
    cb_uri_add(&text, "people", cb_span(NULL, 0));
    assert_string_equal(cb_buf_text(&text), "certbridge://people");
    cb_buf_clear(&text);
}

static void test_ours(void **state)
{
    (void)state;
    assert_true(cb_uri_is_ours("certbridge:x"));
    assert_true(cb_uri_is_ours("CERTBRIDGE://x"));
    assert_false(cb_uri_is_ours("certbridg:x"));
    assert_false(cb_uri_is_ours("file:certbridge:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_length),   cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_add),      cmocka_unit_test(test_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
