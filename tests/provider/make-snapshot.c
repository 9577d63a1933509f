/* make-snapshot CONFIG SOURCE: writes the source's snapshot from lines on standard input, so that a
 * test needs no remote API. A line has six fields separated by tabs: path, label, state, start and
 * end of the window in seconds since 1970 ("-": open), and a PEM file with the certificate and the
 * rest of its chain ("-": a passcode). */
#include "common/config.h"
#include "common/fetch/snapshot-write.h"
#include "common/file.h"
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#define CHAIN_MOST 8

static void die(const char *what, const char *why)
{
    fprintf(stderr, "make-snapshot: %s: %s\n", what, why);
    exit(1);
}

static int64_t time_of(const char *text, int64_t when_open)
{
    return strcmp(text, "-") == 0 ? when_open : strtoll(text, NULL, 10);
}

static size_t read_chain(const char *file, struct cb_span der[], struct cb_x509_facts facts[])
{
    size_t n = 0;
    FILE *in = fopen(file, "r");
    X509 *certificate;
    if (!in)
        die(file, "cannot be opened");
    while (n < CHAIN_MOST && (certificate = PEM_read_X509(in, NULL, NULL, NULL))) {
        struct cb_error err;
        unsigned char *bytes = NULL;
        int length = i2d_X509(certificate, &bytes);
        der[n] = cb_span(bytes, length < 0 ? 0 : (size_t)length);
        if (cb_x509_facts(der[n], &facts[n], &err) != 0)
            die(file, err.text);
        n++;
        X509_free(certificate);
    }
    fclose(in);
    return n;
}

static void add(struct cb_snapshot_writer *writer, char *line)
{
    char *field[6], *rest = line;
    for (size_t i = 0; i < 6; i++)
        if (!(field[i] = strsep(&rest, "\t")))
            die(line, "needs six fields");
    struct cb_span der[CHAIN_MOST];
    struct cb_x509_facts facts[CHAIN_MOST];
    bool passcode = strcmp(field[5], "-") == 0;
    struct cb_new_object object = {.kind = passcode ? CB_PASSCODE : CB_CERTIFICATE,
                                   .path = cb_span_of(field[0]),
                                   .label = cb_span_of(field[1]),
                                   .state = cb_span_of(field[2]),
                                   .details = cb_span_of("{\"made\":\"by make-snapshot\"}"),
                                   .from = time_of(field[3], CB_TIME_MIN),
                                   .to = time_of(field[4], CB_TIME_MAX),
                                   .certificates = der,
                                   .facts = facts};
    struct cb_error err;
    object.n_certificates = passcode ? 0 : read_chain(field[5], der, facts);
    if (cb_snapshot_writer_add(writer, &object, &err) != 0)
        die(field[0], err.text);
    for (size_t i = 0; i < object.n_certificates; i++)
        OPENSSL_free((void *)(uintptr_t)der[i].p);
}

int main(int argc, char **argv)
{
    struct cb_config *config;
    struct cb_error err = {0};
    struct cb_written written;
    struct cb_snapshot_writer *writer;
    char path[CB_FILE_PATH_MAX], *line = NULL;
    size_t room = 0;
    if (argc != 3)
        die("usage", "make-snapshot CONFIG SOURCE < LINES");
    if (cb_config_load(argv[1], &config, &err) != 0)
        die(argv[1], err.text);
    const struct cb_source *source = cb_config_source(config, cb_span_of(argv[2]));
    if (!source)
        die(argv[2], "no such source");
    if (cb_cache_path(config, source, CB_FILE_SNAPSHOT, path, &err) != 0 ||
        cb_snapshot_writer_new(path, 0600, (gid_t)-1, source->identity, &writer, &err) != 0)
        die(argv[2], err.text);
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        add(writer, line);
    }
    if (cb_snapshot_writer_finish(writer, true, &written, &err) != 0)
        die(path, err.text);
    cb_snapshot_writer_free(writer);
    cb_config_free(config);
    free(line);
    return 0;
}
