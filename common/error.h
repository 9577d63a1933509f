/* What went wrong, for a person: set where it happened, embedded by value, reported by whoever
 * asked.
 *
 * Functions of this project answer 0 on success and -1 on failure, and fill the error they were
 * given. Setting an error never allocates and never fails; a text that is too long is cut at a
 * character, and control characters become '?'. An error text says which source, which host, which
 * step, the API's own words, and what to do. It never holds a secret. */
#ifndef CB_COMMON_ERROR_H
#define CB_COMMON_ERROR_H

#include <stdarg.h>

enum cb_error_code {
    CB_OK = 0,
    CB_ERR_USAGE,       /* a call or command line that makes no sense */
    CB_ERR_CONFIG,      /* the configuration is missing, not trusted or wrong */
    CB_ERR_URI,         /* a certbridge: URI is wrong */
    CB_ERR_NO_SOURCE,   /* a well-formed URI or argument names no configured source */
    CB_ERR_SECRET,      /* a secret cannot be read, or anybody could read it */
    CB_ERR_UNAVAILABLE, /* no snapshot can be served now: missing, too old, refresh failed */
    CB_ERR_REFUSED,     /* a file or folder has the wrong owner or mode */
    CB_ERR_DAMAGED,     /* snapshot bytes contradict themselves */
    CB_ERR_NETWORK,     /* name resolution, connection, TLS, time limit */
    CB_ERR_REMOTE,      /* the API answered with an error */
    CB_ERR_NOT_FOUND,   /* the API says that the thing is not there */
    CB_ERR_ANSWER,      /* the API's answer cannot be understood or breaks a limit */
    CB_ERR_CERTIFICATE, /* certificate text or bytes cannot be decoded */
    CB_ERR_LIMIT,       /* a limit of our own */
    CB_ERR_SYSTEM,      /* a system call failed */
    CB_ERR_MEMORY
};

#define CB_ERROR_TEXT_MAX 1024 /* bytes, with the terminating zero */

struct cb_error {
    enum cb_error_code code;
    char text[CB_ERROR_TEXT_MAX]; /* one line, UTF-8, no full stop at the end */
};

/* Sets code and text. `err` may be NULL. Returns -1, so that a caller can `return cb_fail(...)`. */
int cb_fail(struct cb_error *err, enum cb_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "TEXT: " before what the error says already ("source people: ..."). Returns -1. */
int cb_fail_in(struct cb_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* No memory left. Returns -1. */
int cb_fail_memory(struct cb_error *err);

/* `code` and "what: strerror(errno)". Returns -1. */
int cb_fail_errno(struct cb_error *err, enum cb_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void cb_error_clear(struct cb_error *err);

#endif
