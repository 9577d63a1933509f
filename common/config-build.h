/* From text to a checked configuration. Inside of config*.c. */
#ifndef CB_COMMON_CONFIG_BUILD_H
#define CB_COMMON_CONFIG_BUILD_H

#include "common/config.h"

/* What fstat says of the file that the text came from. */
struct cb_config_origin {
    const char *path; /* absolute */
    uid_t owner;
    int64_t mtime_ns;
};

int cb_config_build(struct cb_span text, const struct cb_config_origin *origin,
                    struct cb_config **out, struct cb_error *err);

/* Digest of the keys that decide what a snapshot holds, never 0. */
uint64_t cb_source_digest(const struct cb_source *source);

#endif
