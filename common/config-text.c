#include "common/config-text.h"
#include "common/ini.h"

#define KEY_MAX 40 /* bytes that are shown of an unknown key; no key of ours is longer */

struct collector {
    struct cb_arena *texts, *scratch;
    struct cb_section *first, *last;
    size_t n_sections;
};

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_source_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > CB_NAME_SOURCE_MAX || name[0] == '_' || name[0] == '-')
        return false;
    for (; *name; name++)
        if (!is_lower(*name) && !is_digit(*name) && *name != '_' && *name != '-')
            return false;
    return true;
}

bool cb_key_showable(const char *key)
{
    if (strlen(key) > KEY_MAX)
        return false;
    for (; *key; key++)
        if (!is_lower(*key) && *key != '_' && *key != '-')
            return false;
    return true;
}

struct cb_entry *cb_section_entry(const struct cb_section *section, const char *key)
{
    for (struct cb_entry *e = section->entries; e; e = e->next)
        if (strcmp(e->key, key) == 0)
            return e;
    return NULL;
}

static int check_section(const struct collector *c, const char *name, struct cb_error *err)
{
    if (!is_source_name(name))
        return cb_fail(err, CB_ERR_CONFIG,
                       "the name of a section is 1 to %d of a-z, 0-9, \"-\" and \"_\", and begins "
                       "with a letter or a digit",
                       CB_NAME_SOURCE_MAX);
    for (const struct cb_section *s = c->first; s; s = s->next)
        if (strcmp(s->name, name) == 0)
            return cb_fail(err, CB_ERR_CONFIG, "section [%s] is given twice, first in line %u",
                           name, s->line);
    if (c->n_sections > CB_SOURCES_MAX)
        return cb_fail(err, CB_ERR_CONFIG, "more than %d sections", CB_SOURCES_MAX);
    return 0;
}

static int on_section(void *user, const char *name, unsigned line, struct cb_error *err)
{
    struct collector *c = user;
    if (check_section(c, name, err))
        return -1;
    struct cb_section *s = cb_arena_alloc(c->scratch, sizeof *s, _Alignof(struct cb_section));
    char *copy = cb_arena_dup(c->scratch, cb_span_of(name));
    if (!s || !copy)
        return cb_fail_memory(err);
    s->name = copy;
    s->line = line;
    *(c->last ? &c->last->next : &c->first) = s;
    c->last = s;
    c->n_sections++;
    return 0;
}

static int check_key(const struct cb_section *s, const char *key, struct cb_error *err)
{
    const struct cb_entry *before = cb_section_entry(s, key);
    if (before && cb_key_showable(key))
        return cb_fail(err, CB_ERR_CONFIG, "[%s] key \"%s\" is given twice, first in line %u",
                       s->name, key, before->value.line);
    if (before)
        return cb_fail(err, CB_ERR_CONFIG, "[%s] a key is given twice, first in line %u", s->name,
                       before->value.line);
    if (s->n_entries == CB_ENTRIES_MAX)
        return cb_fail(err, CB_ERR_CONFIG, "[%s] has more than %d keys", s->name, CB_ENTRIES_MAX);
    return 0;
}

static int on_value(void *user, const char *key, const char *value, unsigned line,
                    struct cb_error *err)
{
    struct collector *c = user;
    struct cb_section *s = c->last;
    if (check_key(s, key, err))
        return -1;
    struct cb_entry *e = cb_arena_alloc(c->scratch, sizeof *e, _Alignof(struct cb_entry));
    char *name = cb_arena_dup(c->scratch, cb_span_of(key));
    char *text = cb_arena_dup(c->texts, cb_span_of(value));
    if (!e || !name || !text)
        return cb_fail_memory(err);
    e->key = name;
    e->value = (struct cb_value_line){.text = text, .line = line};
    e->last_line = &e->value;
    *(s->last_entry ? &s->last_entry->next : &s->entries) = e;
    s->last_entry = e;
    s->n_entries++;
    return 0;
}

/* An indented "key = value" is a mistake, not an item: it would silently join the list above. */
static bool looks_like_key(const char *value)
{
    const char *c = value;
    while (is_lower(*c) || *c == '_')
        c++;
    if (c == value)
        return false;
    c += strspn(c, " \t");
    return *c == '=';
}

static int on_more(void *user, const char *value, unsigned line, struct cb_error *err)
{
    struct collector *c = user;
    struct cb_entry *e = c->last->last_entry;
    if (looks_like_key(value))
        return cb_fail(err, CB_ERR_CONFIG,
                       "[%s] an indented line goes on with the list above; a key begins at the "
                       "start of its line",
                       c->last->name);
    struct cb_value_line *l = cb_arena_alloc(c->scratch, sizeof *l, _Alignof(struct cb_value_line));
    char *text = cb_arena_dup(c->texts, cb_span_of(value));
    if (!l || !text)
        return cb_fail_memory(err);
    *l = (struct cb_value_line){.text = text, .line = line};
    e->last_line->next = l;
    e->last_line = l;
    return 0;
}

int cb_config_collect(struct cb_span text, const char *file, struct cb_arena *texts,
                      struct cb_arena *scratch, struct cb_section **out, struct cb_error *err)
{
    struct collector c = {.texts = texts, .scratch = scratch};
    const struct cb_ini_handler handler = {
        .user = &c, .section = on_section, .value = on_value, .more = on_more};
    if (cb_ini_read(text, file, &handler, err))
        return -1;
    *out = c.first;
    return 0;
}
