#include "cli/select.h"
#include "common/live.h"
#include <stdio.h>

struct selection {
    const struct cli *cli;
    struct cb_uri uri;
    int (*visit)(void *user, const struct cli_hit *hit);
    void *user;
    size_t visited;
    bool stopped;
};

static const char *state_of(const struct selection *s)
{
    if (s->cli->options & CLI_ALL)
        return "any";
    return s->uri.has_state ? s->uri.state : NULL;
}

static bool wanted(const struct selection *s, const struct cb_source *source,
                   const struct cb_object *o)
{
    if (s->uri.has_label && !cb_span_equal(o->label, cb_span_of(s->uri.label)))
        return false;
    return cb_object_shown(o, source, state_of(s), s->cli->now);
}

static int select_in_snapshot(struct selection *s, const struct cb_source *source,
                              const struct cb_snapshot *snapshot, struct cb_error *err)
{
    struct cb_ids ids = cb_snapshot_below(snapshot, cb_span_of(s->uri.path));
    for (uint32_t i = 0; i < ids.n && !s->stopped; i++) {
        struct cb_object o;
        if (cb_snapshot_object(snapshot, cb_ids_at(ids, i), &o, err))
            return -1;
        if (!wanted(s, source, &o))
            continue;
        struct cli_hit hit = {source, snapshot, &o, s->uri.part};
        s->visited++;
        s->stopped = s->visit(s->user, &hit) != 0;
    }
    return 0;
}

static int select_in_source(struct selection *s, const struct cb_source *source,
                            struct cb_error *err)
{
    int rc = -1;
    struct cb_snapshot *snapshot = NULL;
    struct cb_live *live = cb_live_new(s->cli->config, source);
    if (!live)
        return cb_fail_memory(err);
    snapshot = cb_live_take(live, CB_WAIT_NOT, err);
    if (!snapshot)
        goto out;
    rc = select_in_snapshot(s, source, snapshot, err);
out:
    cb_snapshot_unref(snapshot);
    cb_live_free(live);
    return rc;
}

int cli_select(const struct cli *cli, const char *uri_text,
               int (*visit)(void *user, const struct cli_hit *hit), void *user)
{
    struct cb_error err = {0};
    const struct cb_source *only = NULL;
    struct selection s = {.cli = cli, .visit = visit, .user = user};
    bool failed = false;

    if (uri_text && (cb_uri_parse(uri_text, &s.uri, &err) ||
                     cb_uri_resolve(&s.uri, cli->config, &only, &err))) {
        cli_complain(&err);
        return CLI_USAGE;
    }
    for (size_t i = 0; i < cli->config->n_sources && !s.stopped; i++) {
        const struct cb_source *source = &cli->config->sources[i];
        if (only && only != source)
            continue;
        cb_error_clear(&err);
        if (select_in_source(&s, source, &err)) {
            cli_complain(&err);
            failed = true;
        }
    }
    if (failed)
        return CLI_FAILED;
    if (s.visited == 0) {
        fprintf(stderr, "certbridge: nothing found%s\n",
                cli->options & CLI_ALL ? "" : " (--all shows every state and window)");
        return CLI_NOTHING;
    }
    return CLI_DONE;
}
