#include "common/clock.h"
#include "common/fetch/http-engine.h"
#include "common/fetch/http-retry.h"
#include <stdio.h>

/* What the functions below share during one run. */
struct run {
    struct cb_http *http;
    const struct cb_http_handler *handler;
    int64_t *retry_after_s;
    struct cb_error *err;
    bool ended; /* a transfer did in this turn: ask for more before waiting */
};

static void release(struct cb_http *http, struct cb_transfer *t)
{
    cb_transfer_forget(t);
    cb_request_free(t->request);
    t->request = NULL;
    t->state = CB_HTTP_IDLE;
    http->busy--;
}

static void wait_until(struct cb_transfer *t, int64_t due)
{
    cb_transfer_forget(t);
    t->state = CB_HTTP_WAITING;
    t->due = due;
}

/* The transfer failed with `failure`: sends it again later, or ends the run. */
static int retry(struct run *r, struct cb_transfer *t, const struct cb_http_failure *failure)
{
    struct cb_http *http = r->http;
    unsigned most = (unsigned)http->common.source->retries + 1;
    bool too_long = t->retry_after_s > CB_RETRY_SLEEP_MOST_S;
    char reason[CB_ERROR_TEXT_MAX];

    if (!failure->passes || t->request->tries >= most || too_long) {
        *r->retry_after_s = failure->passes && t->retry_after_s > 0 ? t->retry_after_s : 0;
        snprintf(reason, sizeof reason, "%s (try %u of %u)", failure->text, t->request->tries,
                 most);
        return cb_http_fail(http, t->request, failure->code,
                            failure->passes && most > 1 ? reason : failure->text, r->err);
    }
    snprintf(reason, sizeof reason, "%s (try %u of %u)", failure->text, t->request->tries, most);
    wait_until(t, cb_monotonic_ms() + cb_http_retry_wait_ms(t->request->tries, t->retry_after_s));
    if (r->handler->retrying)
        r->handler->retrying(r->handler->user, reason);
    return 0;
}

/* A younger body had no room: it comes again when fewer are in flight. */
static int try_with_fewer(struct cb_http *http, struct cb_transfer *t)
{
    t->request->tries--;
    http->most_running = http->most_running > 1 ? http->most_running / 2 : 1;
    wait_until(t, cb_monotonic_ms());
    return 0;
}

static int end_cut(struct run *r, struct cb_transfer *t)
{
    const struct cb_http *http = r->http;
    char what[160];

    switch (t->cut) {
    case CB_HTTP_OVER_BUDGET:
        return try_with_fewer(r->http, t);
    case CB_HTTP_NO_MEMORY:
        return cb_fail_memory(r->err);
    case CB_HTTP_HEADERS_TOO_LARGE:
        snprintf(what, sizeof what, "the answer's header is larger than %u bytes",
                 CB_HTTP_HEADERS_MAX);
        break;
    default:
        snprintf(what, sizeof what, "the answer is larger than max_response (%zu bytes)",
                 http->common.max_response);
    }
    return cb_http_fail(http, t->request, CB_ERR_ANSWER, what, r->err);
}

static int end_answered(struct run *r, struct cb_transfer *t)
{
    struct cb_http *http = r->http;
    struct cb_answer answer;
    struct cb_http_failure failure = {.code = CB_ERR_REMOTE, .passes = true};

    cb_transfer_answer(t, &answer);
    if (cb_http_status_passes(answer.status)) {
        int64_t until = cb_monotonic_ms() + answer.retry_after_s * 1000;
        if ((answer.status == 429 || answer.status == 503) && until > http->quiet_until)
            http->quiet_until = until;
        cb_http_say_status(http, &answer, failure.text, sizeof failure.text);
        return retry(r, t, &failure);
    }
    if (r->handler->answer(r->handler->user, t->request, &answer, r->err) == -1)
        return -1;
    release(http, t);
    return 0;
}

/* A transfer has ended by itself. */
static int end_transfer(struct run *r, struct cb_transfer *t, CURLcode result)
{
    struct cb_http_failure failure;

    cb_transfer_stop(t, r->http->multi);
    r->http->running--;
    r->ended = true;
    if (result == CURLE_OK)
        return end_answered(r, t);
    if (result == CURLE_FILESIZE_EXCEEDED)
        t->cut = CB_HTTP_BODY_TOO_LARGE;
    else if (result == CURLE_OUT_OF_MEMORY && t->connected && t->body.n == 0)
        t->cut = CB_HTTP_HEADERS_TOO_LARGE; /* curl's word for one line beyond 100 KiB */
    if (t->cut != CB_HTTP_NOT_CUT)
        return end_cut(r, t);
    cb_http_failure_of(t->easy, result, t->detail, t->socket_errno, &r->http->peer, &failure);
    return retry(r, t, &failure);
}

static int end_late(struct run *r, struct cb_transfer *t)
{
    struct cb_http_failure failure;

    cb_http_failure_late(cb_transfer_phase(t), &r->http->peer, &failure);
    cb_transfer_stop(t, r->http->multi);
    r->http->running--;
    r->ended = true;
    t->retry_after_s = -1;
    return retry(r, t, &failure);
}

static int64_t deadline(const struct cb_transfer *t)
{
    return t->connected || t->end_by < t->connect_by ? t->end_by : t->connect_by;
}

static int start(struct run *r, struct cb_transfer *t, int64_t now)
{
    t->age = r->http->next_age++;
    t->request->tries++;
    if (cb_transfer_start(t, r->http->multi, &r->http->common, now, r->err) == -1)
        return -1;
    r->http->running++;
    return 0;
}

/* What waits comes before what is new. */
static int start_waiting(struct run *r, int64_t now)
{
    struct cb_http *http = r->http;

    for (size_t i = 0; i < http->n && http->running < http->most_running; i++) {
        struct cb_transfer *t = &http->transfers[i];
        if (t->state == CB_HTTP_WAITING && t->due <= now && start(r, t, now) == -1)
            return -1;
    }
    return 0;
}

/* A transfer that waits for its retry keeps its place, so that a server in trouble never sees more
 * than `parallel` requests whatever the plan holds. */
static int start_new(struct run *r, int64_t now)
{
    struct cb_http *http = r->http;

    for (size_t i = 0; i < http->n && http->running < http->most_running; i++) {
        struct cb_transfer *t = &http->transfers[i];
        if (t->state != CB_HTTP_IDLE)
            continue;
        struct cb_request *request = r->handler->next(r->handler->user);
        if (!request)
            return 0;
        if (!t->easy && cb_transfer_init(t, &http->common, r->err) == -1) {
            cb_request_free(request);
            return -1;
        }
        t->request = request;
        http->busy++;
        if (start(r, t, now) == -1)
            return -1;
    }
    return 0;
}

static int end_finished(struct run *r)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(r->http->multi, &left))) {
        struct cb_transfer *t = NULL;
        CURLcode result = message->data.result; /* removing the handle frees the message */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
        if (end_transfer(r, t, result) == -1)
            return -1;
    }
    return 0;
}

static int end_late_ones(struct run *r, int64_t now)
{
    for (size_t i = 0; i < r->http->n; i++) {
        struct cb_transfer *t = &r->http->transfers[i];
        if (t->state == CB_HTTP_RUNNING && deadline(t) <= now && end_late(r, t) == -1)
            return -1;
    }
    return 0;
}

static void find_oldest(struct cb_http *http)
{
    struct cb_transfer *oldest = NULL;

    for (size_t i = 0; i < http->n; i++) {
        struct cb_transfer *t = &http->transfers[i];
        t->oldest = false;
        if (t->state == CB_HTTP_RUNNING && (!oldest || t->age < oldest->age))
            oldest = t;
    }
    if (oldest)
        oldest->oldest = true;
}

/* Milliseconds until something has to be done that curl does not know of. */
static int idle_ms(const struct cb_http *http, int64_t now)
{
    int64_t next = now + 60000;

    for (size_t i = 0; i < http->n; i++) {
        const struct cb_transfer *t = &http->transfers[i];
        int64_t at = next;
        if (t->state == CB_HTTP_RUNNING)
            at = deadline(t);
        else if (t->state == CB_HTTP_WAITING && http->running < http->most_running)
            at = t->due > http->quiet_until ? t->due : http->quiet_until;
        next = at < next ? at : next;
    }
    return next > now ? (int)(next - now) : 0;
}

static int turn(struct run *r)
{
    struct cb_http *http = r->http;
    int64_t now = cb_monotonic_ms();
    int ignored;

    if (now >= http->quiet_until && (start_waiting(r, now) == -1 || start_new(r, now) == -1))
        return -1;
    find_oldest(http);
    if (curl_multi_perform(http->multi, &ignored) != CURLM_OK)
        return cb_fail_memory(r->err);
    return 0;
}

static void abandon(struct cb_http *http)
{
    for (size_t i = 0; i < http->n; i++) {
        struct cb_transfer *t = &http->transfers[i];
        if (t->state == CB_HTTP_RUNNING)
            cb_transfer_stop(t, http->multi);
        if (t->request)
            release(http, t);
    }
    http->running = 0;
}

int cb_http_run(struct cb_http *http, const struct cb_http_handler *handler, int64_t *retry_after_s,
                struct cb_error *err)
{
    struct run r = {http, handler, retry_after_s, err, false};
    int result = -1;

    *retry_after_s = 0;
    for (;;) {
        r.ended = false;
        if (turn(&r) == -1 || end_finished(&r) == -1 || end_late_ones(&r, cb_monotonic_ms()) == -1)
            goto out;
        if (r.ended)
            continue;
        if (http->busy == 0)
            break;
        curl_multi_poll(http->multi, NULL, 0, idle_ms(http, cb_monotonic_ms()), NULL);
    }
    result = 0;

out:
    abandon(http);
    return result;
}
