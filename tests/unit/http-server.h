/* A server that misbehaves on request: a forked process on 127.0.0.1, whose answers are rows. */
#ifndef CB_TESTS_UNIT_HTTP_SERVER_H
#define CB_TESTS_UNIT_HTTP_SERVER_H

#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum reply_kind {
    REPLY,         /* send the text; the connection stays */
    REPLY_CLOSE,   /* send the text and close */
    REPLY_STALL,   /* send the text and then nothing for ever */
    REPLY_ENDLESS, /* send the text and then "x" for ever */
    REPLY_LARGE,   /* send the text and then 12 MiB of "x" */
    REPLY_SOON,    /* 503 with the HTTP date of two seconds from now in Retry-After */
    REPLY_WHO      /* 403, and the request's header as the error's message */
};

struct reply {
    const char *target; /* compared up to a '?' */
    enum reply_kind kind;
    const char *text;
    enum reply_kind first_kind; /* of the first request for this target, when there is */
    const char *first;          /* a text for it */
};

#define REPLIES_MAX 64

/* What the server saw; shared memory. */
struct server_seen {
    atomic_uint connections, requests;
    atomic_uint asked[REPLIES_MAX];           /* by row */
    _Atomic int64_t last_asked[REPLIES_MAX];  /* cb_monotonic_ms */
    _Atomic int64_t first_asked[REPLIES_MAX]; /* the same of the first request */
    char last_target[512];
    char last_header[8192];
};

struct server {
    pid_t pid;
    int port;
    struct server_seen *seen;
    const struct reply *replies; /* ended by a NULL target */
};

/* `tls` NULL: plain HTTP. Aborts on failure. */
void server_start(struct server *s, const struct reply *replies, SSL_CTX *tls);
void server_stop(struct server *s);

/* The row of a target. */
size_t server_row(const struct server *s, const char *target);

#endif
