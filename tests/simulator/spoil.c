/* What each kind of fault does to an answer or the wire: a table, and small functions. */
#include "tests/simulator/sim.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HTML "text/html; charset=utf-8"

static size_t number_or(const struct sim_fault *fault, size_t absent)
{
    return fault->number < 0 ? absent : (size_t)fault->number;
}

/* ---- instead of the answer ---- */

static void add_retry_after(const struct sim_fault *fault, struct sim_reply *reply)
{
    const char *value = fault->retry_after;
    char date[64];
    if (strncmp(value, "date:", 5) == 0) {
        time_t then = time(NULL) + strtol(value + 5, NULL, 10);
        struct tm tm;
        gmtime_r(&then, &tm);
        strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        value = date;
    }
    if (value[0] != '\0') {
        sim_reply_header(reply, "Retry-After", value);
    }
}

static void spoil_status(const struct sim_fault *fault, struct sim_exchange *x)
{
    const char *code = fault->code[0] == '\0' ? NULL : fault->code;
    const char *message = fault->message[0] == '\0' ? NULL : fault->message;
    x->api->error(&x->reply, fault->status < 0 ? 503 : (int)fault->status, code, message);
    add_retry_after(fault, &x->reply);
}

static void spoil_html(const struct sim_fault *fault, struct sim_exchange *x)
{
    sim_reply_printf(
        &x->reply, fault->status < 0 ? 502 : (int)fault->status, HTML,
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
        "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n");
    add_retry_after(fault, &x->reply);
}

static void spoil_redirect(const struct sim_fault *fault, struct sim_exchange *x)
{
    sim_reply_printf(&x->reply, fault->status < 0 ? 302 : (int)fault->status, HTML, "%s", "");
    sim_reply_header(&x->reply, "Location", fault->value);
}

static void spoil_body(const struct sim_fault *fault, struct sim_exchange *x)
{
    sim_reply_printf(&x->reply, fault->status < 0 ? 200 : (int)fault->status, "application/json",
                     "%s", fault->value);
}

/* Repeats `unit` between `head` and `tail`, `times` times. */
static void repeat(struct sim_exchange *x, const char *head, const char *unit, size_t times,
                   const char *tail)
{
    size_t h = strlen(head);
    size_t u = strlen(unit);
    size_t t = strlen(tail);
    char *body = malloc(h + u * times + t + 1);
    if (body == NULL) {
        return;
    }
    memcpy(body, head, h);
    for (size_t i = 0; i < times; i++) {
        memcpy(body + h + i * u, unit, u);
    }
    memcpy(body + h + u * times, tail, t + 1);
    sim_reply_take(&x->reply, 200, "application/json", body, h + u * times + t);
}

static void spoil_deep(const struct sim_fault *fault, struct sim_exchange *x)
{
    size_t depth = number_or(fault, 100000);
    char *closing = malloc(depth + 2);
    if (closing != NULL) {
        memset(closing, ']', depth);
        memcpy(closing + depth, "}", 2);
        repeat(x, "{\"id\":", "[", depth, closing);
    }
    free(closing);
}

static void spoil_large(const struct sim_fault *fault, struct sim_exchange *x)
{
    repeat(x, "{\"id\":\"", "x", number_or(fault, 16777217), "\"}");
}

static void spoil_commas(const struct sim_fault *fault, struct sim_exchange *x)
{
    char head[64];
    snprintf(head, sizeof head, "{\"%s\":[", x->api->list);
    repeat(x, head, "{},", number_or(fault, 16777216) / 3, "{}]}");
}

/* ---- the body ---- */

static void insert(struct sim_reply *reply, size_t at, const char *text, size_t length)
{
    char *body = realloc(reply->body, reply->length + length + 1);
    if (body != NULL && at <= reply->length) {
        memmove(body + at + length, body + at, reply->length - at);
        memcpy(body + at, text, length);
        reply->length += length;
    }
    reply->body = body == NULL ? reply->body : body;
}

/* A member at the start of the first object. */
static void insert_member(struct sim_reply *reply, const char *member)
{
    char *brace = reply->length == 0 ? NULL : memchr(reply->body, '{', reply->length);
    if (brace != NULL) {
        size_t at = (size_t)(brace - reply->body) + 1;
        if (at < reply->length && reply->body[at] != '}') {
            insert(reply, at, ",", 1);
        }
        insert(reply, at, member, strlen(member));
    }
}

static void spoil_bom(const struct sim_fault *fault, struct sim_exchange *x)
{
    (void)fault;
    insert(&x->reply, 0, "\xef\xbb\xbf", 3);
}

static void spoil_non_utf8(const struct sim_fault *fault, struct sim_exchange *x)
{
    (void)fault;
    insert_member(&x->reply, "\"xText\":\"caf\xe9\"");
}

static void spoil_duplicate(const struct sim_fault *fault, struct sim_exchange *x)
{
    char member[sizeof fault->name + sizeof fault->value + 8];
    snprintf(member, sizeof member, "\"%s\":%s", fault->name[0] == '\0' ? "id" : fault->name,
             fault->value[0] == '\0' ? "\"first of two\"" : fault->value);
    insert_member(&x->reply, member);
}

/* Members that no page names, in every object of the answer. */
static void spoil_extra(const struct sim_fault *fault, struct sim_exchange *x)
{
    static const char member[] = "\"xNew\":{\"list\":[1,-2.5e3,null,true],\"text\":\"\\u00e9\"}";
    struct sim_reply *reply = &x->reply;
    char *body = NULL;
    size_t length = 0;
    bool quoted = false;
    FILE *out = open_memstream(&body, &length);
    (void)fault;
    for (size_t i = 0; i < reply->length; i++) {
        char c = reply->body[i];
        putc(c, out);
        if (quoted && c == '\\' && i + 1 < reply->length) {
            putc(reply->body[++i], out);
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == '{') {
            fputs(member, out);
            fputs(reply->body[i + 1] == '}' ? "" : ",", out);
        }
    }
    fclose(out);
    free(reply->body);
    reply->body = body;
    reply->length = length;
}

static void spoil_truncate(const struct sim_fault *fault, struct sim_exchange *x)
{
    size_t keep = number_or(fault, x->reply.length / 2);
    x->reply.length = keep < x->reply.length ? keep : x->reply.length;
}

/* Blanks behind the document: a body beyond a limit that is good JSON. */
static void spoil_pad(const struct sim_fault *fault, struct sim_exchange *x)
{
    struct sim_reply *reply = &x->reply;
    size_t length = number_or(fault, 16777217);
    char *body = length <= reply->length ? NULL : realloc(reply->body, length + 1);
    if (body != NULL) {
        memset(body + reply->length, ' ', length - reply->length);
        reply->body = body;
        reply->length = length;
    }
}

static void spoil_content_type(const struct sim_fault *fault, struct sim_exchange *x)
{
    free(x->reply.content_type);
    x->reply.content_type = fault->value[0] == '\0' ? NULL : strdup(fault->value);
}

static void spoil_header(const struct sim_fault *fault, struct sim_exchange *x)
{
    sim_reply_header(&x->reply, fault->name, fault->value);
}

/* ---- the wire ---- */

static void spoil_cut(const struct sim_fault *fault, struct sim_exchange *x)
{
    x->reply.cut_at = (long)number_or(fault, x->reply.length / 2);
}

static void spoil_drip(const struct sim_fault *fault, struct sim_exchange *x)
{
    x->reply.rate = number_or(fault, 10);
}

static void spoil_delay(const struct sim_fault *fault, struct sim_exchange *x)
{
    x->reply.delay_ms += number_or(fault, 1000);
}

static void spoil_chunked(const struct sim_fault *fault, struct sim_exchange *x)
{
    (void)fault;
    x->reply.chunked = true;
}

static void spoil_stall(const struct sim_fault *fault, struct sim_exchange *x)
{
    (void)fault;
    x->reply.stall = true;
}

static void spoil_close(const struct sim_fault *fault, struct sim_exchange *x)
{
    (void)fault;
    x->reply.close = true;
}

static const struct sim_kind kinds[] = {
    {"item-certificate", SIM_STAGE_ITEM, NULL},
    {"item-digest", SIM_STAGE_ITEM, NULL},
    {"item-serial", SIM_STAGE_ITEM, NULL},
    {"item-expiry", SIM_STAGE_ITEM, NULL},
    {"item-key-id", SIM_STAGE_ITEM, NULL},
    {"item-member", SIM_STAGE_ITEM, NULL},
    {"item-remove", SIM_STAGE_ITEM, NULL},
    {"status", SIM_STAGE_INSTEAD, spoil_status},
    {"html", SIM_STAGE_INSTEAD, spoil_html},
    {"redirect", SIM_STAGE_INSTEAD, spoil_redirect},
    {"body", SIM_STAGE_INSTEAD, spoil_body},
    {"deep", SIM_STAGE_INSTEAD, spoil_deep},
    {"large", SIM_STAGE_INSTEAD, spoil_large},
    {"commas", SIM_STAGE_INSTEAD, spoil_commas},
    {"bom", SIM_STAGE_BODY, spoil_bom},
    {"non-utf8", SIM_STAGE_BODY, spoil_non_utf8},
    {"duplicate", SIM_STAGE_BODY, spoil_duplicate},
    {"extra", SIM_STAGE_BODY, spoil_extra},
    {"truncate", SIM_STAGE_BODY, spoil_truncate},
    {"pad", SIM_STAGE_BODY, spoil_pad},
    {"content-type", SIM_STAGE_BODY, spoil_content_type},
    {"header", SIM_STAGE_BODY, spoil_header},
    {"cut", SIM_STAGE_WIRE, spoil_cut},
    {"drip", SIM_STAGE_WIRE, spoil_drip},
    {"delay", SIM_STAGE_WIRE, spoil_delay},
    {"chunked", SIM_STAGE_WIRE, spoil_chunked},
    {"stall", SIM_STAGE_WIRE, spoil_stall},
    {"close", SIM_STAGE_WIRE, spoil_close},
};

const struct sim_kind *sim_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}
