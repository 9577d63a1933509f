#include "common/log.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096 /* what a pipe takes in one piece (PIPE_BUF) */

static const char *const level_names[] = {"", "error", "warning", "info", "debug", NULL};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int wanted;       /* 0: no log at all */
static const char *file; /* NULL: stderr; else a copy that lives as long as the process */

static int level_of(const char *word, size_t n)
{
    for (int i = 1; level_names[i]; i++)
        if (strlen(level_names[i]) == n && memcmp(level_names[i], word, n) == 0)
            return i;
    return 0;
}

static void read_environment(void)
{
    const char *text = secure_getenv("CERTBRIDGE_LOG");
    if (!text)
        return;
    size_t n = strcspn(text, ":");
    int level = level_of(text, n);
    if (!level)
        return;
    if (text[n] == ':' && text[n + 1]) {
        file = strdup(text + n + 1);
        if (!file)
            return;
    }
    wanted = level;
}

bool cb_log_wants(enum cb_log_level level)
{
    pthread_once(&once, read_environment);
    return (int)level <= wanted;
}

/* Opened for each line: a host may close every descriptor, or fork, or chroot. */
static void write_line(const void *line, size_t n)
{
    int fd = STDERR_FILENO;
    if (file)
        fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0)
        return;
    if (write(fd, line, n) < 0) {
        /* A log that cannot be written has nowhere to say so. */
    }
    if (file)
        close(fd);
}

void cb_log(enum cb_log_level level, const char *format, ...)
{
    if (!cb_log_wants(level))
        return;
    int saved = errno;
    char text[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0)
        goto out;
    size_t length = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;

    struct cb_buf line;
    char when[CB_ISO_MAX];
    cb_buf_init(&line, LINE_MAX_BYTES);
    cb_buf_printf(&line, "%s certbridge[%d] %s: ", cb_iso(cb_now(), when), (int)getpid(),
                  level_names[level]);
    cb_add_printable(&line, cb_span(text, length), LINE_MAX_BYTES - line.n - 4);
    cb_buf_add_byte(&line, '\n');
    if (!line.failed)
        write_line(line.p, line.n);
    cb_buf_clear(&line);
out:
    errno = saved;
}
