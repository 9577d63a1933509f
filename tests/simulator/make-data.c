/* Makes what the simulator serves: a PKI, and collections of credentials in the layout of
 * README.md. Ids and file names are the same in every run; keys and certificates are new ones. */
#include "tests/simulator/make-data.h"
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "make-data pki PKI\n"
    "make-data digicert DATA PROFILE (--count N --pki PKI | --from PEM) [OPTIONS]\n"
    "make-data nevisidm DATA CLIENT USER (--count N --pki PKI | --from PEM) [OPTIONS]\n"
    "  --from PEM   a bundle, or a folder of *.pem and *.crt files, instead of new certificates\n"
    "  --id ID      the id of the only credential (with --count 1)\n"
    "  --first N    the number of the first credential (0)\n"
    "  --chain      the issuing CA's certificate follows each certificate\n"
    "  --keys DIR   keep ID.pem and ID.key of new certificates\n"
    "  --lines      all credentials in one file, one a line\n"
    "  --vary       the forms that the pages leave open, in turn\n"
    "  --states     the API's states in turn, beginning with the usable one\n";

/* One collection that is being made. */
struct job {
    bool nevisidm;
    const char *owner; /* profile or user, as in the JSON */
    char folder[PATH_SIZE];
    const char *pki, *from, *id, *keys;
    long count, first;
    bool chain, lines;
    struct forms forms;
    struct identity issuer;
    FILE *out; /* with `lines` */
    size_t made;
};

int make_folders(const char *folder)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s", folder);
    for (char *slash = path; slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            fprintf(stderr, "make-data: %s: %s\n", path, strerror(errno));
            return -1;
        }
        if (slash != NULL) {
            *slash = '/';
        }
    }
    return 0;
}

void encode_name(const char *id, char out[256])
{
    size_t used = 0;
    for (size_t i = 0; id[i] != '\0' && used < 250; i++) {
        unsigned char c = (unsigned char)id[i];
        bool bare = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '~' || (c == '.' && i > 0);
        used += (size_t)snprintf(out + used, 256 - used, bare ? "%c" : "%%%02X", c);
    }
    out[used] = '\0';
}

/* DigiCert's ids are UUIDs; nevisIDM's are the customer's text, here sometimes a number. */
static void make_id(const struct job *job, char id[256])
{
    size_t number = (size_t)job->first + job->made;
    if (job->id != NULL) {
        snprintf(id, 256, "%s", job->id);
    } else if (!job->nevisidm) {
        snprintf(id, 256, "00000000-0000-4000-8000-%012zx", number);
    } else if (job->forms.vary && number % 4 == 1) {
        snprintf(id, 256, "%zu", 1000 + number);
    } else {
        snprintf(id, 256, "cert-%zu", number);
    }
}

static int write_item(struct job *job, const char *id, const char *text)
{
    char name[256];
    char path[PATH_SIZE + 512];
    FILE *out = job->out;
    if (out == NULL) {
        encode_name(id, name);
        snprintf(path, sizeof path, "%s/%s.json", job->folder, name);
        out = fopen(path, "we");
    }
    if (out == NULL) {
        fprintf(stderr, "make-data: %s: %s\n", path, strerror(errno));
        return -1;
    }
    int result = fprintf(out, "%s\n", text) < 0 ? -1 : 0;
    if (out != job->out && fclose(out) != 0) {
        result = -1;
    }
    return result;
}

static int add_certificate(struct job *job, X509 *certificate, X509 *chain, const char *id)
{
    size_t number = (size_t)job->first + job->made;
    char *text = (job->nevisidm ? nevisidm_item : digicert_item)(job->owner, id, certificate, chain,
                                                                 number, job->forms);
    int result = text == NULL ? -1 : write_item(job, id, text);
    free(text);
    job->made++;
    return result;
}

static int add_new(struct job *job)
{
    struct identity identity;
    char id[256];
    char name[256];
    make_id(job, id);
    snprintf(name, sizeof name, "%.40s %zu", job->nevisidm ? job->owner : "device",
             (size_t)job->first + job->made);
    if (identity_new(&identity, name, PURPOSE_CLIENT, &job->issuer) != 0) {
        return -1;
    }
    X509 *chain = job->chain ? job->issuer.certificate : NULL;
    int result = add_certificate(job, identity.certificate, chain, id);
    if (result == 0 && job->keys != NULL) {
        encode_name(id, name);
        result = identity_write(&identity, job->keys, name, chain);
    }
    identity_clear(&identity);
    return result;
}

static int add_bundle(struct job *job, const char *path)
{
    FILE *in = fopen(path, "re");
    X509 *certificate;
    int result = 0;
    if (in == NULL) {
        fprintf(stderr, "make-data: %s: %s\n", path, strerror(errno));
        return -1;
    }
    while (result == 0 && (certificate = PEM_read_X509(in, NULL, NULL, NULL)) != NULL) {
        char id[256];
        make_id(job, id);
        result = add_certificate(job, certificate, NULL, id);
        X509_free(certificate);
    }
    fclose(in);
    return result;
}

static int is_pem(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && (strcmp(dot, ".pem") == 0 || strcmp(dot, ".crt") == 0);
}

static int add_from(struct job *job)
{
    struct stat st;
    struct dirent **entries = NULL;
    int result = 0;
    if (stat(job->from, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return add_bundle(job, job->from);
    }
    int count = scandir(job->from, &entries, is_pem, alphasort);
    for (int i = 0; i < count; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", job->from, entries[i]->d_name);
        result = result == 0 ? add_bundle(job, path) : result;
        free(entries[i]);
    }
    free(entries);
    return count < 0 ? -1 : result;
}

static int open_job(struct job *job)
{
    char path[PATH_SIZE + 32];
    if (make_folders(job->folder) != 0 || (job->keys != NULL && make_folders(job->keys) != 0)) {
        return -1;
    }
    if (job->lines) {
        snprintf(path, sizeof path, "%s/all.jsonl", job->folder);
        job->out = fopen(path, "we");
        if (job->out == NULL) {
            return -1;
        }
    }
    if (job->from == NULL &&
        (job->pki == NULL || identity_read(&job->issuer, job->pki, "intermediate") != 0)) {
        fprintf(stderr, "make-data: --pki must name a folder made by make-data pki\n");
        return -1;
    }
    return 0;
}

static int run_job(struct job *job)
{
    int result = open_job(job);
    if (result == 0 && job->from != NULL) {
        result = add_from(job);
    }
    while (result == 0 && job->from == NULL && job->made < (size_t)job->count) {
        result = add_new(job);
    }
    if (job->out != NULL && fclose(job->out) != 0) {
        result = -1;
    }
    identity_clear(&job->issuer);
    if (result == 0) {
        printf("%zu\n", job->made);
    }
    return result;
}

enum { COUNT = 1, FIRST, PKI, FROM, ID, KEYS, CHAIN, LINES, VARY, STATES, OPTIONS };

static int take_option(struct job *job, int option)
{
    const char **const texts[OPTIONS] = {
        [PKI] = &job->pki,
        [FROM] = &job->from,
        [ID] = &job->id,
        [KEYS] = &job->keys,
    };
    bool *const flags[OPTIONS] = {
        [CHAIN] = &job->chain,
        [LINES] = &job->lines,
        [VARY] = &job->forms.vary,
        [STATES] = &job->forms.states,
    };
    if (option < COUNT || option >= OPTIONS) {
        return -1;
    }
    if (texts[option] != NULL) {
        *texts[option] = optarg;
    } else if (flags[option] != NULL) {
        *flags[option] = true;
    } else {
        *(option == COUNT ? &job->count : &job->first) = strtol(optarg, NULL, 10);
    }
    return 0;
}

static int parse_options(struct job *job, int argc, char **argv)
{
    static const struct option options[] = {
        {"count", required_argument, NULL, COUNT},
        {"first", required_argument, NULL, FIRST},
        {"pki", required_argument, NULL, PKI},
        {"from", required_argument, NULL, FROM},
        {"id", required_argument, NULL, ID},
        {"keys", required_argument, NULL, KEYS},
        {"chain", no_argument, NULL, CHAIN},
        {"lines", no_argument, NULL, LINES},
        {"vary", no_argument, NULL, VARY},
        {"states", no_argument, NULL, STATES},
        {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (take_option(job, option) != 0) {
            return -1;
        }
    }
    return job->from == NULL && job->count < 1 ? -1 : 0;
}

static int set_folder(struct job *job, char **names)
{
    char owner[256];
    char client[256];
    if (!job->nevisidm) {
        encode_name(names[1], owner);
        job->owner = names[1];
        return snprintf(job->folder, PATH_SIZE, "%s/digicert/%s/authentication-certificate",
                        names[0], owner) < PATH_SIZE
                   ? 0
                   : -1;
    }
    encode_name(names[1], client);
    encode_name(names[2], owner);
    job->owner = names[2];
    return snprintf(job->folder, PATH_SIZE, "%s/nevisidm/%s/users/%s/certificates", names[0],
                    client, owner) < PATH_SIZE
               ? 0
               : -1;
}

int main(int argc, char **argv)
{
    struct job job = {0};
    const char *what = argc < 2 ? "" : argv[1];
    if (strcmp(what, "pki") == 0 && argc == 3) {
        return make_pki(argv[2]) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    job.nevisidm = strcmp(what, "nevisidm") == 0;
    int names = job.nevisidm ? 3 : 2;
    if ((!job.nevisidm && strcmp(what, "digicert") != 0) || argc < 2 + names ||
        parse_options(&job, argc - 1 - names, argv + 1 + names) != 0 ||
        set_folder(&job, argv + 2) != 0) {
        fputs(usage, stderr);
        return 2;
    }
    return run_job(&job) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
