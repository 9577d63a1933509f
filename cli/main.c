/* certbridge(1): options, the table of commands, exit status. */
#include "cli/cli.h"
#include "common/clock.h"
#include "common/text.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: certbridge [--config FILE] COMMAND\n"
    "\n"
    "  sync [SOURCE...]   fetch now            --quiet, --force\n"
    "  list [URI]         a table              --json, --all\n"
    "  show URI           everything known     --json, --all\n"
    "  export URI         PEM on stdout        --der, --all\n"
    "  status             state of each source --json\n"
    "\n"
    "  --help, --version, --config FILE\n"
    "\n"
    "URI: certbridge://SOURCE[/PATH][?label=L&state=S&part=all|leaf|issuers]\n"
    "Exit status: 0 done, 1 something failed, 2 usage or configuration, 3 nothing found\n";

static const struct command {
    const char *name;
    int (*run)(const struct cli *cli);
    unsigned options; /* that it takes */
    int least, most;  /* arguments */
} commands[] = {
    {"sync", cli_sync, CLI_QUIET | CLI_FORCE | CLI_HELPER, 0, CB_SOURCES_MAX},
    {"list", cli_list, CLI_JSON | CLI_ALL, 0, 1},
    {"show", cli_show, CLI_JSON | CLI_ALL, 1, 1},
    {"export", cli_export, CLI_DER | CLI_ALL, 1, 1},
    {"status", cli_status, CLI_JSON, 0, 0},
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

enum { OPT_CONFIG = 256, OPT_HELP, OPT_VERSION, OPT_FIRST_BIT };

static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {"json", no_argument, NULL, OPT_FIRST_BIT + CLI_JSON},
    {"all", no_argument, NULL, OPT_FIRST_BIT + CLI_ALL},
    {"quiet", no_argument, NULL, OPT_FIRST_BIT + CLI_QUIET},
    {"force", no_argument, NULL, OPT_FIRST_BIT + CLI_FORCE},
    {"der", no_argument, NULL, OPT_FIRST_BIT + CLI_DER},
    {"helper", no_argument, NULL,
     OPT_FIRST_BIT + CLI_HELPER}, /* started by a face: common/refresh.h */
    {NULL, 0, NULL, 0},
};

struct arguments {
    const char *config;
    unsigned options;
    bool help, version;
};

void cli_complain(const struct cb_error *err)
{
    struct cb_buf safe;

    cb_buf_init(&safe, 2 * CB_ERROR_TEXT_MAX);
    cb_add_printable(&safe, cb_span_of(err->text), CB_ERROR_TEXT_MAX);
    fprintf(stderr, "certbridge: %s\n", cb_buf_text(&safe));
    cb_buf_clear(&safe);
}

/* Complains about `what`, and offers `near` if there is one. */
static int refuse(const char *what, const char *why, const char *near)
{
    fprintf(stderr, "certbridge: %s%s", what, why);
    if (near)
        fprintf(stderr, "; did you mean \"%s\"?", near);
    fputs("\nTry `certbridge --help`.\n", stderr);
    return CLI_USAGE;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static const char *near_command(const char *name)
{
    const char *names[N_COMMANDS + 1] = {NULL};
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    return cb_nearest(name, names);
}

/* 0, or an exit status after complaining. */
static int parse_options(int argc, char **argv, struct arguments *a)
{
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case OPT_CONFIG:
            a->config = optarg;
            break;
        case OPT_HELP:
            a->help = true;
            break;
        case OPT_VERSION:
            a->version = true;
            break;
        case '?':
            fputs("Try `certbridge --help`.\n", stderr);
            return CLI_USAGE;
        default:
            a->options |= (unsigned)(c - OPT_FIRST_BIT);
        }
    }
    return 0;
}

static int check_command(const struct command *command, const struct arguments *a, int n_args)
{
    if (a->options & ~command->options)
        return refuse(command->name, " does not take one of these options", NULL);
    if (n_args < command->least)
        return refuse(command->name, " needs an argument", NULL);
    if (n_args > command->most)
        return refuse(command->name, " takes fewer arguments", NULL);
    return 0;
}

static int run(const struct command *command, const struct arguments *a, char **args, int n_args)
{
    struct cb_error err = {0};
    struct cb_config *config = NULL;
    if (cb_config_load(a->config, &config, &err)) {
        cli_complain(&err);
        return CLI_USAGE;
    }
    struct cli cli = {
        .config = config, .options = a->options, .args = args, .n_args = n_args, .now = cb_now()};
    int status = command->run(&cli);
    cb_config_free(config);
    if (fflush(stdout) || ferror(stdout)) {
        fputs("certbridge: cannot write to standard output\n", stderr);
        status = CLI_FAILED;
    }
    return status;
}

int main(int argc, char **argv)
{
    struct arguments a = {0};
    int status;

    /* Before anything else: whatever we load must not send us back into our own faces. */
    if (setenv("CERTBRIDGE_REFRESHING", "1", 1))
        return CLI_FAILED;
    if ((status = parse_options(argc, argv, &a)))
        return status;
    if (a.help) {
        fputs(usage, stdout);
        return CLI_DONE;
    }
    if (a.version) {
        puts("certbridge " PACKAGE_VERSION);
        return CLI_DONE;
    }
    if (optind >= argc)
        return refuse("no command", "", NULL);
    const struct command *command = find_command(argv[optind]);
    if (!command)
        return refuse(argv[optind], ": unknown command", near_command(argv[optind]));
    if ((status = check_command(command, &a, argc - optind - 1)))
        return status;
    return run(command, &a, argv + optind + 1, argc - optind - 1);
}
