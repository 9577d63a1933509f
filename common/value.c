#include "common/value.h"
#include "common/text.h"
#include "common/url.h"

#include <stdio.h>

#define DURATION_MOST INT64_C(315360000000) /* ten years, in milliseconds */
#define SIZE_MOST (INT64_C(1) << 40)
#define NUMBER_MOST 1000000
#define DIGITS_MAX 15 /* no overflow before the bounds are checked: 10^15 * 2^30 is never formed */

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit time_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0},
};
static const struct unit size_units[] = {
    {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0},
};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

/* Digits and one of the units, nothing else. -1 when it is not, or is above `most`. */
static int read_quantity(const char *text, const struct unit *units, int64_t most, int64_t *out)
{
    int64_t value = 0;
    size_t n = 0;
    for (; text[n] >= '0' && text[n] <= '9'; n++) {
        if (n == DIGITS_MAX)
            return -1;
        value = value * 10 + (text[n] - '0');
    }
    if (n == 0)
        return -1;
    for (; units->name; units++)
        if (strcmp(text + n, units->name) == 0) {
            if (value > most / units->factor)
                return -1;
            *out = value * units->factor;
            return 0;
        }
    return -1;
}

/* Written in the largest unit that divides it. */
static const char *show_quantity(int64_t value, const struct unit *units, char *out, size_t room)
{
    const struct unit *best = units;
    for (; units->name; units++)
        if (value % units->factor == 0 && value >= units->factor)
            best = units;
    snprintf(out, room, "%lld%s", (long long)(value / best->factor), best->name);
    return out;
}

static int read_bounded(const struct cb_key *key, const struct unit *units, int64_t most,
                        const char *what, struct cb_value *out, struct cb_error *err)
{
    char low[32], high[32];
    int64_t least = key->least;
    if (key->most > 0)
        most = key->most;
    if (read_quantity(out->text, units, most, &out->number) == 0 && out->number >= least)
        return 0;
    return cb_fail(err, CB_ERR_CONFIG, "must be %s from %s to %s", what,
                   show_quantity(least, units, low, sizeof low),
                   show_quantity(most, units, high, sizeof high));
}

static int read_duration(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    return read_bounded(key, time_units, DURATION_MOST,
                        "a time with its unit (ms, s, m, h or d, such as \"30s\" or \"15m\")", out,
                        err);
}

static int read_size(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    return read_bounded(key, size_units, SIZE_MOST, "bytes, or a size such as \"16MiB\"", out, err);
}

static int read_number(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    return read_bounded(key, no_units, NUMBER_MOST, "a whole number", out, err);
}

static int read_choice(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    for (int i = 0; key->choices[i]; i++)
        if (strcmp(out->text, key->choices[i]) == 0) {
            out->number = i;
            return 0;
        }
    struct cb_buf list;
    cb_buf_init(&list, CB_ERROR_TEXT_MAX);
    for (int i = 0; key->choices[i]; i++)
        cb_buf_printf(&list, "%s%s", i ? ", " : "", key->choices[i]);
    const char *near = cb_nearest(out->text, key->choices);
    cb_fail(err, CB_ERR_CONFIG, "must be one of %s%s%s%s", cb_buf_text(&list),
            near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    cb_buf_clear(&list);
    return -1;
}

static int read_bool(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    (void)key;
    out->number = strcmp(out->text, "yes") == 0;
    if (out->number || strcmp(out->text, "no") == 0)
        return 0;
    return cb_fail(err, CB_ERR_CONFIG, "must be yes or no");
}

static int read_path(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    (void)key;
    if (out->text[0] == '/')
        return 0;
    return cb_fail(err, CB_ERR_CONFIG, "must be an absolute path");
}

static bool is_name(const char *text, const char *punctuation)
{
    if (*text == '\0' || *text == '.')
        return false;
    for (; *text; text++) {
        char c = *text;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr(punctuation, c))
            return false;
    }
    return true;
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int read_secret(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    const char *text = out->text;
    if ((has_prefix(text, "file:") && text[5] == '/') ||
        (has_prefix(text, "env:") && is_name(text + 4, "_")) ||
        (has_prefix(text, "credential:") && is_name(text + 11, "_-.@:")))
        return 0;
    return cb_fail(err, CB_ERR_CONFIG,
                   "must say where the secret is, not hold it: \"%s = file:/ABSOLUTE/PATH\" (a "
                   "file of mode 0400 or 0440), \"env:NAME\", or \"credential:NAME\" (systemd)",
                   key->name);
}

static bool is_store_uri(const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text)
        return false;
    for (; text < colon; text++)
        if (!((*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') ||
              strchr("+.-", *text)))
            return false;
    return true;
}

/* RFC 7512, 2.4: pin-value is the PIN itself. */
static int read_key(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    (void)key;
    if (strstr(out->text, "pin-value="))
        return cb_fail(err, CB_ERR_CONFIG,
                       "must not hold a PIN: write pin-source=file:PATH instead of pin-value");
    if (out->text[0] == '/' || is_store_uri(out->text))
        return 0;
    return cb_fail(err, CB_ERR_CONFIG,
                   "must be the absolute path of a key file or a store URI such as pkcs11:...");
}

/* "sha256//" and base64 of 32 bytes, as curl writes a pin. */
static bool is_pin(struct cb_span pin)
{
    if (pin.n != 8 + 44 || memcmp(pin.p, "sha256//", 8) != 0 || pin.p[pin.n - 1] != '=')
        return false;
    char digest[44];
    memcpy(digest, pin.p + 8, 43);
    digest[43] = '\0';
    return is_name(digest, "+/");
}

static int read_pin(const struct cb_key *key, struct cb_value *out, struct cb_error *err)
{
    (void)key;
    const char *text = out->text;
    bool good = true;
    while (good && text[0] != '/') {
        size_t n = strcspn(text, ";");
        good = is_pin(cb_span(text, n));
        if (text[n] == '\0')
            break;
        text += n + 1;
    }
    if (good && (text[0] != '/' || text == out->text))
        return 0;
    return cb_fail(err, CB_ERR_CONFIG,
                   "must be the absolute path of a public key, or sha256//BASE64 of its SHA-256 "
                   "(several with \";\" between them)");
}

int cb_value_read(const struct cb_key *key, char *text, struct cb_value *out, struct cb_error *err)
{
    *out = (struct cb_value){.text = text};
    if (*text == '\0')
        return cb_fail(err, CB_ERR_CONFIG, "needs a value");
    switch (key->kind) {
    case CB_VALUE_TEXT:
        return 0;
    case CB_VALUE_CHOICE:
        return read_choice(key, out, err);
    case CB_VALUE_URL:
        return cb_url_check(text, CB_URL_API, err);
    case CB_VALUE_METADATA:
        return cb_url_check(text, CB_URL_METADATA, err);
    case CB_VALUE_PROXY:
        return cb_url_check(text, CB_URL_PROXY, err);
    case CB_VALUE_PATH:
        return read_path(key, out, err);
    case CB_VALUE_KEY:
        return read_key(key, out, err);
    case CB_VALUE_PIN:
        return read_pin(key, out, err);
    case CB_VALUE_SECRET:
        return read_secret(key, out, err);
    case CB_VALUE_DURATION:
        return read_duration(key, out, err);
    case CB_VALUE_SIZE:
        return read_size(key, out, err);
    case CB_VALUE_NUMBER:
        return read_number(key, out, err);
    case CB_VALUE_BOOL:
        return read_bool(key, out, err);
    case CB_VALUE_LIST:
        break;
    }
    return cb_fail(err, CB_ERR_CONFIG, "is a list");
}
