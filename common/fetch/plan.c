#include "common/fetch/plan.h"

#include "common/fetch/check.h"
#include "common/fetch/http.h"
#include "common/fetch/pem.h"
#include "common/fetch/snapshot-write.h"
#include "common/name.h"
#include "common/text.h"
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

/* Whole segments, as cb_snapshot_writer_forget judges. */
static bool is_below(const char *path, const char *prefix)
{
    size_t n = strlen(prefix);

    return n == 0 || (strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '/'));
}

/* Notes beyond CB_STATUS_NOTES_MAX are only counted, and stay so. */
static void forget_notes(struct cb_notes *notes, const char *prefix)
{
    size_t kept = 0;

    for (size_t i = 0; i < notes->n; i++) {
        if (is_below(notes->items[i].path, prefix)) {
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

/* What one item becomes on its way into the snapshot. */
struct work {
    struct cb_certificates certificates;
    struct cb_span ders[CB_CHAIN_MAX];
    struct cb_x509_facts facts[CB_CHAIN_MAX];
    struct cb_buf label;
};

static int decode(const struct cb_item *item, struct work *w, struct cb_error *why)
{
    if (cb_certificates_decode(item->certificate, &w->certificates, why) == -1)
        return -1;
    for (size_t i = 0; i < w->certificates.n; i++) {
        w->ders[i] = cb_buf_span(&w->certificates.der[i]);
        if (cb_x509_facts(w->ders[i], &w->facts[i], why) == -1)
            return i == 0 ? -1 : cb_fail_in(why, "certificate %zu of its chain", i);
        w->ders[i] = w->facts[i].parts.whole;
    }
    return 0;
}

static int check(struct cb_plan *plan, const struct cb_item *item, const struct work *w,
                 struct cb_error *why)
{
    struct cb_buf reasons;
    int rc = 0;

    cb_buf_init(&reasons, CB_ERROR_TEXT_MAX);
    switch (cb_check_claims(&item->claims, &w->facts[0], &reasons)) {
    case CB_AGREES:
        break;
    case CB_DIFFERS:
        rc = note(&plan->reported, (const char *)item->path.p, cb_buf_text(&reasons), why);
        break;
    case CB_CONTRADICTS:
        rc = cb_fail(why, CB_ERR_CERTIFICATE, "%s", cb_buf_text(&reasons));
        break;
    }
    cb_buf_clear(&reasons);
    return rc;
}

static struct cb_span last_segment(struct cb_span path)
{
    const uint8_t *slash = memrchr(path.p, '/', path.n);

    return slash ? cb_span(slash + 1, (size_t)(path.p + path.n - slash - 1)) : path;
}

static int choose_label(const struct cb_item *item, struct work *w, struct cb_error *why)
{
    if (item->label.n > 0)
        cb_buf_add_span(&w->label, item->label);
    else if (item->label_is_common_name && item->kind == CB_CERTIFICATE &&
             cb_name_common_name(&w->label, w->facts[0].parts.subject) == -1)
        cb_buf_clear(&w->label);
    if (!w->label.failed && w->label.n == 0)
        cb_percent_decode(&w->label, last_segment(item->path));
    if (w->label.failed)
        return cb_fail(why, CB_ERR_ANSWER, "has a label longer than %u bytes", CB_LABEL_MAX);
    return 0;
}

/* 0, or -1 with the reason for leaving the item out. */
static int prepare(struct cb_plan *plan, const struct cb_item *item, struct work *w,
                   struct cb_error *why)
{
    if (item->state.n > CB_STATE_MAX)
        return cb_fail(why, CB_ERR_ANSWER, "has a state longer than %d bytes", CB_STATE_MAX);
    if (item->kind == CB_CERTIFICATE &&
        (decode(item, w, why) == -1 || check(plan, item, w, why) == -1))
        return -1;
    return choose_label(item, w, why);
}

static int write_object(struct cb_plan *plan, const struct cb_item *item, const struct work *w,
                        struct cb_error *err)
{
    struct cb_new_object object = {
        .kind = item->kind,
        .path = item->path,
        .label = cb_buf_span(&w->label),
        .state = item->state,
        .details = item->details,
        .from = item->from,
        .to = item->to,
        .certificates = w->ders,
        .facts = w->facts,
        .n_certificates = w->certificates.n,
    };
    int rc = cb_snapshot_writer_add(plan->writer, &object, err);

    if (rc == 0)
        plan->objects++;
    return rc == -1 ? -1 : 0;
}

int cb_plan_item(struct cb_plan *plan, const struct cb_item *item, struct cb_error *err)
{
    struct cb_error why = {0};
    struct work *w = calloc(1, sizeof *w);
    int rc;

    if (!w)
        return cb_fail_memory(err);
    cb_buf_init(&w->label, CB_LABEL_MAX);
    if (cb_snapshot_writer_has(plan->writer, item->path))
        rc = 0;
    else if (prepare(plan, item, w, &why) == -1 || write_object(plan, item, w, &why) == -1)
        rc = cb_plan_left_out(plan, (const char *)item->path.p, &why, err);
    else
        rc = 0;
    cb_certificates_clear(&w->certificates);
    cb_buf_clear(&w->label);
    free(w);
    return rc;
}
