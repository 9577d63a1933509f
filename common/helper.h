/* The program that the faces start, its arguments (--config FILE sync --quiet --helper SOURCE) and
 * the environment that is built for it.
 *
 * Nothing is inherited but what a sync needs: settings of the host that would change how our
 * program or its libraries behave (LD_*, OPENSSL_*, SSL_CERT_*, P11_KIT_*, proxies) never pass. */
#ifndef CB_COMMON_HELPER_H
#define CB_COMMON_HELPER_H

#include "common/config.h"

#define CB_HELPER_ENV_MAX 256 /* variables: 15 of ours, and those that a configuration names */

struct cb_helper {
    const char *program;               /* absolute; the environment's, or compiled in */
    char *argv[8];                     /* NULL-terminated; belongs to the configuration */
    char *envp[CB_HELPER_ENV_MAX + 1]; /* NULL-terminated; each owned */
    size_t n_env;
};

/* CB_ERR_REFUSED when $CERTBRIDGE_HELPER is not a program of root or of the effective user. The
 * caller clears in every case. */
int cb_helper_init(struct cb_helper *h, const struct cb_config *config,
                   const struct cb_source *source, struct cb_error *err);
void cb_helper_clear(struct cb_helper *h);

/* Does this process's environment hold every secret that the source takes from it (env:NAME,
 * credential:NAME)? A helper started without one would fail and make others wait who have it.
 * CB_ERR_SECRET names the variable. */
int cb_helper_has_secrets(const struct cb_source *source, struct cb_error *err);

#endif
