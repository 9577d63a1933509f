#include "common/fetch/http-transfer.h"
#include "common/clock.h"
#include "common/fetch/http-retry.h"
#include "common/fetch/http.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

/* A larger body's memory is given back after its answer. */
#define BODY_KEPT (16u << 10)

static size_t cut(struct cb_transfer *t, enum cb_http_cut why)
{
    t->cut = why;
    return 0; /* curl ends the transfer with CURLE_WRITE_ERROR */
}

static size_t take_body(char *p, size_t size, size_t n, void *user)
{
    struct cb_transfer *t = user;
    size_t room = t->body.room;

    (void)size; /* always 1 */
    if (n > t->max_response - t->body.n)
        return cut(t, CB_HTTP_BODY_TOO_LARGE);
    if (!t->oldest && t->budget->used + n > t->budget->most)
        return cut(t, CB_HTTP_OVER_BUDGET);
    t->budget->used -= room;
    if (cb_buf_add(&t->body, p, n) == -1)
        return cut(t, CB_HTTP_NO_MEMORY);
    t->budget->used += t->body.room;
    return n;
}

/* The value of header line `line` when its name is `name`. */
static bool header_value(struct cb_span line, const char *name, struct cb_span *value)
{
    size_t n = strlen(name);

    if (line.n <= n || line.p[n] != ':' || strncasecmp((const char *)line.p, name, n) != 0)
        return false;
    *value = cb_span(line.p + n + 1, line.n - n - 1);
    while (value->n > 0 && (*value->p == ' ' || *value->p == '\t'))
        *value = cb_span(value->p + 1, value->n - 1);
    while (value->n > 0 && value->p[value->n - 1] <= ' ')
        value->n--;
    return true;
}

static void forget_header(struct cb_transfer *t)
{
    t->content_type[0] = '\0';
    t->retry_after_s = -1;
}

/* Media types are ASCII (RFC 9110, 8.3.1). */
static void keep_content_type(struct cb_transfer *t, struct cb_span value)
{
    snprintf(t->content_type, sizeof t->content_type, "%.*s", CB_SPAN_ARGS(value));
    for (char *c = t->content_type; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static size_t take_header(char *p, size_t size, size_t n, void *user)
{
    struct cb_transfer *t = user;
    struct cb_span line = cb_span(p, n), value;

    (void)size;
    t->header_bytes += n;
    if (t->header_bytes > CB_HTTP_HEADERS_MAX)
        return cut(t, CB_HTTP_HEADERS_TOO_LARGE);
    if (n > 5 && memcmp(p, "HTTP/", 5) == 0)
        forget_header(t); /* that of an interim answer (1xx) */
    if (header_value(line, "content-type", &value))
        keep_content_type(t, value);
    else if (header_value(line, "retry-after", &value))
        t->retry_after_s = cb_http_retry_after(value, cb_now());
    return n;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct cb_transfer *t = user;

    (void)purpose;
    t->fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (t->fd == -1)
        t->socket_errno = errno;
    return t->fd == -1 ? CURL_SOCKET_BAD : t->fd;
}

static int note_resolving(void *resolver, void *reserved, void *user)
{
    struct cb_transfer *t = user;

    (void)resolver;
    (void)reserved;
    t->resolving = true;
    return 0;
}

/* Called when the connection stands, TLS included, and the request is about to be sent. */
static int note_connected(void *user, char *peer, char *own, int peer_port, int own_port)
{
    struct cb_transfer *t = user;

    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    t->connected = true;
    return CURL_PREREQFUNC_OK;
}

static bool set_callbacks(struct cb_transfer *t)
{
    CURL *e = t->easy;

    return curl_easy_setopt(e, CURLOPT_PRIVATE, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->detail) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, note_resolving) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, note_connected) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PREREQDATA, t) == CURLE_OK;
}

static const struct {
    CURLoption option;
    long value;
} numbers[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_QUICK_EXIT, 1}, /* a resolver that hangs is left behind, not waited for */
    {CURLOPT_HTTPGET, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
    {CURLOPT_PIPEWAIT, 1}, /* the first connection shows whether one is enough */
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_PATH_AS_IS, 1},
    {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE}, /* a proxy does not see the secret */
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_HTTP_CONTENT_DECODING, 0}, /* nothing compressed is asked for, nor unpacked */
    {CURLOPT_HTTP09_ALLOWED, 0},
};

static bool set_options(struct cb_transfer *t, const struct cb_http_common *common)
{
    const struct cb_source *source = common->source;
    const char *scheme = strncasecmp(source->url, "http:", 5) == 0 ? "http" : "https";
    CURL *e = t->easy;
    bool ok = true;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ok &= curl_easy_setopt(e, numbers[i].option, numbers[i].value) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, scheme) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_PROXY, source->proxy ? source->proxy : "") == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_NOPROXY, "") == CURLE_OK; /* nor this from the environment */
    ok &= curl_easy_setopt(e, CURLOPT_USERAGENT, "certbridge/" PACKAGE_VERSION) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_HTTPHEADER, common->headers) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)common->max_response) ==
          CURLE_OK;
    return ok;
}

int cb_transfer_init(struct cb_transfer *t, struct cb_http_common *common, struct cb_error *err)
{
    *t = (struct cb_transfer){.budget = &common->budget, .max_response = common->max_response};
    cb_buf_init(&t->body, common->max_response);
    t->easy = curl_easy_init();
    if (!t->easy || !set_callbacks(t) || !set_options(t, common) ||
        cb_http_tls_apply(common->tls, t->easy) == -1)
        return cb_fail(err, CB_ERR_SYSTEM, "libcurl %s lacks what is needed here, or memory",
                       curl_version_info(CURLVERSION_NOW)->version);
    return 0;
}

void cb_transfer_clear(struct cb_transfer *t)
{
    curl_easy_cleanup(t->easy);
    cb_buf_clear(&t->body);
    cb_request_free(t->request);
    *t = (struct cb_transfer){0};
}

static int set_url(struct cb_transfer *t, const char *base)
{
    char *url;
    int result = -1;

    if (asprintf(&url, "%s%s", base, t->request->target) == -1)
        return -1;
    if (curl_easy_setopt(t->easy, CURLOPT_URL, url) == CURLE_OK)
        result = 0;
    free(url);
    return result;
}

int cb_transfer_start(struct cb_transfer *t, CURLM *multi, const struct cb_http_common *common,
                      int64_t now, struct cb_error *err)
{
    t->header_bytes = 0;
    t->resolving = t->connected = false;
    t->fd = -1;
    t->socket_errno = 0;
    t->cut = CB_HTTP_NOT_CUT;
    t->detail[0] = '\0';
    forget_header(t);
    t->connect_by = now + common->source->connect_timeout_ms;
    t->end_by = now + common->source->timeout_ms;
    if (set_url(t, common->source->url) == -1 || curl_multi_add_handle(multi, t->easy) != CURLM_OK)
        return cb_fail_memory(err);
    t->state = CB_HTTP_RUNNING;
    return 0;
}

void cb_transfer_stop(struct cb_transfer *t, CURLM *multi)
{
    curl_multi_remove_handle(multi, t->easy);
    t->state = CB_HTTP_IDLE;
}

void cb_transfer_forget(struct cb_transfer *t)
{
    t->budget->used -= t->body.room;
    if (t->body.room > BODY_KEPT)
        cb_buf_clear(&t->body);
    else
        cb_buf_reset(&t->body);
    t->budget->used += t->body.room;
}

void cb_transfer_answer(const struct cb_transfer *t, struct cb_answer *out)
{
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    *out = (struct cb_answer){
        .status = (int)status,
        .body = cb_buf_span(&t->body),
        .content_type = cb_span_of(t->content_type),
        .retry_after_s = t->retry_after_s,
    };
}

enum cb_http_phase cb_transfer_phase(const struct cb_transfer *t)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;

    if (t->connected)
        return CB_HTTP_ANSWER;
    if (t->fd == -1)
        return t->resolving ? CB_HTTP_RESOLVING : CB_HTTP_CONNECTING;
    if (getpeername(t->fd, (struct sockaddr *)&peer, &size) == 0)
        return CB_HTTP_HANDSHAKE;
    return CB_HTTP_CONNECTING;
}
