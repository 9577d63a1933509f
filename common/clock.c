#include "common/clock.h"

#include <stdio.h>
#include <time.h>

#define DAY_SECONDS 86400

int64_t cb_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec;
}

int64_t cb_monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Days and civil dates are converted in years that begin in March, so that the leap day comes last;
 * 400 years (an era) have 146 097 days, and 0000-03-01 is 719 468 days before 1970-01-01. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, struct cb_civil *c)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int month = (int)((5 * doy + 2) / 153);
    c->day = (int)(doy - (153 * month + 2) / 5) + 1;
    c->month = month < 10 ? month + 3 : month - 9;
    c->year = yoe + era * 400 + (c->month <= 2);
}

struct cb_civil cb_civil_of(int64_t t)
{
    int64_t days = t / DAY_SECONDS;
    int64_t rest = t % DAY_SECONDS;
    if (rest < 0) {
        days--;
        rest += DAY_SECONDS;
    }
    struct cb_civil c = {
        .hour = (int)(rest / 3600),
        .minute = (int)(rest / 60 % 60),
        .second = (int)(rest % 60),
    };
    date_of(days, &c);
    return c;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

int cb_civil_seconds(const struct cb_civil *c, int64_t *t)
{
    if (!within(c->year, 0, 9999) || !within(c->month, 1, 12) ||
        !within(c->day, 1, days_in_month(c->year, c->month)) || !within(c->hour, 0, 23) ||
        !within(c->minute, 0, 59) || !within(c->second, 0, 60))
        return -1;
    *t = days_of(c->year, c->month, c->day) * DAY_SECONDS + c->hour * 3600 + c->minute * 60 +
         c->second;
    return 0;
}

const char *cb_iso(int64_t t, char out[CB_ISO_MAX])
{
    out[0] = '\0';
    if (t == CB_TIME_MIN || t == CB_TIME_MAX)
        return out;
    struct cb_civil c = cb_civil_of(t);
    snprintf(out, CB_ISO_MAX, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)c.year, c.month, c.day,
             c.hour, c.minute, c.second);
    return out;
}

/* A reader takes its piece from the front of what is left; false when it is not there. */

static bool take_byte(struct cb_span *s, const char *any_of)
{
    if (s->n == 0 || s->p[0] == 0 || !strchr(any_of, s->p[0]))
        return false;
    *s = cb_span(s->p + 1, s->n - 1);
    return true;
}

static bool take_digits(struct cb_span *s, size_t n, int *value)
{
    if (s->n < n)
        return false;
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        sum = sum * 10 + (s->p[i] - '0');
    }
    *value = sum;
    *s = cb_span(s->p + n, s->n - n);
    return true;
}

static bool take_year(struct cb_span *s, struct cb_civil *c)
{
    int year;
    if (!take_digits(s, 4, &year))
        return false;
    c->year = year;
    return true;
}

static bool take_word(struct cb_span *s, const char *word)
{
    size_t n = strlen(word);
    if (s->n < n || memcmp(s->p, word, n) != 0)
        return false;
    *s = cb_span(s->p + n, s->n - n);
    return true;
}

/* One of `n` words; `*index` counts from 0. Returns false when none is there. */
static bool take_one_of(struct cb_span *s, const char *const *words, int n, int *index)
{
    for (int i = 0; i < n; i++)
        if (take_word(s, words[i])) {
            *index = i;
            return true;
        }
    return false;
}

static bool take_time(struct cb_span *s, struct cb_civil *c)
{
    return take_digits(s, 2, &c->hour) && take_byte(s, ":") && take_digits(s, 2, &c->minute) &&
           take_byte(s, ":") && take_digits(s, 2, &c->second);
}

static bool take_date(struct cb_span *s, struct cb_civil *c)
{
    return take_year(s, c) && take_byte(s, "-") && take_digits(s, 2, &c->month) &&
           take_byte(s, "-") && take_digits(s, 2, &c->day);
}

static bool take_fraction(struct cb_span *s)
{
    int digit;
    if (!take_byte(s, "."))
        return true;
    if (!take_digits(s, 1, &digit))
        return false;
    while (take_digits(s, 1, &digit)) {
    }
    return true;
}

static bool take_offset(struct cb_span *s, int *seconds)
{
    int hours, minutes;
    *seconds = 0;
    if (take_byte(s, "Zz"))
        return true;
    int sign = take_byte(s, "+") ? 1 : take_byte(s, "-") ? -1 : 0;
    if (!sign || !take_digits(s, 2, &hours) || !take_byte(s, ":") || !take_digits(s, 2, &minutes) ||
        hours > 23 || minutes > 59)
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

int cb_parse_rfc3339(struct cb_span text, int64_t *t)
{
    struct cb_civil c = {0};
    int offset;
    int64_t local;
    if (!take_date(&text, &c) || !take_byte(&text, "Tt ") || !take_time(&text, &c) ||
        !take_fraction(&text) || !take_offset(&text, &offset) || text.n != 0 ||
        cb_civil_seconds(&c, &local))
        return -1;
    *t = local - offset;
    return 0;
}

int cb_parse_date(struct cb_span text, int64_t *t)
{
    struct cb_civil c = {0};
    if (!take_date(&text, &c) || text.n != 0)
        return -1;
    return cb_civil_seconds(&c, t);
}

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const long_day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                             "Thursday", "Friday", "Saturday"};

static bool take_month_name(struct cb_span *s, struct cb_civil *c)
{
    int index;
    if (!take_one_of(s, month_names, 12, &index))
        return false;
    c->month = index + 1;
    return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool imf_fixdate(struct cb_span s, struct cb_civil *c)
{
    int weekday;
    return take_one_of(&s, day_names, 7, &weekday) && take_word(&s, ", ") &&
           take_digits(&s, 2, &c->day) && take_byte(&s, " ") && take_month_name(&s, c) &&
           take_byte(&s, " ") && take_year(&s, c) && take_byte(&s, " ") && take_time(&s, c) &&
           take_word(&s, " GMT") && s.n == 0;
}

/* A year of two digits lies at most 50 years ahead (RFC 9110, 5.6.7). */
static int64_t full_year(int two_digits)
{
    int64_t this_year = cb_civil_of(cb_now()).year;
    int64_t year = this_year - this_year % 100 + two_digits;
    return year > this_year + 50 ? year - 100 : year;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" */
static bool rfc850_date(struct cb_span s, struct cb_civil *c)
{
    int weekday, year;
    if (!take_one_of(&s, long_day_names, 7, &weekday) || !take_word(&s, ", ") ||
        !take_digits(&s, 2, &c->day) || !take_byte(&s, "-") || !take_month_name(&s, c) ||
        !take_byte(&s, "-") || !take_digits(&s, 2, &year) || !take_byte(&s, " ") ||
        !take_time(&s, c) || !take_word(&s, " GMT") || s.n != 0)
        return false;
    c->year = full_year(year);
    return true;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool asctime_date(struct cb_span s, struct cb_civil *c)
{
    int weekday;
    return take_one_of(&s, day_names, 7, &weekday) && take_byte(&s, " ") &&
           take_month_name(&s, c) && take_byte(&s, " ") &&
           (take_byte(&s, " ") ? take_digits(&s, 1, &c->day) : take_digits(&s, 2, &c->day)) &&
           take_byte(&s, " ") && take_time(&s, c) && take_byte(&s, " ") && take_year(&s, c) &&
           s.n == 0;
}

int cb_parse_http_date(struct cb_span text, int64_t *t)
{
    struct cb_civil c = {0};
    if (!imf_fixdate(text, &c) && !rfc850_date(text, &c) && !asctime_date(text, &c))
        return -1;
    return cb_civil_seconds(&c, t);
}

/* MMDDhhmmssZ, the common end of both ASN.1 forms. X.509 knows no leap second. */
static int take_asn1_rest(struct cb_span s, struct cb_civil *c, int64_t *t)
{
    if (!take_digits(&s, 2, &c->month) || !take_digits(&s, 2, &c->day) ||
        !take_digits(&s, 2, &c->hour) || !take_digits(&s, 2, &c->minute) ||
        !take_digits(&s, 2, &c->second) || !take_byte(&s, "Z") || s.n != 0 || c->second > 59)
        return -1;
    return cb_civil_seconds(c, t);
}

int cb_parse_utctime(struct cb_span text, int64_t *t)
{
    struct cb_civil c = {0};
    int year;
    if (!take_digits(&text, 2, &year))
        return -1;
    c.year = year < 50 ? 2000 + year : 1900 + year;
    return take_asn1_rest(text, &c, t);
}

int cb_parse_generalizedtime(struct cb_span text, int64_t *t)
{
    struct cb_civil c = {0};
    if (!take_year(&text, &c))
        return -1;
    return take_asn1_rest(text, &c, t);
}
