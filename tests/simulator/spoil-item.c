/* Items, and what faults do to one: a damaged certificate, a digest of another, a wrong type. */
#include "tests/simulator/sim.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* Text that is as long and of the same kind, but says something else. */
static void set_other_hex(struct json_object *item, const char *name)
{
    struct json_object *old = json_object_object_get(item, name);
    char *text = old == NULL ? NULL : strdup(json_object_get_string(old));
    if (text != NULL && text[0] != '\0') {
        char *last = text + strlen(text) - 1;
        *last = *last == '0' ? '1' : '0';
        json_object_object_add(item, name, json_object_new_string(text));
    }
    free(text);
}

/* The armour stays, the base64 stays readable, the DER in it is broken. */
static void damage_certificate(struct json_object *item, const char *name)
{
    struct json_object *old = json_object_object_get(item, name);
    char *text = old == NULL ? NULL : strdup(json_object_get_string(old));
    char *body = text == NULL ? NULL : strstr(text, "-----\n");
    body = body == NULL && text != NULL ? strstr(text, "-----\r\n") : body;
    body = body == NULL ? text : body + strcspn(body, "\n") + 1;
    if (body != NULL && strlen(body) > 8) {
        memcpy(body, "AAAAAAAA", 8);
        json_object_object_add(item, name, json_object_new_string(text));
    }
    free(text);
}

static void spoil_item(const struct sim_fault *fault, const struct sim_api *api,
                       struct json_object *item)
{
    const struct {
        const char *kind, *member;
    } hex[] = {
        {"item-digest", api->digest},
        {"item-serial", api->serial},
        {"item-key-id", api->key_id},
    };
    const char *kind = fault->kind->name;
    const char *member = fault->name;
    for (size_t i = 0; i < sizeof hex / sizeof *hex; i++) {
        if (strcmp(kind, hex[i].kind) == 0 && hex[i].member != NULL) {
            set_other_hex(item, hex[i].member);
            member = hex[i].member;
        }
    }
    if (strcmp(kind, "item-certificate") == 0) {
        damage_certificate(item, api->certificate);
        member = api->certificate;
    } else if (strcmp(kind, "item-expiry") == 0 && api->expiry != NULL) {
        json_object_object_add(item, api->expiry, json_object_new_string("2001-02-03T04:05:06Z"));
        member = api->expiry;
    } else if (strcmp(kind, "item-remove") == 0) {
        json_object_object_del(item, member);
    }
    if (fault->value[0] != '\0' && member[0] != '\0') {
        json_object_object_add(item, member, json_tokener_parse(fault->value));
    }
}

static bool applies(const struct sim_fault *fault, const struct sim_node *item)
{
    return fault->kind->stage == SIM_STAGE_ITEM &&
           (fault->id[0] == '\0' || strcmp(fault->id, item->name) == 0);
}

void sim_print_item(FILE *out, const struct sim_exchange *x, const struct sim_node *item)
{
    struct json_object *copy = NULL;
    for (size_t i = 0; i < x->fault_count; i++) {
        if (applies(&x->faults[i], item)) {
            copy = copy == NULL ? json_tokener_parse(item->text) : copy;
            spoil_item(&x->faults[i], x->api, copy);
        }
    }
    if (copy == NULL) {
        fwrite(item->text, 1, item->length, out);
        return;
    }
    fputs(json_object_to_json_string_ext(copy,
                                         JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
          out);
    json_object_put(copy);
}
