/* What the configuration means: values, defaults, errors, which file is read and whom it trusts. */
#include "common/config.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define PEOPLE "[people]\ntype = nevisidm\nurl = https://idm.example.com\nclient = c\n"
#define TOKEN "bearer_token = file:/p/token\n"
#define USERS "users = u1\n"

static struct cb_config *parsed(const char *text)
{
    struct cb_config *config;
    struct cb_error err = {0};
    if (cb_config_parse(cb_span_of(text), "/t.conf", &config, &err))
        fail_msg("%s", err.text);
    return config;
}

static void test_defaults(void **state)
{
    (void)state;
    struct cb_config *config = parsed(PEOPLE USERS TOKEN);
    const struct cb_source *s = cb_config_source(config, cb_span_of("people"));
    assert_non_null(s);
    assert_null(cb_config_source(config, cb_span_of("peopl")));
    assert_string_equal(config->cache, CB_LOCALSTATEDIR "/cache/certbridge");
    assert_string_equal(s->type->name, "nevisidm");
    assert_string_equal(s->url, "https://idm.example.com");
    assert_int_equal(s->refresh_ms, 15 * 60 * 1000);
    assert_int_equal(s->max_stale_ms, 24 * 3600 * 1000);
    assert_int_equal(s->wait_ms, 10000);
    assert_int_equal(s->connect_timeout_ms, 5000);
    assert_int_equal(s->timeout_ms, 30000);
    assert_int_equal(s->retries, 3);
    assert_int_equal(s->parallel, 32);
    assert_int_equal(s->max_response, 16 << 20);
    assert_int_equal(s->states.n, 0);
    assert_int_equal(s->trust, CB_TRUST_NONE);
    assert_true(s->start_refresh);
    assert_int_equal(s->line, 1);
    assert_null(s->proxy);
    assert_string_equal(cb_source_text(s, "certificates"), "*");
    assert_null(cb_source_text(s, "basic_user"));
    assert_int_not_equal(s->identity, 0);
    cb_config_free(config);
}

static void test_values(void **state)
{
    (void)state;
    struct cb_config *config =
        parsed(PEOPLE USERS TOKEN "refresh = 1h\n"
                                  "states = active, disabled\n"
                                  "trust = anchor\n"
                                  "start_refresh = no\n"
                                  "max_response = 512KiB\n"
                                  "timeout = 1500ms\n"
                                  "retries = 0\n"
                                  "proxy = socks5h://proxy.example.com:1080/\n"
                                  "client_certificate = /p/cert.pem\n"
                                  "client_key = pkcs11:token=a;object=b\n"
                                  "[certbridge]\n"
                                  "cache = /tmp/c//\n"
                                  "refresh = 1s\n"
                                  "max_stale = 2d\n"
                                  "owner = daemon\n"
                                  "group = 12\n");
    const struct cb_source *s = &config->sources[0];
    assert_int_equal(config->n_sources, 1);
    assert_string_equal(config->cache, "/tmp/c");
    assert_string_equal(config->owner, "daemon");
    assert_string_equal(config->group, "12");
    assert_int_equal(s->refresh_ms, 3600000);
    assert_int_equal(s->max_stale_ms, 172800000);
    assert_int_equal(s->states.n, 2);
    assert_string_equal(s->states.items[1], "disabled");
    assert_int_equal(s->trust, CB_TRUST_ANCHOR);
    assert_false(s->start_refresh);
    assert_int_equal(s->max_response, 524288);
    assert_int_equal(s->timeout_ms, 1500);
    assert_int_equal(s->retries, 0);
    assert_string_equal(s->proxy, "socks5h://proxy.example.com:1080");
    assert_string_equal(s->client_key, "pkcs11:token=a;object=b");
    cb_config_free(config);
}

/* One file may hold both the certificate and its key. */
static void test_key_beside_certificate(void **state)
{
    (void)state;
    struct cb_config *config = parsed(PEOPLE USERS "client_certificate = /p/both.pem\n");
    assert_string_equal(config->sources[0].client_key, "/p/both.pem");
    cb_config_free(config);
}

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *text, *items; /* joined by '|' */
    } cases[] = {
        {"users = a\n", "a"},
        {"users = a,b , c\n", "a|b|c"},
        {"users =\n  a\n  b, c\n", "a|b|c"},
        {"users = a,\n  b\n\n ; why\n\tc ; why\n", "a|b|c"},
        {"users = a%2Cb, 50%25, %252C\n", "a,b|50%|%2C"},
        {"users = b, a, b\n", "b|a|b"},
        {"users = *\n", "*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[400], joined[100] = "";
        snprintf(text, sizeof text, PEOPLE TOKEN "%s", cases[i].text);
        struct cb_config *config = parsed(text);
        const struct cb_list *list = cb_source_list(&config->sources[0], "users");
        for (size_t j = 0; j < list->n; j++) {
            strcat(joined, j ? "|" : "");
            strcat(joined, list->items[j]);
        }
        assert_string_equal(joined, cases[i].items);
        cb_config_free(config);
    }
}

static void test_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *kept; /* NULL: refused */
    } cases[] = {
        {"https://a.example", "https://a.example"},
        {"https://a.example/", "https://a.example"},
        {"https://a.example:8443/nevis/api/", "https://a.example:8443/nevis/api"},
        {"https://[2001:db8::1]:443", "https://[2001:db8::1]:443"},
        {"http://localhost:8080", "http://localhost:8080"},
        {"http://127.1.2.3/x", "http://127.1.2.3/x"},
        {"http://[::1]:80", "http://[::1]:80"},
        {"http://a.example", NULL},
        {"http://127.0.0.1.example", NULL},
        {"http://127.1", NULL},
        {"http://127.0.0.256", NULL},
        {"http://127.0.0.", NULL},
        {"http://127.0.0.1.", NULL},
        {"http://128.0.0.1", NULL},
        {"http://127.0.0.1.2", NULL},
        {"http://localhost.example", NULL},
        {"http://[::2]", NULL},
        {"http://169.254.169.254", NULL},
        {"https://user:pw@a.example", NULL},
        {"https://localhost@a.example", NULL},
        {"https://a.example?x", NULL},
        {"https://a.example/p#f", NULL},
        {"https://a.example/p?q=1", NULL},
        {"https://a example/", NULL},
        {"https://a.example\\@b.example", NULL},
        {"https://", NULL},
        {"https:///path", NULL},
        {"https://a.example:", NULL},
        {"https://a.example:0", NULL},
        {"https://a.example:65536", NULL},
        {"https://a.example:44x", NULL},
        {"https://[zz]", NULL},
        {"ftp://a.example", NULL},
        {"a.example", NULL},
        {"\"https://a.example\"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        struct cb_config *config;
        struct cb_error err = {0};
        snprintf(text, sizeof text,
                 "[p]\ntype = nevisidm\nclient = c\nusers = u\n" TOKEN "url = %s\n", cases[i].url);
        int result = cb_config_parse(cb_span_of(text), "/t.conf", &config, &err);
        if (result != (cases[i].kept ? 0 : -1))
            fail_msg("%s: %s", cases[i].url, err.text);
        if (cases[i].kept)
            assert_string_equal(config->sources[0].url, cases[i].kept);
        else
            assert_memory_equal(err.text, "/t.conf:6: [p] url: ", 20);
        cb_config_free(config);
    }
}

/* The rest of the line after the file's name. */
static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {PEOPLE TOKEN "userz = u\n", ":6: [people] unknown key \"userz\"; did you mean \"users\"?"},
        {PEOPLE USERS TOKEN "colour = red\n",
         ":7: [people] unknown key \"colour\" for type = nevisidm"},
        {"[certbridge]\nrefesh = 1s\n",
         ":2: [certbridge] unknown key \"refesh\"; did you mean \"refresh\"?"},
        {PEOPLE TOKEN, ":1: [people] needs \"users\""},
        {PEOPLE USERS, ":1: [people]: needs bearer_token, basic_user with basic_password, or "
                       "client_certificate"},
        {"[people]\ntype = nevisidm\nclient = c\n" USERS TOKEN, ":1: [people] needs \"url\""},
        {"[a]\ntype = nevisdm\n", ":2: [a] type: unknown; did you mean \"nevisidm\"?"},
        {"[certbrige]\nrefresh = 1s\n", "did you mean [certbridge]?"},
        {PEOPLE USERS "users = b\n", ":6: [people] key \"users\" is given twice, first in line 5"},
        {"[a]\n[b]\n[a]\n", ":3: section [a] is given twice, first in line 1"},
        {"[A]\n", ":1: the name of a section is 1 to 32 of a-z, 0-9"},
        {"[-a]\n", ":1: the name of a section"},
        {"[a123456789a123456789a123456789a12]\n", ":1: the name of a section"},
        {PEOPLE TOKEN "users = a,,b\n", ":6: [people] users: an item of the list is empty"},
        {PEOPLE TOKEN "users = a,\n", ":6: [people] users: an item of the list is empty"},
        {PEOPLE TOKEN "users =\n", ":6: [people] users: needs a value"},
        {PEOPLE TOKEN "users = *, a\n", ":6: [people] users: \"*\" means all and stands alone"},
        {PEOPLE TOKEN "users = a\n  b%\n", ":7: [people] users: a percent sign in an item"},
        {PEOPLE TOKEN "users = a\n  certificates = b\n", ":7: [people] an indented line goes on"},
        {PEOPLE USERS TOKEN "  x\n", ":7: [people] bearer_token: takes one value"},
        {PEOPLE USERS TOKEN "states = actve\n",
         ":7: [people] states: \"actve\" is none of initial"},
        {PEOPLE USERS TOKEN "states = any, active\n", ":7: [people] states: \"any\" is none of"},
        {PEOPLE USERS TOKEN "trust = yes\n", ":7: [people] trust: must be one of none, anchor"},
        {PEOPLE USERS TOKEN "start_refresh = 1\n", ":7: [people] start_refresh: must be yes or no"},
        {PEOPLE USERS TOKEN "wait = 10\n", ":7: [people] wait: must be a time with its unit"},
        {PEOPLE USERS TOKEN "wait = 2h\n", "from 0ms to 1h"},
        {PEOPLE USERS TOKEN "wait = 99999999999999999999s\n", ":7: [people] wait: must be"},
        {PEOPLE USERS TOKEN "parallel = 0\n",
         ":7: [people] parallel: must be a whole number from 1 to 256"},
        {PEOPLE USERS TOKEN "max_response = 1TiB\n", "from 1KiB to 64MiB"},
        {PEOPLE USERS TOKEN "refresh = 2d\n",
         ":7: [people] max_stale must not be shorter than refresh"},
        {"[certbridge]\nrefresh = 2h\nmax_stale = 1h\n", ":3: [certbridge] max_stale must not be"},
        {PEOPLE USERS TOKEN "ca_file = ca.pem\n", ":7: [people] ca_file: must be an absolute path"},
        {PEOPLE USERS TOKEN "client_key = /k\n",
         ":7: [people] client_key needs client_certificate"},
        {PEOPLE USERS TOKEN "client_certificate = /c\nclient_key = k.pem\n",
         ":8: [people] client_key: must be the absolute path of a key file or a store URI"},
        {PEOPLE USERS TOKEN "pinned_public_key = sha256//AAAA\n",
         ":7: [people] pinned_public_key:"},
        {PEOPLE USERS TOKEN "proxy = http://u:p@proxy:80\n",
         ":7: [people] proxy: the URL must not"},
        {"[factory]\ntype = digicert-iot\nurl = https://one.example\napi_key = file:/k\n"
         "enrollment_profile = *\n",
         ":1: [factory]: enrollment_profile needs ids"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cb_config *config;
        struct cb_error err = {0};
        int result = cb_config_parse(cb_span_of(cases[i].text), "/t.conf", &config, &err);
        bool same = cases[i].error[0] == ':'
                        ? strncmp(err.text, "/t.conf:", 8) == 0 &&
                              strncmp(err.text + 7, cases[i].error, strlen(cases[i].error)) == 0
                        : strstr(err.text, cases[i].error) != NULL;
        if (result != -1 || err.code != CB_ERR_CONFIG || !same || config)
            fail_msg("%s\ngave \"%s\"", cases[i].text, err.text);
    }
}

/* However a secret ends up in the file, no error repeats it. */
static void test_secrets_are_never_shown(void **state)
{
    (void)state;
    static const char *const cases[] = {
        PEOPLE USERS "bearer_token = SeCrEt\n",
        PEOPLE USERS "bearer_token = file:SeCrEt\n",
        PEOPLE USERS "bearer_token = env:SeCrEt-\n",
        PEOPLE USERS "bearer_token = credential:../SeCrEt\n",
        PEOPLE USERS "bearer_token = SeCrEt\n  SeCrEt\n",
        PEOPLE USERS "bearer_token: SeCrEt\n",
        PEOPLE USERS "bearer_tokn = SeCrEt\n",
        PEOPLE USERS "bearer_token =\nSeCrEt==\n",
        PEOPLE USERS "bearer_token = a\nSeCrEt=b\nSeCrEt=c\n",
        PEOPLE USERS "bearer_token =\n  SeCrEt=\n",
        PEOPLE USERS TOKEN "client_certificate = /c\nclient_key = pkcs11:x?pin-value=SeCrEt\n",
        PEOPLE USERS TOKEN "client_certificate = /c\nclient_key = -----BEGIN SeCrEt\n",
        PEOPLE USERS TOKEN "proxy = http://user:SeCrEt@h\n",
        "[p]\ntype = nevisidm\nurl = https://user:SeCrEt@h\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cb_config *config;
        struct cb_error err = {0};
        assert_int_equal(cb_config_parse(cb_span_of(cases[i]), "/t.conf", &config, &err), -1);
        if (strstr(err.text, "SeCrEt") || strncmp(err.text, "/t.conf:", 8) != 0)
            fail_msg("%s\ngave \"%s\"", cases[i], err.text);
    }
}

static uint64_t identity_of(const char *text)
{
    struct cb_config *config = parsed(text);
    uint64_t identity = config->sources[0].identity;
    cb_config_free(config);
    return identity;
}

static void test_identity(void **state)
{
    (void)state;
    static const char *const same[] = {
        PEOPLE "users = u1\nbearer_token = env:OTHER\n",
        PEOPLE USERS TOKEN "refresh = 1m\nstates = any\ntrust = anchor\nretries = 1\n",
        PEOPLE USERS TOKEN "certificates = *\n",
        "[other]\ntype = nevisidm\nurl = https://idm.example.com/\nclient = c\n" USERS TOKEN,
    };
    static const char *const different[] = {
        PEOPLE "users = u2\n" TOKEN,
        PEOPLE "users = u1, u2\n" TOKEN,
        PEOPLE "users = u, 1\n" TOKEN,
        PEOPLE USERS TOKEN "certificates = x\n",
        "[people]\ntype = nevisidm\nurl = https://idm2.example.com\nclient = c\n" USERS TOKEN,
        "[people]\ntype = nevisidm\nurl = https://idm.example.com\nclient = d\n" USERS TOKEN,
    };
    /* The name of a key is not mistaken for an item. */
    static const char factory[] = "[f]\ntype = digicert-iot\nurl = https://a\napi_key = env:K\n"
                                  "enrollment_profile = ";
    char one[200], two[200];
    snprintf(one, sizeof one, "%sa\nauthentication_certificates = b\n", factory);
    snprintf(two, sizeof two, "%sa, authentication_certificates, b\n", factory);
    assert_int_not_equal(identity_of(one), identity_of(two));

    uint64_t identity = identity_of(PEOPLE USERS TOKEN);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_int_equal(identity_of(same[i]), identity);
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        assert_int_not_equal(identity_of(different[i]), identity);
}

static void test_serial(void **state)
{
    (void)state;
    char one[17], two[17];
    struct cb_config *config = parsed(PEOPLE USERS TOKEN);
    cb_source_serial(&config->sources[0], one);
    cb_config_free(config);
    config = parsed(PEOPLE "users = other\n" TOKEN);
    cb_source_serial(&config->sources[0], two);
    cb_config_free(config);
    assert_string_equal(one, two);
    assert_int_equal(strspn(one, "0123456789abcdef"), 16);
}

/* Tables of the types hold together with the common keys. */
static void test_types(void **state)
{
    (void)state;
    static const char *const common[] = {"url", "type", "states", "wait", "client_key", NULL};
    for (size_t i = 0; cb_source_types[i]; i++) {
        const struct cb_source_type *type = cb_source_types[i];
        size_t n = 0;
        assert_in_range(strlen(type->name), 1, 16);
        assert_in_range(strlen(type->manufacturer), 1, 32);
        assert_non_null(type->states);
        for (; type->keys[n].name; n++)
            for (size_t j = 0; common[j]; j++)
                assert_string_not_equal(type->keys[n].name, common[j]);
        assert_in_range(n, 1, CB_KEYS_MAX);
    }
}

static void test_many_ids(void **state)
{
    (void)state;
    const size_t n = 100000;
    char *text = malloc(200 + n * 50);
    size_t used = (size_t)sprintf(text, PEOPLE TOKEN "users =\n");
    for (size_t i = 0; i < n; i++)
        used += (size_t)sprintf(text + used, "  91d12660-3dec-467a-be2a-%012zu\n", i);
    struct cb_config *config = parsed(text);
    const struct cb_list *list = cb_source_list(&config->sources[0], "users");
    assert_int_equal(list->n, n);
    assert_string_equal(list->items[n - 1], "91d12660-3dec-467a-be2a-000000099999");
    cb_config_free(config);
    free(text);
}

static void test_word(void **state)
{
    (void)state;
    static const struct {
        const char *words, *path; /* NULL: none */
    } cases[] = {
        {"config=/a", "/a"},
        {"  verbose=yes\tconfig=/a verbose=yes", "/a"},
        {"config=\"/a b\" x", "/a b"},
        {"config='/a b'", "/a b"},
        {"config='/it\\'s'", "/it's"},
        {"config=/a config=/b", "/a"},
        {"x=\"y config=/evil z\" config=/a", "/a"},
        {"x='y \"config=/evil\" z' config=/a", "/a"},
        {"'config=/evil in quotes' config=/a", "/a"},
        {"name=O'Brien config=/a", "/a"},
        {"x=\"open config=/a", "/a"},
        {"configdir='sql:/db' certPrefix='' keyPrefix='' flags=readOnly", NULL},
        {"xconfig=/a", NULL},
        {"config = /a", NULL},
        {"config=", NULL},
        {"config=''", NULL},
        {"", NULL},
        {NULL, NULL},
        {"config=/123456789012345", NULL}, /* does not fit */
        {"config='/123456789012345'", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[16];
        int result = cb_config_word(cases[i].words, out, sizeof out);
        assert_int_equal(result, cases[i].path ? 0 : -1);
        if (cases[i].path)
            assert_string_equal(out, cases[i].path);
    }
}

/* Files */

static char folder[] = "/tmp/certbridge-test-config-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static void load_fails(const char *given, const char *expected)
{
    struct cb_config *config;
    struct cb_error err = {0};
    assert_int_equal(cb_config_load(given, &config, &err), -1);
    assert_null(config);
    assert_int_equal(err.code, CB_ERR_CONFIG);
    if (!strstr(err.text, expected))
        fail_msg("\"%s\" does not say \"%s\"", err.text, expected);
}

static void load_gives(const char *given, const char *path)
{
    struct cb_config *config;
    struct cb_error err = {0};
    if (cb_config_load(given, &config, &err))
        fail_msg("%s", err.text);
    assert_string_equal(config->path, path);
    assert_true(config->mtime_ns > 0);
    assert_int_equal(config->file_owner, geteuid());
    assert_int_equal(config->user_owned, geteuid() != 0);
    cb_config_free(config);
}

static void test_which_file(void **state)
{
    (void)state;
    char given[200], variable[200];
    strcpy(given, in_folder("given.conf"));
    strcpy(variable, in_folder("variable.conf"));
    write_file(given, PEOPLE USERS TOKEN, 0644);
    write_file(variable, PEOPLE USERS TOKEN, 0600);
    setenv("HOME", folder, 1);
    unsetenv("XDG_CONFIG_HOME");
    setenv("CERTBRIDGE_CONF", variable, 1);
    load_gives(given, given);
    load_gives(NULL, variable);
    setenv("CERTBRIDGE_CONF", in_folder("missing.conf"), 1);
    load_fails(NULL, "named by CERTBRIDGE_CONF, does not exist");
    load_fails("/nowhere/c.conf", "/nowhere/c.conf, named by config=PATH, does not exist");
    load_fails("", "config=PATH names no file");
    unsetenv("CERTBRIDGE_CONF");

    char cwd[200];
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(chdir(folder), 0);
    load_gives("given.conf", given);
    assert_int_equal(chdir(cwd), 0);
}

/* The user's file counts for everybody but root; XDG_CONFIG_HOME goes before HOME. */
static void test_users_file(void **state)
{
    (void)state;
    char xdg[200], path[300], home[200];
    strcpy(home, in_folder(".config/certbridge/certbridge.conf"));
    mkdir(in_folder(".config"), 0755);
    mkdir(in_folder(".config/certbridge"), 0755);
    write_file(home, PEOPLE USERS TOKEN, 0644);
    strcpy(xdg, in_folder("xdg"));
    mkdir(xdg, 0755);
    setenv("HOME", folder, 1);
    setenv("XDG_CONFIG_HOME", xdg, 1);
    unsetenv("CERTBRIDGE_CONF");
    snprintf(path, sizeof path, "%s/certbridge/certbridge.conf", xdg);
    if (geteuid() == 0) {
        load_fails(NULL, "no configuration: tried " CB_SYSCONFDIR "/certbridge/certbridge.conf;");
        return;
    }
    load_fails(NULL, path);
    load_fails(NULL, CB_SYSCONFDIR "/certbridge/certbridge.conf");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    load_gives(NULL, home);
}

static void test_trust(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        bool trusted;
    } cases[] = {{0644, true}, {0600, true}, {0664, false}, {0646, false}, {0666, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[200];
        strcpy(path, in_folder("mode.conf"));
        write_file(path, PEOPLE USERS TOKEN, cases[i].mode);
        if (cases[i].trusted)
            load_gives(path, path);
        else
            load_fails(path, "mode.conf");
    }
    load_fails(folder, folder); /* not a regular file */
}

static void test_cache_of_a_user(void **state)
{
    (void)state;
    struct cb_config *config;
    char path[200];
    strcpy(path, in_folder("user.conf"));
    write_file(path, PEOPLE USERS TOKEN, 0644);
    setenv("HOME", "/home/u", 1);
    unsetenv("XDG_CACHE_HOME");
    assert_int_equal(cb_config_load(path, &config, NULL), 0);
    assert_string_equal(config->cache, geteuid() == 0 ? CB_LOCALSTATEDIR "/cache/certbridge"
                                                      : "/home/u/.cache/certbridge");
    cb_config_free(config);
    if (geteuid() != 0) {
        unsetenv("HOME");
        load_fails(path, "needs cache = FOLDER");
        write_file(path, "[certbridge]\nowner = daemon\n", 0644);
        setenv("HOME", "/home/u", 1);
        load_fails(path, "owner is only for a configuration that root owns");
    }
}

static void test_secret_mtime(void **state)
{
    (void)state;
    char text[600], path[200];
    strcpy(path, in_folder("token"));
    snprintf(text, sizeof text, PEOPLE USERS "bearer_token = file:%s\n", path);
    struct cb_config *config = parsed(text);
    assert_int_equal(cb_source_secret_mtime(&config->sources[0]), 0);
    write_file(path, "t", 0600);
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000, .tv_nsec = 5}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(cb_source_secret_mtime(&config->sources[0]), 1000000000005);
    cb_config_free(config);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"given.conf", "variable.conf",
                                        "mode.conf",  "user.conf",
                                        "token",      ".config/certbridge/certbridge.conf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    rmdir(in_folder(".config/certbridge"));
    rmdir(in_folder(".config"));
    rmdir(in_folder("xdg"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_key_beside_certificate),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_secrets_are_never_shown),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_serial),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_many_ids),
        cmocka_unit_test(test_word),
        cmocka_unit_test(test_which_file),
        cmocka_unit_test(test_users_file),
        cmocka_unit_test(test_trust),
        cmocka_unit_test(test_cache_of_a_user),
        cmocka_unit_test(test_secret_mtime),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
