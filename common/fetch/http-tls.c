#include "common/fetch/http-tls.h"
#include "common/fetch/secret.h"
#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdlib.h>
#include <unistd.h>

struct cb_http_tls {
    const struct cb_source *source;
    X509_STORE *trusted;
    X509 *certificate; /* NULL: none is offered */
    STACK_OF(X509) * chain;
    EVP_PKEY *key;
};

void cb_http_tls_library(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/* The last reason on OpenSSL's queue, which is then emptied. */
static const char *openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return reason ? reason : "nothing that can be read";
}

static int no_passphrase(char *out, int room, int writing, void *user)
{
    (void)out;
    (void)room;
    (void)writing;
    (void)user;
    return -1;
}

static bool at_end_of_pem(void)
{
    unsigned long e = ERR_peek_last_error();

    return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

/* No bundle that is in use has a tenth of it. */
#define CERTIFICATES_MAX 10000

/* Hands every certificate of a PEM file to `take`, which becomes its owner. */
static int each_certificate(const char *path, const char *key, int (*take)(void *to, X509 *c),
                            void *to, struct cb_error *err)
{
    BIO *file = BIO_new_file(path, "re");
    X509 *certificate;
    int result = -1;
    size_t n = 0;

    if (!file) {
        cb_fail_errno(err, CB_ERR_CONFIG, "%s: %s", key, path);
        ERR_clear_error();
        return -1;
    }
    while ((certificate = PEM_read_bio_X509_AUX(file, NULL, no_passphrase, NULL))) {
        if (++n > CERTIFICATES_MAX || take(to, certificate) == -1) {
            cb_fail(err, CB_ERR_CONFIG, "%s: %s has too many certificates", key, path);
            goto out;
        }
    }
    if (n == 0 || !at_end_of_pem()) {
        cb_fail(err, CB_ERR_CONFIG, "%s: %s: certificate %zu cannot be read as PEM: %s", key, path,
                n + 1, openssl_reason());
        goto out;
    }
    ERR_clear_error();
    result = 0;

out:
    BIO_free(file);
    return result;
}

static int take_trusted(void *to, X509 *certificate)
{
    int added = X509_STORE_add_cert(to, certificate);

    X509_free(certificate);
    return added == 1 ? 0 : -1;
}

/* The file where OpenSSL looks, then where distributions keep it. */
static const char *system_bundle(void)
{
    static const char *const usual[] = {"/etc/ssl/certs/ca-certificates.crt",
                                        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
    const char *own = X509_get_default_cert_file();

    if (access(own, R_OK) == 0)
        return own;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (access(usual[i], R_OK) == 0)
            return usual[i];
    return NULL;
}

static int read_trusted(struct cb_http_tls *tls, struct cb_error *err)
{
    const char *path = tls->source->ca_file;
    const char *key = path ? "ca_file" : "the system's CA certificates";

    tls->trusted = X509_STORE_new();
    if (!tls->trusted)
        return cb_fail_memory(err);
    /* As curl does: a CA that was named is an anchor, self-signed or not. */
    X509_STORE_set_flags(tls->trusted, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    if (!path)
        path = system_bundle();
    if (!path)
        return cb_fail(err, CB_ERR_CONFIG,
                       "this system has no CA certificates (looked for %s and "
                       "/etc/ssl/certs/ca-certificates.crt): install ca-certificates or set "
                       "ca_file",
                       X509_get_default_cert_file());
    return each_certificate(path, key, take_trusted, tls->trusted, err);
}

static int take_own(void *to, X509 *certificate)
{
    struct cb_http_tls *tls = to;

    if (!tls->certificate)
        tls->certificate = certificate;
    else if (sk_X509_push(tls->chain, certificate) <= 0) {
        X509_free(certificate);
        return -1;
    }
    return 0;
}

static int read_key_file(struct cb_http_tls *tls, const char *path, struct cb_error *err)
{
    int fd = cb_secret_file_open(path, "client_key", err);
    FILE *file;

    if (fd == -1)
        return -1;
    file = fdopen(fd, "r");
    if (!file) {
        close(fd);
        return cb_fail_memory(err);
    }
    tls->key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    if (!tls->key)
        return cb_fail(err, CB_ERR_CONFIG,
                       "client_key: %s has no PEM private key without a passphrase: %s", path,
                       openssl_reason());
    return 0;
}

/* The first private key behind a store URI. A helper has nobody to ask for a PIN: the URI, or the
 * store's own configuration, says where it is. */
static int read_key_store(struct cb_http_tls *tls, const char *uri, struct cb_error *err)
{
    OSSL_STORE_CTX *store;

    /* A broken openssl.cnf shows below, where no key comes. */
    CONF_modules_load_file(NULL, NULL, CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_ERRORS);
    ERR_clear_error();
    store = OSSL_STORE_open(uri, UI_null(), NULL, NULL, NULL);
    if (store)
        OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
    while (store && !tls->key && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (!info)
            break;
        if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            tls->key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    if (!tls->key)
        return cb_fail(err, CB_ERR_CONFIG,
                       "client_key: no private key comes from this store URI: %s (openssl.cnf must "
                       "activate a provider for it)",
                       openssl_reason());
    ERR_clear_error();
    return 0;
}

static int read_own(struct cb_http_tls *tls, struct cb_error *err)
{
    const char *path = tls->source->client_certificate;
    const char *key = tls->source->client_key;

    if (!path)
        return 0;
    tls->chain = sk_X509_new_null();
    if (!tls->chain)
        return cb_fail_memory(err);
    if (each_certificate(path, "client_certificate", take_own, tls, err) == -1)
        return -1;
    if ((*key == '/' ? read_key_file : read_key_store)(tls, key, err) == -1)
        return -1;
    if (X509_check_private_key(tls->certificate, tls->key) != 1) {
        ERR_clear_error();
        return cb_fail(err, CB_ERR_CONFIG,
                       "client_key does not belong to the first certificate of %s", path);
    }
    return 0;
}

int cb_http_tls_new(const struct cb_source *source, struct cb_http_tls **out, struct cb_error *err)
{
    struct cb_http_tls *tls = calloc(1, sizeof *tls);

    *out = NULL;
    if (!tls)
        return cb_fail_memory(err);
    tls->source = source;
    if (read_trusted(tls, err) == -1 || read_own(tls, err) == -1) {
        cb_http_tls_free(tls);
        return -1;
    }
    *out = tls;
    return 0;
}

void cb_http_tls_free(struct cb_http_tls *tls)
{
    if (!tls)
        return;
    X509_STORE_free(tls->trusted);
    X509_free(tls->certificate);
    sk_X509_pop_free(tls->chain, X509_free);
    EVP_PKEY_free(tls->key);
    free(tls);
}

/* Called by curl for each connection, after it has set up the context in its own way. */
static CURLcode set_up(CURL *easy, void *context, void *user)
{
    const struct cb_http_tls *tls = user;
    SSL_CTX *ssl = context;

    (void)easy;
    SSL_CTX_set1_cert_store(ssl, tls->trusted);
    /* A body whose end nobody vouches for is cut, not complete. */
    SSL_CTX_clear_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (!tls->certificate)
        return CURLE_OK;
    if (SSL_CTX_use_certificate(ssl, tls->certificate) != 1 ||
        SSL_CTX_set1_chain(ssl, tls->chain) != 1 || SSL_CTX_use_PrivateKey(ssl, tls->key) != 1)
        return CURLE_SSL_CERTPROBLEM;
    return CURLE_OK;
}

int cb_http_tls_apply(struct cb_http_tls *tls, CURL *easy)
{
    const char *pin = tls->source->pinned_public_key;
    bool ok = true;

    ok &= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_up) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, tls) == CURLE_OK;
    ok &= curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, pin) == CURLE_OK;
    return ok ? 0 : -1;
}
