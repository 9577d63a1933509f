#include "provider/digest.h"
#include <openssl/evp.h>
#include <stdlib.h>

_Static_assert(CB_DIGEST_MAX >= EVP_MAX_MD_SIZE, "room for every digest");

struct cb_digest {
    OSSL_LIB_CTX *libctx;
    EVP_MD *md;
};

void cb_digest_free(struct cb_digest *digest)
{
    if (!digest)
        return;
    EVP_MD_free(digest->md);
    OSSL_LIB_CTX_free(digest->libctx);
    free(digest);
}

int cb_digest_new(const struct cb_core *core, const char *name, struct cb_digest **out,
                  struct cb_error *err)
{
    struct cb_digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        return cb_fail_memory(err);
    cb_core_mark(core);
    digest->libctx = OSSL_LIB_CTX_new_child(core->handle, core->in);
    if (digest->libctx)
        digest->md = EVP_MD_fetch(digest->libctx, name, NULL);
    cb_core_drop(core);
    if (!digest->md) {
        cb_digest_free(digest);
        return cb_fail(err, CB_ERR_NOT_FOUND,
                       "no active provider has the digest %s that the fingerprint is said to be",
                       name);
    }
    *out = digest;
    return 0;
}

size_t cb_digest(const struct cb_digest *digest, struct cb_span data, uint8_t out[CB_DIGEST_MAX])
{
    unsigned n = 0;
    return EVP_Digest(data.p, data.n, out, &n, digest->md, NULL) ? n : 0;
}
