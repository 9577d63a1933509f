#include "common/status.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "common/live.h"
#include "common/refresh.h"
#include <stdio.h>
#include <stdlib.h>

/* What is known of one source now. */
struct report {
    const struct cb_source *source;
    struct cb_status status;
    bool serves;         /* there is a snapshot that the faces would hand out */
    int64_t age_ms;      /* of the snapshot; meaningful when it serves */
    int64_t next_expiry; /* soonest end of validity or window of what is shown; CB_TIME_MAX: none */
    struct cb_error err; /* why it does not serve, or why its status cannot be read */
};

static int64_t soonest_end(const struct cb_snapshot *snapshot, const struct cb_source *source,
                           int64_t now)
{
    int64_t soonest = CB_TIME_MAX;
    struct cb_ids ids = cb_snapshot_below(snapshot, cb_span_of(""));
    for (uint32_t i = 0; i < ids.n; i++) {
        struct cb_object o;
        if (cb_snapshot_object(snapshot, cb_ids_at(ids, i), &o, NULL) ||
            !cb_object_shown(&o, source, NULL, now))
            continue;
        if (o.der.n && o.not_after >= now && o.not_after < soonest)
            soonest = o.not_after;
        if (o.to > now && o.to < soonest)
            soonest = o.to;
    }
    return soonest;
}

static void look(const struct cli *cli, const struct cb_source *source, struct report *r)
{
    struct cb_error status_err = {0};
    *r = (struct report){.source = source, .next_expiry = CB_TIME_MAX};
    cb_status_init(&r->status);
    cb_status_read(cli->config, source, &r->status, &status_err);

    struct cb_snapshot *snapshot = cb_snapshot_open(cli->config, source, &r->age_ms, &r->err);
    r->serves = snapshot && cb_freshness(source, r->age_ms) != CB_MISSING;
    if (snapshot) {
        r->next_expiry = soonest_end(snapshot, source, cli->now);
        r->status.certificates = cb_snapshot_facts(snapshot)->certificates;
        r->status.passcodes = cb_snapshot_facts(snapshot)->passcodes;
    }
    if (snapshot && !r->serves)
        cb_fail(&r->err, CB_ERR_UNAVAILABLE, "the snapshot is older than max_stale");
    if (!r->err.code)
        r->err = status_err;
    cb_snapshot_unref(snapshot);
}

/* The reason that helps most: what the last refresh met, else why there is nothing to serve. */
static const char *error_of(const struct report *r)
{
    return r->status.error[0] ? r->status.error : r->err.text;
}

static struct json_object *notes_json(const struct cb_notes *notes)
{
    struct json_object *a = json_object_new_array();
    for (size_t i = 0; i < notes->n; i++) {
        struct json_object *o = json_object_new_object();
        cli_json_text(o, "path", cb_span_of(notes->items[i].path));
        cli_json_text(o, "reason", cb_span_of(notes->items[i].reason));
        json_object_array_add(a, o);
    }
    return a;
}

static void print_json(struct cli_json *out, const struct report *r)
{
    struct json_object *o = json_object_new_object();
    cli_json_text(o, "source", cb_span_of(r->source->name));
    cli_json_text(o, "type", cb_span_of(r->source->type->name));
    cli_json_time(o, "last_try", r->status.last_try, true);
    cli_json_time(o, "last_success", r->status.last_success, true);
    cli_json_time(o, "next_try", r->status.next_try, true);
    json_object_object_add(o, "age", r->serves ? json_object_new_int64(r->age_ms / 1000) : NULL);
    json_object_object_add(o, "certificates", json_object_new_int64(r->status.certificates));
    json_object_object_add(o, "passcodes", json_object_new_int64(r->status.passcodes));
    json_object_object_add(o, "left_out", notes_json(&r->status.left_out));
    json_object_object_add(o, "reported", notes_json(&r->status.reported));
    cli_json_text(o, "error", cb_span_of(error_of(r)));
    cli_json_time(o, "next_expiry", r->next_expiry, false);
    cli_json_add(out, o);
}

static void print_notes(const char *head, const struct cb_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        printf("  %-13s %s: %s\n", i ? "" : head, notes->items[i].path, notes->items[i].reason);
    if (notes->total > notes->n)
        printf("  %-13s and %zu more\n", "", notes->total - notes->n);
}

static void print_time(const char *head, int64_t t)
{
    char iso[CB_ISO_MAX];
    printf("  %-13s %s\n", head, cb_iso(t, iso));
}

static void print_serves(const struct report *r)
{
    char age[80];

    if (r->age_ms < 0)
        snprintf(age, sizeof age, "from the future (was the clock set back?)");
    else
        snprintf(age, sizeof age, "%lld s old", (long long)(r->age_ms / 1000));
    printf("  %-13s %lld certificates, %lld passcodes, %s\n", "serves",
           (long long)r->status.certificates, (long long)r->status.passcodes, age);
}

static void print_text(const struct report *r)
{
    const struct cb_status *s = &r->status;
    printf("%s (%s)\n", r->source->name, r->source->type->name);
    if (r->serves)
        print_serves(r);
    else
        printf("  %-13s nothing: %s\n", "serves", r->err.text);
    if (s->last_success)
        print_time("last success", s->last_success);
    if (s->last_try)
        print_time("last try", s->last_try);
    if (s->next_try)
        print_time("next try", s->next_try);
    if (s->progress[0])
        printf("  %-13s %s\n", "running", s->progress);
    if (s->error[0])
        printf("  %-13s %s\n", "error", s->error);
    if (r->next_expiry != CB_TIME_MAX)
        print_time("next expiry", r->next_expiry);
    print_notes("left out", &s->left_out);
    print_notes("reported", &s->reported);
}

int cli_status(const struct cli *cli)
{
    struct cli_json json = {0};
    int status = CLI_DONE;
    bool as_json = cli->options & CLI_JSON;

    for (size_t i = 0; i < cli->config->n_sources; i++) {
        struct report r;
        look(cli, &cli->config->sources[i], &r);
        if (as_json)
            print_json(&json, &r);
        else
            print_text(&r);
        if (!r.serves)
            status = CLI_FAILED;
        cb_status_clear(&r.status);
    }
    if (as_json)
        cli_json_end(&json);
    return status;
}
