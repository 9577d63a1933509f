#include "common/fetch/http-engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

void cb_request_free(struct cb_request *request)
{
    if (!request)
        return;
    free(request->target);
    for (int i = 0; i < CB_REQUEST_NOTES; i++)
        free(request->context[i]);
    free(request);
}

static int add_header(struct cb_http *http, const char *line)
{
    struct curl_slist *longer = curl_slist_append(http->common.headers, line);

    if (!longer)
        return -1;
    http->common.headers = longer;
    return 0;
}

/* Representation metadata (RFC 9110, 8: Content-Type and its like) authorises nobody. */
static bool may_authorise(const char *line)
{
    return strncasecmp(line, "content-", strlen("content-")) != 0;
}

static int add_line(struct cb_http *http, const char *line)
{
    const char *value = strchr(line, ':');

    if (add_header(http, line) == -1)
        return -1;
    if (!value || http->secret || !may_authorise(line))
        return 0;
    http->secret = strdup(value + 1 + strspn(value + 1, " "));
    return http->secret ? 0 : -1;
}

/* A copy of all lines is taken apart, and wiped. */
static int add_headers(struct cb_http *http, const char *lines, struct cb_error *err)
{
    char *copy = strdup(lines), *rest = copy, *line;
    size_t n = strlen(lines);
    int rc = copy ? add_header(http, "Accept: application/json") : -1;

    while (rc == 0 && (line = strsep(&rest, "\n")) != NULL)
        if (*line != '\0')
            rc = add_line(http, line);
    if (copy)
        explicit_bzero(copy, n);
    free(copy);
    return rc == 0 ? 0 : cb_fail_memory(err);
}

/* "HOST" or "HOST:PORT" out of a url that the configuration has checked. */
static char *host_of(const char *url)
{
    const char *start = strstr(url, "://");

    start = start ? start + 3 : url;
    return strndup(start, strcspn(start, "/"));
}

static int set_up_multi(struct cb_http *http, struct cb_error *err)
{
    long most = (long)http->n;

    http->multi = curl_multi_init();
    if (!http->multi ||
        curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, most) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most) != CURLM_OK ||
        curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, most) != CURLM_OK)
        return cb_fail_memory(err);
    return 0;
}

int cb_http_new(const struct cb_source *source, const char *headers, struct cb_http **out,
                struct cb_error *err)
{
    struct cb_http *http = calloc(1, sizeof *http);
    size_t largest = (size_t)source->max_response;

    *out = NULL;
    if (!http)
        return cb_fail_memory(err);
    cb_http_tls_library();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (largest > CB_BODIES_MAX)
        largest = CB_BODIES_MAX;
    http->common.source = source;
    http->common.max_response = largest;
    http->common.budget.most = CB_BODIES_MAX - largest;
    http->n = http->most_running = (size_t)source->parallel;
    http->transfers = calloc(http->n, sizeof *http->transfers);
    http->host = host_of(source->url);
    http->peer = (struct cb_http_peer){http->host, source->proxy};
    if (!http->transfers || !http->host) {
        cb_fail_memory(err);
        goto fail;
    }
    if (add_headers(http, headers, err) == -1 ||
        cb_http_tls_new(source, &http->common.tls, err) == -1 || set_up_multi(http, err) == -1)
        goto fail;
    *out = http;
    return 0;

fail:
    cb_http_free(http);
    return -1;
}

static void wipe_text(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
}

void cb_http_free(struct cb_http *http)
{
    if (!http)
        return;
    for (size_t i = 0; http->transfers && i < http->n; i++)
        if (http->transfers[i].easy)
            cb_transfer_clear(&http->transfers[i]);
    free(http->transfers);
    curl_multi_cleanup(http->multi);
    cb_http_tls_free(http->common.tls);
    for (struct curl_slist *line = http->common.headers; line; line = line->next)
        wipe_text(line->data);
    curl_slist_free_all(http->common.headers);
    wipe_text(http->secret);
    free(http->secret);
    free(http->host);
    free(http);
    curl_global_cleanup();
}

/* So much of a secret may stand by chance in a text, or be left of one that was cut. */
#define CHANCE 8

static size_t same_start(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

/* Overwrites every place where `text` has `secret`, or a beginning of it that is no chance. */
static void blot(char *text, const char *secret)
{
    size_t whole = strlen(secret);

    for (; *text != '\0' && whole > 0; text++) {
        size_t n = same_start(text, secret);
        if (n == whole || n >= CHANCE)
            memset(text, '*', n);
    }
}

void cb_http_api_error(const struct cb_http *http, const struct cb_answer *answer,
                       struct cb_api_error *out)
{
    const char *token = http->secret ? strrchr(http->secret, ' ') : NULL;

    cb_api_error_read(answer->body, out);
    if (http->secret) {
        blot(out->code, http->secret);
        blot(out->message, http->secret);
    }
    if (token) { /* "Bearer TOKEN": the server may repeat the token alone */
        blot(out->code, token + 1);
        blot(out->message, token + 1);
    }
}

static const char *status_advice(const struct cb_answer *answer)
{
    if (answer->status >= 300 && answer->status < 400)
        return " (redirects are not followed: set url to where the API is)";
    if (answer->status == 401)
        return " (is the credential right, and still valid?)";
    return "";
}

void cb_http_say_status(const struct cb_http *http, const struct cb_answer *answer, char *out,
                        size_t room)
{
    struct cb_api_error said;

    cb_http_api_error(http, answer, &said);
    snprintf(out, room, "HTTP %d from %s%s%s%s%s%s", answer->status, http->host,
             *said.code ? ": " : "", said.code, *said.message ? ": " : "", said.message,
             status_advice(answer));
}

int cb_http_fail(const struct cb_http *http, const struct cb_request *request,
                 enum cb_error_code code, const char *what, struct cb_error *err)
{
    return cb_fail(err, code, "GET %s%.*s: %s", http->common.source->url,
                   (int)strcspn(request->target, "?"), request->target, what);
}

int cb_http_fail_status(const struct cb_http *http, const struct cb_request *request,
                        const struct cb_answer *answer, struct cb_error *err)
{
    char what[CB_ERROR_TEXT_MAX];

    cb_http_say_status(http, answer, what, sizeof what);
    return cb_http_fail(http, request, CB_ERR_REMOTE, what, err);
}
