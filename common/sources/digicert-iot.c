/* DigiCert IoT Trust Manager: authentication certificates of enrollment profiles.
 * API: "Get authentication certificate details" of IoT Trust Manager v1. */
#include "common/config.h"
#include "common/source.h"

static const char *const states[] = {"ACTIVE", "DISABLED", "DELETED", NULL};
static const char *const active[] = {"ACTIVE", NULL};

static const struct cb_key keys[] = {
    {.name = "enrollment_profile", .kind = CB_VALUE_LIST, .required = true, .identity = true},
    {.name = "authentication_certificates", .kind = CB_VALUE_LIST, .identity = true},
    {.name = "api_key", .kind = CB_VALUE_SECRET},
    {.name = NULL},
};

static int check(const struct cb_source *source, struct cb_error *err)
{
    bool key = cb_source_text(source, "api_key");
    if (key && source->client_certificate)
        return cb_fail(err, CB_ERR_CONFIG,
                       "api_key and client_certificate exclude each other: the clientauth. host "
                       "takes no key, any other host no certificate");
    if (!key && !source->client_certificate)
        return cb_fail(err, CB_ERR_CONFIG,
                       "needs api_key, or client_certificate with the clientauth. host in url");
    return 0;
}

#ifdef CB_FETCH_HALF
#endif

const struct cb_source_type cb_digicert_iot = {
    .name = "digicert-iot",
    .manufacturer = "DigiCert",
    .states = states,
    .default_states = active,
    .anchor_states = active,
    .keys = keys,
    .check = check,
};
