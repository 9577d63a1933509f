#include "common/fetch/plan.h"

#include "common/fetch/http.h"
#include "common/fetch/snapshot-write.h"
#include <stdlib.h>

struct cb_plan_waiting {
    struct cb_request *request;
    struct cb_plan_waiting *next;
    size_t bytes;
};

int cb_plan_init(struct cb_plan *plan, const struct cb_source *source,
                 struct cb_snapshot_writer *writer, struct cb_error *err)
{
    const struct cb_fetch_api *api = source->type->fetch;

    *plan = (struct cb_plan){.source = source, .api = api, .writer = writer};
    plan->tail = &plan->head;
    plan->firsts = api->firsts(source);
    plan->known = plan->firsts;
    plan->n_marks = api->marks(source);
    plan->marks = calloc(plan->n_marks / 8 + 1, 1);
    return plan->marks ? 0 : cb_fail_memory(err);
}

static struct cb_request *take_waiting(struct cb_plan *plan)
{
    struct cb_plan_waiting *w = plan->head;
    struct cb_request *request = w->request;

    plan->head = w->next;
    if (!plan->head)
        plan->tail = &plan->head;
    plan->waiting_bytes -= w->bytes;
    free(w);
    return request;
}

void cb_plan_clear(struct cb_plan *plan)
{
    while (plan->head)
        cb_request_free(take_waiting(plan));
    free(plan->marks);
    plan->marks = NULL;
    cb_notes_clear(&plan->left_out);
    cb_notes_clear(&plan->reported);
}

int cb_plan_next(struct cb_plan *plan, struct cb_request **out, struct cb_error *err)
{
    *out = NULL;
    while (!plan->head && plan->next_first < plan->firsts) {
        plan->known--; /* counted at the start, and again by cb_plan_request */
        if (plan->api->first(plan->source, plan->next_first++, plan, err) == -1)
            return -1;
    }
    if (plan->head)
        *out = take_waiting(plan);
    return 0;
}

/* Copies `like`; `*bytes` is what the copy takes. */
static struct cb_request *request_dup(const struct cb_request *like, size_t *bytes)
{
    struct cb_request *r = calloc(1, sizeof *r);
    bool whole = r != NULL;

    if (!r)
        return NULL;
    *bytes = sizeof *r + strlen(like->target);
    r->step = like->step;
    memcpy(r->number, like->number, sizeof r->number);
    r->target = strdup(like->target);
    whole = r->target != NULL;
    for (int i = 0; i < CB_REQUEST_NOTES; i++) {
        if (!like->context[i])
            continue;
        *bytes += strlen(like->context[i]);
        r->context[i] = strdup(like->context[i]);
        whole = whole && r->context[i];
    }
    if (whole)
        return r;
    cb_request_free(r);
    return NULL;
}

int cb_plan_request(struct cb_plan *plan, const struct cb_request *like, struct cb_error *err)
{
    struct cb_plan_waiting *w = calloc(1, sizeof *w);

    if (!w)
        return cb_fail_memory(err);
    w->request = request_dup(like, &w->bytes);
    if (!w->request) {
        free(w);
        return cb_fail_memory(err);
    }
    *plan->tail = w;
    plan->tail = &w->next;
    plan->waiting_bytes += w->bytes;
    plan->known++;
    if (plan->waiting_bytes > CB_PLAN_QUEUE_MAX)
        return cb_fail(err, CB_ERR_LIMIT,
                       "the API's answers ask for more requests than fit %u bytes",
                       CB_PLAN_QUEUE_MAX);
    return 0;
}

static int note(struct cb_notes *notes, const char *path, const char *reason, struct cb_error *err)
{
    return cb_notes_add(notes, path, reason) == -1 ? cb_fail_memory(err) : 0;
}

int cb_plan_left_out(struct cb_plan *plan, const char *path, const struct cb_error *why,
                     struct cb_error *err)
{
    if (why->code == CB_ERR_ANSWER || why->code == CB_ERR_CERTIFICATE)
        return note(&plan->left_out, path, why->text, err);
    return cb_fail(err, why->code, "%s: %s", path, why->text);
}

int cb_plan_gone(struct cb_plan *plan, const char *path, const char *reason, struct cb_error *err)
{
    plan->gone++;
    return note(&plan->left_out, path, reason, err);
}

/* By whole segments, and no deeper than items of one kind: their notes are about the path itself or
 * one segment below it. */
static bool is_about(const char *path, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(path, prefix, n) == 0 &&
           (path[n] == '\0' || (path[n] == '/' && !strchr(path + n + 1, '/')));
}

/* Notes beyond CB_STATUS_NOTES_MAX are only counted, and stay so. */
static void forget_notes(struct cb_notes *notes, const char *prefix)
{
    size_t kept = 0;

    for (size_t i = 0; i < notes->n; i++) {
        if (is_about(notes->items[i].path, prefix)) {
            free(notes->items[i].path);
            free(notes->items[i].reason);
            notes->total--;
        } else {
            notes->items[kept++] = notes->items[i];
        }
    }
    notes->n = kept;
}

int cb_plan_forget(struct cb_plan *plan, enum cb_kind kind, const char *path, struct cb_error *err)
{
    forget_notes(&plan->left_out, path);
    forget_notes(&plan->reported, path);
    return cb_snapshot_writer_forget(plan->writer, kind, cb_span_of(path), err);
}

bool cb_plan_mark(struct cb_plan *plan, size_t i)
{
    bool before = cb_plan_marked(plan, i);

    plan->marks[i / 8] |= (uint8_t)(1u << i % 8);
    return before;
}

bool cb_plan_marked(const struct cb_plan *plan, size_t i)
{
    return plan->marks[i / 8] >> i % 8 & 1;
}
