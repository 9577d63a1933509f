/* One provider in one library context: the core's functions, and the configuration once it is
 * needed. */
#ifndef CB_PROVIDER_CONTEXT_H
#define CB_PROVIDER_CONTEXT_H

#include "common/live.h"
#include "provider/core.h"

/* The configuration and what keeps each source's snapshot. Never changes once made. */
struct cb_setup {
    struct cb_config *config; /* owned */
    struct cb_live *live[];   /* owned; one per source, in the order of the configuration */
};

struct cb_provider {
    struct cb_core core;
    _Atomic(struct cb_setup *) setup; /* owned; NULL until the first successful open */
};

/* The setup, loaded by the first call that succeeds: a mistake in the configuration that was mended
 * counts at the next open. Any thread; no lock, so a fork in between harms nobody. NULL with `err`
 * filled. It belongs to the provider. */
const struct cb_setup *cb_provider_setup(struct cb_provider *provider, struct cb_error *err);

/* Frees everything that cb_provider_setup made. */
void cb_provider_clear(struct cb_provider *provider);

static inline struct cb_live *cb_setup_live(const struct cb_setup *setup,
                                            const struct cb_source *source)
{
    return setup->live[source - setup->config->sources];
}

#endif
