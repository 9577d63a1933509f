/* Any bytes as a URI: what is accepted can be written again and means the same. */
#include "common/text.h"
#include "common/uri.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char configuration[] =
    "[people]\ntype = nevisidm\nurl = https://a.example\nclient = c\nusers = *\n"
    "bearer_token = env:T\n"
    "[factory]\ntype = digicert-iot\nurl = https://b.example\nenrollment_profile = p\n"
    "api_key = env:K\n";

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_again(const struct cb_uri *uri)
{
    static struct cb_uri again;
    struct cb_buf text;
    cb_buf_init(&text, 4 * CB_URI_MAX);
    require(cb_uri_add(&text, uri->source, cb_span_of(uri->path)) == 0);
    if (text.n < CB_URI_MAX) {
        require(cb_uri_parse(cb_buf_text(&text), &again, NULL) == 0);
        require(strcmp(again.source, uri->source) == 0 && strcmp(again.path, uri->path) == 0);
    }
    cb_buf_clear(&text);
}

static void check_resolve(const struct cb_uri *uri)
{
    static struct cb_config *config;
    const struct cb_source *source;
    struct cb_error err = {0};
    if (!config)
        require(cb_config_parse(cb_span_of(configuration), "/f", &config, NULL) == 0);
    if (cb_uri_resolve(uri, config, &source, &err) == 0)
        require((source == NULL) == (uri->source[0] == '\0'));
    else
        require(source == NULL && (err.code == CB_ERR_URI || err.code == CB_ERR_NO_SOURCE));
    require(cb_utf8_valid(cb_span_of(err.text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct cb_uri uri;
    struct cb_error err = {0};
    char *text = malloc(n + 1);
    require(text != NULL);
    if (n)
        memcpy(text, data, n);
    text[n] = '\0';
    if (cb_uri_parse(text, &uri, &err)) {
        require(err.code == CB_ERR_URI && cb_utf8_valid(cb_span_of(err.text)));
    } else {
        check_again(&uri);
        check_resolve(&uri);
    }
    free(text);
    return 0;
}
