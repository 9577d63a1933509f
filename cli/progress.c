#include "cli/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR 30

void cli_progress_begin(struct cli_progress *p, const char *source, bool quiet)
{
    p->source = source;
    p->shown = !quiet && isatty(STDERR_FILENO);
}

void cli_progress_draw(void *user, size_t done, size_t known, size_t objects)
{
    const struct cli_progress *p = user;
    if (!p->shown)
        return;
    size_t full = known ? done * BAR / known : 0;
    char bar[BAR + 1];
    memset(bar, '.', BAR);
    memset(bar, '#', full < BAR ? full : BAR);
    bar[BAR] = 0;
    fprintf(stderr, "\r\033[K%s [%s] %zu of %zu requests, %zu objects", p->source, bar, done, known,
            objects);
    fflush(stderr);
}

void cli_progress_end(struct cli_progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}
