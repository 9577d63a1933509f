/* What the host's libcrypto lends a provider: functions handed over in OSSL_provider_init
 * (provider-base(7)).
 *
 * Errors and parameters go through these and not through libcrypto's own functions: a host may
 * carry a private libcrypto, and the one that we would link is then another, with another error
 * queue. A function that the core does not offer is left out silently. */
#ifndef CB_PROVIDER_CORE_H
#define CB_PROVIDER_CORE_H

#include "common/error.h"
#include <openssl/core.h>
#include <openssl/core_dispatch.h>

struct cb_core {
    const OSSL_CORE_HANDLE *handle;
    const OSSL_DISPATCH *in; /* static in libcrypto */
    OSSL_FUNC_core_get_params_fn *get_params;
    OSSL_FUNC_core_new_error_fn *new_error;
    OSSL_FUNC_core_set_error_debug_fn *set_error_debug;
    OSSL_FUNC_core_vset_error_fn *vset_error;
    OSSL_FUNC_core_set_error_mark_fn *set_error_mark;
    OSSL_FUNC_core_clear_last_error_mark_fn *clear_last_error_mark;
    OSSL_FUNC_core_pop_error_to_mark_fn *pop_error_to_mark;
};

/* Looks the functions up and calls none of them. */
void cb_core_init(struct cb_core *core, const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in);

/* The value of `key` in our section of openssl.cnf, or NULL. It belongs to the host and lives as
 * long as the provider. */
const char *cb_core_setting(const struct cb_core *core, const char *key);

/* Puts `err` on the host's error queue, as raised in `function`: its code is the reason. */
void cb_core_raise(const struct cb_core *core, const char *function, const struct cb_error *err);

/* For calls that may leave errors behind: cb_core_mark before; afterwards cb_core_keep leaves what
 * came onto the queue, cb_core_drop takes it off. */
void cb_core_mark(const struct cb_core *core);
void cb_core_keep(const struct cb_core *core);
void cb_core_drop(const struct cb_core *core);

/* The reasons of cb_core_raise, for OSSL_FUNC_PROVIDER_GET_REASON_STRINGS. */
extern const OSSL_ITEM cb_core_reasons[];

#endif
