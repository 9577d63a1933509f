#include "tests/provider/host.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char folder[] = "/tmp/certbridge-test-XXXXXX";

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    return value ? value : ".";
}

int world_set_up(void **state)
{
    char command[4096];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "bash '%s/tests/provider/world.sh' %s 1>&2",
             from_environment("top_srcdir"), folder);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/certbridge.conf", folder);
    setenv("CERTBRIDGE_CONF", command, 1);
    unsetenv("CERTBRIDGE_LOG");
    return 0;
}

int world_tear_down(void **state)
{
    char command[4096];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

X509 *world_certificate_if_any(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pki/%s.pem", folder, name);
    FILE *in = fopen(path, "r");
    if (!in)
        return NULL;
    X509 *certificate = PEM_read_X509(in, NULL, NULL, NULL);
    assert_non_null(certificate);
    fclose(in);
    return certificate;
}

X509 *world_certificate(const char *name)
{
    X509 *certificate = world_certificate_if_any(name);
    assert_non_null(certificate);
    return certificate;
}

struct host host_new(void)
{
    char modules[4096];
    struct host host = {OSSL_LIB_CTX_new(), NULL, NULL};
    snprintf(modules, sizeof modules, "%s/.libs", from_environment("top_builddir"));
    assert_int_equal(OSSL_PROVIDER_set_default_search_path(host.libctx, modules), 1);
    host.standard = OSSL_PROVIDER_load(host.libctx, "default");
    host.certbridge = OSSL_PROVIDER_load(host.libctx, "certbridge");
    assert_non_null(host.standard);
    assert_non_null(host.certbridge);
    return host;
}

void host_free(struct host *host)
{
    assert_int_equal(OSSL_PROVIDER_unload(host->certbridge), 1);
    OSSL_PROVIDER_unload(host->standard);
    OSSL_LIB_CTX_free(host->libctx);
}

static void add(char out[HOST_TEXT_MAX], const char *prefix, const char *text)
{
    size_t n = strlen(out);
    snprintf(out + n, HOST_TEXT_MAX - n, "%s%s%s", n ? "," : "", prefix, text);
}

static void add_certificate(char out[HOST_TEXT_MAX], X509 *certificate)
{
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    add(out, "", name);
}

static void add_errors(char out[HOST_TEXT_MAX])
{
    unsigned long code;
    while ((code = ERR_get_error()) != 0)
        add(out, "!", ERR_reason_error_string(code) ? ERR_reason_error_string(code) : "unknown");
}

static void add_info(char out[HOST_TEXT_MAX], const OSSL_STORE_INFO *info)
{
    switch (OSSL_STORE_INFO_get_type(info)) {
    case OSSL_STORE_INFO_CERT:
        add_certificate(out, OSSL_STORE_INFO_get0_CERT(info));
        break;
    case OSSL_STORE_INFO_NAME:
        add(out, "", OSSL_STORE_INFO_get0_NAME(info));
        break;
    default:
        fail_msg("an object that is neither certificate nor name");
    }
}

static OSSL_STORE_CTX *open_store(const struct host *host, const struct query *q,
                                  char out[HOST_TEXT_MAX])
{
    OSSL_STORE_CTX *store =
        OSSL_STORE_open_ex(q->uri, host->libctx, NULL, NULL, NULL, q->params, NULL, NULL);
    if (!store) {
        /* libcrypto's own "unregistered scheme" comes first, of the loaders before 3.0. */
        add(out, "!", ERR_reason_error_string(ERR_peek_last_error()));
        ERR_clear_error();
    }
    if (store && q->expect)
        assert_int_equal(OSSL_STORE_expect(store, q->expect), 1);
    if (store && q->search && !OSSL_STORE_find(store, q->search))
        add(out, "", "(refused)");
    return store;
}

unsigned host_read(const struct host *host, const struct query *query, char out[HOST_TEXT_MAX])
{
    unsigned n = 0, rounds = 0;
    bool failed = false;
    out[0] = '\0';
    OSSL_STORE_CTX *store = open_store(host, query, out);
    while (store && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info) {
            add_info(out, info);
            OSSL_STORE_INFO_free(info);
            n++;
        } else if (ERR_peek_error() != 0) {
            assert_int_equal(OSSL_STORE_error(store), 1);
            assert_int_equal(OSSL_STORE_eof(store), 0);
            failed = true;
            add_errors(out);
        } else if (!OSSL_STORE_eof(store) || (OSSL_STORE_error(store) && !failed))
            add(out, "", "?");
        assert_true(++rounds < 100000);
    }
    add_errors(out);
    OSSL_STORE_close(store);
    return n;
}
