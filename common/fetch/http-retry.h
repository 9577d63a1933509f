/* What is sent again, and when. */
#ifndef CB_COMMON_FETCH_HTTP_RETRY_H
#define CB_COMMON_FETCH_HTTP_RETRY_H

#include "common/span.h"

/* May an answer of this status pass by itself? (408, 429, 500, 502, 503, 504) */
bool cb_http_status_passes(int status);

/* Milliseconds before the try that follows `tries` failed ones: 500 ms, doubling up to 8 s, +-20 %
 * so that many clients do not come back together; never before `retry_after_s` (-1: none given). */
int64_t cb_http_retry_wait_ms(unsigned tries, int64_t retry_after_s);

/* The value of a Retry-After header (RFC 9110, 10.2.3) as seconds from `now`: a number or a date. A
 * date that has passed is 0; -1 when it is neither. */
int64_t cb_http_retry_after(struct cb_span value, int64_t now);

#endif
