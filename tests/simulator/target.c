/* The request target as it came over the wire, taken apart. */
#include "tests/simulator/sim.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
    return at == NULL ? -1 : (int)(at - digits);
}

/* Decodes `text` in place. `bare` are the bytes beside letters and digits that may stand for
 * themselves. */
static int decode(char *text, const char *bare, bool plus_is_blank, const char **why)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '%') {
            int high = hex(from[1]);
            int low = high < 0 ? -1 : hex(from[2]);
            if (low < 0 || (high | low) == 0) {
                *why = "incomplete percent-encoding";
                return -1;
            }
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else if (plus_is_blank && *from == '+') {
            *to++ = ' ';
        } else if ((isascii((unsigned char)*from) && isalnum((unsigned char)*from)) ||
                   strchr(bare, *from) != NULL) {
            *to++ = *from;
        } else {
            *why = "a character that must be percent-encoded";
            return -1;
        }
    }
    *to = '\0';
    return 0;
}

static int parse_path(char *path, struct sim_target *target, const char **why)
{
    char *segment;
    *why = "bad path";
    if (*path++ != '/') {
        return -1;
    }
    while ((segment = strsep(&path, "/")) != NULL) {
        if (segment[0] == '\0' || target->segments == SIM_SEGMENTS_MAX) {
            *why = "empty path segment";
            return -1;
        }
        if (decode(segment, "-._~!$&'()*+,=:@", false, why) != 0) {
            return -1;
        }
        target->segment[target->segments++] = segment;
    }
    return 0;
}

static int parse_query(char *query, struct sim_target *target, const char **why)
{
    char *value;
    while ((value = strsep(&query, "&")) != NULL) {
        char *name = strsep(&value, "=");
        *why = "bad query";
        if (name[0] == '\0' || value == NULL || target->queries == SIM_QUERY_MAX) {
            return -1;
        }
        if (decode(name, "-._~", true, why) != 0 ||
            decode(value, "-._~!$'()*,;:@/?=", true, why) != 0) {
            return -1;
        }
        if (sim_query(target, name) != NULL) {
            *why = "query parameter given twice";
            return -1;
        }
        target->query[target->queries++] = (struct sim_pair){.name = name, .value = value};
    }
    return 0;
}

int sim_target_parse(const char *raw, struct sim_target *target, const char **why)
{
    *target = (struct sim_target){.storage = strdup(raw)};
    *why = "out of memory";
    if (target->storage == NULL) {
        return -1;
    }
    char *query = target->storage;
    char *path = strsep(&query, "?");
    if (parse_path(path, target, why) != 0) {
        return -1;
    }
    return query == NULL ? 0 : parse_query(query, target, why);
}

void sim_target_clear(struct sim_target *target)
{
    free(target->storage);
    *target = (struct sim_target){0};
}

const char *sim_query(const struct sim_target *target, const char *name)
{
    for (size_t i = 0; i < target->queries; i++) {
        if (strcmp(target->query[i].name, name) == 0) {
            return target->query[i].value;
        }
    }
    return NULL;
}
