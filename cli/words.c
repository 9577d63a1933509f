#include "cli/words.h"
#include "common/der.h"
#include "common/text.h"

/* Two's complement of a negative number, in place. */
static void negate(uint8_t *p, size_t n)
{
    unsigned carry = 1;
    for (size_t i = n; i-- > 0;) {
        unsigned v = (uint8_t)~p[i] + carry;
        p[i] = (uint8_t)v;
        carry = v >> 8;
    }
}

int cli_add_serial(struct cb_buf *out, struct cb_span serial)
{
    struct cb_span digits;
    struct cb_buf magnitude;
    cb_buf_init(&magnitude, serial.n + 1);
    int rc = -1;

    if (cb_der_take(&serial, CB_DER_INTEGER, &digits, NULL) || digits.n == 0)
        goto out;
    if (cb_buf_add_span(&magnitude, digits))
        goto out;
    if (digits.p[0] & 0x80) {
        negate(magnitude.p, magnitude.n);
        if (cb_buf_add_text(out, "-"))
            goto out;
    }
    struct cb_span m = cb_buf_span(&magnitude);
    while (m.n > 1 && m.p[0] == 0) {
        m.p++;
        m.n--;
    }
    rc = cb_hex(out, m);
out:
    cb_buf_clear(&magnitude);
    return rc;
}

/* RFC 7512, 2.3: what is not allowed in a value is percent-encoded; a binary id always is. */
static int add_id(struct cb_buf *out, struct cb_span id)
{
    for (size_t i = 0; i < id.n; i++)
        if (cb_buf_printf(out, "%%%02X", id.p[i]))
            return -1;
    return 0;
}

int cli_add_pkcs11_uri(struct cb_buf *out, const struct cb_source *source,
                       const struct cb_object *o)
{
    if (cb_buf_printf(out, "pkcs11:token=%s", source->name))
        return -1;
    if (o->kind != CB_PASSCODE && (cb_buf_add_text(out, ";id=") || add_id(out, o->key_id)))
        return -1;
    if (cb_buf_add_text(out, ";object=") || cb_percent_encode(out, o->label))
        return -1;
    return cb_buf_add_text(out, o->kind == CB_PASSCODE ? ";type=data" : ";type=cert");
}

const char *cli_kind(enum cb_kind kind)
{
    static const char *const names[] = {
        [CB_CERTIFICATE] = "certificate", [CB_PASSCODE] = "passcode", [CB_CHAIN] = "chain"};
    return names[kind];
}
