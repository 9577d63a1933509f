#include "common/helper.h"

#include "common/file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A name that ends in '*' stands for every variable that begins so. */
static const char *const passed[] = {"PATH",
                                     "HOME",
                                     "XDG_*",
                                     "LANG",
                                     "LC_*",
                                     "CERTBRIDGE_CONF",
                                     "CERTBRIDGE_LOG",
                                     "CREDENTIALS_DIRECTORY",
                                     "AZURE_TENANT_ID",
                                     "AZURE_CLIENT_ID",
                                     "AZURE_AUTHORITY_HOST",
                                     "AZURE_FEDERATED_TOKEN_FILE",
                                     NULL};

/* Not even when a configuration names one. */
static const char *const never[] = {"LD_*",       "OPENSSL_*",  "SSL_CERT_*",  "P11_KIT_*",
                                    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                    "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY",
                                    NULL};

static bool matches(struct cb_span name, const char *const *patterns)
{
    for (; *patterns != NULL; patterns++) {
        size_t n = strlen(*patterns);
        bool prefix = (*patterns)[n - 1] == '*';
        if (prefix ? name.n >= n - 1 && memcmp(name.p, *patterns, n - 1) == 0
                   : cb_span_equal(name, cb_span(*patterns, n)))
            return true;
    }
    return false;
}

/* What follows `scheme` in the source's secret for this key; NULL when it is of another kind. */
static const char *secret_name(const struct cb_source *source, size_t key, const char *scheme)
{
    const struct cb_list *value = &source->own[key];
    size_t n = strlen(scheme);

    if (source->type->keys[key].kind != CB_VALUE_SECRET || value->n == 0)
        return NULL;
    return strncmp(value->items[0], scheme, n) == 0 ? value->items[0] + n : NULL;
}

static bool is_secret_of(const struct cb_source *source, struct cb_span name)
{
    for (size_t i = 0; source->type->keys[i].name != NULL; i++) {
        const char *variable = secret_name(source, i, "env:");
        if (variable != NULL && cb_span_equal(name, cb_span_of(variable)))
            return true;
    }
    return false;
}

static int add(struct cb_helper *h, const char *variable, struct cb_error *err)
{
    if (h->n_env == CB_HELPER_ENV_MAX)
        return cb_fail(err, CB_ERR_LIMIT, "more than %d environment variables for the helper",
                       CB_HELPER_ENV_MAX);
    h->envp[h->n_env] = strdup(variable);
    if (h->envp[h->n_env] == NULL)
        return cb_fail_memory(err);
    h->n_env++;
    return 0;
}

static int build_environment(struct cb_helper *h, const struct cb_source *source,
                             struct cb_error *err)
{
    if (add(h, "CERTBRIDGE_REFRESHING=1", err) != 0)
        return -1;
    for (char **e = environ; e != NULL && *e != NULL; e++) {
        const char *equals = strchr(*e, '=');
        struct cb_span name = cb_span(*e, equals != NULL ? (size_t)(equals - *e) : 0);
        if (matches(name, never) || (!matches(name, passed) && !is_secret_of(source, name)))
            continue;
        if (add(h, *e, err) != 0)
            return -1;
    }
    return 0;
}

static int find_program(const char **out, struct cb_error *err)
{
    const char *path = secure_getenv("CERTBRIDGE_HELPER");
    struct stat st;

    *out = CB_PROGRAM;
    if (path == NULL)
        return 0;
    if (path[0] != '/')
        return cb_fail(err, CB_ERR_REFUSED, "CERTBRIDGE_HELPER must be an absolute path");
    if (stat(path, &st) != 0)
        return cb_fail_errno(err, CB_ERR_REFUSED, "CERTBRIDGE_HELPER %s", path);
    if (cb_file_trusted(path, &st, (uid_t)-1, err) != 0)
        return cb_fail_in(err, "CERTBRIDGE_HELPER");
    *out = path;
    return 0;
}

int cb_helper_init(struct cb_helper *h, const struct cb_config *config,
                   const struct cb_source *source, struct cb_error *err)
{
    memset(h, 0, sizeof *h);
    if (find_program(&h->program, err) != 0)
        return -1;
    const char *const words[] = {h->program, "--config", config->path, "sync",
                                 "--quiet",  "--helper", source->name};
    /* exec's prototype lacks the const that it keeps. */
    memcpy(h->argv, words, sizeof words);
    return build_environment(h, source, err);
}

void cb_helper_clear(struct cb_helper *h)
{
    for (size_t i = 0; i < h->n_env; i++)
        free(h->envp[i]);
    memset(h, 0, sizeof *h);
}

static bool is_set(const char *variable)
{
    const char *value = secure_getenv(variable);

    return value != NULL && *value != '\0';
}

int cb_helper_has_secrets(const struct cb_source *source, struct cb_error *err)
{
    for (size_t i = 0; source->type->keys[i].name != NULL; i++) {
        const char *variable = secret_name(source, i, "env:");
        if (variable == NULL && secret_name(source, i, "credential:") != NULL)
            variable = "CREDENTIALS_DIRECTORY";
        if (variable != NULL && !is_set(variable))
            return cb_fail(err, CB_ERR_SECRET, "%s = %s, but %s is not set in this process",
                           source->type->keys[i].name, source->own[i].items[0], variable);
    }
    return 0;
}
