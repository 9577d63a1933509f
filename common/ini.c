#include "common/ini.h"
#include "common/text.h"

struct reader {
    const struct cb_ini_handler *handler;
    unsigned line;
    bool in_section;
    bool after_key; /* in this section: an indented line has something to go on with */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char *trim(char *text)
{
    while (is_blank(*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    text[n] = '\0';
    return text;
}

static void cut_comment(char *text)
{
    for (char *c = text; *c; c++)
        if ((*c == ';' || *c == '#') && (c == text || is_blank(c[-1]))) {
            *c = '\0';
            return;
        }
}

static int read_section(struct reader *r, char *text, struct cb_error *err)
{
    char *end = strchr(text, ']');
    if (!end || end[1] != '\0')
        return cb_fail(err, CB_ERR_CONFIG, "a section is a line of its own: [name]");
    *end = '\0';
    r->in_section = true;
    r->after_key = false;
    return r->handler->section(r->handler->user, trim(text + 1), r->line, err);
}

static int read_value(struct reader *r, char *text, struct cb_error *err)
{
    char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return cb_fail(err, CB_ERR_CONFIG,
                       "neither \"[section]\" nor \"key = value\" nor an indented line");
    if (!r->in_section)
        return cb_fail(err, CB_ERR_CONFIG, "a key before the first [section]");
    *equals = '\0';
    r->after_key = true;
    return r->handler->value(r->handler->user, trim(text), trim(equals + 1), r->line, err);
}

static int read_more(struct reader *r, char *text, struct cb_error *err)
{
    if (!r->after_key)
        return cb_fail(err, CB_ERR_CONFIG,
                       "an indented line goes on with the key above, and there is none in this "
                       "section");
    return r->handler->more(r->handler->user, text, r->line, err);
}

static bool has_control_character(struct cb_span line)
{
    for (size_t i = 0; i < line.n; i++)
        if ((line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7F)
            return true;
    return false;
}

static int read_line(struct reader *r, struct cb_span line, struct cb_error *err)
{
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (line.n > CB_INI_LINE_MAX)
        return cb_fail(err, CB_ERR_CONFIG,
                       "the line is longer than %d bytes; a list goes on in indented lines",
                       CB_INI_LINE_MAX);
    if (has_control_character(line) || !cb_utf8_valid(line))
        return cb_fail(err, CB_ERR_CONFIG,
                       "the line holds a control character or is not UTF-8 text");

    char text[CB_INI_LINE_MAX + 1];
    if (line.n)
        memcpy(text, line.p, line.n);
    text[line.n] = '\0';
    cut_comment(text);
    bool indented = is_blank(text[0]);
    char *content = trim(text);
    if (*content == '\0')
        return 0;
    if (indented)
        return read_more(r, content, err);
    if (*content == '[')
        return read_section(r, content, err);
    return read_value(r, content, err);
}

static struct cb_span skip_byte_order_mark(struct cb_span text)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    if (text.n >= sizeof mark && memcmp(text.p, mark, sizeof mark) == 0)
        return cb_span(text.p + sizeof mark, text.n - sizeof mark);
    return text;
}

int cb_ini_read(struct cb_span text, const char *file, const struct cb_ini_handler *handler,
                struct cb_error *err)
{
    struct reader r = {.handler = handler};
    text = skip_byte_order_mark(text);
    while (text.n > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        r.line++;
        if (read_line(&r, cb_span(text.p, n), err))
            return cb_fail_in(err, "%s:%u", file, r.line);
        n += end != NULL;
        text = cb_span(text.p + n, text.n - n);
    }
    return 0;
}
