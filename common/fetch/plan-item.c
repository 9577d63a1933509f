/* What becomes of an item that a source found: decoded, checked, labelled, written. */
#include "common/fetch/check.h"
#include "common/fetch/pem.h"
#include "common/fetch/plan.h"
#include "common/fetch/snapshot-write.h"
#include "common/name.h"
#include "common/text.h"
#include <stdlib.h>

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
        if (cb_notes_add(&plan->reported, (const char *)item->path.p, cb_buf_text(&reasons)) == -1)
            rc = cb_fail_memory(why);
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
