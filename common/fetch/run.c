#include "common/fetch/run.h"

#include "common/fetch/interrupt.h"
#include "common/fetch/status-write.h"
#include "common/log.h"
#include <stdio.h>

#define PROGRESS_MS 100     /* between two calls of the caller's progress function */
#define STATUS_MS 1000      /* between two counts written to the status file */
#define STATUS_RETRY_MS 250 /* between two reasons: those of many requests at once are one */

struct state {
    struct cb_run *run;
    struct cb_plan plan;
    struct cb_error failure; /* of cb_plan_next, which cb_http_run cannot report */
    int64_t shown_ms, counted_ms, retried_ms;
};

/* At most once in `every_ms`. */
static bool is_due(int64_t *last_ms, int64_t every_ms)
{
    int64_t now = cb_monotonic_ms();

    if (*last_ms != 0 && now - *last_ms < every_ms)
        return false;
    *last_ms = now;
    return true;
}

/* A status that cannot be written now does not stop the refresh; its end says so. */
static void write_status(const struct cb_run *run)
{
    cb_status_write(run->config, run->source, &run->modes, run->status, NULL);
}

static void show_progress(struct state *s)
{
    struct cb_run *run = s->run;

    if (run->options->progress && is_due(&s->shown_ms, PROGRESS_MS))
        run->options->progress(run->options->user, s->plan.done, s->plan.known, s->plan.objects);
    if (!is_due(&s->counted_ms, STATUS_MS))
        return;
    snprintf(run->status->progress, sizeof run->status->progress,
             "%zu of %zu requests answered, %zu objects", s->plan.done, s->plan.known,
             s->plan.objects);
    write_status(run);
}

static struct cb_request *next(void *user)
{
    struct state *s = user;
    struct cb_request *request = NULL;

    if (s->failure.code == CB_OK)
        cb_plan_next(&s->plan, &request, &s->failure);
    return request;
}

static void retrying(void *user, const char *reason)
{
    struct state *s = user;
    struct cb_status *status = s->run->status;

    cb_log(CB_LOG_WARNING, "source %s: %s", s->run->source->name, reason);
    if (!is_due(&s->retried_ms, STATUS_RETRY_MS))
        return;
    snprintf(status->progress, sizeof status->progress, "%s", reason);
    write_status(s->run);
}

/* "GET URL" of the request, for errors about its answer; a query may hold a paging token. */
static int fail_in_request(const struct state *s, const struct cb_request *request,
                           struct cb_error *err)
{
    return cb_fail_in(err, "GET %s%.*s", s->run->source->url, (int)strcspn(request->target, "?"),
                      request->target);
}

static int take_body(struct state *s, const struct cb_request *request,
                     const struct cb_answer *answer, struct cb_error *err)
{
    struct json_object *document = NULL;
    int rc = -1;

    if (cb_json_parse(answer->body, &document, err) == -1) {
        cb_fail_in(err, "the answer is no JSON (content type \"%.*s\")",
                   CB_SPAN_ARGS(answer->content_type));
        goto out;
    }
    rc = s->plan.api->answer(s->plan.source, request, document, &s->plan, err);
out:
    cb_json_free(document);
    return rc == -1 ? fail_in_request(s, request, err) : 0;
}

/* A 404 with a page for people comes from something in front of the API, and means a wrong address
 * rather than a missing object. */
static bool speaks_api(const struct cb_answer *answer)
{
    for (size_t i = 0; i < answer->body.n; i++)
        if (!strchr(" \t\r\n\xef\xbb\xbf", answer->body.p[i]))
            return answer->body.p[i] == '{' || answer->body.p[i] == '[';
    return true;
}

static int take_refusal(struct state *s, const struct cb_request *request,
                        const struct cb_answer *answer, struct cb_error *err)
{
    struct cb_api_error said;
    bool gone = false;

    cb_http_api_error(s->run->http, answer, &said);
    if (answer->status >= 400 && answer->status < 500 && speaks_api(answer) &&
        s->plan.api->missing(s->plan.source, request, answer->status, said.code, said.message,
                             &s->plan, &gone, err) == -1)
        return -1;
    return gone ? 0 : cb_http_fail_status(s->run->http, request, answer, err);
}

static int take_answer(void *user, const struct cb_request *request, const struct cb_answer *answer,
                       struct cb_error *err)
{
    struct state *s = user;
    int rc;

    cb_log(CB_LOG_DEBUG, "source %s: GET %.*s: HTTP %d, %zu bytes", s->run->source->name,
           (int)strcspn(request->target, "?"), request->target, answer->status, answer->body.n);
    rc = answer->status == 200 ? take_body(s, request, answer, err)
                               : take_refusal(s, request, answer, err);

    s->plan.done++;
    if (rc == 0)
        show_progress(s);
    return rc;
}

static int fetch(struct state *s, struct cb_error *err)
{
    struct cb_http_handler handler = {
        .user = s, .next = next, .answer = take_answer, .retrying = retrying};

    if (cb_http_run(s->run->http, &handler, &s->run->retry_after_s, err) == -1)
        return -1;
    if (s->failure.code != CB_OK)
        return cb_fail(err, s->failure.code, "%s", s->failure.text);
    return s->plan.api->end(s->plan.source, &s->plan, err);
}

/* Hands the notes over: those of a run that failed would not be about the snapshot that stays. */
static void keep_notes(struct cb_status *status, struct cb_plan *plan)
{
    cb_notes_clear(&status->left_out);
    cb_notes_clear(&status->reported);
    status->left_out = plan->left_out;
    status->reported = plan->reported;
    plan->left_out = plan->reported = (struct cb_notes){0};
}

static int fetch_and_write(struct state *s, struct cb_written *written, struct cb_error *err)
{
    struct cb_run *run = s->run;

    if (cb_plan_init(&s->plan, run->source, s->plan.writer, err) == -1 || fetch(s, err) == -1 ||
        cb_snapshot_writer_finish(s->plan.writer, run->options->force, written, err) == -1)
        return -1;
    if (run->options->progress)
        run->options->progress(run->options->user, s->plan.done, s->plan.known, s->plan.objects);
    return 0;
}

int cb_run(struct cb_run *run, struct cb_written *written, size_t *gone, struct cb_error *err)
{
    char path[CB_FILE_PATH_MAX];
    struct cb_snapshot_writer *writer = NULL;
    struct state s = {.run = run};
    int rc = -1;

    if (cb_cache_path(run->config, run->source, CB_FILE_SNAPSHOT, path, err) == -1)
        return -1;
    if (cb_snapshot_writer_new(path, run->modes.file, run->modes.group, run->source->identity,
                               &writer, err) == -1)
        goto out;
    cb_interrupt_removes(cb_snapshot_writer_temporary(writer));
    s.plan.writer = writer;
    rc = fetch_and_write(&s, written, err);
    if (rc == 0) {
        *gone = s.plan.gone;
        keep_notes(run->status, &s.plan);
    }
    cb_plan_clear(&s.plan);
out:
    cb_snapshot_writer_free(writer);
    cb_interrupt_removes(NULL);
    return rc;
}
