#include "provider/store.h"
#include "common/log.h"
#include "provider/context.h"
#include "provider/search.h"
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/store.h>
#include <stdlib.h>

enum state {
    READY,  /* opened; criteria may be set; no snapshot looked at */
    GIVING, /* the next thing to give is at hand */
    FAILED, /* the last load was an error: one more load is awaited, which yields nothing */
    ENDED
};

/* What is read: a source, or the names of all sources ("certbridge://"). */
struct store {
    struct cb_provider *provider;
    const struct cb_setup *setup;
    const struct cb_source *source; /* NULL: the names */
    struct cb_uri uri;
    struct cb_criteria criteria;
    enum state state;

    size_t next_name; /* index of a source */

    struct cb_snapshot *snapshot; /* a reference while GIVING */
    struct cb_search search;
    enum cb_found found; /* CB_FOUND: `object` is next; CB_FOUND_DAMAGE: `err` */
    struct cb_object object;
    struct cb_error err; /* while READY: what is wrong with the criteria */
};

static void enter(struct store *s, enum state state)
{
    s->state = state;
    if (state == GIVING)
        return;
    cb_search_clear(&s->search);
    cb_snapshot_unref(s->snapshot);
    s->snapshot = NULL;
}

/* OpenSSL looking for a trust anchor. An error left on the queue there breaks the handshake of a
 * host that finds the anchor elsewhere or needs none. */
static bool is_anchor_search(const struct store *s)
{
    return s->criteria.given[CB_BY_SUBJECT] && s->criteria.expect == 0;
}

static void report(const struct store *s, const struct cb_error *err)
{
    cb_log(CB_LOG_ERROR, "%s", err->text);
    if (!is_anchor_search(s))
        cb_core_raise(&s->provider->core, "load", err);
}

/* An error of the whole search; there is nothing (more) to give. */
static void fail(struct store *s, const struct cb_error *err)
{
    report(s, err);
    enter(s, is_anchor_search(s) ? ENDED : FAILED);
}

/* Names lead to certificates, so they answer a wish for certificates too; a search among them finds
 * nothing. */
static bool is_answerable(const struct store *s)
{
    int expect = s->criteria.expect;
    if (s->source)
        return expect == 0 || expect == OSSL_STORE_INFO_CERT;
    return !cb_criteria_any(&s->criteria) &&
           (expect == 0 || expect == OSSL_STORE_INFO_CERT || expect == OSSL_STORE_INFO_NAME);
}

static void advance(struct store *s)
{
    if (!s->source) {
        s->next_name++;
        if (s->next_name >= s->setup->config->n_sources)
            enter(s, ENDED);
        return;
    }
    s->found = cb_search_next(&s->search, &s->object, &s->err);
    if (s->found == CB_FOUND_NO_MORE)
        enter(s, ENDED);
    if (s->found == CB_FOUND_DAMAGE)
        cb_fail_in(&s->err, "source %s", s->source->name);
}

static void begin_search(struct store *s)
{
    struct cb_error err = {0};
    enum cb_patience patience = is_anchor_search(s) ? CB_WAIT_ONCE : CB_WAIT;
    s->snapshot = cb_live_take(cb_setup_live(s->setup, s->source), patience, &err);
    if (!s->snapshot) {
        fail(s, &err);
        return;
    }
    s->search = (struct cb_search){.snapshot = s->snapshot,
                                   .source = s->source,
                                   .uri = &s->uri,
                                   .criteria = &s->criteria,
                                   .now = cb_now()};
    if (cb_search_begin(&s->search, &s->provider->core, &err)) {
        cb_fail_in(&err, "source %s", s->source->name);
        fail(s, &err);
        return;
    }
    enter(s, GIVING);
    advance(s);
}

static void begin(struct store *s)
{
    if (s->err.code != CB_OK)
        fail(s, &s->err);
    else if (!is_answerable(s))
        enter(s, ENDED);
    else if (s->source)
        begin_search(s);
    else
        enter(s, s->setup->config->n_sources > 0 ? GIVING : ENDED);
}

#define TEXT_PARAM(key, text) OSSL_PARAM_utf8_string(key, (void *)(text), strlen(text))

static int give_name(struct store *s, OSSL_CALLBACK *take, void *take_arg)
{
    const struct cb_source *source = &s->setup->config->sources[s->next_name];
    char name[sizeof "certbridge://" + CB_NAME_SOURCE_MAX];
    char description[1024];
    int type = OSSL_OBJECT_NAME;
    snprintf(name, sizeof name, "certbridge://%s", source->name);
    snprintf(description, sizeof description, "%s, %s", source->type->name, source->url);
    OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_OBJECT_PARAM_TYPE, &type),
                           TEXT_PARAM(OSSL_OBJECT_PARAM_DATA, name),
                           TEXT_PARAM(OSSL_OBJECT_PARAM_DESC, description), OSSL_PARAM_END};
    return take(params, take_arg);
}

static int give_certificate(struct store *s, OSSL_CALLBACK *take, void *take_arg)
{
    static const char pem_name[] = "CERTIFICATE";
    int type = OSSL_OBJECT_CERT;
    struct cb_span der = s->object.der;
    OSSL_PARAM params[] = {OSSL_PARAM_int(OSSL_OBJECT_PARAM_TYPE, &type),
                           TEXT_PARAM(OSSL_OBJECT_PARAM_DATA_TYPE, pem_name),
                           OSSL_PARAM_octet_string(OSSL_OBJECT_PARAM_DATA, (void *)der.p, der.n),
                           OSSL_PARAM_END};
    cb_core_mark(&s->provider->core);
    if (take(params, take_arg)) {
        cb_core_keep(&s->provider->core);
        return 1;
    }
    cb_core_drop(&s->provider->core);
    struct cb_error err;
    cb_fail(&err, CB_ERR_CERTIFICATE,
            "source %s: the host's libcrypto does not take the certificate %.*s", s->source->name,
            CB_SPAN_ARGS(s->object.path));
    report(s, &err);
    return 0;
}

/* Gives what is at hand, and takes the next thing in hand. */
static int give(struct store *s, OSSL_CALLBACK *take, void *take_arg)
{
    int given = 0;
    if (!s->source)
        given = give_name(s, take, take_arg);
    else if (s->found == CB_FOUND)
        given = give_certificate(s, take, take_arg);
    else
        report(s, &s->err);
    advance(s);
    return given;
}

/* 0 is an error. An end without one is 1: libcrypto takes every 0 for an error. */
static int store_load(void *context, OSSL_CALLBACK *take, void *take_arg,
                      OSSL_PASSPHRASE_CALLBACK *passphrase, void *passphrase_arg)
{
    struct store *s = context;
    int given = 0;
    (void)passphrase;
    (void)passphrase_arg;
    if (s->state == FAILED)
        enter(s, ENDED);
    if (s->state == READY)
        begin(s);
    if (s->state != GIVING)
        return s->state == ENDED;
    do
        given = give(s, take, take_arg);
    while (!given && s->state == GIVING && is_anchor_search(s));
    if (given || is_anchor_search(s))
        return 1;
    if (s->state == ENDED)
        enter(s, FAILED);
    return 0;
}

static int store_eof(void *context)
{
    const struct store *s = context;
    return s->state == ENDED;
}

static int store_close(void *context)
{
    struct store *s = context;
    enter(s, ENDED);
    cb_criteria_clear(&s->criteria);
    free(s);
    return 1;
}

static int resolve(struct store *s, const char *uri, struct cb_error *err)
{
    if (cb_uri_parse(uri, &s->uri, err))
        return -1;
    s->setup = cb_provider_setup(s->provider, err);
    if (!s->setup)
        return -1;
    return cb_uri_resolve(&s->uri, s->setup->config, &s->source, err);
}

static void *store_open(void *context, const char *uri)
{
    struct cb_provider *provider = context;
    struct cb_error err = {0};
    struct store *s = calloc(1, sizeof *s);
    if (!s)
        cb_fail_memory(&err);
    else {
        s->provider = provider;
        if (resolve(s, uri, &err) == 0)
            return s;
        free(s);
    }
    cb_log(CB_LOG_ERROR, "%s", err.text);
    cb_core_raise(&provider->core, "open", &err);
    return NULL;
}

static const OSSL_PARAM *store_settable_ctx_params(void *context)
{
    (void)context;
    return cb_criteria_settable;
}

/* A criterion that makes no sense is an error of the load. Refused here, libcrypto 3.0 would crash
 * the host when the criterion came with OSSL_STORE_open_ex(3), and X509_LOOKUP_store would load,
 * and trust, everything. */
static int store_set_ctx_params(void *context, const OSSL_PARAM params[])
{
    struct store *s = context;
    if (s->state != READY)
        return 0;
    (void)cb_criteria_set(&s->criteria, params, &s->err);
    return 1;
}

const OSSL_DISPATCH cb_store_functions[] = {
    {OSSL_FUNC_STORE_OPEN, (void (*)(void))store_open},
    {OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, (void (*)(void))store_settable_ctx_params},
    {OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))store_set_ctx_params},
    {OSSL_FUNC_STORE_LOAD, (void (*)(void))store_load},
    {OSSL_FUNC_STORE_EOF, (void (*)(void))store_eof},
    {OSSL_FUNC_STORE_CLOSE, (void (*)(void))store_close},
    {0, NULL},
};
