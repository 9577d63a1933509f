#include "common/fetch/secrets.h"

#include "common/fetch/secret.h"
#include "common/source.h"
#include <stdlib.h>

int cb_secrets_read(const struct cb_source *source, struct cb_secrets *out, struct cb_error *err)
{
    const struct cb_key *keys = source->type->keys;

    memset(out, 0, sizeof *out);
    out->source = source;
    for (size_t i = 0; keys[i].name; i++)
        if (keys[i].kind == CB_VALUE_SECRET && source->own[i].n > 0 &&
            cb_secret_read(source->own[i].items[0], keys[i].name, &out->values[i], err) == -1)
            return -1;
    return 0;
}

void cb_secrets_wipe(struct cb_secrets *secrets)
{
    for (size_t i = 0; i < CB_KEYS_MAX; i++)
        cb_buf_wipe(&secrets->values[i]);
}

struct cb_span cb_secret(const struct cb_secrets *secrets, const char *name)
{
    const struct cb_key *keys = secrets->source->type->keys;

    for (size_t i = 0; keys[i].name; i++)
        if (strcmp(keys[i].name, name) == 0)
            return cb_buf_span(&secrets->values[i]);
    abort(); /* a source asks for a key that its type does not have */
}
