#include "common/fetch/json.h"
#include <inttypes.h>
#include <json-c/json.h>

/* Numbers whose text says more than json-c's value have it beside them: every fraction, and what
 * cb_json_parse found to be longer than an int64_t. */
static int add_number(struct cb_buf *out, cb_json v)
{
    const char *text = json_object_get_userdata((struct json_object *)v);

    if (text)
        return cb_buf_add_text(out, text);
    return cb_buf_printf(out, "%" PRId64, json_object_get_int64(v));
}

/* The two characters after which a string needs an escape, RFC 8259, 7; 'u' for the long form. */
static char escape_of(uint8_t c)
{
    static const char short_forms[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";

    if (c < 0x20)
        return short_forms[c];
    return c == '"' || c == '\\' ? (char)c : '\0';
}

static int print_string(struct cb_buf *out, struct cb_span s)
{
    size_t plain = 0;

    cb_buf_add_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        char e = escape_of(s.p[i]);
        if (e == '\0')
            continue;
        cb_buf_add(out, s.p + plain, i - plain);
        if (e == 'u')
            cb_buf_printf(out, "\\u%04x", s.p[i]);
        else
            cb_buf_printf(out, "\\%c", e);
        plain = i + 1;
    }
    cb_buf_add(out, s.p + plain, s.n - plain);
    return cb_buf_add_byte(out, '"');
}

static int print(struct cb_buf *out, cb_json v, const char *leave_out);

/* The part of the path `leave_out` that goes on below member `name`: NULL when it goes elsewhere,
 * "" when it ends here. */
static const char *below(const char *leave_out, const char *name)
{
    size_t n = strlen(name);

    if (!leave_out || strncmp(leave_out, name, n) != 0)
        return NULL;
    if (leave_out[n] == '\0')
        return "";
    return leave_out[n] == '/' ? leave_out + n + 1 : NULL;
}

static int print_object(struct cb_buf *out, cb_json v, const char *leave_out)
{
    const char *separator = "";

    cb_buf_add_byte(out, '{');
    json_object_object_foreach((struct json_object *)v, name, member)
    {
        const char *rest = below(leave_out, name);
        if (rest && *rest == '\0')
            continue;
        cb_buf_add_text(out, separator);
        print_string(out, cb_span_of(name));
        cb_buf_add_byte(out, ':');
        print(out, member, rest);
        separator = ",";
    }
    return cb_buf_add_byte(out, '}');
}

static int print_array(struct cb_buf *out, cb_json v)
{
    cb_buf_add_byte(out, '[');
    for (size_t i = 0; i < cb_json_length(v); i++) {
        if (i > 0)
            cb_buf_add_byte(out, ',');
        print(out, cb_json_at(v, i), NULL);
    }
    return cb_buf_add_byte(out, ']');
}

static int print(struct cb_buf *out, cb_json v, const char *leave_out)
{
    switch (json_object_get_type(v)) {
    case json_type_object:
        return print_object(out, v, leave_out);
    case json_type_array:
        return print_array(out, v);
    case json_type_string:
        return print_string(out, cb_span(json_object_get_string((struct json_object *)v),
                                         (size_t)json_object_get_string_len(v)));
    case json_type_boolean:
        return cb_buf_add_text(out, json_object_get_boolean(v) ? "true" : "false");
    case json_type_null:
        return cb_buf_add_text(out, "null");
    default:
        return add_number(out, v);
    }
}

int cb_json_print_without(cb_json object, const char *leave_out, struct cb_buf *out)
{
    return print(out, object, leave_out);
}
