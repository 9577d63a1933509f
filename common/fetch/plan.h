/* What a source of one type does: which requests, and what their answers mean. Pure functions: no
 * I/O, no clock, no globals.
 *
 * sync drives them: `begin` puts the first requests on the plan; each answer of status 200 goes to
 * `answer`, which puts items and further requests on it. Everything else (connections, limits,
 * retries, deadlines, writing) is common/fetch's own business. */
#ifndef CB_COMMON_FETCH_PLAN_H
#define CB_COMMON_FETCH_PLAN_H

#include "common/config.h"
#include "common/fetch/json.h"
#include "common/fetch/request.h"
#include "common/object.h"

/* A digest or fact that the API states about the certificate; empty when it states none. Texts as
 * the API gives them. */
struct cb_claims {
    struct cb_span
        digest; /* thumbprint or fingerprint: hexadecimal, colons allowed; its length names the hash
                   (SHA-1, SHA-256). A contradiction leaves the item out. */
    struct cb_span serial; /* contradictions of these are reported, and the item is served */
    bool serial_may_be_decimal;
    struct cb_span key_id;
    int64_t not_after; /* CB_TIME_MAX: none stated */
};

/* What an API's object says. Spans into the answer; valid during the call. */
struct cb_item {
    enum cb_kind kind;    /* CB_CERTIFICATE or CB_PASSCODE */
    struct cb_span path;  /* encoded (cb_path_add) */
    struct cb_span label; /* empty: the common name of the subject if `label_is_common_name`, else
                             the last segment, decoded */
    bool label_is_common_name;
    struct cb_span state;
    int64_t from, to;           /* seconds, to excluded; CB_TIME_MIN and CB_TIME_MAX when open */
    struct cb_span details;     /* compact JSON */
    struct cb_span certificate; /* as the API gives it */
    struct cb_claims claims;
};

struct cb_plan; /* common/fetch/sync.c */

/* Each answers 0, or -1 for no memory or a limit of our own (the whole refresh fails with `err`).
 */
int cb_plan_request(struct cb_plan *plan, const struct cb_request *like,
                    struct cb_error *err); /* copies */
int cb_plan_item(struct cb_plan *plan, const struct cb_item *item, struct cb_error *err);
/* An item of the answer that cannot be read: left out and reported, the rest goes on. */
int cb_plan_left_out(struct cb_plan *plan, const char *path, const char *reason,
                     struct cb_error *err);
/* A configured id or user that the API does not have: reported, and the sync's exit status is 1. */
int cb_plan_gone(struct cb_plan *plan, const char *path, const char *reason, struct cb_error *err);
/* Forgets every item below `path` (a walk that starts over). */
int cb_plan_forget(struct cb_plan *plan, const char *path, struct cb_error *err);
/* How often an item with this exact path was put on the plan. */
size_t cb_plan_has(const struct cb_plan *plan, struct cb_span path);

enum cb_credential_kind {
    CB_CREDENTIAL_NONE,   /* a TLS client certificate, or nothing */
    CB_CREDENTIAL_HEADER, /* one header line made from secrets */
};

struct cb_fetch_api {
    /* Appends the header line "Name: value" that authorises a request; leaves `header` empty when
     * the TLS client certificate does. */
    int (*authorize)(const struct cb_source *source, struct cb_buf *header, struct cb_error *err);
    int (*begin)(const struct cb_source *source, struct cb_plan *plan, struct cb_error *err);
    /* `body` is the parsed answer (status 200). CB_ERR_ANSWER fails the refresh. */
    int (*answer)(const struct cb_source *source, const struct cb_request *request, cb_json body,
                  struct cb_plan *plan, struct cb_error *err);
    /* Does this error answer say that what was asked for by a configured id does not exist? Then
     * calls cb_plan_gone (or notes that other profiles may still have it) and sets `*gone`. `code`
     * is the API's own error code, "" when it gave none. */
    int (*missing)(const struct cb_source *source, const struct cb_request *request, int status,
                   const char *code, const char *message, struct cb_plan *plan, bool *gone,
                   struct cb_error *err);
    /* Called when every request has been answered: what was found nowhere. May be NULL. */
    int (*end)(const struct cb_source *source, struct cb_plan *plan, struct cb_error *err);
};

#endif
