#include "provider/criteria.h"
#include "common/name.h"
#include "common/snapshot-format.h"
#include "provider/digest.h"
#include "provider/param.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

#define SERIAL_MAX 1024     /* bytes with the header; RFC 5280 allows 20, libcrypto more */
#define DIGEST_NAME_MAX 128 /* bytes; longest of OpenSSL's is an object identifier of 24 */

static int read_integer(const OSSL_PARAM *p, struct cb_buf *out)
{
    if (p->data_type != OSSL_PARAM_INTEGER && p->data_type != OSSL_PARAM_UNSIGNED_INTEGER)
        return -1;
    cb_param_integer(p, out);
    return 0;
}

static int read_octets(const OSSL_PARAM *p, struct cb_buf *out)
{
    struct cb_span value;
    if (cb_param_octets(p, &value))
        return -1;
    cb_buf_add_span(out, value);
    return 0;
}

static int read_text(const OSSL_PARAM *p, struct cb_buf *out)
{
    struct cb_span value;
    if (cb_param_text(p, &value))
        return -1;
    cb_buf_add_span(out, value);
    return 0;
}

static const struct {
    const char *key;
    int (*read)(const OSSL_PARAM *p, struct cb_buf *out); /* -1: wrong type */
    size_t cap; /* bytes; what is longer matches nothing */
} rows[CB_CRITERIA] = {
    [CB_BY_SUBJECT] = {OSSL_STORE_PARAM_SUBJECT, read_octets, CB_NAME_MAX},
    [CB_BY_ISSUER] = {OSSL_STORE_PARAM_ISSUER, read_octets, CB_NAME_MAX},
    [CB_BY_SERIAL] = {OSSL_STORE_PARAM_SERIAL, read_integer, SERIAL_MAX},
    [CB_BY_FINGERPRINT] = {OSSL_STORE_PARAM_FINGERPRINT, read_octets, CB_DIGEST_MAX},
    [CB_BY_DIGEST] = {OSSL_STORE_PARAM_DIGEST, read_text, DIGEST_NAME_MAX},
    [CB_BY_ALIAS] = {OSSL_STORE_PARAM_ALIAS, read_text, CB_OBJECT_PATH_MAX},
};
_Static_assert(CB_LABEL_MAX <= CB_OBJECT_PATH_MAX, "an alias is a label or a path");

const OSSL_PARAM cb_criteria_settable[] = {
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_EXPECT, OSSL_PARAM_INTEGER, NULL, sizeof(int)),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_SUBJECT, OSSL_PARAM_OCTET_STRING, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_ISSUER, OSSL_PARAM_OCTET_STRING, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_SERIAL, OSSL_PARAM_INTEGER, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_DIGEST, OSSL_PARAM_UTF8_STRING, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_FINGERPRINT, OSSL_PARAM_OCTET_STRING, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_ALIAS, OSSL_PARAM_UTF8_STRING, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_PROPERTIES, OSSL_PARAM_UTF8_STRING, NULL, 0),
    OSSL_PARAM_DEFN(OSSL_STORE_PARAM_INPUT_TYPE, OSSL_PARAM_UTF8_STRING, NULL, 0),
    OSSL_PARAM_END,
};

static int wrong_type(const OSSL_PARAM *p, struct cb_error *err)
{
    return cb_fail(err, CB_ERR_USAGE,
                   "the parameter \"%s\" has a type or value that it cannot have", p->key);
}

static int set_criterion(struct cb_criteria *c, size_t which, const OSSL_PARAM *p,
                         struct cb_error *err)
{
    struct cb_buf *value = &c->value[which];
    cb_buf_clear(value);
    cb_buf_init(value, rows[which].cap);
    c->given[which] = true;
    return rows[which].read(p, value) ? wrong_type(p, err) : 0;
}

static int set_one(struct cb_criteria *c, const OSSL_PARAM *p, struct cb_error *err)
{
    if (strcmp(p->key, OSSL_STORE_PARAM_EXPECT) == 0)
        return cb_param_int(p, &c->expect) ? wrong_type(p, err) : 0;
    for (size_t i = 0; i < CB_CRITERIA; i++)
        if (strcmp(p->key, rows[i].key) == 0)
            return set_criterion(c, i, p, err);
    return 0;
}

int cb_criteria_set(struct cb_criteria *c, const OSSL_PARAM params[], struct cb_error *err)
{
    int result = 0;
    for (const OSSL_PARAM *p = params; p && p->key; p++)
        if (set_one(c, p, err))
            result = -1;
    return result;
}

void cb_criteria_clear(struct cb_criteria *c)
{
    for (size_t i = 0; i < CB_CRITERIA; i++)
        cb_buf_clear(&c->value[i]);
}

bool cb_criteria_any(const struct cb_criteria *c)
{
    for (size_t i = 0; i < CB_CRITERIA; i++)
        if (c->given[i])
            return true;
    return false;
}
