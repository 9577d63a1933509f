/* Any bytes as an answer. What is taken prints, and what was printed means and prints the same. */
#include "common/fetch/api-error.h"
#include "common/fetch/json.h"
#include "common/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void print(const struct json_object *document, struct cb_buf *out)
{
    cb_buf_init(out, 8u << 20);
    require(cb_json_print_without(document, NULL, out) == 0);
    require(cb_utf8_valid(cb_buf_span(out)));
}

static void check_again(struct cb_span printed)
{
    struct json_object *document;
    struct cb_buf again;

    require(cb_json_parse(printed, &document, NULL) == 0);
    print(document, &again);
    require(cb_span_equal(cb_buf_span(&again), printed));
    cb_buf_clear(&again);
    cb_json_free(document);
}

static void check_error(struct cb_span body)
{
    struct cb_api_error said;

    cb_api_error_read(body, &said);
    require(cb_utf8_valid(cb_span_of(said.code)) && cb_utf8_valid(cb_span_of(said.message)));
    require(!strchr(said.message, '\n') && !strchr(said.message, '\x1B'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct json_object *document;
    struct cb_error err;
    struct cb_buf printed;

    check_error(cb_span(data, n));
    if (cb_json_parse(cb_span(data, n), &document, &err) == -1) {
        require(err.code == CB_ERR_ANSWER && document == NULL);
        return 0;
    }
    print(document, &printed);
    cb_json_free(document);
    check_again(cb_buf_span(&printed));
    cb_buf_clear(&printed);
    return 0;
}
