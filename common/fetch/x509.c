#include "common/fetch/x509.h"
#include "common/clock.h"
#include "common/fetch/x509-decode.h"
#include "common/name.h"
#include <openssl/evp.h>

/* The value of the extension 2.5.29.`arc`. One that stands there twice has no meaning (RFC 5280,
 * 4.2) and counts as absent. */
static bool find_extension(struct cb_span extensions, uint8_t arc, struct cb_span *value)
{
    const uint8_t wanted[] = {0x55, 0x1d, arc};
    struct cb_span extension, oid, critical;
    size_t found = 0;
    while (extensions.n > 0) {
        if (cb_der_take(&extensions, CB_DER_SEQUENCE, &extension, NULL) != 0 ||
            cb_der_take(&extension, CB_DER_OID, &oid, NULL) != 0)
            return false;
        if (!cb_span_equal(oid, cb_span(wanted, sizeof wanted)))
            continue;
        (void)cb_der_take(&extension, CB_DER_BOOLEAN, &critical, NULL);
        if (cb_der_take(&extension, CB_DER_OCTET_STRING, value, NULL) != 0)
            return false;
        found++;
    }
    return found == 1;
}

/* BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
static bool is_ca(struct cb_span extensions)
{
    struct cb_span value, sequence, ca, path_length;
    if (!find_extension(extensions, 19, &value) ||
        cb_der_take(&value, CB_DER_SEQUENCE, &sequence, NULL) != 0 || value.n != 0 ||
        cb_der_take(&sequence, CB_DER_BOOLEAN, &ca, NULL) != 0)
        return false;
    (void)cb_der_take(&sequence, CB_DER_INTEGER, &path_length, NULL);
    return sequence.n == 0 && ca.n == 1 && ca.p[0] != 0;
}

static int digest(const EVP_MD *type, struct cb_span data, uint8_t *out, struct cb_error *err)
{
    if (EVP_Digest(data.p, data.n, out, NULL, type, NULL) != 1)
        return cb_fail(err, CB_ERR_CERTIFICATE, "libcrypto cannot make a %s digest",
                       EVP_MD_get0_name(type));
    return 0;
}

/* The bits of the subjectPublicKey, without the octet that counts the unused ones. Unused bits must
 * be zero (X.690, 11.2.1): libcrypto would drop them, and its digest of the key be another. */
static int key_bits(struct cb_span spki, struct cb_span *bits)
{
    struct cb_span sequence, algorithm;
    if (cb_der_take(&spki, CB_DER_SEQUENCE, &sequence, NULL) != 0 ||
        cb_der_take(&sequence, CB_DER_SEQUENCE, &algorithm, NULL) != 0 ||
        cb_der_take(&sequence, CB_DER_BIT_STRING, bits, NULL) != 0 || bits->n == 0)
        return -1;
    uint8_t unused = bits->p[0];
    *bits = cb_span(bits->p + 1, bits->n - 1);
    bool clean = bits->n == 0 || (bits->p[bits->n - 1] & ((1u << (unused & 7)) - 1)) == 0;
    return unused <= 7 && clean ? 0 : -1;
}

static int find_key_id(struct cb_x509_facts *f, struct cb_error *err)
{
    struct cb_span value, id, bits;
    f->has_ski = find_extension(f->parts.extensions, 14, &value) &&
                 cb_der_take(&value, CB_DER_OCTET_STRING, &id, NULL) == 0 && value.n == 0 &&
                 id.n > 0 && id.n <= sizeof f->key_id;
    if (f->has_ski) {
        memcpy(f->key_id, id.p, id.n);
        f->key_id_n = id.n;
        return 0;
    }
    if (key_bits(f->parts.spki, &bits) != 0)
        return cb_fail(err, CB_ERR_CERTIFICATE, "the certificate's public key is not DER");
    f->key_id_n = 20;
    return digest(EVP_sha1(), bits, f->key_id, err);
}

static int read_time(struct cb_span element, const char *which, int64_t *t, struct cb_error *err)
{
    uint8_t tag;
    struct cb_span content;
    if (cb_der_next(&element, &tag, &content, NULL) != 0 ||
        (tag == CB_DER_UTC_TIME ? cb_parse_utctime(content, t)
                                : cb_parse_generalizedtime(content, t)) != 0)
        return cb_fail(err, CB_ERR_CERTIFICATE,
                       "the certificate's %s is not a time as RFC 5280 has it", which);
    return 0;
}

/* The indexes need the canonical form of both. */
static int check_name(struct cb_span name, const char *which, struct cb_error *err)
{
    struct cb_buf canonical;
    cb_buf_init(&canonical, CB_NAME_CANONICAL_MAX);
    int result = cb_name_canonical(&canonical, name);
    cb_buf_clear(&canonical);
    return result == 0 ? 0
                       : cb_fail(err, CB_ERR_CERTIFICATE,
                                 "the certificate's %s is longer than %d bytes or not DER", which,
                                 CB_NAME_MAX);
}

int cb_x509_facts(struct cb_span der, struct cb_x509_facts *out, struct cb_error *err)
{
    *out = (struct cb_x509_facts){.ca = false};
    if (cb_x509_decodes(der, err) != 0)
        return -1;
    if (cb_certificate_parts(der, &out->parts) != 0)
        return cb_fail(err, CB_ERR_CERTIFICATE, "the certificate is BER, but not DER");
    if (read_time(out->parts.not_before, "notBefore", &out->not_before, err) != 0 ||
        read_time(out->parts.not_after, "notAfter", &out->not_after, err) != 0 ||
        check_name(out->parts.issuer, "issuer", err) != 0 ||
        check_name(out->parts.subject, "subject", err) != 0 || find_key_id(out, err) != 0 ||
        digest(EVP_sha1(), der, out->sha1, err) != 0 ||
        digest(EVP_sha256(), der, out->sha256, err) != 0)
        return -1;
    out->ca = is_ca(out->parts.extensions);
    return 0;
}
