/* An API's record of one item: what sources read from it alike.
 *
 * Each function answers 0, or -1 with CB_ERR_ANSWER and the reason for leaving the item out, in
 * words that follow its path ("has no \"status\""). */
#ifndef CB_COMMON_FETCH_RECORD_H
#define CB_COMMON_FETCH_RECORD_H

#include "common/fetch/plan.h"

#define CB_RECORD_ID_MAX 1024 /* bytes: no API's documentation allows more than 256 characters */

struct cb_record {
    cb_json json;                    /* borrowed */
    struct cb_buf id, path, details; /* what needs memory of its own */
};

void cb_record_init(struct cb_record *record, cb_json json);
void cb_record_clear(struct cb_record *record);

/* Reads the id, a string or a number, and makes the path of `outer`, `inner` (may be NULL) and the id. `asked` is the id
 * that was asked for: such a record may leave its id out, but not have another; NULL in a list. */
int cb_record_identify(struct cb_record *record, const char *member, const char *outer,
                       const char *inner, const char *asked, struct cb_error *err);

/* The text of a member that must be there and not empty. */
int cb_record_text(cb_json json, const char *member, struct cb_span *out, struct cb_error *err);

/* A time (RFC 3339), or a date: its start, or where `end` the end of the day. Absent or empty
 * leaves `*t` as it is. */
int cb_record_time(cb_json json, const char *member, bool end, int64_t *t, struct cb_error *err);

/* Gives the item its path and its details: the record without the member `certificate`, if that
 * is not NULL. */
int cb_record_describe(struct cb_record *record, const char *certificate, struct cb_item *item,
                       struct cb_error *err);

#endif
