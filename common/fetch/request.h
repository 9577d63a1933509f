/* One HTTP request that a source wants, and what came back: plain data. */
#ifndef CB_COMMON_FETCH_REQUEST_H
#define CB_COMMON_FETCH_REQUEST_H

#include "common/buf.h"

#define CB_REQUEST_NOTES 4

/* Only GET: nothing that a sync sends may change anything at the API. */
struct cb_request {
    char *target; /* path and query below the source's `url`, already percent-encoded; begins with
                     '/' */
    int step;     /* of the source: which of its answers this one is */
    char *context[CB_REQUEST_NOTES];  /* of the source: ids and tokens; each may be NULL */
    int64_t number[CB_REQUEST_NOTES]; /* of the source: offsets, counts, indices */
    unsigned tries;                   /* made so far */
};

struct cb_answer {
    int status;          /* HTTP status */
    struct cb_span body; /* whole; at most max_response bytes */
    struct cb_span content_type;
    int64_t retry_after_s; /* parsed from seconds or a date; -1 when absent */
};

#endif
