#include "cli/json.h"
#include "cli/words.h"
#include "common/name.h"
#include "common/text.h"
#include "common/uri.h"
#include <stdio.h>

#define FORM (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)
#define WORDS_MAX (4u * CB_NAME_MAX) /* a printed name is at most a few times as long as its DER */

void cli_json_add(struct cli_json *out, struct json_object *value)
{
    printf("%s%s", out->any ? ",\n" : "[\n", json_object_to_json_string_ext(value, FORM));
    out->any = true;
    json_object_put(value);
}

void cli_json_end(struct cli_json *out)
{
    puts(out->any ? "\n]" : "[]");
}

void cli_json_text(struct json_object *o, const char *name, struct cb_span text)
{
    struct json_object *value = NULL;
    if (text.n && cb_utf8_valid(text)) {
        value = json_object_new_string_len((const char *)text.p, (int)text.n);
    } else if (text.n) {
        struct cb_buf safe;
        cb_buf_init(&safe, 4 * text.n + 8);
        if (cb_add_printable(&safe, text, text.n) == 0)
            value = json_object_new_string(cb_buf_text(&safe));
        cb_buf_clear(&safe);
    }
    json_object_object_add(o, name, value);
}

void cli_json_time(struct json_object *o, const char *name, int64_t t, bool zero_is_none)
{
    char iso[CB_ISO_MAX] = "";
    if (t || !zero_is_none)
        cb_iso(t, iso);
    cli_json_text(o, name, cb_span_of(iso));
}

static void add_name(struct json_object *o, const char *member, struct cb_span der)
{
    struct cb_buf words;
    cb_buf_init(&words, WORDS_MAX);
    if (der.n)
        cb_name_text(&words, der);
    /* An empty name is a fact, not a missing one. */
    json_object_object_add(o, member, der.n ? json_object_new_string(cb_buf_text(&words)) : NULL);
    cb_buf_clear(&words);
}

static void add_uris(struct json_object *o, const struct cb_source *source,
                     const struct cb_object *object)
{
    struct cb_buf uri;
    cb_buf_init(&uri, WORDS_MAX);
    cb_uri_add(&uri, source->name, object->path);
    cli_json_text(o, "uri", cb_buf_span(&uri));
    cb_buf_reset(&uri);
    cli_add_pkcs11_uri(&uri, source, object);
    cli_json_text(o, "pkcs11_uri", cb_buf_span(&uri));
    cb_buf_clear(&uri);
}

static void add_certificate(struct json_object *o, const struct cb_object *object)
{
    bool certificate = object->der.n != 0;
    struct cb_buf words;
    cb_buf_init(&words, WORDS_MAX);

    add_name(o, "subject", object->subject);
    add_name(o, "issuer", object->issuer);
    if (certificate)
        cli_add_serial(&words, object->serial);
    cli_json_text(o, "serial", cb_buf_span(&words));
    cb_buf_reset(&words);
    cb_hex(&words, object->sha256);
    cli_json_text(o, "sha256", certificate ? cb_buf_span(&words) : cb_span(NULL, 0));
    cb_buf_clear(&words);
    cli_json_time(o, "not_before", certificate ? object->not_before : CB_TIME_MIN, false);
    cli_json_time(o, "not_after", certificate ? object->not_after : CB_TIME_MAX, false);
}

struct json_object *cli_json_object(const struct cb_source *source, const struct cb_object *object,
                                    int64_t now)
{
    struct json_object *o = json_object_new_object();
    cli_json_text(o, "source", cb_span_of(source->name));
    cli_json_text(o, "kind", cb_span_of(cli_kind(object->kind)));
    cli_json_text(o, "path", object->path);
    add_uris(o, source, object);
    cli_json_text(o, "label", object->label);
    cli_json_text(o, "state", object->state);
    json_object_object_add(o, "usable",
                           json_object_new_boolean(cb_object_usable(object, source, now)));
    add_certificate(o, object);
    return o;
}
