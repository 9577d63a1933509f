/* private-host URI [SHA512]: a host that carries its own libcrypto, linked statically
 * (test-private.sh). Reads openssl.cnf, and prints how many certificates the URI has, or how many
 * of them have the fingerprint. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <stdio.h>
#include <string.h>

static int count(const char *uri, OSSL_STORE_SEARCH *search)
{
    int n = 0;
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    if (store && search && !OSSL_STORE_find(store, search))
        n = -1000;
    while (store && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        n += info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_CERT;
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    OSSL_STORE_SEARCH_free(search);
    ERR_print_errors_fp(stderr);
    return n;
}

int main(int argc, char **argv)
{
    long n = 0;
    OSSL_STORE_SEARCH *search = NULL;
    unsigned char *fingerprint = NULL;
    if (argc < 2)
        return 2;
    if (argc > 2) {
        fingerprint = OPENSSL_hexstr2buf(argv[2], &n);
        search = OSSL_STORE_SEARCH_by_key_fingerprint(EVP_sha512(), fingerprint, (size_t)n);
    }
    printf("%d\n", count(argv[1], search));
    OPENSSL_free(fingerprint);
    return 0;
}
