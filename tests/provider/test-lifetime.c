/* Loading and unloading, several library contexts, threads, forks, openssl.cnf, and the error queue
 * of the host. */
#include "tests/provider/host.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROUNDS 1000
#define THREADS 8
#define VERIFICATIONS 50 /* of each thread */

static const struct query server = {.uri = "certbridge://people/user-1?part=leaf"};

static void expect_server(const struct host *host)
{
    char text[HOST_TEXT_MAX];
    host_read(host, &server, text);
    assert_string_equal(text, "server");
}

static void test_parameters(void **state)
{
    const char *name = NULL, *version = NULL;
    int status = 0;
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, &name, 0),
                           OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, &version, 0),
                           OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, &status), OSSL_PARAM_END};
    struct host host = host_new();
    (void)state;
    assert_int_equal(OSSL_PROVIDER_get_params(host.certbridge, params), 1);
    assert_string_equal(name, "certbridge");
    assert_string_equal(version, PACKAGE_VERSION);
    assert_int_equal(status, 1);
    host_free(&host);
}

static void test_rounds(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        struct host host = host_new();
        if (i % 2)
            expect_server(&host);
        host_free(&host);
    }
}

static void test_two_contexts(void **state)
{
    struct host one = host_new(), two = host_new();
    (void)state;
    expect_server(&one);
    expect_server(&two);
    host_free(&one);
    expect_server(&two);
    host_free(&two);
}

/* An open store keeps its provider. */
static void test_unload_while_open(void **state)
{
    struct host host = host_new();
    (void)state;
    OSSL_STORE_CTX *store = OSSL_STORE_open_ex("certbridge://people/user-1", host.libctx, NULL,
                                               NULL, NULL, NULL, NULL, NULL);
    OSSL_STORE_INFO *first = OSSL_STORE_load(store);
    assert_non_null(first);
    OSSL_STORE_INFO_free(first);
    assert_int_equal(OSSL_PROVIDER_unload(host.certbridge), 1);
    OSSL_STORE_INFO *second = OSSL_STORE_load(store);
    assert_non_null(second);
    OSSL_STORE_INFO_free(second);
    OSSL_STORE_close(store);
    OSSL_PROVIDER_unload(host.standard);
    OSSL_LIB_CTX_free(host.libctx);
}

/* openssl.cnf as the manual shows it; `config` is taken before CERTBRIDGE_CONF. */
static void test_openssl_cnf(void **state)
{
    char path[4096], *conf = strdup(getenv("CERTBRIDGE_CONF"));
    const char *build = getenv("top_builddir");
    (void)state;
    snprintf(path, sizeof path, "%s.cnf", conf);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fprintf(out,
            "openssl_conf = openssl_init\n[openssl_init]\nproviders = providers\n"
            "[providers]\ndefault = default_provider\ncertbridge = certbridge_provider\n"
            "[default_provider]\nactivate = 1\n"
            "[certbridge_provider]\nmodule = %s/.libs/certbridge.so\nconfig = %s\nactivate = 1\n",
            build ? build : ".", conf);
    fclose(out);
    setenv("CERTBRIDGE_CONF", "/nonexistent", 1);
    struct host host = {OSSL_LIB_CTX_new(), NULL, NULL};
    assert_int_equal(OSSL_LIB_CTX_load_config(host.libctx, path), 1);
    expect_server(&host);
    OSSL_LIB_CTX_free(host.libctx);
    setenv("CERTBRIDGE_CONF", conf, 1);
    free(conf);
}

static int verifies(OSSL_LIB_CTX *libctx, X509_STORE *store, X509 *certificate, X509 *issuer)
{
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(libctx, NULL);
    sk_X509_push(untrusted, issuer);
    int ok =
        X509_STORE_CTX_init(ctx, store, certificate, untrusted) == 1 && X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    sk_X509_free(untrusted);
    return ok;
}

static X509_STORE *store_of(const struct host *host, const char *uri)
{
    X509_STORE *store = X509_STORE_new();
    assert_int_equal(X509_STORE_load_store_ex(store, uri, host->libctx, NULL), 1);
    return store;
}

struct job {
    const struct host *host;
    X509_STORE *shared;
    X509 *server, *issuing;
    int verified;
};

/* Each thread finds the anchor through the others' store and through a new one each time. */
static void *work(void *argument)
{
    struct job *job = argument;
    for (int i = 0; i < VERIFICATIONS; i++) {
        X509_STORE *own = X509_STORE_new();
        X509_STORE_load_store_ex(own, "certbridge://anchors", job->host->libctx, NULL);
        job->verified += verifies(job->host->libctx, own, job->server, job->issuing);
        job->verified += verifies(job->host->libctx, job->shared, job->server, job->issuing);
        X509_STORE_free(own);
    }
    OPENSSL_thread_stop_ex(job->host->libctx);
    return NULL;
}

static void test_threads(void **state)
{
    struct host host = host_new();
    pthread_t threads[THREADS];
    struct job jobs[THREADS];
    X509_STORE *shared = store_of(&host, "certbridge://anchors");
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){&host, shared, world_certificate("server"),
                               world_certificate("issuing"), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(jobs[i].verified, 2 * VERIFICATIONS);
        X509_free(jobs[i].server);
        X509_free(jobs[i].issuing);
    }
    X509_STORE_free(shared);
    host_free(&host);
}

static pthread_barrier_t start;

static void *open_first(void *argument)
{
    const struct host *host = argument;
    char text[HOST_TEXT_MAX];
    pthread_barrier_wait(&start);
    host_read(host, &server, text);
    OPENSSL_thread_stop_ex(host->libctx);
    return strcmp(text, "server") == 0 ? argument : NULL;
}

/* Threads that all find the configuration not loaded yet. */
static void test_first_opens(void **state)
{
    (void)state;
    pthread_barrier_init(&start, NULL, THREADS);
    for (int round = 0; round < VERIFICATIONS; round++) {
        struct host host = host_new();
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, open_first, &host), 0);
        for (int i = 0; i < THREADS; i++) {
            void *result = NULL;
            pthread_join(threads[i], &result);
            assert_non_null(result);
        }
        host_free(&host);
    }
    pthread_barrier_destroy(&start);
}

/* Names that are equal only in their canonical form build a chain; chain certificates of others'
 * credentials and locked authorities do not end one. */
static void test_anchors(void **state)
{
    static const struct {
        const char *uri, *certificate;
        int ok;
    } cases[] = {
        {"certbridge://anchors", "server", 1}, {"certbridge://anchors", "cousin", 1},
        {"certbridge://anchors", "zero", 0},   {"certbridge://anchors?state=any", "zero", 1},
        {"certbridge://people", "server", 0},  {"certbridge://people", "numbered", 0},
        {"certbridge://dead", "server", 0},    {"certbridge://", "server", 0},
    };
    struct host host = host_new();
    X509 *issuing = world_certificate("issuing");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        X509_STORE *store = store_of(&host, cases[i].uri);
        X509 *certificate = world_certificate(cases[i].certificate);
        if (verifies(host.libctx, store, certificate, issuing) != cases[i].ok)
            fail_msg("%s against %s", cases[i].certificate, cases[i].uri);
        assert_int_equal(ERR_peek_error(), 0);
        X509_free(certificate);
        X509_STORE_free(store);
    }
    X509_free(issuing);
    host_free(&host);
}

/* A search for an anchor leaves the host's errors as they were, and adds none. */
static void test_error_queue(void **state)
{
    static const char *const uris[] = {"certbridge://anchors", "certbridge://dead",
                                       "certbridge://"};
    struct host host = host_new();
    X509 *root = world_certificate("root");
    (void)state;
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        OSSL_STORE_SEARCH *search = OSSL_STORE_SEARCH_by_name(X509_get_subject_name(root));
        ERR_raise(ERR_LIB_USER, 7);
        OSSL_STORE_CTX *store =
            OSSL_STORE_open_ex(uris[i], host.libctx, NULL, NULL, NULL, NULL, NULL, NULL);
        assert_int_equal(OSSL_STORE_find(store, search), 1);
        while (!OSSL_STORE_eof(store)) {
            OSSL_STORE_INFO_free(OSSL_STORE_load(store));
            assert_int_equal(OSSL_STORE_error(store), 0);
        }
        OSSL_STORE_close(store);
        assert_int_equal(ERR_GET_REASON(ERR_get_error()), 7);
        assert_int_equal(ERR_get_error(), 0);
        OSSL_STORE_SEARCH_free(search);
    }
    X509_free(root);
    host_free(&host);
}

/* A child goes on with what its parent had, and with a store that was half read. */
static void test_fork(void **state)
{
    struct host host = host_new();
    (void)state;
    expect_server(&host);
    OSSL_STORE_CTX *store = OSSL_STORE_open_ex("certbridge://people/user-1", host.libctx, NULL,
                                               NULL, NULL, NULL, NULL, NULL);
    OSSL_STORE_INFO_free(OSSL_STORE_load(store));
    pid_t child = fork();
    if (child == 0) {
        char text[HOST_TEXT_MAX];
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        host_read(&host, &server, text);
        int good = info && strcmp(text, "server") == 0;
        OSSL_STORE_INFO_free(info);
        OSSL_STORE_close(store);
        host_free(&host);
        _exit(good ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    OSSL_STORE_close(store);
    host_free(&host);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters),   cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_two_contexts), cmocka_unit_test(test_unload_while_open),
        cmocka_unit_test(test_openssl_cnf),  cmocka_unit_test(test_threads),
        cmocka_unit_test(test_first_opens),  cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_error_queue),  cmocka_unit_test(test_fork),
    };
    return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
