/* DigiCert IoT Trust Manager: authentication certificates and passcodes of enrollment profiles.
 * API: "Get authentication certificate details" and "Enrollment passcode details" of IoT Trust
 * Manager v1. */
#include "common/config.h"
#include "common/source.h"
#include "common/text.h"

static const char *const states[] = {"ACTIVE", "DISABLED", "DELETED", NULL};
static const char *const active[] = {"ACTIVE", NULL};

static const struct cb_key keys[] = {
    {.name = "enrollment_profile", .kind = CB_VALUE_LIST, .required = true, .identity = true},
    {.name = "authentication_certificates", .kind = CB_VALUE_LIST, .identity = true},
    {.name = "passcodes", .kind = CB_VALUE_LIST, .identity = true},
    {.name = "api_key", .kind = CB_VALUE_SECRET},
    {.name = NULL},
};

static int check(const struct cb_source *source, struct cb_error *err)
{
    bool key = cb_source_text(source, "api_key");

    if (strcmp(cb_source_text(source, "enrollment_profile"), "*") == 0)
        return cb_fail(err, CB_ERR_CONFIG,
                       "enrollment_profile needs ids: the API has no list of profiles");
    if (key && source->client_certificate)
        return cb_fail(err, CB_ERR_CONFIG,
                       "api_key and client_certificate exclude each other: the clientauth. host "
                       "takes no key, any other host no certificate");
    if (!key && !source->client_certificate)
        return cb_fail(err, CB_ERR_CONFIG,
                       "needs api_key, or client_certificate with the clientauth. host in url");
    return 0;
}

#ifdef CB_FETCH_HALF
#include "common/fetch/ask.h"
#include "common/fetch/record.h"

#define TARGET_MAX 16384     /* bytes; ids are bounded by a line of the configuration */
#define PAGE 200             /* records: below 2 MiB, with a certificate of 8 kB in each */
#define RECORDS_MAX 10000000 /* of one profile: more than 4 GiB of snapshot could hold */
#define STARTS_MAX 4         /* of one walk whose list changes meanwhile */

/* What a profile has, one row each. */
struct collection {
    const char *key;         /* of the configuration */
    const char *segment;     /* of addresses: .../PROFILE/SEGMENT/ID */
    const char *inner;       /* of paths: PROFILE/INNER/ID; NULL: PROFILE/ID */
    const char *noun;        /* for messages */
    const char *certificate; /* the member that holds the certificate, or NULL */
    enum cb_kind kind;
    int (*read)(cb_json json, struct cb_item *item, struct cb_error *err); /* the other members */
};

static int read_certificate(cb_json json, struct cb_item *item, struct cb_error *err);
static int read_passcode(cb_json json, struct cb_item *item, struct cb_error *err);

static const struct collection collections[] = {
    {.key = "authentication_certificates",
     .segment = "authentication-certificate",
     .noun = "authentication certificate",
     .certificate = "pem",
     .kind = CB_CERTIFICATE,
     .read = read_certificate},
    {.key = "passcodes",
     .segment = "passcode",
     .inner = "passcode",
     .noun = "passcode",
     .kind = CB_PASSCODE,
     .read = read_passcode},
};
#define COLLECTIONS (sizeof collections / sizeof *collections)

/* Which answer a request waits for, and what its notes mean. Its step is this and the index of its
 * collection (step_of). */
enum answer {
    ITEM, /* context: profile, id; number: mark of the configured id, or FROM_LIST */
    LIST, /* context: profile, first id of the page before (""; NULL at the start); number: offset,
             total, starts, whether the server chooses how long a page is */
    ANSWERS
};
enum { PROFILE, ID };
enum { OFFSET, TOTAL, STARTS, NO_LIMIT };
#define FIRST_OF_PAGE ID
#define FROM_LIST (-1)
#define TOTAL_UNKNOWN (-1)

static int headers(const struct cb_source *source, const struct cb_secrets *secrets,
                   struct cb_buf *out, struct cb_error *err)
{
    cb_buf_add_text(out, "content-type: application/json;charset=UTF-8");
    if (cb_source_text(source, "api_key")) {
        cb_buf_add_text(out, "\nx-api-key: ");
        cb_buf_add_span(out, cb_secret(secrets, "api_key"));
    }
    return out->failed ? cb_fail_memory(err) : 0;
}

static const struct cb_list *profiles_of(const struct cb_source *source)
{
    return cb_source_list(source, "enrollment_profile");
}

static const struct cb_list *ids_of(const struct cb_source *source, const struct collection *c)
{
    return cb_source_list(source, c->key);
}

/* A mark for each id of each collection, in their order. */
static size_t marks(const struct cb_source *source)
{
    size_t n = 0;

    for (size_t i = 0; i < COLLECTIONS; i++)
        n += ids_of(source, &collections[i])->n;
    return n;
}

static size_t firsts(const struct cb_source *source)
{
    return profiles_of(source)->n * marks(source);
}

static int step_of(const struct collection *c, enum answer answer)
{
    return (int)(c - collections) * ANSWERS + (int)answer;
}

static const struct collection *collection_of(const struct cb_request *request)
{
    return &collections[request->step / ANSWERS];
}

static bool is_for(const struct cb_request *request, enum answer answer)
{
    return request->step % ANSWERS == (int)answer;
}

static void add_collection(struct cb_buf *target, const struct collection *c, const char *profile)
{
    cb_buf_add_text(target, "/iot/api/v1/enrollment-profile");
    cb_path_add(target, cb_span_of(profile));
    cb_path_add(target, cb_span_of(c->segment));
}

static int ask_item(struct cb_plan *plan, const struct collection *c, char *profile, char *id,
                    int64_t mark, struct cb_error *err)
{
    struct cb_request r = {.step = step_of(c, ITEM), .context = {profile, id}, .number = {mark}};
    struct cb_buf target;

    cb_buf_init(&target, TARGET_MAX);
    add_collection(&target, c, profile);
    cb_path_add(&target, cb_span_of(id));
    return cb_ask(plan, &r, &target, err);
}

static int ask_page(struct cb_plan *plan, struct cb_request *r, struct cb_error *err)
{
    struct cb_buf target;

    cb_buf_init(&target, TARGET_MAX);
    add_collection(&target, collection_of(r), r->context[PROFILE]);
    cb_buf_printf(&target, "?offset=%lld", (long long)r->number[OFFSET]);
    if (!r->number[NO_LIMIT])
        cb_buf_printf(&target, "&limit=%d", PAGE);
    return cb_ask(plan, r, &target, err);
}

static int first(const struct cb_source *source, size_t i, struct cb_plan *plan,
                 struct cb_error *err)
{
    const struct collection *c = collections;
    size_t mark = i % marks(source), index = mark;
    char *profile = profiles_of(source)->items[i / marks(source)];
    struct cb_request walk = {.context = {profile}, .number = {0, TOTAL_UNKNOWN, 1}};
    char *id;

    while (index >= ids_of(source, c)->n)
        index -= ids_of(source, c++)->n;
    id = ids_of(source, c)->items[index];
    if (strcmp(id, "*") != 0)
        return ask_item(plan, c, profile, id, (int64_t)mark, err);
    walk.step = step_of(c, LIST);
    return ask_page(plan, &walk, err);
}

static int read_claims(cb_json record, struct cb_claims *claims, struct cb_error *err)
{
    if (cb_json_text(record, "certificate_thumbprint", &claims->digest, err) == -1 ||
        cb_json_text(record, "certificate_serial_number", &claims->serial, err) == -1)
        return -1;
    return cb_json_text(record, "certificate_expires_on", &claims->not_after, err);
}

static int read_certificate(cb_json json, struct cb_item *item, struct cb_error *err)
{
    if (cb_json_text(json, "certificate/name", &item->label, err) == -1 ||
        cb_record_text(json, "status", &item->state, err) == -1 ||
        cb_record_time(json, "start_date", false, &item->from, err) == -1 ||
        cb_record_time(json, "end_date", true, &item->to, err) == -1)
        return -1;
    return read_claims(json, &item->claims, err);
}

static int read_passcode(cb_json json, struct cb_item *item, struct cb_error *err)
{
    cb_json period = cb_json_get(json, "validity_period");

    if (period && !cb_json_is_object(period))
        return cb_fail(err, CB_ERR_ANSWER, "validity_period is no object");
    if (cb_json_text(json, "name", &item->label, err) == -1 ||
        cb_record_text(json, "status", &item->state, err) == -1 ||
        cb_record_time(json, "validity_period/from", false, &item->from, err) == -1)
        return -1;
    return cb_record_time(json, "validity_period/to", true, &item->to, err);
}

/* A list may give its records without their certificates: then each is asked for. `asked` is the id
 * that was asked for, or NULL in a list. */
static int take_record(struct cb_record *record, const struct cb_request *request,
                       const char *asked, struct cb_plan *plan, struct cb_error *err)
{
    const struct collection *c = collection_of(request);
    struct cb_item item = {.kind = c->kind, .from = CB_TIME_MIN, .to = CB_TIME_MAX};
    struct cb_error why = {0};

    if (!c->certificate ||
        cb_json_text(record->json, c->certificate, &item.certificate, &why) == 0) {
        if (c->certificate && item.certificate.n == 0 && !asked)
            return ask_item(plan, c, request->context[PROFILE], (char *)record->id.p, FROM_LIST,
                            err);
        if (c->read(record->json, &item, &why) == 0 &&
            cb_record_describe(record, c->certificate, &item, &why) == 0)
            return cb_plan_item(plan, &item, err);
    }
    return cb_plan_left_out(plan, cb_buf_text(&record->path), &why, err);
}

static int take(cb_json json, const struct cb_request *request, const char *asked, size_t place,
                struct cb_plan *plan, struct cb_error *err)
{
    const char *profile = request->context[PROFILE], *inner = collection_of(request)->inner;
    struct cb_error why = {0};
    struct cb_record record;
    int rc;

    cb_record_init(&record, json);
    if (cb_record_identify(&record, "id", profile, inner, asked, &why) == 0) {
        rc = take_record(&record, request, asked, plan, err);
    } else {
        if (!asked)
            cb_fail_in(&why, "item %zu of the page", place);
        rc = cb_ask_left_out(plan, profile, inner, asked, &why, err);
    }
    cb_record_clear(&record);
    return rc;
}

static int start_over(const struct cb_request *request, struct cb_plan *plan, struct cb_error *err)
{
    const struct collection *c = collection_of(request);
    struct cb_request again = {
        .step = request->step,
        .context = {request->context[PROFILE]},
        .number = {0, TOTAL_UNKNOWN, request->number[STARTS] + 1, request->number[NO_LIMIT]}};

    if (again.number[STARTS] > STARTS_MAX)
        return cb_fail(err, CB_ERR_ANSWER,
                       "the list of %ss of enrollment profile %s changed during each of %d walks",
                       c->noun, request->context[PROFILE], STARTS_MAX);
    if (cb_ask_forget(plan, c->kind, request->context[PROFILE], c->inner, err) == -1)
        return -1;
    return ask_page(plan, &again, err);
}

/* What the envelope of a page says, if there is one. */
static int read_envelope(const struct cb_request *request, cb_json body, int64_t *total,
                         struct cb_error *err)
{
    const char *profile = request->context[PROFILE], *noun = collection_of(request)->noun;
    bool has_total, has_offset;
    int64_t offset;

    if (cb_json_integer(body, "total", total, &has_total, err) == -1 ||
        cb_json_integer(body, "offset", &offset, &has_offset, err) == -1)
        return cb_fail_in(err, "list of %ss of enrollment profile %s", noun, profile);
    if (has_offset && offset != request->number[OFFSET])
        return cb_fail(err, CB_ERR_ANSWER,
                       "list of %ss of enrollment profile %s: answered from offset %lld where "
                       "%lld was asked for",
                       noun, profile, (long long)offset, (long long)request->number[OFFSET]);
    if (!has_total || *total < 0)
        *total = TOTAL_UNKNOWN;
    return 0;
}

/* Decides what follows a page of `n` records, the first id of which is `id` ("" without one). A
 * server may give fewer than it was asked for; one that gives no total ends with an empty page, or
 * gives everything at once and the same again. */
static int follow(const struct cb_request *request, size_t n, const char *id, int64_t total,
                  struct cb_plan *plan, struct cb_error *err)
{
    const struct collection *c = collection_of(request);
    struct cb_request next = *request;
    bool again =
        request->context[FIRST_OF_PAGE] && strcmp(id, request->context[FIRST_OF_PAGE]) == 0;

    next.context[FIRST_OF_PAGE] = (char *)id;
    next.number[OFFSET] += (int64_t)n;
    next.number[TOTAL] = total;
    if (total != TOTAL_UNKNOWN ? next.number[OFFSET] >= total : n == 0 || n > PAGE)
        return 0;
    if (n == 0)
        return start_over(request, plan, err);
    if (again && total == TOTAL_UNKNOWN && n != PAGE)
        return 0;
    if (again || next.number[OFFSET] > RECORDS_MAX)
        return cb_fail(err, CB_ERR_ANSWER,
                       "list of %ss of enrollment profile %s does not end: the server gives the "
                       "same or ever more records; name the ids in %s",
                       c->noun, request->context[PROFILE], c->key);
    return ask_page(plan, &next, err);
}

static int take_page(const struct cb_request *request, cb_json body, struct cb_plan *plan,
                     struct cb_error *err)
{
    cb_json records = cb_json_is_array(body) ? body : cb_json_get(body, "records");
    struct cb_buf id;
    int64_t total;
    int rc;

    if (!cb_json_is_array(records))
        return cb_fail(err, CB_ERR_ANSWER,
                       "list of %ss of enrollment profile %s: neither an array nor an object with "
                       "an array \"records\"",
                       collection_of(request)->noun, request->context[PROFILE]);
    if (read_envelope(request, body, &total, err) == -1)
        return -1;
    if (request->number[OFFSET] > 0 && total != request->number[TOTAL])
        return start_over(request, plan, err);
    for (size_t i = 0; i < cb_json_length(records); i++)
        if (take(cb_json_at(records, i), request, NULL, i + 1, plan, err) == -1)
            return -1;
    cb_buf_init(&id, CB_RECORD_ID_MAX);
    for (size_t i = 0; i < cb_json_length(records) && id.n == 0; i++)
        cb_json_text_or_number(cb_json_at(records, i), "id", &id, NULL);
    rc = follow(request, cb_json_length(records), cb_buf_text(&id), total, plan, err);
    cb_buf_clear(&id);
    return rc;
}

static int answer(const struct cb_source *source, const struct cb_request *request, cb_json body,
                  struct cb_plan *plan, struct cb_error *err)
{
    const char *id = request->context[ID];

    (void)source;
    if (is_for(request, LIST))
        return take_page(request, body, plan, err);
    if (!cb_json_is_object(body))
        return cb_fail(err, CB_ERR_ANSWER, "%s %s: the answer is no object",
                       collection_of(request)->noun, id);
    if (request->number[0] != FROM_LIST)
        cb_plan_mark(plan, (size_t)request->number[0]);
    return take(body, request, id, 0, plan, err);
}

/* Another profile may have the id: only the end knows whether it is gone. A limit beyond the
 * server's largest, which no public page names, is refused with a 400. */
static int missing(const struct cb_source *source, const struct cb_request *request, int status,
                   const char *code, const char *message, struct cb_plan *plan, bool *gone,
                   struct cb_error *err)
{
    struct cb_request again = *request;

    (void)source, (void)message;
    if (is_for(request, LIST) && status == 400 && !request->number[NO_LIMIT]) {
        *gone = true;
        again.number[NO_LIMIT] = 1;
        return ask_page(plan, &again, err);
    }
    *gone = is_for(request, ITEM) && (status == 404 || strcmp(code, "resource_not_found") == 0 ||
                                      strcmp(code, "entity_not_found") == 0);
    return 0;
}

static int end(const struct cb_source *source, struct cb_plan *plan, struct cb_error *err)
{
    const struct cb_list *profiles = profiles_of(source);
    bool one = profiles->n == 1;
    const char *reason =
        one ? "the enrollment profile does not have it" : "no enrollment profile has it";
    size_t mark = 0;

    for (const struct collection *c = collections; c < collections + COLLECTIONS; c++) {
        if (cb_ask_unmarked_gone(plan, ids_of(source, c), mark, one ? profiles->items[0] : NULL,
                                 c->inner, reason, err) == -1)
            return -1;
        mark += ids_of(source, c)->n;
    }
    return 0;
}

static const struct cb_fetch_api api = {
    .headers = headers,
    .firsts = firsts,
    .marks = marks,
    .first = first,
    .answer = answer,
    .missing = missing,
    .end = end,
};
#define FETCH &api
#else
#define FETCH NULL
#endif

const struct cb_source_type cb_digicert_iot = {
    .name = "digicert-iot",
    .manufacturer = "DigiCert",
    .states = states,
    .default_states = active,
    .anchor_states = active,
    .keys = keys,
    .check = check,
    .fetch = FETCH,
};
