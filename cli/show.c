#include "cli/json.h"
#include "cli/select.h"
#include "cli/words.h"
#include "common/name.h"
#include "common/text.h"
#include <stdio.h>

struct show {
    const struct cli *cli;
    struct cli_json json;
    bool any;
};

static bool anchor(const struct show *s, const struct cli_hit *hit)
{
    return hit->object->ca && cb_object_anchor(hit->object, hit->source, s->cli->now);
}

static void add_hex(struct json_object *o, const char *name, struct cb_span bytes)
{
    struct cb_buf hex;
    cb_buf_init(&hex, 2 * bytes.n + 1);
    cb_hex(&hex, bytes);
    cli_json_text(o, name, cb_buf_span(&hex));
    cb_buf_clear(&hex);
}

/* The rest of the chain, each as far as a certificate has it. */
static struct json_object *chain_of(const struct show *s, const struct cli_hit *hit)
{
    struct json_object *chain = json_object_new_array();
    struct cb_ids ids = cb_snapshot_chain(hit->snapshot, hit->object->id);
    for (uint32_t i = 0; i < ids.n; i++) {
        struct cb_object c;
        if (cb_snapshot_object(hit->snapshot, cb_ids_at(ids, i), &c, NULL))
            continue;
        struct json_object *o = cli_json_object(hit->source, &c, s->cli->now);
        static const char *const not_of_a_chain[] = {"kind",       "path",  "uri",
                                                     "pkcs11_uri", "state", "usable"};
        for (size_t k = 0; k < sizeof not_of_a_chain / sizeof *not_of_a_chain; k++)
            json_object_object_del(o, not_of_a_chain[k]);
        json_object_array_add(chain, o);
    }
    return chain;
}

static struct json_object *details_of(const struct cb_object *object)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *details = NULL;
    if (tokener)
        details =
            json_tokener_parse_ex(tokener, (const char *)object->details.p, (int)object->details.n);
    json_tokener_free(tokener);
    return details;
}

static struct json_object *describe(const struct show *s, const struct cli_hit *hit)
{
    const struct cb_object *object = hit->object;
    struct json_object *o = cli_json_object(hit->source, object, s->cli->now);
    cli_json_time(o, "window_from", object->from, false);
    cli_json_time(o, "window_to", object->to, false);
    if (object->kind == CB_CERTIFICATE) {
        json_object_object_add(o, "ca", json_object_new_boolean(object->ca));
        json_object_object_add(o, "anchor", json_object_new_boolean(anchor(s, hit)));
        add_hex(o, "sha1", object->sha1);
        add_hex(o, "key_id", object->key_id);
        json_object_object_add(o, "chain", chain_of(s, hit));
    }
    json_object_object_add(o, "details", details_of(object));
    return o;
}

static int show_json(void *user, const struct cli_hit *hit)
{
    struct show *s = user;
    cli_json_add(&s->json, describe(s, hit));
    return 0;
}

/* "name: value" lines; nested objects and lists as compact JSON. */
static void print_members(struct json_object *o, const char *indent)
{
    json_object_object_foreach(o, name, value)
    {
        if (!value || strcmp(name, "details") == 0 || strcmp(name, "chain") == 0)
            continue;
        const char *text =
            json_object_is_type(value, json_type_string)
                ? json_object_get_string(value)
                : json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE);
        struct cb_buf safe;
        cb_buf_init(&safe, CB_CERTIFICATE_MAX * 4u);
        cb_add_printable(&safe, cb_span_of(text), CB_CERTIFICATE_MAX);
        printf("%s%-12s %s\n", indent, name, cb_buf_text(&safe));
        cb_buf_clear(&safe);
    }
}

static int show_text(void *user, const struct cli_hit *hit)
{
    struct show *s = user;
    struct json_object *o = describe(s, hit), *part;
    if (s->any)
        putchar('\n');
    s->any = true;
    print_members(o, "");
    if (json_object_object_get_ex(o, "chain", &part))
        for (size_t i = 0; i < json_object_array_length(part); i++) {
            printf("chain %zu\n", i + 1);
            print_members(json_object_array_get_idx(part, i), "  ");
        }
    if (json_object_object_get_ex(o, "details", &part) && part) {
        puts("details, as the registry says");
        print_members(part, "  ");
    }
    json_object_put(o);
    return 0;
}

int cli_show(const struct cli *cli)
{
    struct show s = {.cli = cli};
    if (!(cli->options & CLI_JSON))
        return cli_select(cli, cli->args[0], show_text, &s);
    int status = cli_select(cli, cli->args[0], show_json, &s);
    if (status != CLI_USAGE)
        cli_json_end(&s.json);
    return status;
}
