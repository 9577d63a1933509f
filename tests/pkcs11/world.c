#include "tests/pkcs11/world.h"
#include "common/fetch/snapshot-write.h"
#include "common/file.h"
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

const char *const world_sources[N_SOURCES] = {"people", "roots", "empty", "dead"};

static const char configuration[] = "[certbridge]\n"
                                    "cache = %s/cache\n"
                                    "[people]\ntype = nevisidm\n%s"
                                    "[roots]\ntype = nevisidm\ntrust = anchor\n%s"
                                    "[empty]\ntype = nevisidm\n%s"
                                    "[dead]\ntype = nevisidm\n%s";
static const char keys[] = "url = https://idm.example.com\nclient = c\nusers = *\n"
                           "bearer_token = file:/nonexistent\nstart_refresh = no\n";

#define ALWAYS CB_TIME_MIN, CB_TIME_MAX
#define PAST CB_TIME_MIN, 1000000000
#define FUTURE 32000000000, CB_TIME_MAX

const struct credential world_credentials[] = {
    {PEOPLE, "u1/c1", "Ada", "active", ALWAYS, "Ada", {"Sub CA", "Root CA"}, false, true},
    {PEOPLE, "u1/c2", "Ada", "active", ALWAYS, "Ada again", {"Sub CA", "Root CA"}, false, true},
    {PEOPLE, "u1/c3", "Ada", "disabled", ALWAYS, "Ada disabled", {"Sub CA"}, false, false},
    {PEOPLE, "u2/c1", "a:b/c;d \xc3\xa9", "active", ALWAYS, "Bob", {NULL}, false, true},
    {PEOPLE, "u2/past", "past", "active", PAST, "Past", {"Old CA"}, false, false},
    {PEOPLE, "u2/future", "future", "active", FUTURE, "Future", {NULL}, false, false},
    {PEOPLE, "u3/ca", "authority", "active", ALWAYS, "Own CA", {NULL}, true, true},
    {PEOPLE, "u3/c%2F1", "slash", "active", ALWAYS, "Slash", {NULL}, false, true},
    {PEOPLE, "chain/c1", "chain", "active", ALWAYS, "Chain", {"Root CA"}, false, true},
    {PEOPLE, "u4/passcode/p1", "door", "active", ALWAYS, NULL, {NULL}, false, true},
    {PEOPLE, "u4/passcode/p2", "Ada", "active", ALWAYS, NULL, {NULL}, false, true},
    {PEOPLE, "u4/passcode/p3", "gone", "archived", ALWAYS, NULL, {NULL}, false, false},
    {ROOTS, "u1/anchor", "anchor", "active", ALWAYS, "Anchor", {"Root CA"}, true, true},
    {ROOTS, "u1/leaf", "leaf", "active", ALWAYS, "Leaf", {"Anchor", "Off"}, false, true},
    {ROOTS, "u1/off", "off", "disabled", ALWAYS, "Off", {NULL}, true, false},
    {0},
};

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "tests/pkcs11/world: %s failed\n", what);
    exit(99);
}

static void need_ok(int rc, const struct cb_error *err)
{
    if (rc < 0)
        need(false, err->text);
}

#define CERTIFICATES_MAX 64

static struct {
    const char *common_name;
    EVP_PKEY *key;
    X509 *x509;
} made[CERTIFICATES_MAX];

static void add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    need(extension && X509_add_ext(x, extension, -1), "X509_add_ext");
    X509_EXTENSION_free(extension);
}

static bool is_ca(const char *common_name)
{
    if (strstr(common_name, "CA"))
        return true;
    for (const struct credential *c = world_credentials; c->path; c++)
        if (c->subject && strcmp(c->subject, common_name) == 0)
            return c->ca;
    return false;
}

/* Signed by itself: nothing here verifies chains. Some have no subject key identifier. */
static X509 *make(const char *common_name, int serial, EVP_PKEY *key)
{
    X509 *x = X509_new();
    need(x && X509_set_version(x, 2), "X509_new");
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const uint8_t *)"Example", -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)common_name, -1, -1, 0);
    X509_set_issuer_name(x, name);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(x), serial % 3 ? serial : -serial);
    ASN1_TIME_set(X509_getm_notBefore(x), 1500000000 + serial);
    ASN1_TIME_set(X509_getm_notAfter(x), 4000000000 + serial);
    X509_set_pubkey(x, key);
    if (is_ca(common_name))
        add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    if (serial % 2)
        add_extension(x, NID_subject_key_identifier, "hash");
    need(X509_sign(x, key, EVP_sha256()) > 0, "X509_sign");
    return x;
}

X509 *world_certificate(const char *common_name)
{
    int i = 0;
    while (i < CERTIFICATES_MAX && made[i].x509 && strcmp(made[i].common_name, common_name) != 0)
        i++;
    need(i < CERTIFICATES_MAX, "room for certificates");
    if (!made[i].x509) {
        made[i].common_name = common_name;
        made[i].key = EVP_EC_gen("P-256");
        made[i].x509 = make(common_name, i + 1, made[i].key);
    }
    return made[i].x509;
}

void world_details(const struct credential *c, char *out, size_t room)
{
    snprintf(out, room, "{\"extId\":\"%s\",\"stateName\":\"%s\"}", c->path, c->state);
}

static struct cb_config *load(const char *dir)
{
    char path[CB_FILE_PATH_MAX];
    struct cb_config *config;
    struct cb_error err = {0};
    snprintf(path, sizeof path, "%s/certbridge.conf", dir);
    need_ok(cb_config_load(path, &config, &err), &err);
    return config;
}

static struct cb_snapshot_writer *writer(const struct cb_config *config, int source)
{
    char path[CB_FILE_PATH_MAX];
    struct cb_snapshot_writer *w;
    struct cb_error err = {0};
    const struct cb_source *s = &config->sources[source];
    need_ok(cb_cache_path(config, s, CB_FILE_SNAPSHOT, path, &err), &err);
    need_ok(cb_snapshot_writer_new(path, 0600, (gid_t)-1, s->identity, &w, &err), &err);
    return w;
}

static void finish(struct cb_snapshot_writer *w, struct cb_config *config)
{
    struct cb_written written;
    struct cb_error err = {0};
    need_ok(cb_snapshot_writer_finish(w, true, &written, &err), &err);
    cb_snapshot_writer_free(w);
    cb_config_free(config);
}

/* Adds one credential; the certificates are `x`, leaf first. */
static void add(struct cb_snapshot_writer *w, struct cb_new_object *o, X509 *const *x, size_t n)
{
    uint8_t *der[1 + WORLD_CHAIN_MAX] = {NULL};
    struct cb_span spans[1 + WORLD_CHAIN_MAX];
    struct cb_x509_facts facts[1 + WORLD_CHAIN_MAX];
    struct cb_error err = {0};
    for (size_t i = 0; i < n; i++) {
        int length = i2d_X509(x[i], &der[i]);
        need(length > 0, "i2d_X509");
        spans[i] = cb_span(der[i], (size_t)length);
        need_ok(cb_x509_facts(spans[i], &facts[i], &err), &err);
    }
    o->certificates = spans;
    o->facts = facts;
    o->n_certificates = n;
    need(cb_snapshot_writer_add(w, o, &err) == 0, err.text);
    for (size_t i = 0; i < n; i++)
        OPENSSL_free(der[i]);
}

static void add_credential(struct cb_snapshot_writer *w, const struct credential *c)
{
    char details[1024];
    X509 *x[1 + WORLD_CHAIN_MAX];
    size_t n = 0;
    world_details(c, details, sizeof details);
    struct cb_new_object o = {.kind = c->subject ? CB_CERTIFICATE : CB_PASSCODE,
                              .path = cb_span_of(c->path),
                              .label = cb_span_of(c->label),
                              .state = cb_span_of(c->state),
                              .details = cb_span_of(details),
                              .from = c->from,
                              .to = c->to};
    if (c->subject)
        x[n++] = world_certificate(c->subject);
    for (size_t i = 0; i < WORLD_CHAIN_MAX && c->issuers[i]; i++)
        x[n++] = world_certificate(c->issuers[i]);
    add(w, &o, x, n);
}

void world_write_source(const char *dir, int source, const char *path, const char *state)
{
    struct cb_config *config = load(dir);
    struct cb_snapshot_writer *w = writer(config, source);
    for (const struct credential *c = world_credentials; c->path; c++) {
        struct credential changed = *c;
        if (path && strcmp(c->path, path) == 0)
            changed.state = state;
        if (c->source == source && changed.state)
            add_credential(w, &changed);
    }
    finish(w, config);
}

void world_write_certificates(const char *dir, int source, X509 *const *certificates, size_t n)
{
    struct cb_config *config = load(dir);
    struct cb_snapshot_writer *w = writer(config, source);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "%zu", i);
        struct cb_new_object o = {.kind = CB_CERTIFICATE,
                                  .path = cb_span_of(name),
                                  .label = cb_span_of(name),
                                  .state = cb_span_of("active"),
                                  .details = cb_span_of("{}"),
                                  .from = CB_TIME_MIN,
                                  .to = CB_TIME_MAX};
        add(w, &o, &certificates[i], 1);
    }
    finish(w, config);
}

void world_write(const char *dir)
{
    char path[CB_FILE_PATH_MAX];
    snprintf(path, sizeof path, "%s/cache", dir);
    need(mkdir(path, 0700) == 0, path);
    snprintf(path, sizeof path, "%s/certbridge.conf", dir);
    FILE *f = fopen(path, "w");
    need(f, path);
    fprintf(f, configuration, dir, keys, keys, keys, keys);
    need(fclose(f) == 0 && chmod(path, 0600) == 0, path);
    for (int source = PEOPLE; source <= EMPTY; source++)
        world_write_source(dir, source, NULL, NULL);
}
