/* Reading DER (X.690, 10): one element at a time, no allocation, nothing decoded that is not asked
 * for. */
#ifndef CB_COMMON_DER_H
#define CB_COMMON_DER_H

#include "common/span.h"

enum {
    CB_DER_BOOLEAN = 0x01,
    CB_DER_INTEGER = 0x02,
    CB_DER_BIT_STRING = 0x03,
    CB_DER_OCTET_STRING = 0x04,
    CB_DER_OID = 0x06,
    CB_DER_UTF8_STRING = 0x0c,
    CB_DER_PRINTABLE_STRING = 0x13,
    CB_DER_T61_STRING = 0x14,
    CB_DER_IA5_STRING = 0x16,
    CB_DER_UTC_TIME = 0x17,
    CB_DER_GENERALIZED_TIME = 0x18,
    CB_DER_VISIBLE_STRING = 0x1a,
    CB_DER_UNIVERSAL_STRING = 0x1c,
    CB_DER_BMP_STRING = 0x1e,
    CB_DER_SEQUENCE = 0x30,
    CB_DER_SET = 0x31
};

/* Takes the next element off the front of `*in`. `tag` is its identifier octet (tags above 30 are
 * refused), `content` its content octets, `whole` (may be NULL) the element with its header.
 * Definite lengths only. Lengths longer than need be are accepted, as libcrypto accepts them. -1
 * when there is no whole element. */
int cb_der_next(struct cb_span *in, uint8_t *tag, struct cb_span *content, struct cb_span *whole);

/* The same, and the tag must be `tag`. */
int cb_der_take(struct cb_span *in, uint8_t tag, struct cb_span *content, struct cb_span *whole);

/* The parts of an X.509 certificate (RFC 5280, 4.1) as spans into it. Nothing is judged but the
 * structure. */
struct cb_certificate_parts {
    struct cb_span whole;      /* Certificate: exactly its DER, what follows is cut */
    struct cb_span serial;     /* whole INTEGER element */
    struct cb_span issuer;     /* whole Name element */
    struct cb_span subject;    /* whole Name element */
    struct cb_span not_before; /* whole Time element */
    struct cb_span not_after;  /* whole Time element */
    struct cb_span spki;       /* whole SubjectPublicKeyInfo element */
    struct cb_span extensions; /* content of the Extensions SEQUENCE; empty when there are none */
};

int cb_certificate_parts(struct cb_span der, struct cb_certificate_parts *out);

#endif
