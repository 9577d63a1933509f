/* Any bytes as the certificate field of an answer; and each certificate in it, or the bytes
 * themselves, as DER: what we take, d2i_X509 takes, and the verdict on decoding is the same. */
#include "common/fetch/pem.h"
#include "common/fetch/x509-decode.h"
#include "common/fetch/x509.h"
#include "common/name.h"
#include "common/text.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_certificate(struct cb_span der)
{
    struct cb_x509_facts facts;
    struct cb_error err = {0};
    const uint8_t *p = der.p;
    X509 *x = der.n ? d2i_X509(NULL, &p, (long)der.n) : NULL;
    bool taken = x && p == der.p + der.n;
    ERR_clear_error();
    require((cb_x509_decodes(der, NULL) == 0) == taken);
    if (cb_x509_facts(der, &facts, &err) == 0) {
        require(taken && facts.key_id_n >= 1 && facts.key_id_n <= 100);
        require(cb_name_equal(facts.parts.subject, facts.parts.subject));
    } else {
        require(err.code == CB_ERR_CERTIFICATE && cb_utf8_valid(cb_span_of(err.text)));
    }
    X509_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct cb_certificates certificates;
    struct cb_error err = {0};
    check_certificate(cb_span(data, n));
    if (cb_certificates_decode(cb_span(data, n), &certificates, &err) != 0) {
        require(err.code == CB_ERR_CERTIFICATE && certificates.n == 0);
        require(cb_utf8_valid(cb_span_of(err.text)));
        return 0;
    }
    require(certificates.n > 0);
    for (size_t i = 0; i < certificates.n; i++)
        check_certificate(cb_buf_span(&certificates.der[i]));
    cb_certificates_clear(&certificates);
    return 0;
}
