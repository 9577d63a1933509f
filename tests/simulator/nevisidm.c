/* nevisIDM REST core/v1, as its public pages describe it:
 *
 *   GET /nevisidm/api/core/v1/CLIENT/users/USER/certificates/ID
 *   GET /nevisidm/api/core/v1/CLIENT/users/USER/certificates?limit=&continuationToken=
 *   GET /nevisidm/api/core/v1/clients/CLIENT/users?limit=&continuationToken=&offset=
 *
 * authorization.list in the data folder says which credentials are taken. */
#include "tests/simulator/sim.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define JSON_TYPE "application/json"

static void error(struct sim_reply *reply, int status, const char *code, const char *message)
{
    static const struct {
        int status;
        const char *code, *message;
    } usual[] = {
        {400, "errors.invalidData", "Invalid data"},
        {401, "errors.unauthorized", "Authentication is required"},
        {403, "errors.permissionDenied", "Permission denied"},
        {404, "errors.noRecord", "No record found"},
        {405, "errors.methodNotAllowed", "Method not allowed"},
        {429, "errors.tooManyRequests", "Too many requests"},
    };
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (usual[i].status == status) {
            code = code == NULL ? usual[i].code : code;
            message = message == NULL ? usual[i].message : message;
        }
    }
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    fputs("{\"errors\":[{\"code\":", out);
    sim_print_json(out, code == NULL ? "errors.fatalError" : code);
    fputs(",\"message\":", out);
    sim_print_json(out, message == NULL ? "Fatal error" : message);
    fputs("}]}", out);
    fclose(out);
    sim_reply_take(reply, status, JSON_TYPE, body, length);
    if (status == 401) {
        sim_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"nevisidm\"");
        sim_reply_header(reply, "WWW-Authenticate", "Basic realm=\"nevisidm\"");
    }
}

static void base64(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)text;
    for (size_t left = strlen(text); left > 0;) {
        size_t n = left < 3 ? left : 3;
        unsigned bits = (unsigned)in[0] << 16 | (n > 1 ? (unsigned)in[1] << 8 : 0) |
                        (n > 2 ? (unsigned)in[2] : 0);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = n > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = n > 2 ? digits[bits & 63] : '=';
        in += n;
        left -= n;
    }
    *out = '\0';
}

struct login {
    const char *authorization; /* or NULL */
    const char *certificate;   /* or NULL */
    bool denied;
};

/* A line of authorization.list: "bearer TOKEN", "basic USER:PASSWORD" or "certificate", and perhaps
 * "denied". The scheme ignores case, RFC 9110 section 11.1. */
static bool match_line(char *words[3], void *cls)
{
    struct login *login = cls;
    const char *given = login->authorization;
    const char *mark = words[2];
    bool match = false;
    if (strcmp(words[0], "certificate") == 0) {
        match = login->certificate != NULL && given == NULL;
        mark = words[1];
    } else if (given != NULL && words[1] != NULL && strcmp(words[0], "bearer") == 0) {
        match = strncasecmp(given, "Bearer ", 7) == 0 && strcmp(given + 7, words[1]) == 0;
    } else if (given != NULL && words[1] != NULL && strcmp(words[0], "basic") == 0) {
        char encoded[SIM_LINE_MAX * 4 / 3 + 4];
        base64(words[1], encoded);
        match = strncasecmp(given, "Basic ", 6) == 0 && strcmp(given + 6, encoded) == 0;
    }
    login->denied = match && mark != NULL && strcmp(mark, "denied") == 0;
    return match;
}

static bool authorise(struct sim_exchange *x, const struct sim_node *api)
{
    struct login login = {.certificate = x->request.certificate};
    size_t headers = sim_header(&x->request, "Authorization", &login.authorization);
    if (headers > 1 || sim_header(&x->request, "x-api-key", NULL) > 0) {
        error(&x->reply, 400, NULL, "One Authorization header and no key of another API");
        return false;
    }
    if (!sim_each_line(sim_child(api, "authorization.list"), match_line, &login)) {
        error(&x->reply, 401, NULL, NULL);
        return false;
    }
    if (login.denied) {
        error(&x->reply, 403, NULL, NULL);
        return false;
    }
    return x->request.authorised = true;
}

/* A creation time in milliseconds that belongs to one entity of one collection: it shows whether a
 * token was made here, for this walk. FNV-1a, brought into the years 2017 to 2020. */
static uint64_t token_time(const struct sim_request *request, const char *id)
{
    uint64_t hash = 14695981039346656037U;
    for (const char *at = request->raw; *at != '\0' && *at != '?'; at++) {
        hash = (hash ^ (unsigned char)*at) * 1099511628211U;
    }
    for (; *id != '\0'; id++) {
        hash = (hash ^ (unsigned char)*id) * 1099511628211U;
    }
    return 1500000000000U + hash % 100000000000U;
}

/* The id in a continuation token (milliseconds, '_', id), or NULL when we never issued it. */
static const char *token_id(const struct sim_request *request, const char *token)
{
    char expected[32];
    const char *separator = strchr(token, '_');
    if (separator == NULL || separator[1] == '\0') {
        return NULL;
    }
    const char *id = separator + 1;
    int length = snprintf(expected, sizeof expected, "%" PRIu64 "_", token_time(request, id));
    return strncmp(token, expected, (size_t)length) == 0 ? id : NULL;
}

static void print_end(FILE *out, long limit)
{
    if (sim_setting_is(SIM_NEVISIDM_END, "null")) {
        fprintf(out, "{\"continuationToken\":null,\"limit\":%ld}", limit);
    } else if (sim_setting_is(SIM_NEVISIDM_END, "empty")) {
        fprintf(out, "{\"continuationToken\":\"\",\"limit\":%ld}", limit);
    } else {
        fprintf(out, "{\"limit\":%ld}", limit);
    }
}

static void print_token(FILE *out, const struct sim_request *request, const char *last, long limit)
{
    char *token = NULL;
    if (asprintf(&token, "%" PRIu64 "_%s", token_time(request, last), last) < 0) {
        return;
    }
    fputs("{\"continuationToken\":", out);
    sim_print_json(out, token);
    fprintf(out, ",\"limit\":%ld}", limit);
    free(token);
}

/* A user is a folder; user.json in it describes him, else his id must do. */
static void print_entry(FILE *out, const struct sim_exchange *x, const struct sim_node *entry)
{
    const struct sim_node *described = sim_child(entry, "user");
    if (entry->text != NULL || described != NULL) {
        sim_print_item(out, x, entry->text != NULL ? entry : described);
        return;
    }
    fputs("{\"extId\":", out);
    sim_print_json(out, entry->name);
    fputs(",\"state\":\"active\",\"loginId\":", out);
    sim_print_json(out, entry->name);
    putc('}', out);
}

static void print_page(struct sim_exchange *x, const struct sim_node *list, size_t from, size_t to,
                       long limit)
{
    bool full = to - from == (size_t)limit;
    bool more = to < list->count || (full && sim_setting_is(SIM_NEVISIDM_FULL_LAST_PAGE, "token"));
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    fputs("{\"items\":[", out);
    for (size_t i = from; i < to; i++) {
        if (i > from) {
            putc(',', out);
        }
        print_entry(out, x, &list->children[i]);
    }
    putc(']', out);
    if (more && to > from) {
        fputs(",\"_pagination\":", out);
        print_token(out, &x->request, list->children[to - 1].name, limit);
    } else if (!sim_setting_is(SIM_NEVISIDM_END, "no_pagination")) {
        fputs(",\"_pagination\":", out);
        print_end(out, limit);
    }
    fputs(",\"_classifications\":{}}", out);
    fclose(out);
    sim_reply_take(&x->reply, 200, JSON_TYPE, body, length);
}

/* Only these parameters, and `offset` only where the API has it. */
static bool query_known(const struct sim_target *target, bool with_offset)
{
    for (size_t i = 0; i < target->queries; i++) {
        const char *name = target->query[i].name;
        if (strcmp(name, "limit") != 0 && strcmp(name, "continuationToken") != 0 &&
            !(with_offset && strcmp(name, "offset") == 0)) {
            return false;
        }
    }
    return true;
}

static void answer_list(struct sim_exchange *x, const struct sim_node *list, bool with_offset)
{
    static const struct sim_node none = {0};
    const struct sim_target *target = &x->request.target;
    const char *limit_text = sim_query(target, "limit");
    const char *token = sim_query(target, "continuationToken");
    const char *offset_text = sim_query(target, "offset");
    long limit = limit_text == NULL ? 0 : sim_number(limit_text);
    long offset = offset_text == NULL ? 0 : sim_number(offset_text);
    if (!query_known(target, with_offset) || offset < 0 || limit < 0 ||
        limit > (long)sim_setting_number(SIM_NEVISIDM_MAX_LIMIT)) {
        error(&x->reply, 400, NULL, "Unknown or impossible query parameter");
        return;
    }
    list = list == NULL ? &none : list;
    limit = limit == 0 ? (long)sim_setting_number(SIM_NEVISIDM_DEFAULT_LIMIT) : limit;
    size_t hidden = sim_churn_hidden(list->count);
    size_t from = hidden;
    if (offset_text != NULL) {
        from = list->count - hidden < (size_t)offset ? list->count : hidden + (size_t)offset;
    } else if (token != NULL) {
        const char *last = token_id(&x->request, token);
        if (last == NULL) {
            error(&x->reply, 400, NULL, "Invalid continuation token");
            return;
        }
        from = sim_child_after(list, last);
        from = from < hidden ? hidden : from;
    }
    size_t left = list->count - from;
    print_page(x, list, from, from + (left < (size_t)limit ? left : (size_t)limit), limit);
}

static void answer_item(struct sim_exchange *x, const struct sim_node *item)
{
    char *body = NULL;
    size_t length = 0;
    if (x->request.target.queries > 0) {
        error(&x->reply, 400, NULL, "No query parameters are allowed");
        return;
    }
    if (item == NULL) {
        error(&x->reply, 404, NULL, NULL);
        return;
    }
    FILE *out = open_memstream(&body, &length);
    sim_print_item(out, x, item);
    fclose(out);
    sim_reply_take(&x->reply, 200, JSON_TYPE, body, length);
}

static void answer_found(struct sim_exchange *x, const struct sim_node *api)
{
    char *const *segment = x->request.target.segment;
    size_t segments = x->request.target.segments;
    bool users = segments == 7 && strcmp(segment[4], "clients") == 0;
    const struct sim_node *client = sim_child(api, segment[users ? 5 : 4]);
    const struct sim_node *people = sim_child(client, "users");
    const struct sim_node *user = users ? NULL : sim_child(people, segment[6]);
    if (client == NULL || (!users && user == NULL)) {
        error(&x->reply, 404, NULL, client == NULL ? "Client not found" : "User not found");
    } else if (users) {
        answer_list(x, people, true);
    } else if (segments == 8) {
        answer_list(x, sim_child(user, "certificates"), false);
    } else {
        answer_item(x, sim_child(sim_child(user, "certificates"), segment[8]));
    }
}

static bool path_known(const struct sim_target *target)
{
    char *const *segment = target->segment;
    if (target->segments == 7) {
        return strcmp(segment[4], "clients") == 0 && strcmp(segment[6], "users") == 0;
    }
    return (target->segments == 8 || target->segments == 9) && strcmp(segment[5], "users") == 0 &&
           strcmp(segment[7], "certificates") == 0;
}

static void answer(struct sim_exchange *x)
{
    const struct sim_node *api = sim_child(sim_store_root(x->store), "nevisidm");
    if (!authorise(x, api)) {
        return;
    }
    if (!path_known(&x->request.target)) {
        error(&x->reply, 404, NULL, "No such resource");
    } else if (strcmp(x->request.method, "GET") != 0) {
        error(&x->reply, 405, NULL, NULL);
        sim_reply_header(&x->reply, "Allow", "GET");
    } else if (x->request.body_length > 0) {
        error(&x->reply, 400, NULL, "A GET has no body");
    } else if (!sim_accepts_json(&x->request)) {
        error(&x->reply, 406, NULL, NULL);
    } else {
        answer_found(x, api);
    }
}

const struct sim_api sim_nevisidm = {
    .prefix = "/nevisidm/api/core/v1/",
    .answer = answer,
    .error = error,
    .certificate = "certificate",
    .digest = "fingerprint",
    .serial = "serial",
    .key_id = "subjectKeyIdentifier",
    .list = "items",
};
