/* The provider (provider(7)): it offers one OSSL_STORE loader and nothing else.
 *
 * OSSL_provider_init reads no file and calls nothing of libcrypto but what the core handed over: a
 * failure here would be silent, and its user would later read "No store loader found". What can go
 * wrong is said by the loader's open. */
#include "provider/context.h"
#include "provider/param.h"
#include "provider/store.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>

static const OSSL_ALGORITHM stores[] = {
    /* fips=yes: a loader does no cryptography, and the host may allow nothing else. */
    {"certbridge", "provider=certbridge,fips=yes", cb_store_functions,
     "certificates of remote registries"},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *query_operation(void *context, int operation, int *no_cache)
{
    (void)context;
    *no_cache = 0;
    return operation == OSSL_OP_STORE ? stores : NULL;
}

static const OSSL_PARAM *gettable_params(void *context)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_VERSION, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_BUILDINFO, OSSL_PARAM_UTF8_PTR, NULL, 0),
        OSSL_PARAM_DEFN(OSSL_PROV_PARAM_STATUS, OSSL_PARAM_INTEGER, NULL, sizeof(int)),
        OSSL_PARAM_END};
    (void)context;
    return params;
}

static int get_params(void *context, OSSL_PARAM params[])
{
    (void)context;
    return cb_param_answer_text(cb_param_find(params, OSSL_PROV_PARAM_NAME), "certbridge") &&
           cb_param_answer_text(cb_param_find(params, OSSL_PROV_PARAM_VERSION), PACKAGE_VERSION) &&
           cb_param_answer_text(cb_param_find(params, OSSL_PROV_PARAM_BUILDINFO), PACKAGE_STRING) &&
           cb_param_answer_int(cb_param_find(params, OSSL_PROV_PARAM_STATUS), 1);
}

static const OSSL_ITEM *get_reason_strings(void *context)
{
    (void)context;
    return cb_core_reasons;
}

static void teardown(void *context)
{
    cb_provider_clear(context);
    free(context);
}

static const OSSL_DISPATCH functions[] = {
    {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown},
    {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_params},
    {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params},
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_operation},
    {OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, (void (*)(void))get_reason_strings},
    {0, NULL},
};

__attribute__((visibility("default"))) int OSSL_provider_init(const OSSL_CORE_HANDLE *handle,
                                                              const OSSL_DISPATCH *in,
                                                              const OSSL_DISPATCH **out,
                                                              void **context)
{
    struct cb_provider *provider = calloc(1, sizeof *provider);
    if (!provider)
        return 0;
    cb_core_init(&provider->core, handle, in);
    *out = functions;
    *context = provider;
    return 1;
}
