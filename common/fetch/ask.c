#include "common/fetch/ask.h"

#include "common/text.h"

int cb_ask(struct cb_plan *plan, struct cb_request *like, struct cb_buf *target,
           struct cb_error *err)
{
    int rc = -1;

    if (target->failed) {
        cb_fail(err, CB_ERR_LIMIT, "an address is longer than %zu bytes", target->cap);
    } else {
        like->target = (char *)target->p;
        rc = cb_plan_request(plan, like, err);
    }
    cb_buf_clear(target);
    return rc;
}

static const char *path_of(struct cb_buf *path, const char *outer, const char *inner,
                           const char *id)
{
    cb_buf_init(path, CB_OBJECT_PATH_MAX);
    if (outer)
        cb_path_add(path, cb_span_of(outer));
    if (inner)
        cb_path_add(path, cb_span_of(inner));
    if (id)
        cb_path_add(path, cb_span_of(id));
    return cb_buf_text(path);
}

int cb_ask_left_out(struct cb_plan *plan, const char *outer, const char *inner, const char *id,
                    const struct cb_error *why, struct cb_error *err)
{
    struct cb_buf path;
    int rc = cb_plan_left_out(plan, path_of(&path, outer, inner, id), why, err);

    cb_buf_clear(&path);
    return rc;
}

int cb_ask_gone(struct cb_plan *plan, const char *outer, const char *inner, const char *id,
                const char *reason, struct cb_error *err)
{
    struct cb_buf path;
    int rc = cb_plan_gone(plan, path_of(&path, outer, inner, id), reason, err);

    cb_buf_clear(&path);
    return rc;
}

int cb_ask_forget(struct cb_plan *plan, enum cb_kind kind, const char *outer, const char *inner,
                  struct cb_error *err)
{
    struct cb_buf path;
    int rc = cb_plan_forget(plan, kind, path_of(&path, outer, inner, NULL), err);

    cb_buf_clear(&path);
    return rc;
}

int cb_ask_unmarked_gone(struct cb_plan *plan, const struct cb_list *ids, size_t mark,
                         const char *outer, const char *inner, const char *reason,
                         struct cb_error *err)
{
    for (size_t i = 0; i < ids->n; i++)
        if (!cb_plan_marked(plan, mark + i) && strcmp(ids->items[i], "*") != 0 &&
            cb_ask_gone(plan, outer, inner, ids->items[i], reason, err) == -1)
            return -1;
    return 0;
}
