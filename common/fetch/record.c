#include "common/fetch/record.h"

#include "common/text.h"

void cb_record_init(struct cb_record *record, cb_json json)
{
    record->json = json;
    cb_buf_init(&record->id, CB_RECORD_ID_MAX);
    cb_buf_init(&record->path, CB_OBJECT_PATH_MAX);
    cb_buf_init(&record->details, CB_DETAILS_MAX);
}

void cb_record_clear(struct cb_record *record)
{
    cb_buf_clear(&record->id);
    cb_buf_clear(&record->path);
    cb_buf_clear(&record->details);
}

int cb_record_identify(struct cb_record *record, const char *member, const char *outer,
                       const char *inner, const char *asked, struct cb_error *err)
{
    struct cb_buf *id = &record->id;

    if (!cb_json_is_object(record->json))
        return cb_fail(err, CB_ERR_ANSWER, "is no object");
    if (cb_json_text_or_number(record->json, member, id, err) == -1)
        return -1;
    if (asked && id->n == 0)
        cb_buf_add_text(id, asked);
    if (id->n == 0)
        return cb_fail(err, CB_ERR_ANSWER, "has no \"%s\"", member);
    if (asked && strcmp(cb_buf_text(id), asked) != 0)
        return cb_fail(err, CB_ERR_ANSWER, "the API answered with another %s, \"%s\"", member,
                       cb_buf_text(id));
    if (cb_path_add(&record->path, cb_span_of(outer)) == -1 ||
        (inner && cb_path_add(&record->path, cb_span_of(inner)) == -1) ||
        cb_path_add(&record->path, cb_buf_span(id)) == -1)
        return cb_fail(err, CB_ERR_ANSWER, "has an id that is too long");
    return 0;
}

int cb_record_text(cb_json json, const char *member, struct cb_span *out, struct cb_error *err)
{
    if (cb_json_text(json, member, out, err) == -1)
        return -1;
    return out->n > 0 ? 0 : cb_fail(err, CB_ERR_ANSWER, "has no \"%s\"", member);
}

int cb_record_time(cb_json json, const char *member, bool end, int64_t *t, struct cb_error *err)
{
    struct cb_span text;

    if (cb_json_text(json, member, &text, err) == -1)
        return -1;
    if (text.n == 0 || cb_parse_rfc3339(text, t) == 0)
        return 0;
    if (cb_parse_date(text, t) == -1)
        return cb_fail(err, CB_ERR_ANSWER, "%s \"%.*s\" is no time", member, CB_SPAN_ARGS(text));
    if (end)
        *t += 24 * 60 * 60;
    return 0;
}

int cb_record_describe(struct cb_record *record, const char *certificate, struct cb_item *item,
                       struct cb_error *err)
{
    if (cb_json_print_without(record->json, certificate, &record->details) == -1)
        return cb_fail(err, CB_ERR_ANSWER, "is larger than %u bytes", CB_DETAILS_MAX);
    item->path = cb_buf_span(&record->path);
    item->details = cb_buf_span(&record->details);
    return 0;
}
