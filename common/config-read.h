/* Reading entries of a section by their rows, with errors that name file, line, section and key.
 * Inside of config.c and config-types.c. */
#ifndef CB_COMMON_CONFIG_READ_H
#define CB_COMMON_CONFIG_READ_H

#include "common/config-keys.h"
#include "common/config-text.h"

#define CB_KEY_NAMES_MAX 64 /* keys of one section: common ones, a type's own, `type` */

/* A configuration in the making. */
struct cb_builder {
    struct cb_config *config;
    struct cb_settings settings;
    const char *file;
};

/* Puts "FILE:LINE: " before an error. Returns -1. */
int cb_config_fail_at(const struct cb_builder *b, unsigned line, struct cb_error *err);

/* "unknown key", with the nearest one. `type` is NULL for [certbridge]. Returns -1. */
int cb_config_fail_key(const struct cb_builder *b, const struct cb_section *s,
                       const struct cb_entry *e, const struct cb_slot *slots,
                       const struct cb_source_type *type, struct cb_error *err);

/* The line of a key, or of its section when the key is absent. */
unsigned cb_section_line(const struct cb_section *s, const char *key);

/* Reads a value and puts it where its row says, in `base`. */
int cb_config_read_slot(const struct cb_builder *b, const struct cb_section *s,
                        const struct cb_slot *slot, const struct cb_value_line *lines, void *base,
                        struct cb_error *err);

/* Reads a value of a type's own key. They are all kept as lists; what is no list has one item. */
int cb_config_read_own(const struct cb_builder *b, const struct cb_section *s,
                       const struct cb_key *key, const struct cb_value_line *lines,
                       struct cb_list *out, struct cb_error *err);

/* A default as if it stood in the file: values are changed in place, so it is a copy. */
int cb_config_fallback(const struct cb_builder *b, const char *text, unsigned line,
                       struct cb_value_line *out, struct cb_error *err);

/* Puts every default of a table into `base`. */
int cb_config_fill_defaults(const struct cb_builder *b, const struct cb_section *s,
                            const struct cb_slot *slots, void *base, struct cb_error *err);

int cb_config_check_times(const struct cb_builder *b, const struct cb_section *s,
                          int64_t refresh_ms, int64_t max_stale_ms, struct cb_error *err);

/* One section that is not [certbridge] (common/config-types.c). `source` is all zero. */
int cb_config_read_source(const struct cb_builder *b, const struct cb_section *s,
                          struct cb_source *source, struct cb_error *err);

#endif
