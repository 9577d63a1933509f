/* Times as seconds since 1970 UTC, and their written forms. Nothing here reads TZ or a locale.
 *
 * Callers pass `now` down, so that tests can freeze it; only outermost functions call cb_now(). */
#ifndef CB_COMMON_CLOCK_H
#define CB_COMMON_CLOCK_H

#include "common/span.h"

#define CB_TIME_MIN INT64_MIN /* no lower bound */
#define CB_TIME_MAX INT64_MAX /* no upper bound */

int64_t cb_now(void);          /* CLOCK_REALTIME, seconds */
int64_t cb_monotonic_ms(void); /* CLOCK_MONOTONIC, milliseconds */

struct cb_civil {
    int64_t year; /* proleptic Gregorian */
    int month, day, hour, minute, second;
};

struct cb_civil cb_civil_of(int64_t t);
/* Seconds of a civil time in UTC; -1 when a field is out of its range (year 0 to 9999; a leap
 * second counts as the second after it). */
int cb_civil_seconds(const struct cb_civil *c, int64_t *t);

#define CB_ISO_MAX 32
/* "2026-11-22T12:00:00Z"; "" for CB_TIME_MIN and CB_TIME_MAX. `out` has CB_ISO_MAX bytes. Returns
 * `out`. */
const char *cb_iso(int64_t t, char out[CB_ISO_MAX]);

/* RFC 3339 date-time: a T, t or blank between date and time, optional fraction (dropped), Z or a
 * numeric offset. -1 when it is not. */
int cb_parse_rfc3339(struct cb_span text, int64_t *t);
/* "YYYY-MM-DD", the start of that day in UTC. */
int cb_parse_date(struct cb_span text, int64_t *t);
/* RFC 9110, 5.6.7: the three forms of an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT" first). */
int cb_parse_http_date(struct cb_span text, int64_t *t);
/* RFC 5280, 4.1.2.5: content of a UTCTime or a GeneralizedTime, as DER has them (seconds, Z). */
int cb_parse_utctime(struct cb_span text, int64_t *t);
int cb_parse_generalizedtime(struct cb_span text, int64_t *t);

#endif
