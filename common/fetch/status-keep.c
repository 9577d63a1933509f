#include "common/fetch/status-keep.h"

#include "common/helper.h"
#include "common/refresh.h"
#include <sys/random.h>
#include <time.h>

void cb_status_begin(struct cb_status *status)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    status->last_try = t.tv_sec;
    status->last_try_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void cb_status_failed(struct cb_status *status, const struct cb_source *source,
                      int64_t retry_after_s, const struct cb_error *why)
{
    uint32_t random = 0;

    memcpy(status->error, why->text, sizeof status->error);
    status->progress[0] = '\0';
    if (why->code == CB_ERR_SECRET && cb_helper_has_secrets(source, NULL) == -1)
        return;
    if (retry_after_s > CB_RETRY_AFTER_MOST_S)
        retry_after_s = CB_RETRY_AFTER_MOST_S;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) == -1)
        random = (uint32_t)status->last_try_ns;
    status->failures++;
    status->next_try = cb_now() + cb_backoff_s(status->failures, retry_after_s, random);
    status->retry_after = retry_after_s > 0 ? cb_now() + retry_after_s : 0;
}

void cb_status_succeeded(struct cb_status *status, const struct cb_written *written, size_t gone)
{
    status->last_success = cb_now();
    status->certificates = written->certificates;
    status->passcodes = written->passcodes;
    status->gone = (int64_t)gone;
    status->next_try = status->retry_after = status->failures = 0;
    status->error[0] = status->progress[0] = '\0';
}
