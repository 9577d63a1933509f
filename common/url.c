#include "common/url.h"

#include <strings.h>

#define HOST_MAX 255 /* bytes of a domain name (RFC 1035, 2.3.4) */

struct parts {
    struct cb_span scheme, host, port, path;
};

static bool all_of(struct cb_span s, const char *punctuation)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || !strchr(punctuation, c)))
            return false;
    }
    return true;
}

static bool is_word(struct cb_span s, const char *word)
{
    return s.n == strlen(word) && strncasecmp((const char *)s.p, word, s.n) == 0;
}

static int split_authority(struct cb_span authority, struct parts *out, struct cb_error *err)
{
    const uint8_t *colon = NULL;
    const uint8_t *bracket = NULL;
    for (size_t i = 0; i < authority.n; i++) {
        if (authority.p[i] == ']')
            bracket = authority.p + i;
        if (authority.p[i] == ':' && !colon)
            colon = authority.p + i;
    }
    if (bracket)
        colon = memchr(bracket, ':', (size_t)(authority.p + authority.n - bracket));
    const uint8_t *end = authority.p + authority.n;
    out->host = cb_span(authority.p, (size_t)((colon ? colon : end) - authority.p));
    out->port = colon ? cb_span(colon + 1, (size_t)(end - colon - 1)) : cb_span(NULL, 0);
    if (colon && out->port.n == 0)
        return cb_fail(err, CB_ERR_CONFIG, "the URL has a colon but no port after its host");
    return 0;
}

static int split(const char *url, struct parts *out, struct cb_error *err)
{
    const char *after = strstr(url, "://");
    if (!after)
        return cb_fail(err, CB_ERR_CONFIG, "must be a whole URL such as https://idm.example.com");
    out->scheme = cb_span(url, (size_t)(after - url));
    const char *authority = after + 3;
    size_t n = strcspn(authority, "/?#");
    out->path = cb_span_of(authority + n);
    if (memchr(authority, '@', n))
        return cb_fail(err, CB_ERR_CONFIG, "the URL must not hold a user or a password");
    return split_authority(cb_span(authority, n), out, err);
}

/* A decimal number of at most `digits` digits and at most `most`. */
static bool is_number(struct cb_span s, size_t digits, unsigned most, unsigned *out)
{
    unsigned value = 0;
    if (s.n == 0 || s.n > digits)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        value = value * 10 + (unsigned)(s.p[i] - '0');
    }
    *out = value;
    return value <= most;
}

/* Only the letters of an address are looked at; whoever connects judges the rest. */
static bool is_ipv6(struct cb_span host)
{
    if (host.n < 4 || host.p[0] != '[' || host.p[host.n - 1] != ']')
        return false;
    for (size_t i = 1; i < host.n - 1; i++)
        if (!host.p[i] || !strchr("0123456789abcdefABCDEF:.", host.p[i]))
            return false;
    return true;
}

/* 127.0.0.0/8 as four numbers; a name that begins so is no address. */
static bool is_loopback_ipv4(struct cb_span host)
{
    for (int i = 0; i < 4; i++) {
        const uint8_t *dot = host.n ? memchr(host.p, '.', host.n) : NULL;
        size_t n = dot ? (size_t)(dot - host.p) : host.n;
        unsigned value;
        if (!is_number(cb_span(host.p, n), 3, 255, &value) || (i == 0 && value != 127) ||
            (dot != NULL) != (i < 3))
            return false;
        n += dot != NULL;
        host = cb_span(host.p + n, host.n - n);
    }
    return true;
}

static bool is_loopback(struct cb_span host)
{
    return is_word(host, "localhost") || is_word(host, "[::1]") || is_loopback_ipv4(host);
}

static int check_host(const struct parts *url, struct cb_error *err)
{
    struct cb_span host = url->host;
    if (host.n == 0 || host.n > HOST_MAX || (!is_ipv6(host) && !all_of(host, "-._")))
        return cb_fail(err, CB_ERR_CONFIG,
                       "the URL's host must be a name of letters, digits, \"-\", \".\" and \"_\", "
                       "or an address ([...] for IPv6)");
    unsigned port = 1;
    if (url->port.n && (!is_number(url->port, 5, 65535, &port) || port == 0))
        return cb_fail(err, CB_ERR_CONFIG, "the URL's port must be a number from 1 to 65535");
    return 0;
}

static int check_proxy_scheme(const struct parts *url, struct cb_error *err)
{
    static const char *const schemes[] = {"http", "https", "socks5", "socks5h"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (is_word(url->scheme, schemes[i]))
            return 0;
    return cb_fail(err, CB_ERR_CONFIG,
                   "a proxy's URL begins with http://, https://, socks5:// or socks5h://");
}

static int check_scheme(const struct parts *url, enum cb_url_use use, struct cb_error *err)
{
    if (use == CB_URL_PROXY)
        return check_proxy_scheme(url, err);
    if (is_word(url->scheme, "https"))
        return 0;
    if (!is_word(url->scheme, "http"))
        return cb_fail(err, CB_ERR_CONFIG, "the URL must begin with https://");
    if (is_loopback(url->host) || (use == CB_URL_METADATA && is_word(url->host, "169.254.169.254")))
        return 0;
    return cb_fail(err, CB_ERR_CONFIG,
                   "the URL must begin with https://: http:// would show secrets to the network "
                   "and is only for loopback addresses");
}

static int check_path(const struct parts *url, enum cb_url_use use, struct cb_error *err)
{
    if (memchr(url->path.p, '?', url->path.n))
        return cb_fail(err, CB_ERR_CONFIG, "the URL must not have a query (\"?\")");
    if (memchr(url->path.p, '#', url->path.n))
        return cb_fail(err, CB_ERR_CONFIG, "the URL must not have a fragment (\"#\")");
    if (!all_of(url->path, "/-._~%!$&'()*+,;=:@"))
        return cb_fail(err, CB_ERR_CONFIG,
                       "the URL's path holds a character that must be percent-encoded");
    if (use == CB_URL_PROXY && url->path.n > 1)
        return cb_fail(err, CB_ERR_CONFIG, "a proxy's URL has no path");
    return 0;
}

int cb_url_check(char *url, enum cb_url_use use, struct cb_error *err)
{
    struct parts parts = {0};
    if (split(url, &parts, err) || check_host(&parts, err) || check_scheme(&parts, use, err) ||
        check_path(&parts, use, err))
        return -1;
    for (size_t n = strlen(url); url[n - 1] == '/'; n--)
        url[n - 1] = '\0';
    return 0;
}
