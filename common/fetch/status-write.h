/* Writing SOURCE.status: replaced whole by rename. The caller holds the source's lock. */
#ifndef CB_COMMON_FETCH_STATUS_WRITE_H
#define CB_COMMON_FETCH_STATUS_WRITE_H

#include "common/fetch/cache.h"
#include "common/status.h"

int cb_status_write(const struct cb_config *config, const struct cb_source *source,
                    const struct cb_cache_modes *modes, const struct cb_status *status,
                    struct cb_error *err);

#endif
