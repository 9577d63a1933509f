/* nevisIDM: certificate credentials of users. API: core/v1, "Get a certificate credential" and the
 * lists beside it. */
#include "common/config.h"
#include "common/source.h"

static const char *const states[] = {"initial",     "active",     "tmp-locked",
                                     "fail-locked", "reset-code", "admin-changed",
                                     "disabled",    "archived",   NULL};
static const char *const active[] = {"active", NULL};

static const struct cb_key keys[] = {
    {.name = "client", .kind = CB_VALUE_TEXT, .required = true, .identity = true},
    {.name = "users", .kind = CB_VALUE_LIST, .required = true, .identity = true},
    {.name = "certificates", .kind = CB_VALUE_LIST, .identity = true, .fallback = "*"},
    {.name = "bearer_token", .kind = CB_VALUE_SECRET},
    {.name = "basic_user", .kind = CB_VALUE_TEXT},
    {.name = "basic_password", .kind = CB_VALUE_SECRET},
    {.name = NULL},
};

static int check(const struct cb_source *source, struct cb_error *err)
{
    bool bearer = cb_source_text(source, "bearer_token");
    bool user = cb_source_text(source, "basic_user");
    bool password = cb_source_text(source, "basic_password");
    if (user != password)
        return cb_fail(err, CB_ERR_CONFIG, "basic_user and basic_password go together");
    if (bearer && user)
        return cb_fail(err, CB_ERR_CONFIG, "bearer_token and basic_user exclude each other");
    if (!bearer && !user && !source->client_certificate)
        return cb_fail(err, CB_ERR_CONFIG,
                       "needs bearer_token, basic_user with basic_password, or client_certificate");
    return 0;
}

#ifdef CB_FETCH_HALF
#endif

const struct cb_source_type cb_nevisidm = {
    .name = "nevisidm",
    .manufacturer = "Nevis",
    .states = states,
    .default_states = active,
    .anchor_states = active,
    .keys = keys,
    .check = check,
};
