#include "provider/context.h"
#include <stdatomic.h>
#include <stdlib.h>

static void setup_free(struct cb_setup *setup)
{
    if (!setup)
        return;
    for (size_t i = 0; i < setup->config->n_sources; i++)
        cb_live_free(setup->live[i]);
    cb_config_free(setup->config);
    free(setup);
}

/* Takes `config`, also when it fails. */
static struct cb_setup *setup_new(struct cb_config *config, struct cb_error *err)
{
    struct cb_setup *setup = calloc(1, sizeof *setup + config->n_sources * sizeof setup->live[0]);
    if (!setup) {
        cb_config_free(config);
        cb_fail_memory(err);
        return NULL;
    }
    setup->config = config;
    for (size_t i = 0; i < config->n_sources; i++) {
        setup->live[i] = cb_live_new(config, &config->sources[i]);
        if (!setup->live[i]) {
            setup_free(setup);
            cb_fail_memory(err);
            return NULL;
        }
    }
    return setup;
}

const struct cb_setup *cb_provider_setup(struct cb_provider *provider, struct cb_error *err)
{
    struct cb_setup *setup = atomic_load(&provider->setup);
    if (setup)
        return setup;
    struct cb_config *config = NULL;
    if (cb_config_load(cb_core_setting(&provider->core, "config"), &config, err))
        return NULL;
    struct cb_setup *mine = setup_new(config, err);
    if (!mine)
        return NULL;
    if (atomic_compare_exchange_strong(&provider->setup, &setup, mine))
        return mine;
    setup_free(mine); /* another thread was first */
    return setup;
}

void cb_provider_clear(struct cb_provider *provider)
{
    setup_free(atomic_exchange(&provider->setup, NULL));
}
