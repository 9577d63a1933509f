/* A folder for a module under test: certbridge.conf, and the snapshots of its sources.
 *
 *   people  trust = none: credentials in every state, window and kind, and a chain
 *   roots   trust = anchor
 *   empty   a snapshot with nothing in it
 *   dead    no snapshot, and none can be fetched
 *
 * Certificates are made by libcrypto and differ in every run. Any failure ends the program. */
#ifndef CB_TESTS_PKCS11_WORLD_H
#define CB_TESTS_PKCS11_WORLD_H

#include "common/object.h"
#include <openssl/x509.h>

enum { PEOPLE, ROOTS, EMPTY, DEAD, N_SOURCES };

#define WORLD_CHAIN_MAX 3

/* One credential as it was written; `state` NULL ends a list. */
struct credential {
    int source;
    const char *path, *label, *state;
    int64_t from, to;
    const char *subject;                  /* common name; NULL: a passcode */
    const char *issuers[WORLD_CHAIN_MAX]; /* the rest of the chain, by common name */
    bool ca;
    bool shown;
};

extern const struct credential world_credentials[];

/* The certificate of that common name; the same one in every call. */
X509 *world_certificate(const char *common_name);

/* `details` of a credential, as written. */
void world_details(const struct credential *c, char *out, size_t room);

/* Writes configuration and snapshots below `dir`, which exists. */
void world_write(const char *dir);

/* Writes a source's snapshot anew; the credential at `path` (NULL: none) in another state, or left
 * out when `state` is NULL. */
void world_write_source(const char *dir, int source, const char *path, const char *state);

/* Writes a snapshot of certificates that nobody described, each its own credential: path and label
 * are "N". */
void world_write_certificates(const char *dir, int source, X509 *const *certificates, size_t n);

extern const char *const world_sources[N_SOURCES];

#endif
