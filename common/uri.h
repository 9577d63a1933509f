/* certbridge://SOURCE[/PATH][?ATTR=VALUE[&...]] (docs/architecture.md, "URIs"; RFC 3986).
 *
 * Paths are compared in their one encoded form: parsing re-encodes each segment, so that "%41" and
 * "A" are the same path. */
#ifndef CB_COMMON_URI_H
#define CB_COMMON_URI_H

#include "common/buf.h"
#include "common/config.h"

#define CB_URI_MAX 4096 /* bytes */

enum cb_part { CB_PART_ALL, CB_PART_LEAF, CB_PART_ISSUERS };

struct cb_uri {
    char source[CB_NAME_SOURCE_MAX + 1]; /* "" names every source */
    char path[3 * CB_URI_MAX]; /* encoded segments joined by '/'; "" for the whole source */
    bool has_label, has_state;
    char label[CB_URI_MAX]; /* decoded */
    char state[CB_URI_MAX]; /* decoded; "any" lifts state and window */
    enum cb_part part;
};

/* Is this ours to parse: does it begin with "certbridge:" in any case? */
bool cb_uri_is_ours(const char *text);

/* CB_ERR_URI, saying which part is wrong and what is allowed. */
int cb_uri_parse(const char *text, struct cb_uri *out, struct cb_error *err);

/* Finds the URI's source and checks its state against that type. `*source` is NULL for
 * "certbridge://". CB_ERR_NO_SOURCE names the nearest configured one. */
int cb_uri_resolve(const struct cb_uri *uri, const struct cb_config *config,
                   const struct cb_source **source, struct cb_error *err);

/* Appends "certbridge://SOURCE/PATH". */
int cb_uri_add(struct cb_buf *out, const char *source, struct cb_span path);

#endif
