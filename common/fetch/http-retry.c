#include "common/fetch/http-retry.h"
#include "common/clock.h"
#include <stdlib.h>

#define FIRST_MS 500
#define MOST_MS 8000
#define JITTER_PERCENT 20
#define RETRY_AFTER_MOST_S (366 * 86400) /* more is as good as for ever, and would overflow */

bool cb_http_status_passes(int status)
{
    switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return true;
    default:
        return false;
    }
}

int64_t cb_http_retry_wait_ms(unsigned tries, int64_t retry_after_s)
{
    int64_t wait = FIRST_MS;

    for (unsigned i = 1; i < tries && wait < MOST_MS; i++)
        wait *= 2;
    wait = wait * (100 - JITTER_PERCENT + arc4random_uniform(2 * JITTER_PERCENT + 1)) / 100;
    return wait < retry_after_s * 1000 ? retry_after_s * 1000 : wait;
}

int64_t cb_http_retry_after(struct cb_span value, int64_t now)
{
    int64_t seconds = 0, date;
    size_t i = 0;

    for (; i < value.n && value.p[i] >= '0' && value.p[i] <= '9'; i++)
        if (seconds < RETRY_AFTER_MOST_S)
            seconds = 10 * seconds + (value.p[i] - '0');
    if (value.n == 0 || i < value.n) {
        if (cb_parse_http_date(value, &date) == -1)
            return -1;
        seconds = date > now ? date - now : 0;
    }
    return seconds < RETRY_AFTER_MOST_S ? seconds : RETRY_AFTER_MOST_S;
}
