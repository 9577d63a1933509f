#include "common/config.h"
#include "common/buf.h"
#include "common/config-build.h"
#include "common/config-read.h"

#include <stdlib.h>

static int read_main(struct cb_builder *b, const struct cb_section *s, struct cb_error *err)
{
    static const struct cb_section nothing = {.name = CB_MAIN_SECTION};
    if (!s)
        s = &nothing;
    if (cb_config_fill_defaults(b, s, cb_main_keys, &b->settings, err))
        return -1;
    for (const struct cb_entry *e = s->entries; e; e = e->next) {
        const struct cb_slot *slot = cb_slot_find(cb_main_keys, e->key);
        if (!slot)
            return cb_config_fail_key(b, s, e, cb_main_keys, NULL, err);
        if (cb_config_read_slot(b, s, slot, &e->value, &b->settings, err))
            return -1;
    }
    if (b->settings.owner && b->config->file_owner != 0) {
        cb_fail(err, CB_ERR_CONFIG, "[%s] owner is only for a configuration that root owns",
                s->name);
        return cb_config_fail_at(b, cb_section_line(s, "owner"), err);
    }
    return cb_config_check_times(b, s, b->settings.refresh_ms, b->settings.max_stale_ms, err);
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

static int choose_cache(const struct cb_builder *b, struct cb_error *err)
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

static int keep_settings(const struct cb_builder *b, struct cb_error *err)
{
    struct cb_config *config = b->config;
    if (copy_name(config->arena, b->settings.owner, &config->owner, err) ||
        copy_name(config->arena, b->settings.group, &config->group, err))
        return -1;
    return choose_cache(b, err);
}

static bool is_main(const struct cb_section *s)
{
    return strcmp(s->name, CB_MAIN_SECTION) == 0;
}

static int read_sources(const struct cb_builder *b, const struct cb_section *first,
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
        if (!is_main(s) && cb_config_read_source(b, s, &config->sources[config->n_sources++], err))
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
    struct cb_builder b = {.file = origin->path, .config = new_config(origin)};
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
