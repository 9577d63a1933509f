/* What http.c (making, freeing, words) and http-run.c (the loop) share. */
#ifndef CB_COMMON_FETCH_HTTP_ENGINE_H
#define CB_COMMON_FETCH_HTTP_ENGINE_H

#include "common/fetch/http-transfer.h"
#include "common/fetch/http.h"

struct cb_http {
    struct cb_http_common common;
    struct cb_http_peer peer;
    char *host;   /* what peer.host points to */
    char *secret; /* value of the header that authorises, or NULL */
    CURLM *multi;
    struct cb_transfer *transfers; /* those that were ever needed have a handle */
    size_t n, busy, running;
    size_t most_running; /* fewer than n once bodies went over their budget */
    uint64_t next_age;
    int64_t quiet_until; /* a server asked for it (Retry-After); cb_monotonic_ms */
};

/* "HTTP 403 from HOST: CODE: MESSAGE", and what to do where we know it. */
void cb_http_say_status(const struct cb_http *http, const struct cb_answer *answer, char *out,
                        size_t room);

/* Fails with "GET URL: what", the URL without its query. */
int cb_http_fail(const struct cb_http *http, const struct cb_request *request,
                 enum cb_error_code code, const char *what, struct cb_error *err);

#endif
