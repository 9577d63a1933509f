/* The commands of the program `certbridge` (certbridge(1)), and what they share. */
#ifndef CB_CLI_CLI_H
#define CB_CLI_CLI_H

#include "common/config.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1, /* something failed; the rest was done */
    CLI_USAGE = 2,  /* usage, configuration, unknown source */
    CLI_NOTHING = 3 /* nothing found */
};

/* Options, as bits, so that each command can say which it takes. */
enum cli_option {
    CLI_JSON = 1 << 0,
    CLI_ALL = 1 << 1,
    CLI_QUIET = 1 << 2,
    CLI_FORCE = 1 << 3,
    CLI_DER = 1 << 4,
    CLI_HELPER = 1 << 5
};

struct cli {
    const struct cb_config *config;
    unsigned options; /* enum cli_option */
    char **args;      /* after the command */
    int n_args;
    int64_t now; /* seconds; one clock for all that a command prints */
};

/* Each answers an exit status. */
int cli_sync(const struct cli *cli);
int cli_list(const struct cli *cli);
int cli_show(const struct cli *cli);
int cli_export(const struct cli *cli);
int cli_status(const struct cli *cli);

/* "certbridge: TEXT" on stderr. */
void cli_complain(const struct cb_error *err);

#endif
