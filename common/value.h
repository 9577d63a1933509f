/* Values of the configuration: what each kind of key accepts.
 *
 * Errors say what is accepted. They show a value only where it cannot be a secret. The caller puts
 * file, line, section and key before them. All are CB_ERR_CONFIG (or CB_ERR_MEMORY). */
#ifndef CB_COMMON_VALUE_H
#define CB_COMMON_VALUE_H

#include "common/arena.h"
#include "common/config.h"

struct cb_value {
    const char *text; /* as written, a URL without its trailing slashes */
    int64_t number; /* milliseconds, bytes, a count, the index of a choice, 1 or 0 for yes or no */
};

/* Checks `text` against the key's kind and bounds (any kind but CB_VALUE_LIST). May change `text`
 * in place; `out` points into it. */
int cb_value_read(const struct cb_key *key, char *text, struct cb_value *out, struct cb_error *err);

/* The lines that hold one key's value. */
struct cb_value_line {
    char *text;
    unsigned line;
    struct cb_value_line *next;
};

/* Splits lines into items at commas, in place: the items point into the lines. A comma may end a
 * line that another follows. "*" must be the only item. On failure `*line` is where it happened. */
int cb_list_read(const struct cb_value_line *lines, struct cb_arena *arena, struct cb_list *out,
                 unsigned *line, struct cb_error *err);

#endif
