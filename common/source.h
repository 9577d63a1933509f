/* What a type of source is: the remote API that it speaks to, its keys in the configuration, its
 * states.
 *
 * Each type is one file in common/sources/ and one row in common/sources/list.h. That file is
 * compiled twice: for the read half only its description; for the fetch half (CB_FETCH_HALF) also
 * the functions that say which requests to make and what their answers mean (common/fetch/plan.h).
 */
#ifndef CB_COMMON_SOURCE_H
#define CB_COMMON_SOURCE_H

#include "common/error.h"
#include "common/span.h"

enum cb_value_kind {
    CB_VALUE_TEXT,     /* one word or line, not empty */
    CB_VALUE_LIST,     /* one or more items: separated by commas or on indented lines */
    CB_VALUE_CHOICE,   /* one of `choices` */
    CB_VALUE_URL,      /* https URL (http for loopback), no user, query or fragment */
    CB_VALUE_METADATA, /* the same; also http for 169.254.169.254, the clouds' metadata address */
    CB_VALUE_PROXY,    /* http, https, socks5 or socks5h URL without user or path */
    CB_VALUE_PATH,     /* absolute path */
    CB_VALUE_KEY,      /* absolute path, or a store URI ("pkcs11:...") without a PIN */
    CB_VALUE_PIN,      /* absolute path of a public key, or "sha256//BASE64[;sha256//BASE64...]" */
    CB_VALUE_SECRET,   /* file:PATH, env:NAME or credential:NAME */
    CB_VALUE_DURATION, /* "30s", "15m", "24h", "7d"; a bare number is refused */
    CB_VALUE_SIZE,     /* "16MiB", "512KiB", "1GiB", or bytes */
    CB_VALUE_NUMBER,
    CB_VALUE_BOOL /* yes, no */
};

/* One key of a section of the configuration. */
struct cb_key {
    const char *name;
    enum cb_value_kind kind;
    bool required;
    bool identity;              /* part of what decides the content of a snapshot */
    const char *fallback;       /* text of the default, or NULL */
    const char *const *choices; /* NULL-terminated, for CB_VALUE_CHOICE */
    int64_t least, most;        /* of durations (ms), sizes (bytes), numbers; 0: the kind's own */
};

#define CB_KEYS_MAX 24 /* keys of one type beside the common ones */

struct cb_source;
struct cb_fetch_api; /* common/fetch/plan.h */

struct cb_source_type {
    const char *name;                  /* value of `type`, and PKCS#11 model (16 bytes at most) */
    const char *manufacturer;          /* PKCS#11 manufacturerID */
    const char *const *states;         /* every state of the API, NULL-terminated */
    const char *const *default_states; /* shown when `states` is not given */
    const char *const *anchor_states;  /* may be a trust anchor */
    const char *default_url;           /* NULL: `url` must be given */
    const struct cb_key *keys;         /* own keys, ended by a NULL name */
    /* Checks that need several keys (`api_key` or a client certificate). Error text without file
     * and line. */
    int (*check)(const struct cb_source *source, struct cb_error *err);
    const struct cb_fetch_api *fetch; /* NULL in the read half */
};

/* All types in the order of common/sources/list.h, NULL-terminated. */
extern const struct cb_source_type *const cb_source_types[];

#endif
