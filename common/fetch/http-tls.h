/* TLS of one source's connections: what is trusted, which key is expected, who we are.
 *
 * CA certificates are parsed once into one X509_STORE that all connections share (libcurl 7.88
 * would parse the bundle again for each: 17 ms and 4 MB). The system's bundle is the one that
 * OpenSSL was compiled for, whatever SSL_CERT_FILE and SSL_CERT_DIR say.
 *
 * openssl.cnf is not read: it may load our own provider into the process that fills its cache. Only
 * a client_key that is a store URI needs what it sets up, and then it is read. */
#ifndef CB_COMMON_FETCH_HTTP_TLS_H
#define CB_COMMON_FETCH_HTTP_TLS_H

#include "common/config.h"
#include <curl/curl.h>

struct cb_http_tls;

/* To be called before anything of libcurl or libcrypto in this process. */
void cb_http_tls_library(void);

/* Reads ca_file or the system's bundle, client_certificate and client_key. CB_ERR_CONFIG or
 * CB_ERR_SECRET, naming the key of the configuration. */
int cb_http_tls_new(const struct cb_source *source, struct cb_http_tls **out, struct cb_error *err);
void cb_http_tls_free(struct cb_http_tls *tls); /* NULL is fine */

/* Sets every TLS option of a handle, which must not outlive `tls`. */
int cb_http_tls_apply(struct cb_http_tls *tls, CURL *easy);

#endif
