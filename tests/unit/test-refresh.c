/* When a snapshot is due, how long a failure holds, who may start a refresh, and what the helper
 * gets. */
#include "common/clock.h"
#include "common/helper.h"
#include "common/refresh.h"
#include "common/spawn.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1795349000
#define NS 1000000000LL

static const struct cb_key keys[] = {{.name = "id", .kind = CB_VALUE_TEXT},
                                     {.name = "token", .kind = CB_VALUE_SECRET},
                                     {.name = "password", .kind = CB_VALUE_SECRET},
                                     {.name = NULL}};
static const struct cb_source_type type = {.name = "test", .keys = keys};

static char *token_items[1];

/* A source that takes its token from `token`, which may be NULL. */
static struct cb_source source_with(char *token)
{
    struct cb_source source = {.name = "people",
                               .type = &type,
                               .refresh_ms = 1000,
                               .max_stale_ms = 5000,
                               .start_refresh = true};

    token_items[0] = token;
    if (token != NULL)
        source.own[1] = (struct cb_list){token_items, 1};
    return source;
}

static void freshness_by_age(void **state)
{
    static const struct {
        int64_t age_ms;
        enum cb_freshness freshness;
    } rows[] = {{0, CB_FRESH},    {999, CB_FRESH},    {1000, CB_STALE},
                {4999, CB_STALE}, {5000, CB_MISSING}, {INT64_MAX, CB_MISSING},
                {-1, CB_STALE},   {-99999, CB_STALE}, {INT64_MIN, CB_STALE}};
    struct cb_source source = source_with(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(cb_freshness(&source, rows[i].age_ms), rows[i].freshness);
}

static void back_off_runs_and_ends(void **state)
{
    static const struct {
        int64_t tried, tried_ns, next, failures;
        int64_t config_ns; /* its last change */
        bool running;
    } rows[] = {
        {0, 0, 0, 0, 0, false}, /* never tried */
        {NOW - 5, 0, NOW + 1, 1, 0, true},
        {NOW - 5, 0, NOW, 1, 0, false},
        {NOW - 5, 0, NOW + 1, 0, 0, false}, /* the last one succeeded */
        {NOW - 5, 0, NOW + CB_RETRY_AFTER_MOST_S, 1, 0, true},
        {NOW - 5, 0, NOW + CB_RETRY_AFTER_MOST_S + 1, 1, 0, false}, /* nobody waits that long */
        {NOW + 5, 0, NOW + 10, 1, 0, false},                        /* the clock was set back */
        {NOW - 5, 0, NOW + 1, 1, (NOW - 5) * NS, true},             /* configuration */
        {NOW - 5, 0, NOW + 1, 1, (NOW - 5) * NS + 1, false},
        {NOW - 5, (NOW - 5) * NS + 7, NOW + 1, 1, (NOW - 5) * NS + 7, true},
        {NOW - 5, (NOW - 5) * NS + 7, NOW + 1, 1, (NOW - 5) * NS + 8, false},
    };
    struct cb_source source = source_with(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_config config = {.path = (char[]){"/nonexistent"}, .mtime_ns = rows[i].config_ns};
        struct cb_status status = {.last_try = rows[i].tried,
                                   .last_try_ns = rows[i].tried_ns,
                                   .next_try = rows[i].next,
                                   .failures = rows[i].failures};
        print_message("# row %zu\n", i);
        assert_int_equal(cb_backing_off(&config, &source, &status, NOW), rows[i].running);
    }
}

/* The real files decide: a secret and a configuration that change after the try. */
static void a_changed_file_ends_the_back_off(void **state)
{
    static const char *const names[] = {"token", "certbridge.conf"};
    struct scratch s;
    char token[600], path[600];

    (void)state;
    scratch_init(&s);
    snprintf(token, sizeof token, "file:%s", scratch_write(&s, "token", "x", 0600));
    snprintf(path, sizeof path, "%s", scratch_write(&s, "certbridge.conf", "x", 0600));
    struct cb_source source = source_with(token);
    struct cb_config config = {.path = path};
    int64_t now = cb_now();
    struct cb_status status = {.last_try = now - 2, .next_try = now + 60, .failures = 1};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        scratch_age(token + strlen("file:"), 60000);
        scratch_age(path, 60000);
        assert_true(cb_backing_off(&config, &source, &status, now));
        scratch_age(scratch_path(&s, names[i]), 0);
        assert_false(cb_backing_off(&config, &source, &status, now));
    }
    scratch_clear(&s);
}

static void back_off_doubles(void **state)
{
    static const struct {
        int64_t failures, retry_after, least, most; /* seconds */
    } rows[] = {
        {1, 0, 4, 6},       {2, 0, 8, 12},       {3, 0, 16, 24},           {6, 0, 128, 192},
        {7, 0, 240, 360},   {1000, 0, 240, 360}, {INT64_MAX, 0, 240, 360}, {0, 0, 4, 6},
        {1, 100, 100, 100}, {7, 10, 240, 360},   {1, 999999, 3600, 3600},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t least = INT64_MAX, most = 0;
        for (uint32_t random = 0; random < 1000; random++) {
            int64_t s = cb_backoff_s(rows[i].failures, rows[i].retry_after, random * 4294967u);
            least = s < least ? s : least;
            most = s > most ? s : most;
        }
        assert_int_equal(least, rows[i].least);
        assert_int_equal(most, rows[i].most);
    }
}

/* Runs in a child of its own: it sheds root, and environment and folders are its own. */
static int allowed_as_nobody(const struct cb_config *config, const struct cb_source *source,
                             const char *variable, const char *text)
{
    struct cb_error err = {0};
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
            _exit(2);
        if (variable != NULL)
            setenv(variable, "1", 1);
        int result = cb_refresh_allowed(config, source, &err);
        if (text == NULL)
            _exit(result != 0);
        fprintf(stderr, "# %s\n", err.text);
        _exit(result == 0 || strstr(err.text, text) == NULL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void who_may_start_one(void **state)
{
    static const struct {
        const char *cache; /* NULL: a folder that may be written */
        bool start_refresh;
        const char *secret, *variable;
        const char *refusal; /* NULL: allowed */
    } rows[] = {
        {NULL, true, NULL, NULL, NULL},
        {NULL, true, "env:CERTBRIDGE_TEST_TOKEN", "CERTBRIDGE_TEST_TOKEN", NULL},
        {NULL, true, "file:/nonexistent", NULL, NULL},
        {NULL, true, "credential:token", "CREDENTIALS_DIRECTORY", NULL},
        {NULL, true, NULL, "CERTBRIDGE_REFRESHING", "certbridge itself starts no refresh"},
        {NULL, false, NULL, NULL, "start_refresh = no: `certbridge sync` must run as user "},
        {"/", true, NULL, NULL,
         "this process may not write the cache folder /: `certbridge sync` must run as user root"},
        {"/nonexistent/cache", true, NULL, NULL, "does not exist"},
        {"/tmp", true, NULL, NULL, "others may write it"},
        {NULL, true, "env:CERTBRIDGE_TEST_TOKEN", NULL,
         "token = env:CERTBRIDGE_TEST_TOKEN, but CERTBRIDGE_TEST_TOKEN is not set in this process: "
         "`certbridge sync` must run where it is"},
        {NULL, true, "credential:token", NULL, "CREDENTIALS_DIRECTORY is not set in this process"},
    };
    struct scratch s;

    (void)state;
    unsetenv("CREDENTIALS_DIRECTORY");
    scratch_init(&s);
    if (geteuid() == 0)
        assert_int_equal(chown(s.folder, 65534, (gid_t)-1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char cache[64], secret[64];
        snprintf(cache, sizeof cache, "%s", rows[i].cache != NULL ? rows[i].cache : s.folder);
        snprintf(secret, sizeof secret, "%s", rows[i].secret != NULL ? rows[i].secret : "");
        struct cb_config config = {.cache = cache};
        struct cb_source source = source_with(rows[i].secret != NULL ? secret : NULL);
        source.start_refresh = rows[i].start_refresh;
        print_message("# row %zu\n", i);
        assert_int_equal(allowed_as_nobody(&config, &source, rows[i].variable, rows[i].refusal), 0);
    }
    scratch_clear(&s);
}

static const char *find(const struct cb_helper *h, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < h->n_env; i++)
        if (strncmp(h->envp[i], name, n) == 0 && h->envp[i][n] == '=')
            return h->envp[i] + n + 1;
    return NULL;
}

static void environment_is_built(void **state)
{
    static const struct {
        const char *name;
        bool passes;
    } rows[] = {
        {"PATH", true},
        {"HOME", true},
        {"XDG_CACHE_HOME", true},
        {"LC_ALL", true},
        {"LANG", true},
        {"CERTBRIDGE_CONF", true},
        {"CERTBRIDGE_LOG", true},
        {"CREDENTIALS_DIRECTORY", true},
        {"AZURE_TENANT_ID", true},
        {"AZURE_CLIENT_ID", true},
        {"AZURE_AUTHORITY_HOST", true},
        {"AZURE_FEDERATED_TOKEN_FILE", true},
        {"MY_TOKEN", true}, /* the source's own */
        {"MY_TOKEN_2", false},
        {"AZURE_CLIENT_SECRET", false},
        {"CERTBRIDGE_HELPER", false},
        {"LD_PRELOAD", false},
        {"LD_LIBRARY_PATH", false},
        {"OPENSSL_CONF", false},
        {"SSL_CERT_DIR", false},
        {"SSL_CERT_FILE", false},
        {"P11_KIT_STRICT", false},
        {"https_proxy", false}, /* although the configuration names it */
        {"HTTP_PROXY", false},
        {"PATHS", false},
        {"LCX", false},
        {"TMPDIR", false},
    };
    struct cb_source source = source_with((char[]){"env:MY_TOKEN"});
    char *password[] = {(char[]){"env:https_proxy"}};
    struct cb_config config = {.path = (char[]){"/etc/c.conf"}};
    struct cb_helper helper;
    struct cb_error err;
    char **before = environ;

    (void)state;
    source.own[2] = (struct cb_list){password, 1};
    clearenv();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, "CERTBRIDGE_HELPER") != 0)
            setenv(rows[i].name, "value", 1);
    setenv("CERTBRIDGE_HELPER", "/bin/true", 1);
    assert_int_equal(cb_helper_init(&helper, &config, &source, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s\n", rows[i].name);
        assert_int_equal(find(&helper, rows[i].name) != NULL, rows[i].passes);
    }
    assert_string_equal(find(&helper, "CERTBRIDGE_REFRESHING"), "1");
    assert_int_equal(helper.n_env, 14);
    cb_helper_clear(&helper);
    environ = before;
}

static void arguments(void **state)
{
    static const char *const want[] = {"/bin/true", "--config", "/etc/c.conf", "sync",
                                       "--quiet",   "--helper", "people"};
    struct cb_source source = source_with(NULL);
    struct cb_config config = {.path = (char[]){"/etc/c.conf"}};
    struct cb_helper helper;
    struct cb_error err;

    (void)state;
    setenv("CERTBRIDGE_HELPER", "/bin/true", 1);
    assert_int_equal(cb_helper_init(&helper, &config, &source, &err), 0);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_string_equal(helper.argv[i], want[i]);
    assert_null(helper.argv[sizeof want / sizeof *want]);
    cb_helper_clear(&helper);
    unsetenv("CERTBRIDGE_HELPER");
    assert_int_equal(cb_helper_init(&helper, &config, &source, &err), 0);
    assert_string_equal(helper.program, CB_PROGRAM);
    cb_helper_clear(&helper);
}

/* It makes a fork of the intermediate child, and loses what that writes. */
static bool under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

static void starting_can_fail(void **state)
{
    static const struct {
        const char *helper; /* below the scratch folder when it has no '/' */
        mode_t mode;        /* of that file; 0: none is made */
        const char *cache;
        const char *text;
        bool in_child; /* where it fails */
    } rows[] = {
        {"relative/path", 0, NULL, "must be an absolute path", false},
        {"/nonexistent/helper", 0, NULL, "/nonexistent/helper: No such file", false},
        {"shared", 0777, NULL, "others may write it", false},
        {"plain", 0644, NULL, "Permission denied", true},
        {"plain", 0644, NULL, "set start_refresh = no", true},
        {"garbage", 0755, NULL, "Exec format error", true},
        {"/bin/true", 0, "/proc/cache", "making the cache folder /proc/cache", false},
        {"/bin/true", 0, "/proc", "the lock file /proc/people.lock", true},
    };
    struct scratch s;

    (void)state;
    scratch_init(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char cache[sizeof s.folder], path[600] = "/nonexistent";
        struct cb_source source = source_with(NULL);
        struct cb_config config = {.path = path, .cache = cache};
        struct cb_error err = {0};
        snprintf(cache, sizeof cache, "%s", rows[i].cache != NULL ? rows[i].cache : s.folder);
        const char *helper = rows[i].helper;
        if (rows[i].mode != 0)
            helper = scratch_write(&s, rows[i].helper, "\177garbage", rows[i].mode);
        setenv("CERTBRIDGE_HELPER", helper, 1);
        print_message("# row %zu\n", i);
        enum cb_refresh_result result = cb_refresh_start(&config, &source, &err);
        print_message("# %s\n", err.text);
        if (rows[i].in_child && under_valgrind())
            continue;
        assert_int_equal(result, CB_REFRESH_FAILED);
        assert_non_null(strstr(err.text, rows[i].text));
        assert_false(cb_refresh_running(&config, &source));
    }
    unsetenv("CERTBRIDGE_HELPER");
    scratch_clear(&s);
}

/* The folder is made when it is ours to make, and the lock is nobody else's to open. */
static void first_start_makes_cache_and_lock(void **state)
{
    struct scratch s;
    char cache[600], path[] = "/nonexistent";
    struct cb_source source = source_with(NULL);
    struct cb_config config = {.path = path, .cache = cache};
    struct cb_error err = {0};
    struct stat st;
    mode_t before = umask(077);

    (void)state;
    scratch_init(&s);
    snprintf(cache, sizeof cache, "%s", scratch_path(&s, "cache"));
    setenv("CERTBRIDGE_HELPER", "/bin/true", 1);
    assert_int_equal(cb_refresh_allowed(&config, &source, &err), 0);
    assert_int_equal(cb_refresh_start(&config, &source, &err), CB_REFRESH_STARTED);
    umask(before);
    assert_int_equal(stat(cache, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(stat(scratch_path(&s, "cache/people.lock"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    unsetenv("CERTBRIDGE_HELPER");
    scratch_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(freshness_by_age),
        cmocka_unit_test(back_off_runs_and_ends),
        cmocka_unit_test(a_changed_file_ends_the_back_off),
        cmocka_unit_test(back_off_doubles),
        cmocka_unit_test(who_may_start_one),
        cmocka_unit_test(environment_is_built),
        cmocka_unit_test(arguments),
        cmocka_unit_test(starting_can_fail),
        cmocka_unit_test(first_start_makes_cache_and_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
