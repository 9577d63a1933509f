/* Options, the ready file, and signals: SIGHUP reads the data again, SIGTERM and SIGINT end. */
#include "tests/simulator/sim.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sim_options options = {
    .address = "127.0.0.1",
    .port = {[SIM_NORMAL] = 0, [SIM_CLIENTAUTH] = -1, [SIM_ADMIN] = 0},
    .mute_port = -1,
};

static const char usage[] =
    "simulator --data DIR --certificate FILE --key FILE [--client-ca FILE] [--address IP]\n"
    "          [--port N] [--clientauth-port N] [--admin-port N] [--mute-port N]\n"
    "          [--log FILE] [--ready FILE|-] [--set NAME=VALUE]... [--fault NAME=VALUE,...]...\n"
    "A port of 0 is any free one. tests/simulator/README.md says the rest.\n";

int sim_reload(char *why, size_t size)
{
    return sim_store_load(options.data, why, size);
}

static int set_option(char *text, char *why, size_t size)
{
    char *value = text;
    char *name = strsep(&value, "=");
    return sim_setting_set(name, value == NULL ? "" : value, why, size);
}

static int fault_option(char *text, char *why, size_t size)
{
    struct sim_pair pairs[SIM_QUERY_MAX];
    size_t count = 0;
    char *value;
    while ((value = strsep(&text, ",")) != NULL && count < SIM_QUERY_MAX) {
        char *name = strsep(&value, "=");
        pairs[count++] = (struct sim_pair){.name = name, .value = value == NULL ? name : value};
    }
    return sim_fault_add(pairs, count, why, size);
}

static int port_option(int *port, const char *text, char *why, size_t size)
{
    long number = sim_number(text);
    *port = (int)number;
    snprintf(why, size, "%s is no port", text);
    return number < 0 || number > 65535 ? -1 : 0;
}

enum { DATA = 1, CERTIFICATE, KEY, CLIENT_CA, ADDRESS, LOG, READY, SET, FAULT, PORT, HELP = 64 };

static const struct option long_options[] = {
    {"data", required_argument, NULL, DATA},
    {"certificate", required_argument, NULL, CERTIFICATE},
    {"key", required_argument, NULL, KEY},
    {"client-ca", required_argument, NULL, CLIENT_CA},
    {"address", required_argument, NULL, ADDRESS},
    {"log", required_argument, NULL, LOG},
    {"ready", required_argument, NULL, READY},
    {"set", required_argument, NULL, SET},
    {"fault", required_argument, NULL, FAULT},
    {"port", required_argument, NULL, PORT + SIM_NORMAL},
    {"clientauth-port", required_argument, NULL, PORT + SIM_CLIENTAUTH},
    {"admin-port", required_argument, NULL, PORT + SIM_ADMIN},
    {"mute-port", required_argument, NULL, PORT + SIM_LISTENERS},
    {"help", no_argument, NULL, HELP},
    {0},
};

static int take_option(int option, char *why, size_t size)
{
    const char **const texts[] = {
        [DATA] = &options.data,       [CERTIFICATE] = &options.certificate,
        [KEY] = &options.key,         [CLIENT_CA] = &options.client_ca,
        [ADDRESS] = &options.address, [LOG] = &options.log,
        [READY] = &options.ready,
    };
    snprintf(why, size, "wrong option");
    if (option >= DATA && option <= READY) {
        *texts[option] = optarg;
        return 0;
    }
    if (option == SET) {
        return set_option(optarg, why, size);
    }
    if (option == FAULT) {
        return fault_option(optarg, why, size);
    }
    if (option >= PORT && option < PORT + SIM_LISTENERS) {
        return port_option(&options.port[option - PORT], optarg, why, size);
    }
    if (option == PORT + SIM_LISTENERS) {
        return port_option(&options.mute_port, optarg, why, size);
    }
    return -1;
}

/* Shell assignments, whole or not there; "-" is stdout, which is then closed. */
static int write_ready(void)
{
    char path[4096] = "";
    bool to_stdout = options.ready != NULL && strcmp(options.ready, "-") == 0;
    if (options.ready == NULL) {
        return 0;
    }
    snprintf(path, sizeof path, "%s.new", options.ready);
    FILE *out = to_stdout ? stdout : fopen(path, "we");
    if (out == NULL) {
        return -1;
    }
    fprintf(out, "PID=%ld\nPORT=%d\nCLIENTAUTH_PORT=%d\nADMIN_PORT=%d\nMUTE_PORT=%d\n",
            (long)getpid(), options.port[SIM_NORMAL], options.port[SIM_CLIENTAUTH],
            options.port[SIM_ADMIN], options.mute_port);
    if (fclose(out) != 0) {
        return -1;
    }
    return to_stdout ? 0 : rename(path, options.ready);
}

static void serve_until_told(const sigset_t *signals)
{
    char why[4200];
    int signal = 0;
    while (sigwait(signals, &signal) == 0 && signal == SIGHUP) {
        if (sim_reload(why, sizeof why) != 0) {
            fprintf(stderr, "simulator: %s\n", why);
        }
    }
}

int main(int argc, char **argv)
{
    char why[4200] = "--data, --certificate and --key are needed";
    sigset_t signals;
    int option;
    int result = EXIT_FAILURE;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == HELP) {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (take_option(option, why, sizeof why) != 0) {
            fprintf(stderr, "simulator: %s\n%s", why, usage);
            return 2;
        }
    }
    sim_settings_keep();
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (options.data == NULL || options.certificate == NULL || options.key == NULL ||
        sim_reload(why, sizeof why) != 0) {
        fprintf(stderr, "simulator: %s\n", why);
    } else if (sim_log_open(options.log) != 0) {
        fprintf(stderr, "simulator: %s: %s\n", options.log, strerror(errno));
    } else if (sim_server_start(&options) == 0) {
        if (write_ready() == 0) {
            serve_until_told(&signals);
            result = EXIT_SUCCESS;
        }
    }
    sim_server_stop();
    sim_log_close();
    sim_store_free();
    return result;
}
