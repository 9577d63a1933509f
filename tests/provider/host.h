/* A host program of the provider: its own library context, the built module, and reading a store as
 * programs do. */
#ifndef CB_TESTS_PROVIDER_HOST_H
#define CB_TESTS_PROVIDER_HOST_H

#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/x509.h>

struct host {
    OSSL_LIB_CTX *libctx;
    OSSL_PROVIDER *standard, *certbridge;
};

/* For cmocka_run_group_tests: a world (world.sh) in a new folder, with CERTBRIDGE_CONF pointing
 * there. */
int world_set_up(void **state);
int world_tear_down(void **state);

/* The certificate pki/NAME.pem of the world. The caller frees. A missing one fails the test, or is
 * NULL. */
X509 *world_certificate(const char *name);
X509 *world_certificate_if_any(const char *name);

/* Loads the default provider and certbridge. Fails the test when it cannot. */
struct host host_new(void);
void host_free(struct host *host);

#define HOST_TEXT_MAX 8192

struct query {
    const char *uri;
    int expect;                      /* OSSL_STORE_INFO_*, or 0 */
    const OSSL_STORE_SEARCH *search; /* may be NULL */
    const OSSL_PARAM *params;        /* may be NULL */
};

#define HOST_TEXT_MAX 8192

/* Reads all that a query finds as storeutl does, and says in `out`, separated by commas: the common
 * name of each certificate, the text of each name, "!REASON" for each error, "?" for a load that
 * yields neither while the store says that there is more, or that there was an error. The number of
 * certificates and names. */
unsigned host_read(const struct host *host, const struct query *query, char out[HOST_TEXT_MAX]);

#endif
