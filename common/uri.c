#include "common/uri.h"
#include "common/text.h"

#include <stdlib.h>
#include <strings.h>

#define SCHEME "certbridge:"
#define NAMES_SHOWN 16 /* sources that an error lists */

bool cb_uri_is_ours(const char *text)
{
    return strncasecmp(text, SCHEME, strlen(SCHEME)) == 0;
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 3986, 3.3 and 3.4: characters of a segment or, with '/' and '?', of a query; "%" besides. */
static bool is_allowed(uint8_t c, bool in_query)
{
    return is_alphanumeric(c) || (c && strchr("-._~!$&'()*+,;=:@%", c)) ||
           (in_query && (c == '/' || c == '?'));
}

static int fail_character(const char *part, uint8_t c, struct cb_error *err)
{
    if (c == '#')
        return cb_fail(err, CB_ERR_URI,
                       "URI: a fragment is not allowed; \"#\" in the %s is "
                       "written %%23",
                       part);
    if (c > 0x20 && c < 0x7F)
        return cb_fail(err, CB_ERR_URI, "URI: \"%c\" in the %s is written %%%02X", c, part, c);
    return cb_fail(err, CB_ERR_URI,
                   "URI: a blank, control or non-ASCII character in the %s is written in percent-"
                   "encoding (here %%%02X)",
                   part, c);
}

/* Decodes one part into `out` (a zero-terminated text). */
static int decode(struct cb_span in, const char *part, bool in_query, char *out, size_t room,
                  struct cb_error *err)
{
    for (size_t i = 0; i < in.n; i++)
        if (!is_allowed(in.p[i], in_query))
            return fail_character(part, in.p[i], err);
    struct cb_buf text;
    cb_buf_init(&text, room - 1);
    int result = cb_percent_decode(&text, in);
    if (result)
        cb_fail(err, CB_ERR_URI,
                "URI: \"%%\" in the %s must be followed by two hexadecimal digits other than 00; "
                "a percent sign is written %%25",
                part);
    else
        memcpy(out, cb_buf_text(&text), text.n + 1);
    cb_buf_clear(&text);
    return result;
}

static bool is_source_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > CB_NAME_SOURCE_MAX || *name == '_' || *name == '-')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static int read_source(struct cb_span authority, struct cb_uri *out, struct cb_error *err)
{
    char name[CB_URI_MAX + 1];
    if (memchr(authority.p, '@', authority.n) || memchr(authority.p, ':', authority.n))
        return cb_fail(err, CB_ERR_URI,
                       "URI: after certbridge:// stands the name of a source, without user or "
                       "port");
    if (decode(authority, "source", false, name, sizeof name, err))
        return -1;
    if (*name && !is_source_name(name))
        return cb_fail(err, CB_ERR_URI,
                       "URI: the name of a source is 1 to %d of a-z, 0-9, \"-\" and \"_\", and "
                       "begins with a letter or a digit",
                       CB_NAME_SOURCE_MAX);
    memcpy(out->source, name, strlen(name) + 1);
    return 0;
}

static int add_segment(struct cb_buf *path, struct cb_span segment, struct cb_error *err)
{
    char text[CB_URI_MAX + 1];
    if (segment.n == 0)
        return cb_fail(err, CB_ERR_URI, "URI: the path has an empty segment (\"//\")");
    if (decode(segment, "path", false, text, sizeof text, err))
        return -1;
    if (cb_path_add(path, cb_span_of(text)))
        return cb_fail_memory(err);
    return 0;
}

/* "", "/", "/SEGMENT[/SEGMENT...][/]" */
static int read_path(struct cb_span path, struct cb_uri *out, struct cb_error *err)
{
    struct cb_buf encoded;
    int result = 0;
    if (path.n > 0 && path.p[path.n - 1] == '/')
        path.n--;
    if (path.n == 0)
        return 0;
    if (out->source[0] == '\0')
        return cb_fail(err, CB_ERR_URI,
                       "URI: a path needs a source before it: certbridge://SOURCE/PATH");
    cb_buf_init(&encoded, sizeof out->path - 1);
    while (path.n > 0 && result == 0) {
        path = cb_span(path.p + 1, path.n - 1); /* the slash */
        const uint8_t *slash = path.n ? memchr(path.p, '/', path.n) : NULL;
        size_t n = slash ? (size_t)(slash - path.p) : path.n;
        result = add_segment(&encoded, cb_span(path.p, n), err);
        path = cb_span(path.p + n, path.n - n);
    }
    if (result == 0)
        memcpy(out->path, cb_buf_text(&encoded), encoded.n + 1);
    cb_buf_clear(&encoded);
    return result;
}

static const char *const attribute_names[] = {"label", "state", "part", NULL};

/* In the order of enum cb_part. */
static const char *const part_names[] = {"all", "leaf", "issuers", NULL};

static int index_of(struct cb_span word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (cb_span_equal(word, cb_span_of(words[i])))
            return i;
    return -1;
}

static int read_part(const char *value, struct cb_uri *out, struct cb_error *err)
{
    int part = index_of(cb_span_of(value), part_names);
    if (part < 0)
        return cb_fail(err, CB_ERR_URI, "URI: part= must be all, leaf or issuers");
    out->part = (enum cb_part)part;
    return 0;
}

static int fail_attribute(struct cb_span name, struct cb_error *err)
{
    char text[CB_URI_MAX + 1];
    for (size_t i = 0; i < name.n; i++)
        if (!is_allowed(name.p[i], true))
            return fail_character("query", name.p[i], err);
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    const char *near = cb_nearest(text, attribute_names);
    if (near)
        return cb_fail(err, CB_ERR_URI, "URI: unknown attribute \"%s\"; did you mean \"%s\"?", text,
                       near);
    return cb_fail(err, CB_ERR_URI,
                   "URI: unknown attribute \"%.64s\"; allowed are label=, state= and part=", text);
}

/* NAME=VALUE; `seen` has one bit for each attribute. */
static int read_attribute(struct cb_span text, unsigned *seen, struct cb_uri *out,
                          struct cb_error *err)
{
    const uint8_t *equals = text.n ? memchr(text.p, '=', text.n) : NULL;
    if (!equals)
        return cb_fail(err, CB_ERR_URI,
                       "URI: after \"?\" and \"&\" stands label=, state= or part= with a value");
    struct cb_span name = cb_span(text.p, (size_t)(equals - text.p));
    int index = index_of(name, attribute_names);
    if (index < 0)
        return fail_attribute(name, err);
    const char *attribute = attribute_names[index];
    if (*seen & 1U << index)
        return cb_fail(err, CB_ERR_URI, "URI: %s= is given twice", attribute);
    *seen |= 1U << index;

    char value[CB_URI_MAX + 1];
    struct cb_span encoded = cb_span(equals + 1, text.n - name.n - 1);
    if (decode(encoded, attribute, true, value, sizeof value, err))
        return -1;
    if (*value == '\0')
        return cb_fail(err, CB_ERR_URI, "URI: %s= has no value", attribute);
    if (index == 2)
        return read_part(value, out, err);
    memcpy(index == 0 ? out->label : out->state, value, strlen(value) + 1);
    *(index == 0 ? &out->has_label : &out->has_state) = true;
    return 0;
}

static int read_query(const char *query, struct cb_uri *out, struct cb_error *err)
{
    unsigned seen = 0;
    for (;;) {
        size_t n = strcspn(query, "&");
        if (read_attribute(cb_span(query, n), &seen, out, err))
            return -1;
        if (query[n] == '\0')
            return 0;
        query += n + 1;
    }
}

int cb_uri_parse(const char *text, struct cb_uri *out, struct cb_error *err)
{
    memset(out, 0, sizeof *out);
    if (!cb_uri_is_ours(text))
        return cb_fail(err, CB_ERR_URI, "URI: must begin with certbridge://");
    if (strlen(text) >= CB_URI_MAX)
        return cb_fail(err, CB_ERR_URI, "URI: longer than %d bytes", CB_URI_MAX - 1);
    const char *authority = text + strlen(SCHEME);
    if (strncmp(authority, "//", 2) == 0)
        authority += 2;
    else if (*authority == '\0' || *authority == '/' || *authority == '?')
        return cb_fail(err, CB_ERR_URI,
                       "URI: certbridge: must be followed by //SOURCE (\"certbridge://\" names "
                       "every source)");
    size_t n = strcspn(authority, "/?");
    const char *path = authority + n;
    size_t path_n = strcspn(path, "?");
    if (read_source(cb_span(authority, n), out, err) || read_path(cb_span(path, path_n), out, err))
        return -1;
    return path[path_n] == '?' ? read_query(path + path_n + 1, out, err) : 0;
}

static int fail_no_source(const struct cb_uri *uri, const struct cb_config *config,
                          struct cb_error *err)
{
    const char *names[CB_SOURCES_MAX + 1];
    struct cb_buf list;
    cb_buf_init(&list, CB_ERROR_TEXT_MAX);
    for (size_t i = 0; i < config->n_sources; i++) {
        names[i] = config->sources[i].name;
        if (i < NAMES_SHOWN)
            cb_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    names[config->n_sources] = NULL;
    const char *near = cb_nearest(uri->source, names);
    if (near)
        cb_fail(err, CB_ERR_NO_SOURCE, "%s has no source \"%s\"; did you mean \"%s\"?",
                config->path, uri->source, near);
    else
        cb_fail(err, CB_ERR_NO_SOURCE, "%s has no source \"%s\"; it has %s%s", config->path,
                uri->source, config->n_sources ? cb_buf_text(&list) : "no sources at all",
                config->n_sources > NAMES_SHOWN ? " and more" : "");
    cb_buf_clear(&list);
    return -1;
}

static bool has_state(const struct cb_source *source, const char *state)
{
    return index_of(cb_span_of(state), source->type->states) >= 0;
}

static int fail_state(const struct cb_uri *uri, const struct cb_source *source,
                      struct cb_error *err)
{
    const char *const *states = source->type->states;
    struct cb_buf shown, list;
    cb_buf_init(&shown, CB_ERROR_TEXT_MAX);
    cb_buf_init(&list, CB_ERROR_TEXT_MAX);
    for (int i = 0; states[i]; i++)
        cb_buf_printf(&list, "%s, ", states[i]);
    cb_add_printable(&shown, cb_span_of(uri->state), 64);
    const char *near = cb_nearest(uri->state, states);
    if (near)
        cb_fail(err, CB_ERR_URI, "URI: source %s has no state \"%s\"; did you mean \"%s\"?",
                source->name, cb_buf_text(&shown), near);
    else
        cb_fail(err, CB_ERR_URI, "URI: source %s has no state \"%s\"; allowed are %sany",
                source->name, cb_buf_text(&shown), cb_buf_text(&list));
    cb_buf_clear(&shown);
    cb_buf_clear(&list);
    return -1;
}

/* "certbridge://?state=..." may name a state of any configured source. */
static int check_state_of_any(const struct cb_uri *uri, const struct cb_config *config,
                              struct cb_error *err)
{
    for (size_t i = 0; i < config->n_sources; i++)
        if (has_state(&config->sources[i], uri->state))
            return 0;
    return cb_fail(err, CB_ERR_URI, "URI: no configured source has the state that state= names");
}

int cb_uri_resolve(const struct cb_uri *uri, const struct cb_config *config,
                   const struct cb_source **source, struct cb_error *err)
{
    *source = NULL;
    bool wants_state = uri->has_state && strcmp(uri->state, "any") != 0;
    if (uri->source[0] == '\0')
        return wants_state ? check_state_of_any(uri, config, err) : 0;
    const struct cb_source *found = cb_config_source(config, cb_span_of(uri->source));
    if (!found)
        return fail_no_source(uri, config, err);
    if (wants_state && !has_state(found, uri->state))
        return fail_state(uri, found, err);
    *source = found;
    return 0;
}

int cb_uri_add(struct cb_buf *out, const char *source, struct cb_span path)
{
    if (cb_buf_add_text(out, "certbridge://") || cb_buf_add_text(out, source))
        return -1;
    if (path.n == 0)
        return 0;
    return cb_buf_add_byte(out, '/') || cb_buf_add_span(out, path) ? -1 : 0;
}
