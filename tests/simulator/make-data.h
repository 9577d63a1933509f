/* Making a PKI and the simulator's data folder: what the three files share. */
#ifndef TESTS_SIMULATOR_MAKE_DATA_H
#define TESTS_SIMULATOR_MAKE_DATA_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PATH_SIZE 4096

/* ---- make-pki.c ------------------------------------------------------------------------------ */

enum purpose { PURPOSE_CA, PURPOSE_SERVER, PURPOSE_CLIENT };

struct identity {
    X509 *certificate;
    EVP_PKEY *key;
};

/* An EC P-256 key and a certificate of ten years for it; self-signed when `issuer` is NULL. */
int identity_new(struct identity *out, const char *name, enum purpose purpose,
                 const struct identity *issuer);
void identity_clear(struct identity *identity);
/* FOLDER/NAME.pem and FOLDER/NAME.key. `chain` (or NULL) is written behind the certificate. */
int identity_write(const struct identity *identity, const char *folder, const char *name,
                   X509 *chain);
int identity_read(struct identity *identity, const char *folder, const char *name);

/* The folder with its two certificate authorities, server, client and issuing chain. */
int make_pki(const char *folder);

/* ---- make-items.c ---------------------------------------------------------------------------- */

/* What varies between items of a collection. */
struct forms {
    bool vary;   /* optional members, dates, number or string, PEM forms: by `index` */
    bool states; /* the states of the API in turn, instead of the usable one */
};

/* The API's object for a certificate, compact JSON to be freed, or NULL. `chain` (or NULL) follows
 * the certificate in its member. */
char *digicert_item(const char *profile, const char *id, X509 *certificate, X509 *chain,
                    size_t index, struct forms forms);
char *nevisidm_item(const char *user, const char *id, X509 *certificate, X509 *chain, size_t index,
                    struct forms forms);

/* ---- make-data.c ----------------------------------------------------------------------------- */

/* Makes FOLDER and the folders above it. */
int make_folders(const char *folder);
/* Percent-encodes an id for a file name: all but A-Z a-z 0-9 - _ ~ and inner dots. */
void encode_name(const char *id, char out[256]);

#endif
