#include "common/config-build.h"
#include "common/config-read.h"
#include "common/text.h"

static int fail_type(const struct cb_builder *b, const struct cb_section *s, const char *given,
                     struct cb_error *err)
{
    struct cb_buf list;
    const char *names[CB_KEY_NAMES_MAX];
    size_t n = 0;
    cb_buf_init(&list, CB_ERROR_TEXT_MAX);
    for (; cb_source_types[n] && n < CB_KEY_NAMES_MAX - 1; n++) {
        names[n] = cb_source_types[n]->name;
        cb_buf_printf(&list, "%s%s", n ? ", " : "", names[n]);
    }
    names[n] = NULL;
    const char *near = given ? cb_nearest(given, names) : NULL;
    bool main_section = cb_nearest(s->name, (const char *const[]){CB_MAIN_SECTION, NULL}) != NULL;
    if (near)
        cb_fail(err, CB_ERR_CONFIG, "[%s] type: unknown; did you mean \"%s\"?", s->name, near);
    else if (given)
        cb_fail(err, CB_ERR_CONFIG, "[%s] type: must be one of %s", s->name, cb_buf_text(&list));
    else
        cb_fail(err, CB_ERR_CONFIG, "[%s] needs \"type\", one of %s%s", s->name, cb_buf_text(&list),
                main_section ? "; or did you mean [certbridge]?" : "");
    cb_buf_clear(&list);
    return cb_config_fail_at(b, cb_section_line(s, "type"), err);
}

static int find_type(const struct cb_builder *b, const struct cb_section *s,
                     const struct cb_source_type **out, struct cb_error *err)
{
    const struct cb_entry *e = cb_section_entry(s, "type");
    const char *name = e && !e->value.next ? e->value.text : NULL;
    for (size_t i = 0; name && cb_source_types[i]; i++)
        if (strcmp(cb_source_types[i]->name, name) == 0) {
            *out = cb_source_types[i];
            return 0;
        }
    return fail_type(b, s, name, err);
}

static int read_source_entry(const struct cb_builder *b, const struct cb_section *s,
                             const struct cb_entry *e, struct cb_source *source,
                             struct cb_error *err)
{
    const struct cb_source_type *type = source->type;
    const struct cb_slot *slot = cb_slot_find(cb_source_keys, e->key);
    if (slot)
        return cb_config_read_slot(b, s, slot, &e->value, source, err);
    for (size_t i = 0; type->keys[i].name; i++)
        if (strcmp(type->keys[i].name, e->key) == 0)
            return cb_config_read_own(b, s, &type->keys[i], &e->value, &source->own[i], err);
    if (strcmp(e->key, "type") == 0)
        return 0;
    return cb_config_fail_key(b, s, e, cb_source_keys, type, err);
}

static int fail_missing(const struct cb_builder *b, const struct cb_section *s, const char *key,
                        struct cb_error *err)
{
    cb_fail(err, CB_ERR_CONFIG, "[%s] needs \"%s\"", s->name, key);
    return cb_config_fail_at(b, s->line, err);
}

static int fill_absent(const struct cb_builder *b, const struct cb_section *s,
                       struct cb_source *source, struct cb_error *err)
{
    const struct cb_source_type *type = source->type;
    if (!source->url)
        source->url = type->default_url;
    if (!source->url)
        return fail_missing(b, s, "url", err);
    for (size_t i = 0; type->keys[i].name; i++) {
        const struct cb_key *key = &type->keys[i];
        struct cb_value_line line;
        if (source->own[i].n)
            continue;
        if (key->required)
            return fail_missing(b, s, key->name, err);
        if (key->fallback && (cb_config_fallback(b, key->fallback, s->line, &line, err) ||
                              cb_config_read_own(b, s, key, &line, &source->own[i], err)))
            return -1;
    }
    return 0;
}

static bool in_words(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static int check_states(const struct cb_builder *b, const struct cb_section *s,
                        const struct cb_source *source, struct cb_error *err)
{
    const struct cb_list *states = &source->states;
    const char *const *known = source->type->states;
    bool any = states->n == 1 && strcmp(states->items[0], "any") == 0;
    size_t bad = 0;
    while (bad < states->n && in_words(states->items[bad], known))
        bad++;
    if (any || bad == states->n)
        return 0;
    struct cb_buf list;
    cb_buf_init(&list, CB_ERROR_TEXT_MAX);
    for (size_t i = 0; known[i]; i++)
        cb_buf_printf(&list, "%s%s", i ? ", " : "", known[i]);
    cb_fail(err, CB_ERR_CONFIG, "[%s] states: \"%s\" is none of %s, or \"any\" alone", s->name,
            states->items[bad], cb_buf_text(&list));
    cb_buf_clear(&list);
    return cb_config_fail_at(b, cb_section_line(s, "states"), err);
}

static int check_client_key(const struct cb_builder *b, const struct cb_section *s,
                            struct cb_source *source, struct cb_error *err)
{
    if (source->client_key && !source->client_certificate) {
        cb_fail(err, CB_ERR_CONFIG, "[%s] client_key needs client_certificate beside it", s->name);
        return cb_config_fail_at(b, cb_section_line(s, "client_key"), err);
    }
    if (!source->client_key)
        source->client_key = source->client_certificate;
    return 0;
}

static int check_source(const struct cb_builder *b, const struct cb_section *s,
                        struct cb_source *source, struct cb_error *err)
{
    if (cb_config_check_times(b, s, source->refresh_ms, source->max_stale_ms, err) ||
        check_states(b, s, source, err) || check_client_key(b, s, source, err))
        return -1;
    if (source->type->check && source->type->check(source, err)) {
        cb_fail_in(err, "[%s]", s->name);
        return cb_config_fail_at(b, s->line, err);
    }
    return 0;
}

int cb_config_read_source(const struct cb_builder *b, const struct cb_section *s,
                          struct cb_source *source, struct cb_error *err)
{
    memcpy(source->name, s->name, strlen(s->name) + 1);
    source->line = s->line;
    source->refresh_ms = b->settings.refresh_ms;
    source->max_stale_ms = b->settings.max_stale_ms;
    source->wait_ms = b->settings.wait_ms;
    if (find_type(b, s, &source->type, err) ||
        cb_config_fill_defaults(b, s, cb_source_keys, source, err))
        return -1;
    for (const struct cb_entry *e = s->entries; e; e = e->next)
        if (read_source_entry(b, s, e, source, err))
            return -1;
    if (fill_absent(b, s, source, err) || check_source(b, s, source, err))
        return -1;
    source->identity = cb_source_digest(source);
    return 0;
}
