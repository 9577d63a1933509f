/* The log that $CERTBRIDGE_LOG=LEVEL[:FILE] turns on (error, warning, info, debug; default to
 * stderr).
 *
 * Without it the libraries write nothing: a host's stdout and stderr are its own. The variable is
 * ignored in a privileged process. It is read once, at the first call. A line is written with one
 * write(2), so lines of several processes do not mix: "2026-11-22T12:00:00Z certbridge[PID] LEVEL:
 * TEXT". Never give it a secret. */
#ifndef CB_COMMON_LOG_H
#define CB_COMMON_LOG_H

#include <stdbool.h>

enum cb_log_level { CB_LOG_ERROR = 1, CB_LOG_WARNING, CB_LOG_INFO, CB_LOG_DEBUG };

bool cb_log_wants(enum cb_log_level level);
void cb_log(enum cb_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
