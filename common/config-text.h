/* The sections and keys of a configuration as they are written, before anything is known of their
 * meaning. Inside of config.c. */
#ifndef CB_COMMON_CONFIG_TEXT_H
#define CB_COMMON_CONFIG_TEXT_H

#include "common/value.h"

#define CB_MAIN_SECTION "certbridge"
#define CB_ENTRIES_MAX 64 /* keys of one section: more than any type has */

struct cb_entry {
    const char *key;
    struct cb_value_line value;      /* first line; the indented ones follow */
    struct cb_value_line *last_line; /* of `value` */
    struct cb_entry *next;
};

struct cb_section {
    const char *name;
    unsigned line;
    struct cb_entry *entries, *last_entry;
    size_t n_entries;
    struct cb_section *next;
};

/* Reads `text`, the content of `file`, into a list of sections in file order; NULL when there are
 * none. Names and repetitions are checked. Values are copied into `texts` and may be changed there;
 * everything else lies in `scratch`. CB_ERR_CONFIG with file and line. */
int cb_config_collect(struct cb_span text, const char *file, struct cb_arena *texts,
                      struct cb_arena *scratch, struct cb_section **out, struct cb_error *err);

/* The section's entry of that name, or NULL. */
struct cb_entry *cb_section_entry(const struct cb_section *section, const char *key);

/* Can a key of ours look like this? What does not is never shown: it could be a secret that was
 * pasted over several lines. */
bool cb_key_showable(const char *key);

#endif
