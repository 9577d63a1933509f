#include "common/fetch/pem.h"
#include "common/fetch/base64.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"
#define LABEL_MAX 64 /* bytes; the longest of RFC 7468 has 21 */

/* Splits `text` at the first `word`; -1 when it is not there. */
static int split(struct cb_span text, const char *word, struct cb_span *before,
                 struct cb_span *after)
{
    size_t n = strlen(word);
    const uint8_t *found = text.n ? memmem(text.p, text.n, word, n) : NULL;
    if (!found)
        return -1;
    *before = cb_span(text.p, (size_t)(found - text.p));
    *after = cb_span(found + n, text.n - before->n - n);
    return 0;
}

/* Only what RFC 7468 allows in a label is ever quoted. */
static bool valid_label(struct cb_span label)
{
    for (size_t i = 0; i < label.n; i++)
        if (label.p[i] < ' ' || label.p[i] > '~')
            return false;
    return label.n <= LABEL_MAX;
}

static bool ends_with(struct cb_span text, const char *end)
{
    size_t n = strlen(end);
    return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

static int check_label(struct cb_span label, struct cb_error *err)
{
    if (!valid_label(label))
        return cb_fail(err, CB_ERR_CERTIFICATE, "a BEGIN line has no end");
    if (ends_with(label, "PRIVATE KEY"))
        return cb_fail(err, CB_ERR_CERTIFICATE,
                       "a private key stands where a certificate belongs; consider it disclosed");
    if (!cb_span_equal(label, cb_span_of("CERTIFICATE")) &&
        !cb_span_equal(label, cb_span_of("X509 CERTIFICATE")))
        return cb_fail(err, CB_ERR_CERTIFICATE, "PEM of %.*s is no certificate",
                       CB_SPAN_ARGS(label));
    return 0;
}

/* Takes one block off `*text`, up to and with its END line. */
static int take_block(struct cb_span *text, struct cb_span *body, struct cb_error *err)
{
    struct cb_span label, end_label;
    if (split(*text, DASHES, &label, text) != 0)
        return cb_fail(err, CB_ERR_CERTIFICATE, "a BEGIN line has no end");
    if (check_label(label, err) != 0)
        return -1;
    if (split(*text, END, body, text) != 0 || split(*text, DASHES, &end_label, text) != 0)
        return cb_fail(err, CB_ERR_CERTIFICATE, "PEM without its END line: cut short?");
    if (!cb_span_equal(label, end_label))
        return cb_fail(err, CB_ERR_CERTIFICATE, "the END line does not belong to its BEGIN line");
    return 0;
}

static int decode(struct cb_span base64, struct cb_buf *out, struct cb_error *err)
{
    size_t at;
    if (cb_base64_decode(out, base64, &at) == 0)
        return out->n > 0 ? 0 : cb_fail(err, CB_ERR_CERTIFICATE, "there is no certificate");
    if (out->failed)
        return cb_fail(err, CB_ERR_CERTIFICATE, "a certificate has more than %u bytes",
                       CB_CERTIFICATE_MAX);
    if (at == base64.n)
        return cb_fail(err, CB_ERR_CERTIFICATE, "the base64 text is cut short");
    return cb_fail(err, CB_ERR_CERTIFICATE, "bad base64 at byte %zu", at + 1);
}

static struct cb_buf *new_certificate(struct cb_certificates *out, struct cb_error *err)
{
    if (out->n == CB_CHAIN_MAX) {
        cb_fail(err, CB_ERR_CERTIFICATE, "there are more than %u certificates", CB_CHAIN_MAX);
        return NULL;
    }
    cb_buf_init(&out->der[out->n], CB_CERTIFICATE_MAX);
    return &out->der[out->n++];
}

static int decode_pem(struct cb_span text, struct cb_certificates *out, struct cb_error *err)
{
    struct cb_span before, body;
    while (split(text, BEGIN, &before, &text) == 0) {
        if (take_block(&text, &body, err) != 0)
            return -1;
        struct cb_buf *der = new_certificate(out, err);
        if (!der)
            return -1;
        if (decode(body, der, err) != 0)
            return cb_fail_in(err, "certificate %zu", out->n);
    }
    return 0;
}

static bool is_pem(struct cb_span text)
{
    struct cb_span before, after;
    return split(text, BEGIN, &before, &after) == 0;
}

/* Without armour: DER, or a whole PEM file, since Azure's tools upload either in base64. */
static int decode_bare(struct cb_span text, struct cb_certificates *out, struct cb_error *err)
{
    struct cb_buf *der = new_certificate(out, err);
    if (decode(text, der, err) != 0)
        return -1;
    if (!is_pem(cb_buf_span(der)))
        return 0;
    struct cb_buf pem = *der;
    out->n = 0;
    int result = decode_pem(cb_buf_span(&pem), out, err);
    cb_buf_wipe(&pem);
    return result;
}

int cb_certificates_decode(struct cb_span text, struct cb_certificates *out, struct cb_error *err)
{
    out->n = 0;
    int result = is_pem(text) ? decode_pem(text, out, err) : decode_bare(text, out, err);
    if (result != 0)
        cb_certificates_clear(out);
    return result;
}

/* What did not prove to be a certificate may have been a key. */
void cb_certificates_clear(struct cb_certificates *c)
{
    for (size_t i = 0; i < c->n; i++)
        cb_buf_wipe(&c->der[i]);
    c->n = 0;
}
