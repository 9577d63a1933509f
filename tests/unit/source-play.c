#include "tests/unit/source-play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TRANSCRIPT_MAX 65536
#define WAITING_MAX 4096
#define MARKS_MAX 64

static struct {
    struct cb_buf transcript;
    struct cb_request *waiting[WAITING_MAX];
    size_t first, n;
    bool marks[MARKS_MAX];
    void (*look)(const struct cb_item *item);
} stage;

static char *copy(const char *s)
{
    return s ? strdup(s) : NULL;
}

int cb_plan_request(struct cb_plan *plan, const struct cb_request *like, struct cb_error *err)
{
    struct cb_request *r;

    (void)plan;
    if (stage.n == WAITING_MAX)
        return cb_fail(err, CB_ERR_LIMIT, "the play is too long");
    r = calloc(1, sizeof *r);
    *r = *like;
    r->target = copy(like->target);
    for (int i = 0; i < CB_REQUEST_NOTES; i++)
        r->context[i] = copy(like->context[i]);
    stage.waiting[stage.n++] = r;
    return 0;
}

static void forget_request(struct cb_request *r)
{
    free(r->target);
    for (int i = 0; i < CB_REQUEST_NOTES; i++)
        free(r->context[i]);
    free(r);
}

static void add_time(int64_t t)
{
    char iso[CB_ISO_MAX];

    cb_iso(t, iso);
    if (strstr(iso, "T00:00:00Z"))
        *strstr(iso, "T00:00:00Z") = '\0';
    cb_buf_printf(&stage.transcript, " %s", iso[0] ? iso : "-");
}

int cb_plan_item(struct cb_plan *plan, const struct cb_item *item, struct cb_error *err)
{
    (void)plan, (void)err;
    cb_buf_printf(&stage.transcript, "item %.*s %.*s %.*s", CB_SPAN_ARGS(item->path),
                  item->label.n ? (int)item->label.n : 1,
                  item->label.n ? (const char *)item->label.p : "-", CB_SPAN_ARGS(item->state));
    add_time(item->from);
    add_time(item->to);
    cb_buf_add_byte(&stage.transcript, '\n');
    if (stage.look)
        stage.look(item);
    return 0;
}

int cb_plan_left_out(struct cb_plan *plan, const char *path, const struct cb_error *why,
                     struct cb_error *err)
{
    (void)plan;
    if (why->code != CB_ERR_ANSWER)
        return cb_fail(err, why->code, "%s", why->text);
    cb_buf_printf(&stage.transcript, "left out %s: %s\n", path, why->text);
    return 0;
}

int cb_plan_gone(struct cb_plan *plan, const char *path, const char *reason, struct cb_error *err)
{
    (void)plan, (void)err;
    cb_buf_printf(&stage.transcript, "gone %s: %s\n", path, reason);
    return 0;
}

int cb_plan_forget(struct cb_plan *plan, enum cb_kind kind, const char *path, struct cb_error *err)
{
    (void)plan, (void)err;
    cb_buf_printf(&stage.transcript, "forget %s%s\n", kind == CB_PASSCODE ? "passcodes of " : "",
                  path);
    return 0;
}

bool cb_plan_mark(struct cb_plan *plan, size_t i)
{
    bool before = cb_plan_marked(plan, i);

    stage.marks[i] = true;
    return before;
}

bool cb_plan_marked(const struct cb_plan *plan, size_t i)
{
    (void)plan;
    if (i >= MARKS_MAX)
        abort();
    return stage.marks[i];
}

struct cb_span cb_secret(const struct cb_secrets *secrets, const char *name)
{
    (void)secrets, (void)name;
    return cb_span_of("s3cret");
}

static struct cb_config *load(const char *type, const char *keys)
{
    struct cb_config *config = NULL;
    struct cb_error err = {0};
    char text[4096];

    snprintf(text, sizeof text, "[s]\ntype = %s\nurl = https://api.example.com\n%s", type, keys);
    if (cb_config_parse(cb_span_of(text), "/play.conf", &config, &err) == -1) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return config;
}

static void open_stage(void)
{
    memset(&stage, 0, sizeof stage);
    cb_buf_init(&stage.transcript, TRANSCRIPT_MAX);
}

static void close_stage(void)
{
    while (stage.first < stage.n)
        forget_request(stage.waiting[stage.first++]);
    cb_buf_clear(&stage.transcript);
}

static const struct exchange *find(struct exchange *exchanges, const char *target)
{
    for (; exchanges->target; exchanges++)
        if (exchanges->body && strcmp(exchanges->target, target) == 0)
            return exchanges;
    return NULL;
}

static int answer_with(const struct cb_source *source, const struct cb_request *r, const char *body,
                       struct cb_error *err)
{
    struct json_object *document = NULL;
    char *json = strdup(body);
    int rc;

    for (char *p = json; *p; p++)
        if (*p == '\'')
            *p = '"';
    rc = cb_json_parse(cb_span_of(json), &document, err);
    if (rc == 0)
        rc = source->type->fetch->answer(source, r, document, NULL, err);
    cb_json_free(document);
    free(json);
    return rc;
}

static int refuse_with(const struct cb_source *source, const struct cb_request *r, int status,
                       const char *code, struct cb_error *err)
{
    bool gone = false;

    if (source->type->fetch->missing(source, r, status, code, "words", NULL, &gone, err) == -1)
        return -1;
    return gone ? 0 : cb_fail(err, CB_ERR_REMOTE, "HTTP %d %s", status, code);
}

static int act(const struct cb_source *source, struct exchange *exchanges, struct cb_error *err)
{
    struct cb_request *r = stage.waiting[stage.first++];
    struct exchange *e = (struct exchange *)find(exchanges, r->target);
    int rc;

    cb_buf_printf(&stage.transcript, "GET %s\n", r->target);
    if (e && (e->status == 0 || e->status == 200))
        rc = answer_with(source, r, e->body, err);
    else
        rc = refuse_with(source, r, e ? e->status : 404, e ? e->body : "", err);
    if (e)
        e->body = NULL;
    forget_request(r);
    return rc;
}

static int act_all(const struct cb_source *source, struct exchange *exchanges, struct cb_error *err)
{
    const struct cb_fetch_api *api = source->type->fetch;

    assert_true(api->marks(source) <= MARKS_MAX);
    for (size_t i = 0; i < api->firsts(source); i++) {
        if (api->first(source, i, NULL, err) == -1)
            return -1;
        while (stage.first < stage.n)
            if (act(source, exchanges, err) == -1)
                return -1;
    }
    return api->end(source, NULL, err);
}

void play_case(const char *type, const struct play *play)
{
    struct cb_config *config = load(type, play->config);
    struct cb_error err = {0};
    struct play own = *play;

    open_stage();
    if (act_all(&config->sources[0], own.exchanges, &err) == -1)
        cb_buf_printf(&stage.transcript, "fails: %s\n", err.text);
    if (strcmp(cb_buf_text(&stage.transcript), play->transcript) != 0)
        fail_msg("%s:\n%s--- wanted:\n%s", play->name, cb_buf_text(&stage.transcript),
                 play->transcript);
    close_stage();
    cb_config_free(config);
}

char *play_headers(const char *type, const char *keys)
{
    struct cb_config *config = load(type, keys);
    struct cb_error err = {0};
    struct cb_buf out;
    char *text;

    cb_buf_init(&out, 4096);
    assert_int_equal(config->sources[0].type->fetch->headers(&config->sources[0], NULL, &out, &err),
                     0);
    text = out.n ? cb_buf_take(&out) : strdup("");
    cb_config_free(config);
    return text;
}

void play_item(const char *type, const char *keys, const struct exchange *exchange,
               void (*look)(const struct cb_item *item))
{
    struct exchange exchanges[2] = {*exchange};
    struct cb_config *config = load(type, keys);
    struct cb_error err = {0};

    open_stage();
    stage.look = look;
    assert_int_equal(act_all(&config->sources[0], exchanges, &err), 0);
    assert_non_null(strstr(cb_buf_text(&stage.transcript), "item "));
    close_stage();
    cb_config_free(config);
}

void play_bytes(const char *type, const char *keys, struct cb_span bytes, unsigned most)
{
    struct json_object *document = NULL;
    const struct cb_source *source;
    struct cb_config *config;

    if (cb_json_parse(bytes, &document, NULL) == -1)
        return;
    config = load(type, keys);
    source = &config->sources[0];
    open_stage();
    for (size_t i = 0; i < source->type->fetch->firsts(source); i++)
        source->type->fetch->first(source, i, NULL, NULL);
    while (stage.first < stage.n && most-- > 0) {
        struct cb_request *r = stage.waiting[stage.first++];
        source->type->fetch->answer(source, r, document, NULL, NULL);
        forget_request(r);
        cb_buf_reset(&stage.transcript);
    }
    close_stage();
    cb_config_free(config);
    cb_json_free(document);
}
