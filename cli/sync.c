#include "common/fetch/sync.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "common/spawn.h"
#include <stdio.h>

static void report(const struct cb_source *source, const struct cb_sync_result *r)
{
    printf("%s: %lld certificates, %lld passcodes", source->name, (long long)r->certificates,
           (long long)r->passcodes);
    if (r->left_out)
        printf(", %zu left out", r->left_out);
    if (r->reported)
        printf(", %zu reported", r->reported);
    if (r->gone)
        printf(", %zu gone", r->gone);
    if (r->unchanged)
        printf(", unchanged");
    if (!r->fetched)
        printf(" (fetched by another process)");
    puts(r->left_out || r->reported || r->gone ? "; `certbridge status` says why" : "");
}

static int sync_one(const struct cli *cli, const struct cb_source *source)
{
    struct cli_progress progress;
    struct cb_error err = {0};
    struct cb_sync_result result = {0};
    bool helper = cli->options & CLI_HELPER;
    bool quiet = cli->options & CLI_QUIET;
    struct cb_sync_options options = {
        .force = cli->options & CLI_FORCE,
        .helper = helper,
        .lock_fd = helper ? CB_HELPER_LOCK_FD : -1,
        .user = &progress,
        .progress = cli_progress_draw,
    };

    cli_progress_begin(&progress, source->name, quiet);
    int rc = cb_sync_source(cli->config, source, &options, &result, &err);
    cli_progress_end(&progress);
    if (rc) {
        cli_complain(&err);
        return CLI_FAILED;
    }
    if (!quiet)
        report(source, &result);
    return result.gone ? CLI_FAILED : CLI_DONE;
}

/* Finds every named source before anything is fetched. */
static int find_all(const struct cli *cli)
{
    for (int i = 0; i < cli->n_args; i++)
        if (!cb_config_source(cli->config, cb_span_of(cli->args[i]))) {
            fprintf(stderr, "certbridge: no source \"%s\" in %s\n", cli->args[i],
                    cli->config->path);
            return -1;
        }
    return 0;
}

int cli_sync(const struct cli *cli)
{
    struct cb_error err = {0};
    int status = CLI_DONE;

    if (find_all(cli))
        return CLI_USAGE;
    if (cb_sync_prepare(cli->config, &err)) {
        cli_complain(&err);
        return CLI_FAILED;
    }
    size_t n = cli->n_args ? (size_t)cli->n_args : cli->config->n_sources;
    for (size_t i = 0; i < n; i++) {
        const struct cb_source *source =
            cli->n_args ? cb_config_source(cli->config, cb_span_of(cli->args[i]))
                        : &cli->config->sources[i];
        if (sync_one(cli, source) != CLI_DONE)
            status = CLI_FAILED;
    }
    return status;
}
