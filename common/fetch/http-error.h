/* A transfer that failed, in words that a person can act on: which step, which host, why, and what
 * to do where we know it. Never the URL's query, never a header. */
#ifndef CB_COMMON_FETCH_HTTP_ERROR_H
#define CB_COMMON_FETCH_HTTP_ERROR_H

#include "common/error.h"
#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/* Where a transfer goes, as messages name it. */
struct cb_http_peer {
    const char *host;  /* with its port unless that is the scheme's own */
    const char *proxy; /* URL, or NULL */
};

struct cb_http_failure {
    enum cb_error_code code;
    bool passes;    /* may pass by itself: worth another try */
    char text[640]; /* "connect to HOST failed: Connection refused" */
};

/* What `result` and the details on the handle mean. `detail` is its error buffer; `socket_errno` of
 * a socket that could not be made, or 0. */
void cb_http_failure_of(CURL *easy, CURLcode result, const char *detail, int socket_errno,
                        const struct cb_http_peer *peer, struct cb_http_failure *out);

/* A deadline of our own ended the transfer. */
enum cb_http_phase { CB_HTTP_RESOLVING, CB_HTTP_CONNECTING, CB_HTTP_HANDSHAKE, CB_HTTP_ANSWER };

void cb_http_failure_late(enum cb_http_phase phase, const struct cb_http_peer *peer,
                          struct cb_http_failure *out);

#endif
