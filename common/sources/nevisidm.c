/* nevisIDM: certificate credentials of users. API: core/v1, "Get a certificate credential" and the
 * lists beside it. */
#include "common/config.h"
#include "common/source.h"
#include "common/text.h"

static const char *const states[] = {"initial",     "active",     "tmp-locked",
                                     "fail-locked", "reset-code", "admin-changed",
                                     "disabled",    "archived",   NULL};
static const char *const active[] = {"active", NULL};

static const struct cb_key keys[] = {
    {.name = "client", .kind = CB_VALUE_TEXT, .required = true, .identity = true},
    {.name = "users", .kind = CB_VALUE_LIST, .required = true, .identity = true},
    {.name = "certificates", .kind = CB_VALUE_LIST, .identity = true, .fallback = "*"},
    {.name = "bearer_token", .kind = CB_VALUE_SECRET},
    {.name = "basic_user", .kind = CB_VALUE_TEXT},
    {.name = "basic_password", .kind = CB_VALUE_SECRET},
    {.name = NULL},
};

static int check(const struct cb_source *source, struct cb_error *err)
{
    bool bearer = cb_source_text(source, "bearer_token");
    bool user = cb_source_text(source, "basic_user");
    bool password = cb_source_text(source, "basic_password");
    if (user != password)
        return cb_fail(err, CB_ERR_CONFIG, "basic_user and basic_password go together");
    if (user && strchr(cb_source_text(source, "basic_user"), ':'))
        return cb_fail(err, CB_ERR_CONFIG, "basic_user must not contain a colon (RFC 7617)");
    if (bearer && user)
        return cb_fail(err, CB_ERR_CONFIG, "bearer_token and basic_user exclude each other");
    if (!bearer && !user && !source->client_certificate)
        return cb_fail(err, CB_ERR_CONFIG,
                       "needs bearer_token, basic_user with basic_password, or client_certificate");
    return 0;
}

#ifdef CB_FETCH_HALF
#include "common/fetch/ask.h"
#include "common/fetch/base64.h"
#include "common/fetch/record.h"

#define TARGET_MAX 65536 /* bytes; paging tokens are opaque and may be long */
#define PAGE 200         /* entries: below 2 MiB, with a certificate of 8 kB in each */
#define PAGES_MAX 100000 /* of one list */

/* Which answer a request waits for, and what its notes mean. */
enum step {
    USERS, /* context: none, token, token to compare with; number: pages, none, no limit */
    LIST,  /* context: user, token, token to compare with; number: pages, user's index, no limit */
    ITEM,  /* context: user, id; number: id's index, user's index */
    USER   /* does the user exist? context: user; number: none, user's index */
};
enum { OF_USER, TOKEN, LANDMARK };
#define OF_ID TOKEN
enum { PAGES, USER_INDEX, NO_LIMIT /* the server chooses how long a page is */ };
#define ID_INDEX PAGES
#define NOT_CONFIGURED (-1)

static int headers(const struct cb_source *source, const struct cb_secrets *secrets,
                   struct cb_buf *out, struct cb_error *err)
{
    struct cb_buf pair;

    if (cb_source_text(source, "bearer_token")) {
        cb_buf_add_text(out, "Authorization: Bearer ");
        cb_buf_add_span(out, cb_secret(secrets, "bearer_token"));
    } else if (cb_source_text(source, "basic_user")) {
        cb_buf_init(&pair, out->cap);
        cb_buf_add_text(&pair, cb_source_text(source, "basic_user"));
        cb_buf_add_byte(&pair, ':');
        cb_buf_add_span(&pair, cb_secret(secrets, "basic_password"));
        cb_buf_add_text(out, "Authorization: Basic ");
        cb_base64_encode(out, cb_buf_span(&pair));
        out->failed |= pair.failed;
        cb_buf_wipe(&pair);
    }
    return out->failed ? cb_fail_memory(err) : 0;
}

static const struct cb_list *users_of(const struct cb_source *source)
{
    return cb_source_list(source, "users");
}

static const struct cb_list *ids_of(const struct cb_source *source)
{
    return cb_source_list(source, "certificates");
}

static size_t firsts(const struct cb_source *source)
{
    return users_of(source)->n * ids_of(source)->n;
}

/* One for each id (found), then two for each user (in doubt; gone). */
static size_t marks(const struct cb_source *source)
{
    return ids_of(source)->n + 2 * users_of(source)->n;
}

static size_t mark_doubted(const struct cb_source *source, int64_t user)
{
    return ids_of(source)->n + 2 * (size_t)user;
}

static size_t mark_gone(const struct cb_source *source, int64_t user)
{
    return mark_doubted(source, user) + 1;
}

/* Appends the address of a user's certificates. */
static void add_certificates(struct cb_buf *target, const struct cb_source *source,
                             const char *user)
{
    cb_buf_add_text(target, "/nevisidm/api/core/v1");
    cb_path_add(target, cb_span_of(cb_source_text(source, "client")));
    cb_buf_add_text(target, "/users");
    cb_path_add(target, cb_span_of(user));
    cb_buf_add_text(target, "/certificates");
}

/* A page of a list: of the users, or of a user's certificates. */
static int ask_page(const struct cb_source *source, struct cb_request *r, struct cb_plan *plan,
                    struct cb_error *err)
{
    struct cb_buf target;

    cb_buf_init(&target, TARGET_MAX);
    if (r->step == USERS) {
        cb_buf_add_text(&target, "/nevisidm/api/core/v1/clients");
        cb_path_add(&target, cb_span_of(cb_source_text(source, "client")));
        cb_buf_add_text(&target, "/users");
    } else {
        add_certificates(&target, source, r->context[OF_USER]);
    }
    if (!r->number[NO_LIMIT])
        cb_buf_printf(&target, "?limit=%d", r->step == USER ? 1 : PAGE);
    if (r->context[TOKEN]) {
        cb_buf_add_text(&target, r->number[NO_LIMIT] ? "?" : "&");
        cb_buf_add_text(&target, "continuationToken=");
        cb_percent_encode(&target, cb_span_of(r->context[TOKEN]));
    }
    return cb_ask(plan, r, &target, err);
}

/* Asks for what the configuration's item number `id` names of this user: a list, or one. */
static int ask_user(const struct cb_source *source, char *user, int64_t user_index, size_t id,
                    struct cb_plan *plan, struct cb_error *err)
{
    struct cb_request list = {.step = LIST, .context = {user}, .number = {0, user_index}};
    struct cb_request item = {.step = ITEM,
                              .context = {user, ids_of(source)->items[id]},
                              .number = {(int64_t)id, user_index}};
    struct cb_buf target;

    if (strcmp(item.context[OF_ID], "*") == 0)
        return ask_page(source, &list, plan, err);
    cb_buf_init(&target, TARGET_MAX);
    add_certificates(&target, source, user);
    cb_path_add(&target, cb_span_of(item.context[OF_ID]));
    return cb_ask(plan, &item, &target, err);
}

static int first(const struct cb_source *source, size_t i, struct cb_plan *plan,
                 struct cb_error *err)
{
    size_t ids = ids_of(source)->n;
    char *user = users_of(source)->items[i / ids];
    struct cb_request walk = {.step = USERS};

    if (strcmp(user, "*") != 0)
        return ask_user(source, user, (int64_t)(i / ids), i % ids, plan, err);
    return i % ids == 0 ? ask_page(source, &walk, plan, err) : 0;
}

/* What of an entry needs memory of its own. */
struct entry {
    struct cb_record record;
    struct cb_buf user, serial;
};

static void entry_init(struct entry *e, cb_json json)
{
    cb_record_init(&e->record, json);
    cb_buf_init(&e->user, CB_RECORD_ID_MAX);
    cb_buf_init(&e->serial, CB_RECORD_ID_MAX);
}

static void entry_clear(struct entry *e)
{
    cb_record_clear(&e->record);
    cb_buf_clear(&e->user);
    cb_buf_clear(&e->serial);
}

static int identify(struct entry *e, const char *user, const char *asked, struct cb_error *err)
{
    if (cb_record_identify(&e->record, "extId", user, NULL, asked, err) == -1 ||
        cb_json_text_or_number(e->record.json, "userExtId", &e->user, err) == -1)
        return -1;
    if (e->user.n > 0 && strcmp(cb_buf_text(&e->user), user) != 0)
        return cb_fail(err, CB_ERR_ANSWER, "belongs to another user, \"%s\"",
                       cb_buf_text(&e->user));
    return 0;
}

static int read_claims(struct entry *e, struct cb_claims *claims, struct cb_error *err)
{
    cb_json json = e->record.json;

    if (cb_json_text(json, "fingerprint", &claims->digest, err) == -1 ||
        cb_json_text(json, "subjectKeyIdentifier", &claims->key_id, err) == -1 ||
        cb_json_text_or_number(json, "serial", &e->serial, err) == -1)
        return -1;
    claims->serial = cb_buf_span(&e->serial);
    claims->serial_may_be_decimal = true;
    return 0;
}

static int read_item(struct entry *e, struct cb_item *item, struct cb_error *err)
{
    cb_json json = e->record.json;

    if (cb_record_text(json, "certificate", &item->certificate, err) == -1 ||
        cb_record_text(json, "stateName", &item->state, err) == -1 ||
        cb_record_time(json, "validity/from", false, &item->from, err) == -1 ||
        cb_record_time(json, "validity/to", true, &item->to, err) == -1 ||
        read_claims(e, &item->claims, err) == -1)
        return -1;
    return cb_record_describe(&e->record, "certificate", item, err);
}

/* Is it a credential of another kind? `*type` is empty when the entry does not say. */
static bool of_other_type(cb_json entry, struct cb_span *type)
{
    if (cb_json_text(entry, "type", type, NULL) == -1)
        *type = cb_span_of("?");
    return type->n > 0 && !cb_span_equal(*type, cb_span_of("Certificate"));
}

static int take_entry(struct entry *e, const char *user, const char *asked, size_t place,
                      struct cb_plan *plan, struct cb_error *err)
{
    struct cb_item item = {.kind = CB_CERTIFICATE,
                           .label_is_common_name = true,
                           .from = CB_TIME_MIN,
                           .to = CB_TIME_MAX};
    struct cb_error why = {0};
    struct cb_span type;

    if (identify(e, user, asked, &why) == -1) {
        if (!asked)
            cb_fail_in(&why, "item %zu of the page", place);
        return cb_ask_left_out(plan, user, NULL, asked, &why, err);
    }
    if (of_other_type(e->record.json, &type)) {
        if (!asked)
            return 0;
        cb_fail(&why, CB_ERR_ANSWER, "is a credential of type \"%.*s\"", CB_SPAN_ARGS(type));
    } else if (read_item(e, &item, &why) == 0) {
        return cb_plan_item(plan, &item, err);
    }
    return cb_plan_left_out(plan, cb_buf_text(&e->record.path), &why, err);
}

/* `asked` is the id that was asked for, or NULL in a list, where the entry has a `place`. */
static int take(cb_json json, const char *user, const char *asked, size_t place,
                struct cb_plan *plan, struct cb_error *err)
{
    struct entry e;
    int rc;

    entry_init(&e, json);
    rc = take_entry(&e, user, asked, place, plan, err);
    entry_clear(&e);
    return rc;
}

/* The id of one user of the list. Whoever cannot be read may have certificates, so this is no item
 * that could be left out. */
static int read_user(cb_json entry, size_t place, struct cb_buf *id, struct cb_error *err)
{
    int rc = 0;

    if (!cb_json_is_object(entry))
        rc = cb_fail(err, CB_ERR_ANSWER, "is no object");
    else if (cb_json_text_or_number(entry, "extId", id, err) == -1)
        rc = -1;
    else if (id->n == 0)
        rc = cb_fail(err, CB_ERR_ANSWER, "has no \"extId\"");
    return rc == 0 ? 0 : cb_fail_in(err, "item %zu of the page", place);
}

/* Asks for everything that is configured of one user of the list. */
static int ask_listed_user(const struct cb_source *source, struct cb_buf *id, struct cb_plan *plan,
                           struct cb_error *err)
{
    const char *user = cb_buf_text(id);
    struct cb_error why = {0};
    int rc = 0;

    if (strcmp(user, ".") == 0 || strcmp(user, "..") == 0) {
        cb_fail(&why, CB_ERR_ANSWER, "a user of this name cannot be asked for by URL");
        return cb_plan_left_out(plan, user, &why, err);
    }
    for (size_t i = 0; i < ids_of(source)->n && rc == 0; i++)
        rc = ask_user(source, (char *)id->p, NOT_CONFIGURED, i, plan, err);
    return rc;
}

static int take_user(const struct cb_source *source, cb_json entry, size_t place,
                     struct cb_plan *plan, struct cb_error *err)
{
    struct cb_buf id;
    int rc;

    cb_buf_init(&id, CB_RECORD_ID_MAX);
    rc = read_user(entry, place, &id, err);
    if (rc == 0)
        rc = ask_listed_user(source, &id, plan, err);
    cb_buf_clear(&id);
    return rc;
}

static bool power_of_two(int64_t n)
{
    return (n & (n - 1)) == 0;
}

/* Asks for the next page, if the answer names one. A server that gives the same tokens again would
 * never end: each is compared with the one before and with a landmark that moves ever more seldom
 * (Brent's algorithm). */
static int follow(const struct cb_source *source, const struct cb_request *request, cb_json body,
                  struct cb_plan *plan, struct cb_error *err)
{
    struct cb_request next = *request;
    struct cb_buf token;
    int rc = -1;

    cb_buf_init(&token, TARGET_MAX / 4);
    if (cb_json_text_or_number(body, "_pagination/continuationToken", &token, err) == -1)
        goto out;
    rc = 0;
    if (token.n == 0 || cb_json_length(cb_json_get(body, "items")) == 0)
        goto out;
    next.context[TOKEN] = (char *)token.p;
    next.number[PAGES]++;
    for (int i = TOKEN; i <= LANDMARK && rc == 0; i++)
        if (request->context[i] && strcmp(request->context[i], next.context[TOKEN]) == 0)
            rc = cb_fail(err, CB_ERR_ANSWER, "a continuationToken comes again");
    if (rc == 0 && next.number[PAGES] > PAGES_MAX)
        rc = cb_fail(err, CB_ERR_ANSWER, "more than %d pages", PAGES_MAX);
    if (power_of_two(next.number[PAGES]))
        next.context[LANDMARK] = next.context[TOKEN];
    if (rc == 0)
        rc = ask_page(source, &next, plan, err);
out:
    cb_buf_clear(&token);
    return rc;
}

static int take_list(const struct cb_source *source, const struct cb_request *request, cb_json body,
                     struct cb_plan *plan, struct cb_error *err)
{
    cb_json items = cb_json_get(body, "items");

    if (!cb_json_is_array(items))
        return cb_fail(err, CB_ERR_ANSWER, "no array \"items\"");
    if (follow(source, request, body, plan, err) == -1)
        return -1;
    for (size_t i = 0; i < cb_json_length(items); i++) {
        cb_json entry = cb_json_at(items, i);
        int rc = request->step == USERS
                     ? take_user(source, entry, i + 1, plan, err)
                     : take(entry, request->context[OF_USER], NULL, i + 1, plan, err);
        if (rc == -1)
            return -1;
    }
    return 0;
}

static int answer(const struct cb_source *source, const struct cb_request *request, cb_json body,
                  struct cb_plan *plan, struct cb_error *err)
{
    const char *user = request->context[OF_USER];

    switch ((enum step)request->step) {
    case USERS:
        if (take_list(source, request, body, plan, err) == -1)
            return cb_fail_in(err, "list of the client's users");
        return 0;
    case LIST:
        if (take_list(source, request, body, plan, err) == -1)
            return cb_fail_in(err, "list of certificates of user %s", user);
        return 0;
    case ITEM:
        if (!cb_json_is_object(body))
            return cb_fail(err, CB_ERR_ANSWER, "certificate %s of user %s: the answer is no object",
                           request->context[OF_ID], user);
        cb_plan_mark(plan, (size_t)request->number[ID_INDEX]);
        return take(body, user, request->context[OF_ID], 0, plan, err);
    case USER:
        break;
    }
    return 0;
}

static int user_gone(const struct cb_source *source, const struct cb_request *request,
                     const char *message, struct cb_plan *plan, struct cb_error *err)
{
    int64_t user = request->number[USER_INDEX];
    struct cb_error why = {0};

    if (user == NOT_CONFIGURED || cb_plan_mark(plan, mark_gone(source, user)))
        return 0;
    cb_fail(&why, CB_ERR_NOT_FOUND, "the API does not have this user%s%s", *message ? ": " : "",
            message);
    return cb_ask_gone(plan, request->context[OF_USER], NULL, NULL, why.text, err);
}

/* A limit beyond the server's largest, which no public page names, is refused with a 400. A missing
 * certificate may be another user's, and the answer does not tell whether the user exists: that is
 * asked once for each configured user in doubt. */
static int missing(const struct cb_source *source, const struct cb_request *request, int status,
                   const char *code, const char *message, struct cb_plan *plan, bool *gone,
                   struct cb_error *err)
{
    int64_t user = request->number[USER_INDEX];
    struct cb_request doubt = {
        .step = USER, .context = {request->context[OF_USER]}, .number = {0, user}};
    struct cb_request again = *request;

    if ((request->step == USERS || request->step == LIST) && status == 400 &&
        !request->number[NO_LIMIT]) {
        *gone = true;
        again.number[NO_LIMIT] = 1;
        return ask_page(source, &again, plan, err);
    }
    *gone = request->step != USERS && (status == 404 || strcmp(code, "errors.noRecord") == 0 ||
                                       strcmp(code, "errors.recordDeleted") == 0);
    if (!*gone)
        return 0;
    if (request->step != ITEM)
        return user_gone(source, request, message, plan, err);
    if (user == NOT_CONFIGURED || cb_plan_mark(plan, mark_doubted(source, user)))
        return 0;
    return ask_page(source, &doubt, plan, err);
}

static int end(const struct cb_source *source, struct cb_plan *plan, struct cb_error *err)
{
    const struct cb_list *users = users_of(source);
    bool one = users->n == 1 && strcmp(users->items[0], "*") != 0;

    return cb_ask_unmarked_gone(plan, ids_of(source), 0, one ? users->items[0] : NULL, NULL,
                                one ? "the user does not have it" : "no user has it", err);
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

const struct cb_source_type cb_nevisidm = {
    .name = "nevisidm",
    .manufacturer = "Nevis",
    .states = states,
    .default_states = active,
    .anchor_states = active,
    .keys = keys,
    .check = check,
    .fetch = FETCH,
};
