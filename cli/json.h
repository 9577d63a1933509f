/* JSON on stdout, built with json-c: arrays that are printed member by member, so that 100 000
 * objects need no tree. */
#ifndef CB_CLI_JSON_H
#define CB_CLI_JSON_H

#include "common/object.h"
#include <json-c/json.h>

/* An array on stdout; nothing is printed before its first member or its end. */
struct cli_json {
    bool any;
};

/* Prints and frees `value`. */
void cli_json_add(struct cli_json *out, struct json_object *value);
void cli_json_end(struct cli_json *out);

/* A text member; null when it is empty. Invalid UTF-8 becomes '?'. */
void cli_json_text(struct json_object *o, const char *name, struct cb_span text);
/* ISO 8601 UTC; null for "no bound" and for 0 when `zero_is_none`. */
void cli_json_time(struct json_object *o, const char *name, int64_t t, bool zero_is_none);

/* The members of `list --json`: source kind path uri pkcs11_uri label state usable subject issuer
 * serial sha256 not_before not_after. */
struct json_object *cli_json_object(const struct cb_source *source, const struct cb_object *o,
                                    int64_t now);

#endif
