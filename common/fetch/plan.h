/* What a source of one type does: which requests, and what their answers mean. Pure functions: no
 * I/O, no clock, no globals.
 *
 * sync drives them. A source has a fixed number of first requests, made one by one when there is
 * room for them, so that 100 000 configured ids cost no memory; each answer of status 200 goes to
 * `answer`, which puts items and further requests on the plan. Everything else (connections,
 * limits, retries, deadlines, checking, writing) is common/fetch's own business. */
#ifndef CB_COMMON_FETCH_PLAN_H
#define CB_COMMON_FETCH_PLAN_H

#include "common/config.h"
#include "common/fetch/json.h"
#include "common/fetch/request.h"
#include "common/fetch/secrets.h"
#include "common/object.h"
#include "common/snapshot-format.h"
#include "common/status.h"

/* What the API states about the certificate, as text; empty when it states nothing. A digest that
 * contradicts leaves the item out; contradictions of the others are reported, and the item is
 * served. */
struct cb_claims {
    struct cb_span digest; /* hexadecimal, colons allowed; its length names SHA-1 or SHA-256 */
    struct cb_span serial; /* hexadecimal */
    bool serial_may_be_decimal;
    struct cb_span key_id;    /* hexadecimal, with or without colons or its OCTET STRING header */
    struct cb_span not_after; /* RFC 3339 or HTTP date */
};

/* What an API's object says. Spans into the answer; valid during the call. */
struct cb_item {
    enum cb_kind kind;    /* CB_CERTIFICATE or CB_PASSCODE */
    struct cb_span path;  /* encoded (cb_path_add); a zero byte follows it */
    struct cb_span label; /* empty: the common name of the subject if `label_is_common_name`, else
                             the last segment of the path, decoded */
    bool label_is_common_name;
    struct cb_span state;
    int64_t from, to;           /* seconds, to excluded; CB_TIME_MIN and CB_TIME_MAX when open */
    struct cb_span details;     /* compact JSON */
    struct cb_span certificate; /* as the API gives it; not looked at for a passcode */
    struct cb_claims claims;
};

#define CB_STATE_MAX 256 /* bytes of a state's name */
/* Bytes of requests that wait: a page of 16 MiB that names users, four times over. */
#define CB_PLAN_QUEUE_MAX (64u << 20)

struct cb_snapshot_writer;

/* Everything one sync knows while it runs. */
struct cb_plan {
    const struct cb_source *source;
    const struct cb_fetch_api *api;
    struct cb_snapshot_writer *writer; /* borrowed */
    struct cb_notes left_out, reported;
    size_t gone;                          /* among left_out */
    size_t firsts, next_first;            /* of the source's first requests */
    size_t known, done;                   /* requests put on the plan, and answered */
    size_t objects;                       /* written, those forgotten since among them */
    struct cb_plan_waiting *head, **tail; /* requests that wait, oldest first */
    size_t waiting_bytes;
    uint8_t *marks; /* a bit each */
    size_t n_marks;
};

/* `writer` may be NULL when no item will be put on the plan. */
int cb_plan_init(struct cb_plan *plan, const struct cb_source *source,
                 struct cb_snapshot_writer *writer, struct cb_error *err);
void cb_plan_clear(struct cb_plan *plan);

/* Takes the next request; the caller frees it (cb_request_free). `*out` is NULL when there is none
 * now. */
int cb_plan_next(struct cb_plan *plan, struct cb_request **out, struct cb_error *err);

/* The rest is for sources (common/fetch/ask.h puts some of it more shortly). Each answers 0, or -1
 * for no memory or a limit of our own: the whole refresh fails with `err`. */

/* Puts a copy of `like` behind the requests that wait. */
int cb_plan_request(struct cb_plan *plan, const struct cb_request *like, struct cb_error *err);
/* Decodes, checks and writes; what cannot be read or contradicts itself is left out and reported.
 * An item whose path is on the plan already changes nothing. */
int cb_plan_item(struct cb_plan *plan, const struct cb_item *item, struct cb_error *err);
/* An item of the answer that cannot be read (CB_ERR_ANSWER, CB_ERR_CERTIFICATE): left out and
 * reported, the rest goes on. Any other `why` fails the refresh. */
int cb_plan_left_out(struct cb_plan *plan, const char *path, const struct cb_error *why,
                     struct cb_error *err);
/* A configured id or user that the API does not have: reported, and the sync's exit status is 1. */
int cb_plan_gone(struct cb_plan *plan, const char *path, const char *reason, struct cb_error *err);
/* Forgets every item of this kind whose path is below `path` (a walk that starts over), and what was
 * noted of that path and of those one segment below it. */
int cb_plan_forget(struct cb_plan *plan, enum cb_kind kind, const char *path, struct cb_error *err);
/* Marks are a source's memory: one bit for each configured id or user that it cares for. Sets one,
 * and says whether it was set before. */
bool cb_plan_mark(struct cb_plan *plan, size_t i);
bool cb_plan_marked(const struct cb_plan *plan, size_t i);

struct cb_fetch_api {
    /* Appends the header lines of every request, separated by '\n', with what authorises it; leaves
     * that out when the TLS client certificate does. */
    int (*headers)(const struct cb_source *source, const struct cb_secrets *secrets,
                   struct cb_buf *out, struct cb_error *err);
    /* How many first requests and marks there are. */
    size_t (*firsts)(const struct cb_source *source);
    size_t (*marks)(const struct cb_source *source);
    /* Puts the first request number `i` on the plan, or nothing. */
    int (*first)(const struct cb_source *source, size_t i, struct cb_plan *plan,
                 struct cb_error *err);
    /* `body` is the parsed answer (status 200). CB_ERR_ANSWER fails the refresh. */
    int (*answer)(const struct cb_source *source, const struct cb_request *request, cb_json body,
                  struct cb_plan *plan, struct cb_error *err);
    /* Does this error answer say that what was asked for by an id does not exist, or can it be
     * asked for in another way? Then notes so, or asks, and sets `*gone`; else the answer fails the
     * refresh. `code` and `message` are the API's own, "" when it gave none. */
    int (*missing)(const struct cb_source *source, const struct cb_request *request, int status,
                   const char *code, const char *message, struct cb_plan *plan, bool *gone,
                   struct cb_error *err);
    /* When every request has been answered: what was found nowhere. */
    int (*end)(const struct cb_source *source, struct cb_plan *plan, struct cb_error *err);
};

#endif
