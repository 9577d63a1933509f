/* One place for a request in flight: a curl handle that is used again and again, what has come back
 * so far, and its deadlines. */
#ifndef CB_COMMON_FETCH_HTTP_TRANSFER_H
#define CB_COMMON_FETCH_HTTP_TRANSFER_H

#include "common/config.h"
#include "common/fetch/http-error.h"
#include "common/fetch/http-tls.h"
#include "common/fetch/request.h"

#define CB_HTTP_HEADERS_MAX                                                                        \
    (64u << 10) /* bytes of one answer's header; real ones stay below 8 kB */

/* Memory of all bodies in flight. The oldest transfer may always go on: max_response is kept free
 * for it. */
struct cb_http_budget {
    size_t used; /* bytes allocated for bodies */
    size_t most; /* that transfers other than the oldest may bring it to */
};

enum cb_http_state { CB_HTTP_IDLE, CB_HTTP_RUNNING, CB_HTTP_WAITING };

/* Why we ourselves ended a transfer. */
enum cb_http_cut {
    CB_HTTP_NOT_CUT,
    CB_HTTP_BODY_TOO_LARGE,
    CB_HTTP_HEADERS_TOO_LARGE,
    CB_HTTP_OVER_BUDGET,
    CB_HTTP_NO_MEMORY
};

struct cb_transfer {
    enum cb_http_state state;
    struct cb_request *request; /* owned; NULL when idle */
    uint64_t age;               /* the lower the older */
    bool oldest;                /* of those that run */
    int64_t due;                /* waiting: when to send it again (cb_monotonic_ms) */
    int64_t connect_by, end_by; /* running: deadlines (cb_monotonic_ms) */

    CURL *easy;
    struct cb_http_budget *budget;
    size_t max_response;
    struct cb_buf body;
    char content_type[128];
    int64_t retry_after_s; /* -1: none */
    size_t header_bytes;
    bool resolving, connected;
    int fd;           /* the socket that was opened for this try; curl's; -1: none */
    int socket_errno; /* of a socket that could not be opened */
    enum cb_http_cut cut;
    char detail[CURL_ERROR_SIZE];
};

/* What every transfer of a source has in common. Borrowed by the transfers. */
struct cb_http_common {
    const struct cb_source *source;
    struct cb_http_tls *tls;
    struct curl_slist *headers;
    struct cb_http_budget budget;
    size_t max_response;
};

int cb_transfer_init(struct cb_transfer *t, struct cb_http_common *common, struct cb_error *err);
void cb_transfer_clear(struct cb_transfer *t); /* must not be in a multi handle */

/* Sends the transfer's request: adds its handle to `multi` and sets its deadlines. */
int cb_transfer_start(struct cb_transfer *t, CURLM *multi, const struct cb_http_common *common,
                      int64_t now, struct cb_error *err);
/* Takes the handle out of `multi`; what came back stays until cb_transfer_forget. */
void cb_transfer_stop(struct cb_transfer *t, CURLM *multi);
/* Frees what came back. */
void cb_transfer_forget(struct cb_transfer *t);

/* What came back; spans are valid until cb_transfer_forget. */
void cb_transfer_answer(const struct cb_transfer *t, struct cb_answer *out);

/* How far a transfer has come that is out of time. */
enum cb_http_phase cb_transfer_phase(const struct cb_transfer *t);

#endif
