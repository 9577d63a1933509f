#include "common/fetch/check.h"

#include "common/text.h"
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

#define QUOTED_MAX 80  /* bytes of a stated text that a reason repeats */
#define SERIAL_MAX 256 /* bytes of a serial number's text; RFC 5280 allows 20 octets */

static void add_reason(struct cb_buf *reasons, const char *what, struct cb_span stated)
{
    if (reasons->n > 0)
        cb_buf_add_text(reasons, "; ");
    cb_buf_printf(reasons, "the API's %s \"", what);
    cb_add_printable(reasons, stated, QUOTED_MAX);
    cb_buf_add_text(reasons, "\" ");
}

static enum cb_verdict check_digest(struct cb_span stated, const struct cb_x509_facts *facts,
                                    struct cb_buf *reasons)
{
    uint8_t digest[sizeof facts->sha256];
    struct cb_span own;
    size_t n;

    if (cb_unhex(digest, sizeof digest, &n, stated, true) == -1 ||
        (n != sizeof facts->sha1 && n != sizeof facts->sha256)) {
        add_reason(reasons, "digest", stated);
        cb_buf_add_text(reasons, "is neither SHA-1 nor SHA-256");
        return CB_DIFFERS;
    }
    own = n == sizeof facts->sha1 ? cb_span(facts->sha1, n) : cb_span(facts->sha256, n);
    if (cb_span_equal(own, cb_span(digest, n)))
        return CB_AGREES;
    add_reason(reasons, "digest", stated);
    cb_buf_add_text(reasons, "is not the certificate's, which is ");
    cb_hex(reasons, own);
    return CB_CONTRADICTS;
}

/* A number's text without what has no meaning: separators, 0x, leading zeros, case. */
static void plain_number(struct cb_span text, char out[SERIAL_MAX])
{
    size_t n = 0, i = 0;

    if (text.n > 0 && text.p[0] == '-') {
        out[n++] = '-';
        i++;
    }
    if (text.n - i >= 2 && text.p[i] == '0' && (text.p[i + 1] | 0x20) == 'x')
        i += 2;
    while (i < text.n && (text.p[i] == '0' || text.p[i] == ':' || text.p[i] == ' '))
        i++;
    for (; i < text.n && n < SERIAL_MAX - 1; i++)
        if (text.p[i] != ':' && text.p[i] != ' ')
            out[n++] = (char)(text.p[i] >= 'A' && text.p[i] <= 'F' ? text.p[i] | 0x20 : text.p[i]);
    out[n] = '\0';
}

static bool same_number(const char *ours, struct cb_span stated)
{
    char a[SERIAL_MAX], b[SERIAL_MAX];

    if (!ours)
        return false;
    plain_number(cb_span_of(ours), a);
    plain_number(stated, b);
    return strcmp(a, b) == 0;
}

/* `serial` is the certificate's INTEGER element. */
static bool serial_agrees(struct cb_span stated, bool decimal_too, struct cb_span serial)
{
    const unsigned char *p = serial.p;
    ASN1_INTEGER *integer = d2i_ASN1_INTEGER(NULL, &p, (long)serial.n);
    BIGNUM *number = integer ? ASN1_INTEGER_to_BN(integer, NULL) : NULL;
    char *hex = number ? BN_bn2hex(number) : NULL;
    char *decimal = number && decimal_too ? BN_bn2dec(number) : NULL;
    bool agrees = same_number(hex, stated) || same_number(decimal, stated);

    OPENSSL_free(hex);
    OPENSSL_free(decimal);
    BN_free(number);
    ASN1_INTEGER_free(integer);
    return agrees;
}

/* Some give the extension's value, an OCTET STRING, with its header. */
static bool key_id_agrees(struct cb_span stated, const struct cb_x509_facts *facts)
{
    uint8_t id[2 + sizeof facts->key_id];
    size_t n;

    if (cb_unhex(id, sizeof id, &n, stated, true) == -1)
        return false;
    if (n == facts->key_id_n + 2 && id[0] == CB_DER_OCTET_STRING && id[1] == facts->key_id_n)
        return memcmp(id + 2, facts->key_id, facts->key_id_n) == 0;
    return cb_span_equal(cb_span(id, n), cb_span(facts->key_id, facts->key_id_n));
}

static bool expiry_agrees(struct cb_span stated, int64_t not_after)
{
    int64_t t;

    return (cb_parse_rfc3339(stated, &t) == 0 || cb_parse_http_date(stated, &t) == 0) &&
           t == not_after;
}

enum cb_verdict cb_check_claims(const struct cb_claims *claims, const struct cb_x509_facts *facts,
                                struct cb_buf *reasons)
{
    enum cb_verdict verdict = CB_AGREES;
    char iso[CB_ISO_MAX];

    if (claims->digest.n > 0)
        verdict = check_digest(claims->digest, facts, reasons);
    if (verdict == CB_CONTRADICTS)
        return verdict;
    if (claims->serial.n > 0 &&
        !serial_agrees(claims->serial, claims->serial_may_be_decimal, facts->parts.serial)) {
        add_reason(reasons, "serial number", claims->serial);
        cb_buf_add_text(reasons, "is not the certificate's");
        verdict = CB_DIFFERS;
    }
    if (claims->key_id.n > 0 && !key_id_agrees(claims->key_id, facts)) {
        add_reason(reasons, "key identifier", claims->key_id);
        cb_buf_add_text(reasons, "is not the certificate's, which is ");
        cb_hex(reasons, cb_span(facts->key_id, facts->key_id_n));
        verdict = CB_DIFFERS;
    }
    if (claims->not_after.n > 0 && !expiry_agrees(claims->not_after, facts->not_after)) {
        add_reason(reasons, "expiry", claims->not_after);
        cb_buf_printf(reasons, "is not the certificate's, which is %s",
                      cb_iso(facts->not_after, iso));
        verdict = CB_DIFFERS;
    }
    return verdict;
}
