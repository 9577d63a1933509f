/* Any bytes as a Name, against libcrypto: what we take it takes, with the same canonical form. */
#include "common/name.h"
#include "common/text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* X509_NAME_hash is the first four bytes of the SHA-1 of libcrypto's canonical form. */
static void check_canonical(struct cb_span der, struct cb_span canonical)
{
    uint8_t digest[20];
    const uint8_t *p = der.p;
    int ok = 0;
    X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)der.n);
    require(name && p == der.p + der.n);
    unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, &ok);
    require(ok && EVP_Digest(canonical.n ? (const void *)canonical.p : "", canonical.n, digest,
                             NULL, EVP_sha1(), NULL) == 1);
    require(hash == ((unsigned long)digest[0] | (unsigned long)digest[1] << 8 |
                     (unsigned long)digest[2] << 16 | (unsigned long)digest[3] << 24));
    X509_NAME_free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct cb_span der = cb_span(data, n);
    struct cb_buf canonical, text, common_name;
    cb_buf_init(&canonical, CB_NAME_CANONICAL_MAX);
    cb_buf_init(&text, 16 * CB_NAME_MAX);
    cb_buf_init(&common_name, CB_NAME_CANONICAL_MAX);
    if (cb_name_canonical(&canonical, der) == 0) {
        check_canonical(der, cb_buf_span(&canonical));
        require(cb_name_equal(der, der));
    }
    if (cb_name_text(&text, der) == 0)
        require(cb_utf8_valid(cb_buf_span(&text)));
    if (cb_name_common_name(&common_name, der) == 0)
        require(cb_utf8_valid(cb_buf_span(&common_name)));
    cb_buf_clear(&canonical);
    cb_buf_clear(&text);
    cb_buf_clear(&common_name);
    ERR_clear_error();
    return 0;
}
