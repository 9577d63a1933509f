#include "cli/json.h"
#include "cli/select.h"
#include "cli/table.h"
#include <stdio.h>

struct list {
    const struct cli *cli;
    struct cli_json json;
    struct cli_table table;
    struct cb_buf word;
};

static int add_json(void *user, const struct cli_hit *hit)
{
    struct list *l = user;
    cli_json_add(&l->json, cli_json_object(hit->source, hit->object, l->cli->now));
    return 0;
}

/* One word on why a credential could not be used now, beside its state. */
static const char *remark(const struct cli_hit *hit, int64_t now)
{
    const struct cb_object *o = hit->object;
    if (!cb_object_in_window(o, now))
        return now < o->from ? ", not yet" : ", ended";
    if (o->der.n && now > o->not_after)
        return ", expired";
    if (o->der.n && now < o->not_before)
        return ", not yet";
    return "";
}

static int add_row(void *user, const struct cli_hit *hit)
{
    struct list *l = user;
    const struct cb_object *o = hit->object;
    char iso[CB_ISO_MAX] = "";

    cb_buf_reset(&l->word);
    cb_uri_add(&l->word, hit->source->name, o->path);
    cli_table_cell(&l->table, 0, cb_buf_span(&l->word));
    cb_buf_reset(&l->word);
    cb_buf_add_span(&l->word, o->state);
    cb_buf_add_text(&l->word, remark(hit, l->cli->now));
    cli_table_cell(&l->table, 1, cb_buf_span(&l->word));
    cli_table_cell(&l->table, 2, cb_span_of(o->der.n ? cb_iso(o->not_after, iso) : "-"));
    cli_table_cell(&l->table, 3, o->label);
    return 0;
}

int cli_list(const struct cli *cli)
{
    static const char *const heads[] = {"URI", "STATE", "EXPIRES", "LABEL", NULL};
    const char *uri = cli->n_args ? cli->args[0] : NULL;
    struct list l = {.cli = cli};
    int status;

    if (cli->options & CLI_JSON) {
        status = cli_select(cli, uri, add_json, &l);
        if (status != CLI_USAGE)
            cli_json_end(&l.json);
        return status;
    }
    cli_table_init(&l.table, heads);
    cb_buf_init(&l.word, 4 * CB_URI_MAX);
    status = cli_select(cli, uri, add_row, &l);
    cli_table_print(&l.table);
    cb_buf_clear(&l.word);
    cli_table_clear(&l.table);
    return status;
}
