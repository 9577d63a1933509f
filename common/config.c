#include "common/config.h"
#include "common/config-build.h"
#include "common/config-keys.h"
#include "common/config-text.h"
#include "common/text.h"

#include <stdlib.h>

#define NAMES_MAX 64 /* keys that one section can have: common ones, a type's own, `type` */

struct builder {
    struct cb_config *config;
    struct cb_settings settings;
    const char *file;
};

/* Puts "FILE:LINE: " before an error. */
static int fail_at(const struct builder *b, unsigned line, struct cb_error *err)
{
    return cb_fail_in(err, "%s:%u", b->file, line);
}

static unsigned line_of(const struct cb_section *s, const char *key)
{
    const struct cb_entry *e = cb_section_entry(s, key);
    return e ? e->value.line : s->line;
}

/* Names of slots, then of a type's own keys (which may be NULL), then `type` for a source. */
static void list_names(const struct cb_slot *slots, const struct cb_source_type *type,
                       const char *names[NAMES_MAX])
{
    size_t n = 0;
    for (; slots->key.name && n < NAMES_MAX - 2; slots++)
        names[n++] = slots->key.name;
    for (const struct cb_key *k = type ? type->keys : NULL; k && k->name && n < NAMES_MAX - 2; k++)
        names[n++] = k->name;
    if (type)
        names[n++] = "type";
    names[n] = NULL;
}

static int fail_unknown_key(const struct builder *b, const struct cb_section *s,
                            const struct cb_entry *e, const struct cb_slot *slots,
                            const struct cb_source_type *type, struct cb_error *err)
{
    const char *names[NAMES_MAX];
    list_names(slots, type, names);
    const char *near = cb_nearest(e->key, names);
    if (!cb_key_showable(e->key))
        cb_fail(err, CB_ERR_CONFIG,
                "[%s] unknown key (keys are lower-case words; the line is not shown, because it "
                "may hold a secret)",
                s->name);
    else if (near)
        cb_fail(err, CB_ERR_CONFIG, "[%s] unknown key \"%s\"; did you mean \"%s\"?", s->name,
                e->key, near);
    else
        cb_fail(err, CB_ERR_CONFIG, "[%s] unknown key \"%s\"%s%s", s->name, e->key,
                type ? " for type = " : "", type ? type->name : "");
    return fail_at(b, e->value.line, err);
}

static int fail_value(const struct builder *b, const struct cb_section *s, const char *key,
                      unsigned line, struct cb_error *err)
{
    cb_fail_in(err, "[%s] %s", s->name, key);
    return fail_at(b, line, err);
}

static int read_one(const struct builder *b, const struct cb_section *s, const struct cb_key *key,
                    const struct cb_value_line *lines, struct cb_value *out, struct cb_error *err)
{
    unsigned line = lines->line;
    int result;
    if (lines->next) {
        line = lines->next->line;
        result = cb_fail(err, CB_ERR_CONFIG, "takes one value, not a list over several lines");
    } else {
        result = cb_value_read(key, lines->text, out, err);
    }
    return result ? fail_value(b, s, key->name, line, err) : 0;
}

static int read_list(const struct builder *b, const struct cb_section *s, const struct cb_key *key,
                     const struct cb_value_line *lines, struct cb_list *out, struct cb_error *err)
{
    unsigned line;
    if (cb_list_read(lines, b->config->arena, out, &line, err))
        return fail_value(b, s, key->name, line, err);
    return 0;
}

static int read_slot(const struct builder *b, const struct cb_section *s,
                     const struct cb_slot *slot, const struct cb_value_line *lines, void *base,
                     struct cb_error *err)
{
    struct cb_value value;
    if (slot->key.kind == CB_VALUE_LIST)
        return read_list(b, s, &slot->key, lines, cb_slot_list(slot, base), err);
    if (read_one(b, s, &slot->key, lines, &value, err))
        return -1;
    cb_slot_store(slot, base, &value);
    return 0;
}

/* A type's own keys are all kept as lists; one that is no list has a single item. */
static int read_own(const struct builder *b, const struct cb_section *s, const struct cb_key *key,
                    const struct cb_value_line *lines, struct cb_list *out, struct cb_error *err)
{
    struct cb_value value;
    if (key->kind == CB_VALUE_LIST)
        return read_list(b, s, key, lines, out, err);
    if (read_one(b, s, key, lines, &value, err))
        return -1;
    out->items = cb_arena_alloc(b->config->arena, sizeof *out->items, _Alignof(char *));
    if (!out->items)
        return cb_fail_memory(err);
    out->items[0] = lines->text;
    out->n = 1;
    return 0;
}

/* Values are changed in place, so a default is copied before it is read like any other. */
static int fallback_line(const struct builder *b, const char *text, unsigned line,
                         struct cb_value_line *out, struct cb_error *err)
{
    *out = (struct cb_value_line){.line = line};
    out->text = cb_arena_dup(b->config->arena, cb_span_of(text));
    return out->text ? 0 : cb_fail_memory(err);
}

static int fill_defaults(const struct builder *b, const struct cb_section *s,
                         const struct cb_slot *slots, void *base, struct cb_error *err)
{
    for (; slots->key.name; slots++) {
        struct cb_value_line line;
        if (slots->key.fallback && (fallback_line(b, slots->key.fallback, s->line, &line, err) ||
                                    read_slot(b, s, slots, &line, base, err)))
            return -1;
    }
    return 0;
}

static int check_times(const struct builder *b, const struct cb_section *s, int64_t refresh_ms,
                       int64_t max_stale_ms, struct cb_error *err)
{
    if (max_stale_ms >= refresh_ms)
        return 0;
    const char *key = cb_section_entry(s, "max_stale") ? "max_stale" : "refresh";
    cb_fail(err, CB_ERR_CONFIG, "[%s] max_stale must not be shorter than refresh", s->name);
    return fail_at(b, line_of(s, key), err);
}

/* [certbridge] */

static int read_main(struct builder *b, const struct cb_section *s, struct cb_error *err)
{
    static const struct cb_section nothing = {.name = CB_MAIN_SECTION};
    if (!s)
        s = &nothing;
    if (fill_defaults(b, s, cb_main_keys, &b->settings, err))
        return -1;
    for (const struct cb_entry *e = s->entries; e; e = e->next) {
        const struct cb_slot *slot = cb_slot_find(cb_main_keys, e->key);
        if (!slot)
            return fail_unknown_key(b, s, e, cb_main_keys, NULL, err);
        if (read_slot(b, s, slot, &e->value, &b->settings, err))
            return -1;
    }
    if (b->settings.owner && b->config->file_owner != 0) {
        cb_fail(err, CB_ERR_CONFIG, "[%s] owner is only for a configuration that root owns",
                s->name);
        return fail_at(b, line_of(s, "owner"), err);
    }
    return check_times(b, s, b->settings.refresh_ms, b->settings.max_stale_ms, err);
}

/* The user's own cache folder (XDG Base Directory Specification: relative values do not count). */
static char *user_cache(struct cb_arena *arena)
{
    const char *folder = secure_getenv("XDG_CACHE_HOME");
    const char *middle = "";
    if (!folder || folder[0] != '/') {
        folder = secure_getenv("HOME");
        middle = "/.cache";
    }
    if (!folder || folder[0] != '/')
        return NULL;
    struct cb_buf path;
    cb_buf_init(&path, CB_ERROR_TEXT_MAX * 4);
    cb_buf_printf(&path, "%s%s/certbridge", folder, middle);
    char *result = path.failed ? NULL : cb_arena_dup(arena, cb_buf_span(&path));
    cb_buf_clear(&path);
    return result;
}

static int choose_cache(const struct builder *b, struct cb_error *err)
{
    static const char system_cache[] = CB_LOCALSTATEDIR "/cache/certbridge";
    struct cb_config *config = b->config;
    struct cb_arena *arena = config->arena;
    if (b->settings.cache)
        config->cache = cb_arena_dup(arena, cb_span_of(b->settings.cache));
    else if (config->user_owned)
        config->cache = user_cache(arena);
    else
        config->cache = cb_arena_dup(arena, cb_span_of(system_cache));
    if (!config->cache)
        return cb_fail(err, CB_ERR_CONFIG,
                       "%s: [certbridge] needs cache = FOLDER, because HOME and XDG_CACHE_HOME are "
                       "not set or not to be trusted here",
                       b->file);
    for (size_t n = strlen(config->cache); n > 1 && config->cache[n - 1] == '/'; n--)
        config->cache[n - 1] = '\0';
    return 0;
}

static int copy_name(struct cb_arena *arena, const char *text, char **out, struct cb_error *err)
{
    if (!text)
        return 0;
    *out = cb_arena_dup(arena, cb_span_of(text));
    return *out ? 0 : cb_fail_memory(err);
}

static int keep_settings(const struct builder *b, struct cb_error *err)
{
    struct cb_config *config = b->config;
    if (copy_name(config->arena, b->settings.owner, &config->owner, err) ||
        copy_name(config->arena, b->settings.group, &config->group, err))
        return -1;
    return choose_cache(b, err);
}

/* Sources */

static int fail_type(const struct builder *b, const struct cb_section *s, const char *given,
                     struct cb_error *err)
{
    struct cb_buf list;
    const char *names[NAMES_MAX];
    size_t n = 0;
    cb_buf_init(&list, CB_ERROR_TEXT_MAX);
    for (; cb_source_types[n] && n < NAMES_MAX - 1; n++) {
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
    return fail_at(b, line_of(s, "type"), err);
}

static int find_type(const struct builder *b, const struct cb_section *s,
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

static int read_source_entry(const struct builder *b, const struct cb_section *s,
                             const struct cb_entry *e, struct cb_source *source,
                             struct cb_error *err)
{
    const struct cb_source_type *type = source->type;
    const struct cb_slot *slot = cb_slot_find(cb_source_keys, e->key);
    if (slot)
        return read_slot(b, s, slot, &e->value, source, err);
    for (size_t i = 0; type->keys[i].name; i++)
        if (strcmp(type->keys[i].name, e->key) == 0)
            return read_own(b, s, &type->keys[i], &e->value, &source->own[i], err);
    if (strcmp(e->key, "type") == 0)
        return 0;
    return fail_unknown_key(b, s, e, cb_source_keys, type, err);
}

static int fail_missing(const struct builder *b, const struct cb_section *s, const char *key,
                        struct cb_error *err)
{
    cb_fail(err, CB_ERR_CONFIG, "[%s] needs \"%s\"", s->name, key);
    return fail_at(b, s->line, err);
}

static int fill_absent(const struct builder *b, const struct cb_section *s,
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
        if (key->fallback && (fallback_line(b, key->fallback, s->line, &line, err) ||
                              read_own(b, s, key, &line, &source->own[i], err)))
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

static int check_states(const struct builder *b, const struct cb_section *s,
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
    return fail_at(b, line_of(s, "states"), err);
}

static int check_client_key(const struct builder *b, const struct cb_section *s,
                            struct cb_source *source, struct cb_error *err)
{
    if (source->client_key && !source->client_certificate) {
        cb_fail(err, CB_ERR_CONFIG, "[%s] client_key needs client_certificate beside it", s->name);
        return fail_at(b, line_of(s, "client_key"), err);
    }
    if (!source->client_key)
        source->client_key = source->client_certificate;
    return 0;
}

static int check_source(const struct builder *b, const struct cb_section *s,
                        struct cb_source *source, struct cb_error *err)
{
    if (check_times(b, s, source->refresh_ms, source->max_stale_ms, err) ||
        check_states(b, s, source, err) || check_client_key(b, s, source, err))
        return -1;
    if (source->type->check && source->type->check(source, err)) {
        cb_fail_in(err, "[%s]", s->name);
        return fail_at(b, s->line, err);
    }
    return 0;
}

static int read_source(const struct builder *b, const struct cb_section *s,
                       struct cb_source *source, struct cb_error *err)
{
    memcpy(source->name, s->name, strlen(s->name) + 1);
    source->line = s->line;
    source->refresh_ms = b->settings.refresh_ms;
    source->max_stale_ms = b->settings.max_stale_ms;
    source->wait_ms = b->settings.wait_ms;
    if (find_type(b, s, &source->type, err) || fill_defaults(b, s, cb_source_keys, source, err))
        return -1;
    for (const struct cb_entry *e = s->entries; e; e = e->next)
        if (read_source_entry(b, s, e, source, err))
            return -1;
    if (fill_absent(b, s, source, err) || check_source(b, s, source, err))
        return -1;
    source->identity = cb_source_digest(source);
    return 0;
}

static bool is_main(const struct cb_section *s)
{
    return strcmp(s->name, CB_MAIN_SECTION) == 0;
}

static int read_sources(const struct builder *b, const struct cb_section *first,
                        struct cb_error *err)
{
    struct cb_config *config = b->config;
    size_t n = 0;
    for (const struct cb_section *s = first; s; s = s->next)
        n += !is_main(s);
    if (n > CB_SOURCES_MAX)
        return cb_fail(err, CB_ERR_CONFIG, "%s: more than %d sources", b->file, CB_SOURCES_MAX);
    config->sources =
        cb_arena_alloc(config->arena, n * sizeof *config->sources, _Alignof(struct cb_source));
    if (!config->sources)
        return cb_fail_memory(err);
    for (const struct cb_section *s = first; s; s = s->next)
        if (!is_main(s) && read_source(b, s, &config->sources[config->n_sources++], err))
            return -1;
    return 0;
}

static struct cb_config *new_config(const struct cb_config_origin *origin)
{
    struct cb_config *config = calloc(1, sizeof *config);
    if (!config)
        return NULL;
    config->arena = calloc(1, sizeof *config->arena);
    if (config->arena)
        config->path = cb_arena_dup(config->arena, cb_span_of(origin->path));
    if (!config->path) {
        cb_config_free(config);
        return NULL;
    }
    config->file_owner = origin->owner;
    config->user_owned = origin->owner != 0;
    config->mtime_ns = origin->mtime_ns;
    return config;
}

int cb_config_build(struct cb_span text, const struct cb_config_origin *origin,
                    struct cb_config **out, struct cb_error *err)
{
    struct cb_arena scratch = {0};
    struct builder b = {.file = origin->path, .config = new_config(origin)};
    struct cb_section *first = NULL;
    const struct cb_section *main_section;
    int result = -1;
    *out = NULL;
    if (!b.config) {
        cb_fail_memory(err);
        goto out;
    }
    if (cb_config_collect(text, b.file, b.config->arena, &scratch, &first, err))
        goto out;
    for (main_section = first; main_section && !is_main(main_section);)
        main_section = main_section->next;
    if (read_main(&b, main_section, err) || keep_settings(&b, err) || read_sources(&b, first, err))
        goto out;
    *out = b.config;
    b.config = NULL;
    result = 0;
out:
    cb_config_free(b.config);
    cb_arena_clear(&scratch);
    return result;
}

int cb_config_parse(struct cb_span text, const char *path, struct cb_config **out,
                    struct cb_error *err)
{
    const struct cb_config_origin origin = {.path = path};
    return cb_config_build(text, &origin, out, err);
}

void cb_config_free(struct cb_config *config)
{
    if (!config)
        return;
    if (config->arena)
        cb_arena_clear(config->arena);
    free(config->arena);
    free(config);
}
