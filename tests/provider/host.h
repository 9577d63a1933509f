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

/* Makes a world (world.sh) in a new folder, points CERTBRIDGE_CONF there and returns the folder. */
const char *world_make(void);
void world_remove(void);

/* The certificate FOLDER/pki/NAME.pem. The caller frees. */
X509 *world_certificate(const char *name);

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
 * yields nothing and says nothing while more is promised. The number of certificates and names. */
unsigned host_read(const struct host *host, const struct query *query, char out[HOST_TEXT_MAX]);

#endif
