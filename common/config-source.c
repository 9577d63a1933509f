#include "common/config-build.h"
#include "common/file.h"
#include "common/siphash.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

const struct cb_source *cb_config_source(const struct cb_config *config, struct cb_span name)
{
    for (size_t i = 0; i < config->n_sources; i++)
        if (cb_span_equal(cb_span_of(config->sources[i].name), name))
            return &config->sources[i];
    return NULL;
}

const struct cb_list *cb_source_list(const struct cb_source *source, const char *name)
{
    const struct cb_key *keys = source->type->keys;
    for (size_t i = 0; keys[i].name; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &source->own[i];
    abort();
}

const char *cb_source_text(const struct cb_source *source, const char *name)
{
    const struct cb_list *list = cb_source_list(source, name);
    return list->n ? list->items[0] : NULL;
}

/* Each text is hashed under the digest of those before it and its own length, so that neither
 * "ab", "c" and "a", "bc" nor another order give the same. */
static uint64_t chain(uint64_t digest, const char *text)
{
    struct cb_span span = cb_span_of(text);
    const struct cb_sip_key key = {CB_SIP_STABLE.k0 ^ digest, CB_SIP_STABLE.k1 ^ span.n};
    return cb_siphash(&key, span);
}

uint64_t cb_source_digest(const struct cb_source *source)
{
    const struct cb_key *keys = source->type->keys;
    uint64_t digest = chain(chain(0, source->type->name), source->url);
    for (size_t i = 0; keys[i].name; i++) {
        const struct cb_list *list = &source->own[i];
        if (!keys[i].identity || list->n == 0)
            continue;
        digest = chain(digest ^ list->n, keys[i].name);
        for (size_t j = 0; j < list->n; j++)
            digest = chain(digest, list->items[j]);
    }
    return digest ? digest : 1;
}

void cb_source_serial(const struct cb_source *source, char out[17])
{
    uint64_t digest = chain(chain(chain(0, source->name), source->type->name), source->url);
    snprintf(out, 17, "%016llx", (unsigned long long)digest);
}

static int64_t newest(int64_t so_far, const char *path)
{
    struct stat st;
    if (!path || path[0] != '/' || stat(path, &st))
        return so_far;
    int64_t mtime = cb_mtime_ns(&st);
    return mtime > so_far ? mtime : so_far;
}

/* file:PATH, or credential:NAME in the folder that systemd made. */
static int64_t newest_secret(int64_t so_far, const char *reference)
{
    if (strncmp(reference, "file:", 5) == 0)
        return newest(so_far, reference + 5);
    const char *folder = secure_getenv("CREDENTIALS_DIRECTORY");
    char *path = NULL;
    if (strncmp(reference, "credential:", 11) != 0 || !folder ||
        asprintf(&path, "%s/%s", folder, reference + 11) < 0)
        return so_far;
    so_far = newest(so_far, path);
    free(path);
    return so_far;
}

int64_t cb_source_secret_mtime(const struct cb_source *source)
{
    const struct cb_key *keys = source->type->keys;
    int64_t mtime = newest(0, source->ca_file);
    mtime = newest(mtime, source->client_certificate);
    mtime = newest(mtime, source->client_key);
    mtime = newest(mtime, source->pinned_public_key);
    for (size_t i = 0; keys[i].name; i++) {
        const struct cb_list *list = &source->own[i];
        if (list->n && keys[i].kind == CB_VALUE_SECRET)
            mtime = newest_secret(mtime, list->items[0]);
        if (list->n && keys[i].kind == CB_VALUE_PATH)
            mtime = newest(mtime, list->items[0]);
    }
    return mtime;
}
