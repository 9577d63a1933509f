/* Digests that the snapshot has no index for, by the host's own implementations.
 *
 * The one place of the provider that calls libcrypto. SHA-1 and SHA-256 are in the snapshot; a
 * fingerprint by another digest is rare, and only the host knows which digests it has. They are
 * fetched in a child of the host's library context (OSSL_LIB_CTX_new_child(3)), which a provider
 * may use also when it is linked with another libcrypto than its host. */
#ifndef CB_PROVIDER_DIGEST_H
#define CB_PROVIDER_DIGEST_H

#include "common/span.h"
#include "provider/core.h"

#define CB_DIGEST_MAX 64 /* bytes, as EVP_MAX_MD_SIZE */

struct cb_digest;

/* Fetches the digest called `name`. CB_ERR_NOT_FOUND when the host has none. Leaves nothing on the
 * error queue. The caller frees. */
int cb_digest_new(const struct cb_core *core, const char *name, struct cb_digest **out,
                  struct cb_error *err);
void cb_digest_free(struct cb_digest *digest); /* NULL is fine */

/* The digest of `data`. The number of its bytes, or 0 when it failed. */
size_t cb_digest(const struct cb_digest *digest, struct cb_span data, uint8_t out[CB_DIGEST_MAX]);

#endif
