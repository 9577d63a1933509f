#include "common/fetch/interrupt.h"

#include "common/file.h"
#include <signal.h>
#include <unistd.h>

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
#define SIGNALS (sizeof signals / sizeof signals[0])

static char doomed[CB_FILE_PATH_MAX]; /* changed only while the signals are blocked */

static void remove_and_end(int signal)
{
    if (doomed[0] != '\0')
        unlink(doomed);
    raise(signal); /* SA_RESETHAND: delivered when the handler returns */
}

static void install(void)
{
    struct sigaction act = {.sa_handler = remove_and_end, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;

    for (size_t i = 0; i < SIGNALS; i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(signals[i], &act, NULL);
}

void cb_interrupt_removes(const char *path)
{
    size_t n = path ? strlen(path) : 0;
    sigset_t mask, before;

    sigemptyset(&mask);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&mask, signals[i]);
    sigprocmask(SIG_BLOCK, &mask, &before);
    doomed[0] = '\0';
    if (n > 0 && n < sizeof doomed) {
        memcpy(doomed, path, n + 1);
        install();
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}
