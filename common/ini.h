/* Reading an INI file: the grammar of docs/configuration.md, nothing of its meaning.
 *
 * Lines of at most CB_INI_LINE_MAX bytes (longer ones are an error, never cut); `;` and `#` start a
 * comment at the start of a line or after a blank; an indented line goes on with the value of the
 * key above, across comments and empty lines, and is handed over as a further item of it; UTF-8, no
 * control characters but the tab. A byte order mark and CRLF line ends are accepted. Blanks round
 * names and values do not count.
 *
 * Errors never show what a line holds: it could be a secret. */
#ifndef CB_COMMON_INI_H
#define CB_COMMON_INI_H

#include "common/error.h"
#include "common/span.h"

#define CB_INI_LINE_MAX 4096
#define CB_INI_FILE_MAX (16u << 20) /* bytes of a file: the longest list with 80 bytes an item */

struct cb_ini_handler {
    void *user;
    /* Each answers 0, or -1 with the error's text set; the reader puts "FILE:LINE: " before it. */
    int (*section)(void *user, const char *name, unsigned line, struct cb_error *err);
    int (*value)(void *user, const char *key, const char *value, unsigned line,
                 struct cb_error *err);
    /* A line that goes on with the value of the key above. */
    int (*more)(void *user, const char *value, unsigned line, struct cb_error *err);
};

/* Reads `text`, the content of the file called `file`. CB_ERR_CONFIG. */
int cb_ini_read(struct cb_span text, const char *file, const struct cb_ini_handler *handler,
                struct cb_error *err);

#endif
