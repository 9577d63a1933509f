/* Any bytes as a configuration, and as the words of an initialisation string. */
#include "common/config.h"
#include "common/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_list(const struct cb_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        require(list->items[i][0] != '\0');
}

static void check_source(const struct cb_config *config, const struct cb_source *s)
{
    char serial[17];
    cb_source_serial(s, serial);
    require(strlen(serial) == 16);
    require(cb_config_source(config, cb_span_of(s->name)) == s);
    require(s->identity != 0 && s->url && s->max_stale_ms >= s->refresh_ms && s->parallel >= 1);
    check_list(&s->states);
    for (size_t i = 0; s->type->keys[i].name; i++) {
        check_list(&s->own[i]);
        require(s->own[i].n > 0 || !s->type->keys[i].required);
    }
}

static void check_words(const uint8_t *data, size_t n)
{
    char path[64];
    char *words = malloc(n + 1);
    require(words != NULL);
    if (n)
        memcpy(words, data, n);
    words[n] = '\0';
    if (cb_config_word(words, path, sizeof path) == 0)
        require(path[0] != '\0' && strlen(path) < sizeof path);
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct cb_config *config;
    struct cb_error err = {0};
    check_words(data, n);
    if (cb_config_parse(cb_span(data, n), "/f", &config, &err)) {
        require(config == NULL && err.code == CB_ERR_CONFIG);
        require(strncmp(err.text, "/f", 2) == 0 && !strchr(err.text, '\n'));
        require(cb_utf8_valid(cb_span_of(err.text)));
        return 0;
    }
    for (size_t i = 0; i < config->n_sources; i++)
        check_source(config, &config->sources[i]);
    cb_config_free(config);
    return 0;
}
