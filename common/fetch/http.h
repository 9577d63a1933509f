/* HTTPS for one sync of one source: many requests in flight, everything bounded, over curl's multi
 * interface.
 *
 * - TLS 1.2 or newer, peer and host verified always; ca_file or the system's bundle, parsed once
 *   and shared by all connections; pinned_public_key, client certificate and key (file or store
 *   URI).
 * - HTTP/2 where the server has it, connections reused, at most `parallel` requests in flight.
 * - Redirects are not followed, the environment's proxies and .netrc are ignored, only http and
 *   https are spoken.
 * - A body is at most max_response bytes (and CB_BODIES_MAX); bodies in flight are at most
 *   CB_BODIES_MAX together: a younger request that would go beyond is broken off and sent again
 *   later, with fewer in flight. (Pausing would stop every stream of its HTTP/2 connection.)
 * - Deadlines of our own: connect_timeout until the connection stands (name resolution and TLS
 *   included), timeout for the whole request.
 * - What may pass by itself (connection trouble, 408, 429, 500, 502, 503, 504) is tried again,
 *   `retries` times, with back-off and jitter, at least Retry-After; a Retry-After beyond
 *   CB_RETRY_SLEEP_MOST_S ends the run. While a Retry-After of 429 or 503 lasts, nothing is sent.
 *
 * One thread. Answers come one at a time, so one JSON tree exists at a time. */
#ifndef CB_COMMON_FETCH_HTTP_H
#define CB_COMMON_FETCH_HTTP_H

#include "common/config.h"
#include "common/fetch/api-error.h"
#include "common/fetch/request.h"

#define CB_BODIES_MAX (64u << 20)
#define CB_RETRY_SLEEP_MOST_S 60

struct cb_http;

struct cb_http_handler {
    void *user;
    /* The next request to send, whose ownership passes; NULL when there is none for now. */
    struct cb_request *(*next)(void *user);
    /* An HTTP answer of any status that is not tried again (when it was tried often enough, the run
     * fails). -1 ends the run with `err`. Spans are valid during the call, the request too. */
    int (*answer)(void *user, const struct cb_request *request, const struct cb_answer *answer,
                  struct cb_error *err);
    /* A request failed and is sent again later: the reason and which try it was, for progress and
     * status ("connect to HOST timed out (try 2 of 4)"). May be NULL. */
    void (*retrying)(void *user, const char *reason);
};

/* Reads key and certificate files, the CA bundle; opens no connection. `headers` holds the header
 * lines of every request ("Name: value", separated by '\n'), or "": copied, wiped by free. The
 * value of the first that is no Content-... is the secret that authorises. */
int cb_http_new(const struct cb_source *source, const char *headers, struct cb_http **out,
                struct cb_error *err);
void cb_http_free(struct cb_http *http);

/* Runs until `next` has no more and every answer was handled. On failure `err` says host, step
 * (name resolution, connect, TLS, HTTP status), the API's words; `*retry_after_s` is what the
 * server asked for, 0 when nothing. */
int cb_http_run(struct cb_http *http, const struct cb_http_handler *handler, int64_t *retry_after_s,
                struct cb_error *err);

/* What an error answer says, for `answer` to act on: cb_api_error_read, and the secret of our own
 * header is blotted out should the server have repeated it. */
void cb_http_api_error(const struct cb_http *http, const struct cb_answer *answer,
                       struct cb_api_error *out);

/* Fails with CB_ERR_REMOTE, "GET URL: HTTP 403: CODE: MESSAGE", for an answer whose status nobody
 * can use, and with what to do where we know it. The URL is shown without its query. */
int cb_http_fail_status(const struct cb_http *http, const struct cb_request *request,
                        const struct cb_answer *answer, struct cb_error *err);

/* NULL is fine. */
void cb_request_free(struct cb_request *request);

#endif
