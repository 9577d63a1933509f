/* A progress bar on a terminal: one line on stderr, redrawn in place, gone at the end. */
#ifndef CB_CLI_PROGRESS_H
#define CB_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct cli_progress {
    const char *source;
    bool shown; /* stderr is a terminal and --quiet was not given */
};

void cli_progress_begin(struct cli_progress *p, const char *source, bool quiet);
/* cb_sync_options.progress; `user` is the struct cli_progress. */
void cli_progress_draw(void *user, size_t done, size_t known, size_t objects);
void cli_progress_end(struct cli_progress *p);

#endif
