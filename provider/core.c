#include "provider/core.h"
#include <openssl/params.h>
#include <stdarg.h>

#define REASON(code, text)                                                                         \
    {                                                                                              \
        (code), (void *)(text)                                                                     \
    }

const OSSL_ITEM cb_core_reasons[] = {
    REASON(CB_ERR_USAGE, "invalid call"),
    REASON(CB_ERR_CONFIG, "configuration error"),
    REASON(CB_ERR_URI, "invalid uri"),
    REASON(CB_ERR_NO_SOURCE, "no such source"),
    REASON(CB_ERR_SECRET, "secret not usable"),
    REASON(CB_ERR_UNAVAILABLE, "source unavailable"),
    REASON(CB_ERR_REFUSED, "file not trusted"),
    REASON(CB_ERR_DAMAGED, "snapshot damaged"),
    REASON(CB_ERR_NETWORK, "network error"),
    REASON(CB_ERR_REMOTE, "error of the remote service"),
    REASON(CB_ERR_NOT_FOUND, "not found"),
    REASON(CB_ERR_ANSWER, "answer not understood"),
    REASON(CB_ERR_CERTIFICATE, "certificate cannot be decoded"),
    REASON(CB_ERR_LIMIT, "limit exceeded"),
    REASON(CB_ERR_SYSTEM, "system error"),
    REASON(CB_ERR_MEMORY, "out of memory"),
    {0, NULL},
};

void cb_core_init(struct cb_core *core, const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in)
{
    *core = (struct cb_core){.handle = handle, .in = in};
    for (; in->function_id != 0; in++)
        switch (in->function_id) {
        case OSSL_FUNC_CORE_GET_PARAMS:
            core->get_params = OSSL_FUNC_core_get_params(in);
            break;
        case OSSL_FUNC_CORE_NEW_ERROR:
            core->new_error = OSSL_FUNC_core_new_error(in);
            break;
        case OSSL_FUNC_CORE_SET_ERROR_DEBUG:
            core->set_error_debug = OSSL_FUNC_core_set_error_debug(in);
            break;
        case OSSL_FUNC_CORE_VSET_ERROR:
            core->vset_error = OSSL_FUNC_core_vset_error(in);
            break;
        case OSSL_FUNC_CORE_SET_ERROR_MARK:
            core->set_error_mark = OSSL_FUNC_core_set_error_mark(in);
            break;
        case OSSL_FUNC_CORE_CLEAR_LAST_ERROR_MARK:
            core->clear_last_error_mark = OSSL_FUNC_core_clear_last_error_mark(in);
            break;
        case OSSL_FUNC_CORE_POP_ERROR_TO_MARK:
            core->pop_error_to_mark = OSSL_FUNC_core_pop_error_to_mark(in);
            break;
        default:
            break;
        }
}

const char *cb_core_setting(const struct cb_core *core, const char *key)
{
    const char *value = NULL;
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_ptr(key, &value, 0), OSSL_PARAM_END};
    if (!core->get_params || !core->get_params(core->handle, params))
        return NULL;
    return value;
}

static void set_error(const struct cb_core *core, unsigned reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void set_error(const struct cb_core *core, unsigned reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    core->vset_error(core->handle, reason, format, args);
    va_end(args);
}

void cb_core_raise(const struct cb_core *core, const char *function, const struct cb_error *err)
{
    if (!core->new_error || !core->set_error_debug || !core->vset_error)
        return;
    core->new_error(core->handle);
    core->set_error_debug(core->handle, "certbridge", 0, function);
    set_error(core, err->code, "%s", err->text);
}

void cb_core_mark(const struct cb_core *core)
{
    if (core->set_error_mark)
        core->set_error_mark(core->handle);
}

void cb_core_keep(const struct cb_core *core)
{
    if (core->clear_last_error_mark)
        core->clear_last_error_mark(core->handle);
}

void cb_core_drop(const struct cb_core *core)
{
    if (core->pop_error_to_mark)
        core->pop_error_to_mark(core->handle);
}
