/* What a host asks a store for (OSSL_STORE_find(3), OSSL_STORE_expect(3)), as it told us in
 * parameters. Several criteria must all be met. */
#ifndef CB_PROVIDER_CRITERIA_H
#define CB_PROVIDER_CRITERIA_H

#include "common/buf.h"
#include "common/error.h"
#include <openssl/core.h>

enum cb_criterion {
    CB_BY_SUBJECT,     /* DER Name */
    CB_BY_ISSUER,      /* DER Name */
    CB_BY_SERIAL,      /* INTEGER element */
    CB_BY_FINGERPRINT, /* octets of the digest of the DER */
    CB_BY_DIGEST,      /* the digest's name; says what CB_BY_FINGERPRINT is */
    CB_BY_ALIAS,       /* label or path, as text */
    CB_CRITERIA
};

/* All zero asks for everything. */
struct cb_criteria {
    bool given[CB_CRITERIA];
    struct cb_buf value[CB_CRITERIA]; /* owned; empty also when longer than any can be */
    int expect;                       /* OSSL_STORE_INFO_*, or 0: everything */
};

/* The parameters that cb_criteria_set takes, for OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS. */
extern const OSSL_PARAM cb_criteria_settable[];

/* Takes what `params` (may be NULL) hold; unknown keys, "properties" and "input-type" have no
 * effect. -1 with CB_ERR_USAGE for a value of the wrong type; the rest is taken all the same. */
int cb_criteria_set(struct cb_criteria *criteria, const OSSL_PARAM params[], struct cb_error *err);

void cb_criteria_clear(struct cb_criteria *criteria);

/* Is anything asked but a type? */
bool cb_criteria_any(const struct cb_criteria *criteria);

static inline struct cb_span cb_criterion(const struct cb_criteria *criteria,
                                          enum cb_criterion which)
{
    return cb_buf_span(&criteria->value[which]);
}

#endif
