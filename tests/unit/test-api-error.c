/* Error bodies of the APIs and of what stands in front of them. */
#include "common/fetch/api-error.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const struct {
    const char *body, *code, *message;
} bodies[] = {
    {"{\"errors\":[{\"code\":\"invalid_input\",\"message\":\"no profile\"}]}", "invalid_input",
     "no profile"},
    {"{\"errors\":[{\"code\":\"a\",\"message\":\"b\"},{\"code\":\"c\"}]}", "a", "b"},
    {"{\"errors\":[{\"message\":\"b\"}]}", "", "b"},
    {"{\"errors\":[{\"code\":17}]}", "17", ""},
    {"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"not there\"}}", "ResourceNotFound",
     "not there"},
    {"{\"code\":412001,\"httpStatusCode\":\"PreconditionFailed\",\"message\":\"bad ETag\"}",
     "412001", "bad ETag"},
    {"{\"code\":12345678901234567890123,\"message\":\"m\"}", "12345678901234567890123", "m"},
    {"{\"error\":\"invalid_scope\",\"error_description\":\"AADSTS70011: no\"}", "invalid_scope",
     "AADSTS70011: no"},
    {"{\"error\":\"denied\"}", "denied", ""},
    {"{\"error\":{\"code\":null,\"message\":\"m\"}}", "", "m"},
    {"{\"message\":\"line\\none\\u0007\"}", "", "line?one?"},
    {"\xEF\xBB\xBF{\"code\":\"c\",\"message\":\"m\"}", "c", "m"},
    {"{\"errors\":[]}", "", "{\"errors\":[]}"},
    {"{\"errors\":[\"sealed\"]}", "", "{\"errors\":[\"sealed\"]}"},
    {"{\"code\":\"c\",", "", "{\"code\":\"c\","},
    {"<html><head><title>502 Bad\n  Gateway</title></head><body>x</body></html>", "",
     "502 Bad Gateway"},
    {"<!DOCTYPE html>\n<HTML><TITLE lang=\"de\">Wartung</TITLE>", "", "Wartung"},
    {"<html><body><h1>Gone</h1>\r\n<p>for <b>good</b></p></body>", "", "Gone for good"},
    {"<html><title>never closed", "", "never closed"},
    {"upstream  connect\nerror \x1B[31m", "", "upstream connect error ?[31m"},
    {"", "", ""},
    {"   \n", "", ""},
};

static void reads_every_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct cb_api_error said;
        cb_api_error_read(cb_span_of(bodies[i].body), &said);
        if (strcmp(said.code, bodies[i].code) != 0 || strcmp(said.message, bodies[i].message) != 0)
            fail_msg("%s: \"%s\", \"%s\"", bodies[i].body, said.code, said.message);
    }
}

static void caps_what_is_long(void **state)
{
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"{\"code\":\"c\",\"message\":\"", "\"}"},
        {"{\"code\":\"", "\"}"},
        {"<title>", "</title>"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_api_error said;
        struct cb_buf body;
        cb_buf_init(&body, 1u << 20);
        cb_buf_add_text(&body, rows[i].before);
        for (size_t k = 0; k < 100000; k++)
            cb_buf_add_text(&body, "\xC3\xA9");
        cb_buf_add_text(&body, rows[i].after);
        cb_api_error_read(cb_buf_span(&body), &said);
        assert_in_range(strlen(said.code) + strlen(said.message), 100,
                        CB_API_CODE_MAX + CB_API_MESSAGE_MAX);
        assert_null(strchr(said.code, '?'));
        cb_buf_clear(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_shape),
        cmocka_unit_test(caps_what_is_long),
    };
    return cmocka_run_group_tests_name("api-error", tests, NULL, NULL);
}
