/* Keys and certificates, EC P-256 throughout: fast enough for 100 000 of them. */
#include "tests/simulator/make-data.h"
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#define DAY 86400L
#define YEARS (3650L * DAY)

static int add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    int added = extension != NULL && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added ? 0 : -1;
}

static int add_extensions(X509 *certificate, X509 *issuer, enum purpose purpose)
{
    static const struct {
        enum purpose purpose;
        int nid;
        const char *value;
    } rows[] = {
        {PURPOSE_CA, NID_basic_constraints, "critical,CA:TRUE"},
        {PURPOSE_CA, NID_key_usage, "critical,keyCertSign,cRLSign"},
        {PURPOSE_SERVER, NID_basic_constraints, "critical,CA:FALSE"},
        {PURPOSE_SERVER, NID_key_usage, "critical,digitalSignature"},
        {PURPOSE_SERVER, NID_ext_key_usage, "serverAuth"},
        {PURPOSE_SERVER, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
        {PURPOSE_CLIENT, NID_basic_constraints, "critical,CA:FALSE"},
        {PURPOSE_CLIENT, NID_key_usage, "critical,digitalSignature"},
        {PURPOSE_CLIENT, NID_ext_key_usage, "clientAuth,serverAuth"},
    };
    int result = add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (issuer != certificate && result == 0) {
        result = add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows && result == 0; i++) {
        if (rows[i].purpose == purpose) {
            result = add_extension(certificate, issuer, rows[i].nid, rows[i].value);
        }
    }
    return result;
}

static int set_serial(X509 *certificate)
{
    unsigned char bytes[16];
    BIGNUM *number = NULL;
    int result = -1;
    if (RAND_bytes(bytes, sizeof bytes) == 1) {
        bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
        number = BN_bin2bn(bytes, sizeof bytes, NULL);
    }
    if (number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL) {
        result = 0;
    }
    BN_free(number);
    return result;
}

static int add_name(X509_NAME *subject, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, (const unsigned char *)value,
                                      -1, -1, 0)
               ? 0
               : -1;
}

/* X509_set_pubkey encodes and decodes the key again, which is most of the time of a certificate. */
static int set_public_key(X509 *certificate, EVP_PKEY *key)
{
    unsigned char *point = NULL;
    size_t length = EVP_PKEY_get1_encoded_public_key(key, &point);
    if (length == 0 ||
        X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate),
                               OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
                               OBJ_nid2obj(NID_X9_62_prime256v1), point, (int)length) != 1) {
        OPENSSL_free(point);
        return -1;
    }
    return 0;
}

int identity_new(struct identity *out, const char *name, enum purpose purpose,
                 const struct identity *issuer)
{
    *out = (struct identity){.certificate = X509_new(), .key = EVP_EC_gen("P-256")};
    X509 *certificate = out->certificate;
    X509 *signer = issuer == NULL ? certificate : issuer->certificate;
    EVP_PKEY *signing_key = issuer == NULL ? out->key : issuer->key;
    if (certificate == NULL || out->key == NULL) {
        goto failed;
    }
    X509_NAME *subject = X509_get_subject_name(certificate);
    if (add_name(subject, "O", "Certbridge Test") != 0 || add_name(subject, "CN", name) != 0 ||
        X509_set_version(certificate, X509_VERSION_3) != 1 || set_serial(certificate) != 0 ||
        X509_set_issuer_name(certificate, X509_get_subject_name(signer)) != 1 ||
        X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(certificate), YEARS) == NULL ||
        set_public_key(certificate, out->key) != 0 ||
        add_extensions(certificate, signer, purpose) != 0 ||
        X509_sign(certificate, signing_key, EVP_sha256()) <= 0) {
        goto failed;
    }
    return 0;
failed:
    identity_clear(out);
    return -1;
}

void identity_clear(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    *identity = (struct identity){0};
}

int identity_write(const struct identity *identity, const char *folder, const char *name,
                   X509 *chain)
{
    char path[PATH_SIZE];
    int result = -1;
    snprintf(path, sizeof path, "%s/%s.pem", folder, name);
    FILE *out = fopen(path, "we");
    if (out != NULL) {
        result = PEM_write_X509(out, identity->certificate) == 1 &&
                         (chain == NULL || PEM_write_X509(out, chain) == 1)
                     ? 0
                     : -1;
        result = fclose(out) == 0 ? result : -1;
    }
    snprintf(path, sizeof path, "%s/%s.key", folder, name);
    out = result == 0 ? fopen(path, "we") : NULL;
    if (out == NULL) {
        return -1;
    }
    result = fchmod(fileno(out), 0600) == 0 &&
                     PEM_write_PrivateKey(out, identity->key, NULL, NULL, 0, NULL, NULL) == 1
                 ? 0
                 : -1;
    return fclose(out) == 0 ? result : -1;
}

int identity_read(struct identity *identity, const char *folder, const char *name)
{
    char path[PATH_SIZE];
    *identity = (struct identity){0};
    snprintf(path, sizeof path, "%s/%s.pem", folder, name);
    FILE *in = fopen(path, "re");
    if (in != NULL) {
        identity->certificate = PEM_read_X509(in, NULL, NULL, NULL);
        fclose(in);
    }
    snprintf(path, sizeof path, "%s/%s.key", folder, name);
    in = fopen(path, "re");
    if (in != NULL) {
        identity->key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
        fclose(in);
    }
    if (identity->certificate == NULL || identity->key == NULL) {
        identity_clear(identity);
        return -1;
    }
    return 0;
}

/* A certificate for NAME, written as FILE, signed by `issuer`; stays open in `out`. */
static int make_one(struct identity *out, const char *folder, const char *file, const char *name,
                    enum purpose purpose, const struct identity *issuer)
{
    if (identity_new(out, name, purpose, issuer) != 0) {
        return -1;
    }
    return identity_write(out, folder, file, NULL);
}

int make_pki(const char *folder)
{
    enum { SERVER_CA, SERVER, CLIENT_CA, CLIENT, STRANGER, ROOT, INTERMEDIATE, COUNT };
    static const struct {
        const char *file, *name;
        enum purpose purpose;
        int issuer; /* -1: itself */
    } rows[COUNT] = {
        [SERVER_CA] = {"server-ca", "Test Server CA", PURPOSE_CA, -1},
        [SERVER] = {"server", "localhost", PURPOSE_SERVER, SERVER_CA},
        [CLIENT_CA] = {"client-ca", "Test Client CA", PURPOSE_CA, -1},
        [CLIENT] = {"client", "certbridge-client", PURPOSE_CLIENT, CLIENT_CA},
        [STRANGER] = {"stranger", "Client of no CA", PURPOSE_CLIENT, -1},
        [ROOT] = {"root", "Test Root CA", PURPOSE_CA, -1},
        [INTERMEDIATE] = {"intermediate", "Test Issuing CA", PURPOSE_CA, ROOT},
    };
    struct identity made[COUNT] = {0};
    int result = make_folders(folder);
    for (int i = 0; i < COUNT && result == 0; i++) {
        result = make_one(&made[i], folder, rows[i].file, rows[i].name, rows[i].purpose,
                          rows[i].issuer < 0 ? NULL : &made[rows[i].issuer]);
    }
    for (int i = 0; i < COUNT; i++) {
        identity_clear(&made[i]);
    }
    return result;
}
