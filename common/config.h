/* The configuration: which file is read, what it says, checked whole before anything uses it.
 *
 * docs/configuration.md is the contract. Errors name file, line and key, and the nearest valid key.
 * The result never changes after loading; any number of threads may read it. Values are kept as
 * written (a secret as its reference, never its content). */
#ifndef CB_COMMON_CONFIG_H
#define CB_COMMON_CONFIG_H

#include "common/source.h"
#include <sys/types.h>

#define CB_NAME_SOURCE_MAX 32    /* bytes of a source's name */
#define CB_SOURCES_MAX 256       /* sections of one file */
#define CB_LIST_ITEMS_MAX 200000 /* items of one list */

struct cb_arena; /* common/arena.h */

struct cb_list {
    char **items; /* decoded (%2C, %25), not empty */
    size_t n;
};

enum cb_trust { CB_TRUST_NONE, CB_TRUST_ANCHOR };

/* One section that is not [certbridge]. Texts are NULL where a key is absent and has no default. */
struct cb_source {
    char name[CB_NAME_SOURCE_MAX + 1];
    const struct cb_source_type *type;
    unsigned line; /* of its section, for messages */

    const char *url; /* without a trailing slash */
    const char *ca_file, *client_certificate, *proxy, *pinned_public_key;
    const char *client_key; /* client_certificate's own path when only that is given */
    int64_t connect_timeout_ms, timeout_ms;
    int64_t refresh_ms, max_stale_ms, wait_ms;
    int64_t retries, parallel, max_response;
    struct cb_list states; /* empty: the type's default states; only "any": all, window lifted */
    enum cb_trust trust;
    bool start_refresh;

    struct cb_list own[CB_KEYS_MAX]; /* in the order of type->keys; n is 0 when absent */
    /* Digest of the keys that decide what a snapshot holds (type, url, account, ids); never 0. */
    uint64_t identity;
};

struct cb_config {
    char *path;                /* the file that was read, absolute */
    uid_t file_owner;          /* of that file */
    bool user_owned;           /* not root's: a cache of the user's own, modes 0700 and 0600 */
    int64_t mtime_ns;          /* of the file, to notice a change after a failed try */
    char *cache;               /* absolute folder, without a trailing slash */
    char *owner, *group;       /* [certbridge] owner and group, or NULL */
    struct cb_source *sources; /* in file order */
    size_t n_sources;
    struct cb_arena *arena; /* owns every text above */
};

/* Reads the configuration. `given` is the path that a face was told (config=PATH, --config), or
 * NULL: then CERTBRIDGE_CONF, the user's file, the system's file, in this order
 * (docs/architecture.md, "Which file is read"). On failure `*out` is NULL; CB_ERR_CONFIG or
 * CB_ERR_MEMORY, and the text lists the paths that were tried when there is none. The caller
 * frees. */
int cb_config_load(const char *given, struct cb_config **out, struct cb_error *err);
void cb_config_free(struct cb_config *config);

/* Parses text that did not come from a file (tests, fuzzers), as if root owned it. */
int cb_config_parse(struct cb_span text, const char *path, struct cb_config **out,
                    struct cb_error *err);

const struct cb_source *cb_config_source(const struct cb_config *config, struct cb_span name);

/* The source's own key `name` of its type; an empty list when absent. Asking for a key that the
 * type does not have is a programming error and aborts. */
const struct cb_list *cb_source_list(const struct cb_source *source, const char *name);
/* Its only item, or NULL when absent. */
const char *cb_source_text(const struct cb_source *source, const char *name);

/* 16 hexadecimal digits that stay the same for the same source (name, type, url): the PKCS#11
 * serial number. */
void cb_source_serial(const struct cb_source *source, char out[17]);

/* The nanosecond mtime of the newest file that a secret, certificate or key of this source refers
 * to; 0 when none. A change after a failed try ends the back-off. */
int64_t cb_source_secret_mtime(const struct cb_source *source);

/* Finds config=PATH in words separated by blanks, whose values may be in single or double quotes;
 * unknown words are ignored. `out` receives the path; -1 when there is none or it does not fit
 * `room`. */
int cb_config_word(const char *words, char *out, size_t room);

#endif
