#include "common/config-read.h"
#include "common/text.h"

int cb_config_fail_at(const struct cb_builder *b, unsigned line, struct cb_error *err)
{
    return cb_fail_in(err, "%s:%u", b->file, line);
}

unsigned cb_section_line(const struct cb_section *s, const char *key)
{
    const struct cb_entry *e = cb_section_entry(s, key);
    return e ? e->value.line : s->line;
}

/* Names of slots, then of a type's own keys (which may be NULL), then `type` for a source. */
static void list_names(const struct cb_slot *slots, const struct cb_source_type *type,
                       const char *names[CB_KEY_NAMES_MAX])
{
    size_t n = 0;
    for (; slots->key.name && n < CB_KEY_NAMES_MAX - 2; slots++)
        names[n++] = slots->key.name;
    for (const struct cb_key *k = type ? type->keys : NULL;
         k && k->name && n < CB_KEY_NAMES_MAX - 2; k++)
        names[n++] = k->name;
    if (type)
        names[n++] = "type";
    names[n] = NULL;
}

int cb_config_fail_key(const struct cb_builder *b, const struct cb_section *s,
                       const struct cb_entry *e, const struct cb_slot *slots,
                       const struct cb_source_type *type, struct cb_error *err)
{
    const char *names[CB_KEY_NAMES_MAX];
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
    return cb_config_fail_at(b, e->value.line, err);
}

static int fail_value(const struct cb_builder *b, const struct cb_section *s, const char *key,
                      unsigned line, struct cb_error *err)
{
    cb_fail_in(err, "[%s] %s", s->name, key);
    return cb_config_fail_at(b, line, err);
}

static int read_one(const struct cb_builder *b, const struct cb_section *s,
                    const struct cb_key *key, const struct cb_value_line *lines,
                    struct cb_value *out, struct cb_error *err)
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

static int read_list(const struct cb_builder *b, const struct cb_section *s,
                     const struct cb_key *key, const struct cb_value_line *lines,
                     struct cb_list *out, struct cb_error *err)
{
    unsigned line;
    if (cb_list_read(lines, b->config->arena, out, &line, err))
        return fail_value(b, s, key->name, line, err);
    return 0;
}

int cb_config_read_slot(const struct cb_builder *b, const struct cb_section *s,
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

int cb_config_read_own(const struct cb_builder *b, const struct cb_section *s,
                       const struct cb_key *key, const struct cb_value_line *lines,
                       struct cb_list *out, struct cb_error *err)
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

int cb_config_fallback(const struct cb_builder *b, const char *text, unsigned line,
                       struct cb_value_line *out, struct cb_error *err)
{
    *out = (struct cb_value_line){.line = line};
    out->text = cb_arena_dup(b->config->arena, cb_span_of(text));
    return out->text ? 0 : cb_fail_memory(err);
}

int cb_config_fill_defaults(const struct cb_builder *b, const struct cb_section *s,
                            const struct cb_slot *slots, void *base, struct cb_error *err)
{
    for (; slots->key.name; slots++) {
        struct cb_value_line line;
        if (slots->key.fallback &&
            (cb_config_fallback(b, slots->key.fallback, s->line, &line, err) ||
             cb_config_read_slot(b, s, slots, &line, base, err)))
            return -1;
    }
    return 0;
}

int cb_config_check_times(const struct cb_builder *b, const struct cb_section *s,
                          int64_t refresh_ms, int64_t max_stale_ms, struct cb_error *err)
{
    if (max_stale_ms >= refresh_ms)
        return 0;
    const char *key = cb_section_entry(s, "max_stale") ? "max_stale" : "refresh";
    cb_fail(err, CB_ERR_CONFIG, "[%s] max_stale must not be shorter than refresh", s->name);
    return cb_config_fail_at(b, cb_section_line(s, key), err);
}
