/* DigiCert IoT Trust Manager, as its public pages describe it:
 *
 *   GET /iot/api/v1/enrollment-profile/PROFILE/authentication-certificate/ID
 *   GET /iot/api/v1/enrollment-profile/PROFILE/passcode/ID
 *   GET /iot/api/v1/enrollment-profile/PROFILE/COLLECTION?offset=&limit=
 *
 * The last is not documented; its shape is that of the documented list of devices. The normal host
 * wants exactly one x-api-key, the clientauth. host a client certificate and no key. */
#include "tests/simulator/sim.h"
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json;charset=UTF-8"

static void error(struct sim_reply *reply, int status, const char *code, const char *message)
{
    static const struct {
        int status;
        const char *code, *message;
    } usual[] = {
        {400, "invalid_request", "The request is invalid"},
        {401, "invalid_api_key", "The API key is missing, invalid or expired"},
        {403, "access_denied", "You do not have permission to access this resource"},
        {404, "resource_not_found", "The resource was not found"},
        {405, "method_not_allowed", "The method is not allowed"},
        {429, "request_limit_exceeded", "Service unavailable, please limit request volume"},
        {503, "service_unavailable", "Service is under maintenance"},
    };
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (usual[i].status == status) {
            code = code == NULL ? usual[i].code : code;
            message = message == NULL ? usual[i].message : message;
        }
    }
    bool single = sim_setting_is(SIM_ERROR_WRAPPER, "error");
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    fputs(single ? "{\"error\":{\"code\":" : "{\"errors\":[{\"code\":", out);
    sim_print_json(out, code == NULL ? "internal_error" : code);
    fputs(",\"message\":", out);
    sim_print_json(out, message == NULL ? "Internal error" : message);
    fputs(single ? "}}" : "}]}", out);
    fclose(out);
    sim_reply_take(reply, status, JSON_TYPE, body, length);
}

struct key_search {
    const char *key;
    bool found, denied;
};

static bool match_key(char *words[3], void *cls)
{
    struct key_search *search = cls;
    if (strcmp(words[0], search->key) != 0 ||
        (words[1] != NULL && strcmp(words[1], "expired") == 0)) {
        return false;
    }
    search->denied = words[1] != NULL && strcmp(words[1], "denied") == 0;
    return search->found = true;
}

static bool authorise(struct sim_exchange *x, const struct sim_node *api)
{
    struct key_search search = {0};
    size_t keys = sim_header(&x->request, "x-api-key", &search.key);
    if (sim_header(&x->request, "Authorization", NULL) > 0) {
        error(&x->reply, 400, NULL, "Authorization is not how this API is called");
        return false;
    }
    if (x->request.listener == SIM_CLIENTAUTH) {
        if (keys > 0) {
            error(&x->reply, 400, NULL, "x-api-key must not be sent with a client certificate");
        } else if (x->request.certificate == NULL) {
            error(&x->reply, 401, NULL, "A client certificate is required");
        }
        return x->request.authorised = keys == 0 && x->request.certificate != NULL;
    }
    if (keys > 1) {
        error(&x->reply, 400, NULL, "x-api-key must be sent once");
        return false;
    }
    if (keys == 0 || !sim_each_line(sim_child(api, "api-keys.list"), match_key, &search)) {
        error(&x->reply, 401, NULL, NULL);
        return false;
    }
    if (search.denied) {
        error(&x->reply, 403, NULL, NULL);
        return false;
    }
    return x->request.authorised = true;
}

/* IOT_ and a UUID in lower-case hex. */
static bool profile_syntax(const char *id)
{
    const char *form = "IOT_xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(id) != strlen(form)) {
        return false;
    }
    for (; *form != '\0'; form++, id++) {
        if (*form == 'x' ? strchr("0123456789abcdef", *id) == NULL : *form != *id) {
            return false;
        }
    }
    return true;
}

/* The value of a paging parameter: `absent` when it is not there, -1 when it makes no sense. */
static long paging(const struct sim_target *target, const char *name, long absent)
{
    const char *value = sim_query(target, name);
    return value == NULL ? absent : sim_number(value);
}

static void print_items(FILE *out, const struct sim_exchange *x, const struct sim_node *collection,
                        size_t from, size_t to)
{
    putc('[', out);
    for (size_t i = from; i < to; i++) {
        if (i > from) {
            putc(',', out);
        }
        sim_print_item(out, x, &collection->children[i]);
    }
    putc(']', out);
}

static void answer_list(struct sim_exchange *x, const struct sim_node *collection)
{
    static const struct sim_node none = {0};
    const struct sim_target *target = &x->request.target;
    long offset = paging(target, "offset", 0);
    long limit = paging(target, "limit", (long)sim_setting_number(SIM_DIGICERT_DEFAULT_LIMIT));
    if (offset < 0 || limit < 1 || limit > (long)sim_setting_number(SIM_DIGICERT_MAX_LIMIT) ||
        target->queries != (size_t)(sim_query(target, "offset") != NULL) +
                               (size_t)(sim_query(target, "limit") != NULL)) {
        error(&x->reply, 400, NULL, "Only offset and limit are allowed, within their bounds");
        return;
    }
    if (collection == NULL) {
        collection = &none;
    }
    size_t hidden = sim_churn_hidden(collection->count);
    size_t total = collection->count - hidden;
    size_t from = (size_t)offset < total ? (size_t)offset : total;
    size_t to = total - from < (size_t)limit ? total : from + (size_t)limit;
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    if (sim_setting_is(SIM_DIGICERT_LIST, "array")) {
        print_items(out, x, collection, hidden + from, hidden + to);
    } else {
        size_t claimed = total + (sim_setting_is(SIM_DIGICERT_TOTAL, "changing") ? from + 1 : 0);
        fprintf(out, "{\"limit\":%ld,\"offset\":%ld,", limit, offset);
        if (!sim_setting_is(SIM_DIGICERT_TOTAL, "missing")) {
            fprintf(out, "\"total\":%zu,", claimed);
        }
        fputs("\"records\":", out);
        print_items(out, x, collection, hidden + from, hidden + to);
        putc('}', out);
    }
    fclose(out);
    sim_reply_take(&x->reply, 200, JSON_TYPE, body, length);
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
        const char *code = sim_setting_is(SIM_DIGICERT_MISSING, "entity_not_found")
                               ? "entity_not_found"
                               : "resource_not_found";
        error(&x->reply, 404, code, NULL);
        return;
    }
    FILE *out = open_memstream(&body, &length);
    sim_print_item(out, x, item);
    fclose(out);
    sim_reply_take(&x->reply, 200, JSON_TYPE, body, length);
}

static bool path_known(const struct sim_target *target)
{
    char *const *segment = target->segment;
    return (target->segments == 6 || target->segments == 7) &&
           strcmp(segment[3], "enrollment-profile") == 0 &&
           (strcmp(segment[5], "authentication-certificate") == 0 ||
            strcmp(segment[5], "passcode") == 0);
}

static void answer(struct sim_exchange *x)
{
    const struct sim_node *api = sim_child(sim_store_root(x->store), "digicert");
    const struct sim_target *target = &x->request.target;
    if (!authorise(x, api)) {
        return;
    }
    if (!path_known(target)) {
        error(&x->reply, 404, NULL, NULL);
        return;
    }
    if (strcmp(x->request.method, "GET") != 0) {
        error(&x->reply, 405, NULL, NULL);
        sim_reply_header(&x->reply, "Allow", "GET");
        return;
    }
    if (x->request.body_length > 0 || !sim_accepts_json(&x->request)) {
        error(&x->reply, x->request.body_length > 0 ? 400 : 406, NULL, NULL);
        return;
    }
    const char *id = target->segment[4];
    const struct sim_node *profile = profile_syntax(id) ? sim_child(api, id) : NULL;
    if (profile == NULL) {
        char message[256];
        snprintf(message, sizeof message, "Enrollment profile with id %.150s does not exist", id);
        error(&x->reply, 400, "invalid_input", message);
        return;
    }
    const struct sim_node *collection = sim_child(profile, target->segment[5]);
    if (target->segments == 7) {
        answer_item(x, sim_child(collection, target->segment[6]));
    } else {
        answer_list(x, collection);
    }
}

const struct sim_api sim_digicert = {
    .prefix = "/iot/api/v1/",
    .answer = answer,
    .error = error,
    .certificate = "pem",
    .digest = "certificate_thumbprint",
    .serial = "certificate_serial_number",
    .expiry = "certificate_expires_on",
    .list = "records",
};
