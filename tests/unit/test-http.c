/* The HTTP engine against servers that misbehave: what is answered, tried again, refused, and in
 * which words. */
#include "common/clock.h"
#include "common/fetch/http.h"
#include "tests/unit/http-server.h"
#include "tests/unit/made-pki.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define EMPTY(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\n\r\n"

static const struct reply replies[] = {
    {"/ok", REPLY, OK, 0, NULL},
    {"/interim", REPLY, "HTTP/1.1 103 Hints\r\nRetry-After: 9\r\n\r\n" OK, 0, NULL},
    {"/chunked", REPLY,
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 0, NULL},
    {"/gzip", REPLY, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 0,
     NULL},
    {"/truncated", REPLY_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":", 0, NULL},
    {"/chunks-cut", REPLY_CLOSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"",
     0, NULL},
    {"/announced", REPLY, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", 0, NULL},
    {"/endless", REPLY_ENDLESS, "HTTP/1.1 200 OK\r\n\r\n", 0, NULL},
    {"/odd-type", REPLY,
     "HTTP/1.1 200 OK\r\nContent-Type: text/\xE9\x9Bx\r\nContent-Length: 2\r\n\r\n{}", 0, NULL},
    {"/headers", REPLY_ENDLESS, "HTTP/1.1 200 OK\r\nX: ", 0, NULL},
    {"/large", REPLY_LARGE, "HTTP/1.1 200 OK\r\nContent-Length: 12582912\r\n\r\n", 0, NULL},
    {"/silent", REPLY_STALL, "", 0, NULL},
    {"/stalled", REPLY_STALL, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", 0, NULL},
    {"/moved", REPLY, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", 0, NULL},
    {"/400", REPLY, EMPTY("400 Bad"), 0, NULL},
    {"/401", REPLY, EMPTY("401 Who"), 0, NULL},
    {"/403", REPLY, EMPTY("403 No"), 0, NULL},
    {"/404", REPLY, EMPTY("404 None"), 0, NULL},
    {"/501", REPLY, EMPTY("501 Not made"), 0, NULL},
    {"/408-once", REPLY, OK, REPLY, EMPTY("408 Late")},
    {"/502-once", REPLY, OK, REPLY, EMPTY("502 Bad")},
    {"/504-once", REPLY, OK, REPLY, EMPTY("504 Late")},
    {"/429-once", REPLY, OK, REPLY,
     "HTTP/1.1 429 Slow\r\nretry-after: 1\r\nContent-Length: 0\r\n\r\n"},
    {"/503-date-once", REPLY, OK, REPLY_SOON, ""},
    {"/429-long", REPLY,
     "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 35\r\n\r\n"
     "{\"code\":429001,\"message\":\"so busy\"}",
     0, NULL},
    {"/500", REPLY,
     "HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nContent-Length: 48\r\n\r\n"
     "<html><title>Internal mishap</title><p>no</html>",
     0, NULL},
    {"/cut-once", REPLY, OK, REPLY_CLOSE, ""},
    {"/cut", REPLY_CLOSE, "", 0, NULL},
    {"/garbage", REPLY_CLOSE, "SSH-2.0-dropbear\r\n", 0, NULL},
    {"/who", REPLY_WHO, NULL, 0, NULL},
    {NULL, 0, NULL, 0, NULL},
};

/* --- the world around the engine ---------------------------------------------------------- */

static int socket_error; /* what socket(2) fails with, when not 0 */

/* Both stand before libc's for libcurl too. */
__attribute__((visibility("default"))) int socket(int domain, int type, int protocol);
__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **out);

int socket(int domain, int type, int protocol)
{
    if (socket_error != 0) {
        errno = socket_error;
        return -1;
    }
    return (int)syscall(SYS_socket, domain, type, protocol);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    if (node && strcmp(node, "hangs.test") == 0)
        for (;;)
            pause();
    if (node && strcmp(node, "unknown.test") == 0)
        return EAI_NONAME;
    if (node && strcmp(node, "wrong.test") == 0)
        node = "127.0.0.1";
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    return next(node, service, hints, out);
}

/* --- a client that asks for a list of targets ------------------------------------------------ */

struct client {
    const char *const *targets;
    size_t n, sent;
    const char *after_retry; /* asked for once something is tried again */
    size_t answers;
    size_t bytes; /* of all bodies */
    int status;   /* of the last answer */
    char content_type[64];
    char reason[1024]; /* of the first retry */
    size_t retries;
    bool fail_status; /* turn answers that are not 200 into an error */
    const struct cb_http *http;
    int64_t retry_after_s;
    struct cb_error err;
};

static struct cb_request *request_for(const char *target)
{
    struct cb_request *request = calloc(1, sizeof *request);

    assert_non_null(request);
    request->target = strdup(target);
    request->context[0] = strdup("context");
    return request;
}

static struct cb_request *next(void *user)
{
    struct client *c = user;

    if (c->sent < c->n)
        return request_for(c->targets[c->sent++]);
    if (c->after_retry && c->retries > 0) {
        struct cb_request *request = request_for(c->after_retry);
        c->after_retry = NULL;
        return request;
    }
    return NULL;
}

static int answer(void *user, const struct cb_request *request, const struct cb_answer *a,
                  struct cb_error *err)
{
    struct client *c = user;

    assert_string_equal(request->context[0], "context");
    c->answers++;
    c->status = a->status;
    c->bytes += a->body.n;
    snprintf(c->content_type, sizeof c->content_type, "%.*s", CB_SPAN_ARGS(a->content_type));
    if (c->fail_status && a->status != 200)
        return cb_http_fail_status(c->http, request, a, err);
    return 0;
}

static void retrying(void *user, const char *reason)
{
    struct client *c = user;

    if (c->retries++ == 0)
        snprintf(c->reason, sizeof c->reason, "%s", reason);
}

static struct cb_source source_of(const char *url)
{
    return (struct cb_source){
        .name = "test",
        .url = url,
        .connect_timeout_ms = 5000,
        .timeout_ms = 30000,
        .retries = 2,
        .parallel = 4,
        .max_response = 1 << 20,
    };
}

static int run(const struct cb_source *source, struct client *c)
{
    const struct cb_http_handler handler = {c, next, answer, retrying};
    struct cb_http *http;
    int result;

    cb_error_clear(&c->err);
    if (cb_http_new(source, "content-type: text/plain\nAuthorization: Bearer geheim-0123/456789=",
                    &http, &c->err) == -1)
        return -1;
    c->http = http;
    result = cb_http_run(http, &handler, &c->retry_after_s, &c->err);
    cb_http_free(http);
    return result;
}

static int run_one(const struct cb_source *source, const char *target, struct client *c)
{
    c->targets = &target;
    c->n = 1;
    return run(source, c);
}

static char url[128];

static void set_url(const char *scheme, const char *host, int port)
{
    snprintf(url, sizeof url, "%s://%s:%d", scheme, host, port);
}

static void expect_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

/* --- answers --------------------------------------------------------------------------------- */

static const struct {
    const char *target;
    int status;
    unsigned asked;
} answered[] = {{"/ok", 200, 1},           {"/interim", 200, 1},  {"/chunked", 200, 1},
                {"/gzip", 200, 1},         {"/moved", 302, 1},    {"/400", 400, 1},
                {"/401", 401, 1},          {"/403", 403, 1},      {"/404", 404, 1},
                {"/501", 501, 1},          {"/408-once", 200, 2}, {"/502-once", 200, 2},
                {"/504-once", 200, 2},     {"/429-once", 200, 2}, {"/cut-once", 200, 2},
                {"/503-date-once", 200, 2}};

static void hands_on_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answered / sizeof *answered; i++) {
        struct server server;
        server_start(&server, replies, NULL);
        set_url("http", "127.0.0.1", server.port);
        const struct cb_source source = source_of(url);
        struct client c = {0};
        if (run_one(&source, answered[i].target, &c) == -1)
            fail_msg("%s", c.err.text);
        assert_int_equal(c.answers, 1);
        assert_int_equal(c.status, answered[i].status);
        assert_int_equal(c.bytes, c.status == 200 ? 2 : 0);
        assert_int_equal(server.seen->requests, answered[i].asked);
        assert_int_equal(c.retry_after_s, 0);
        server_stop(&server);
    }
}

static const struct {
    const char *target, *error;
    enum cb_error_code code;
    unsigned asked;
    int64_t retry_after_s;
} failing[] = {
    {"/truncated", "broke off in the middle of the answer (try 2 of 2)", CB_ERR_NETWORK, 2, 0},
    {"/chunks-cut", "broke off", CB_ERR_NETWORK, 2, 0},
    {"/announced", "larger than max_response (1048576 bytes)", CB_ERR_ANSWER, 1, 0},
    {"/endless", "larger than max_response (1048576 bytes)", CB_ERR_ANSWER, 1, 0},
    {"/headers", "the answer's header is larger than", CB_ERR_ANSWER, 1, 0},
    {"/429-long", ": 429001: so busy", CB_ERR_REMOTE, 1, 3600},
    {"/500", ": Internal mishap (try 2 of 2)", CB_ERR_REMOTE, 2, 0},
    {"/cut", "ended without an answer", CB_ERR_NETWORK, 2, 0},
    {"/garbage", "is not HTTP", CB_ERR_ANSWER, 1, 0},
};

static void fails_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        struct server server;
        server_start(&server, replies, NULL);
        set_url("http", "127.0.0.1", server.port);
        struct cb_source source = source_of(url);
        struct client c = {0};
        source.retries = 1;
        assert_int_equal(run_one(&source, failing[i].target, &c), -1);
        expect_text(c.err.text, failing[i].error);
        expect_text(c.err.text, url);
        assert_null(strchr(c.err.text, '?'));
        assert_int_equal(c.err.code, failing[i].code);
        assert_int_equal(server.seen->requests, failing[i].asked);
        assert_int_equal(c.retries, failing[i].asked - 1);
        assert_int_equal(c.retry_after_s, failing[i].retry_after_s);
        assert_int_equal(c.answers, 0);
        server_stop(&server);
    }
}

static void waits_no_longer_than_timeout(void **state)
{
    static const char *const targets[] = {"/silent?token=1", "/stalled"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct server server;
        server_start(&server, replies, NULL);
        set_url("http", "127.0.0.1", server.port);
        struct cb_source source = source_of(url);
        struct client c = {0};
        source.timeout_ms = 1500;
        source.retries = 0;
        assert_int_equal(run_one(&source, targets[i], &c), -1);
        expect_text(c.err.text, ": answer of 127.0.0.1:");
        expect_text(c.err.text, "timed out");
        assert_null(strchr(c.err.text, '?'));
        server_stop(&server);
    }
}

static void tells_progress(void **state)
{
    struct server server;
    struct client c = {0};
    char expected[128];

    (void)state;
    server_start(&server, replies, NULL);
    set_url("http", "127.0.0.1", server.port);
    const struct cb_source source = source_of(url);
    assert_int_equal(run_one(&source, "/429-once", &c), 0);
    snprintf(expected, sizeof expected, "HTTP 429 from 127.0.0.1:%d (try 1 of 3)", server.port);
    assert_string_equal(c.reason, expected);
    server_stop(&server);
}

static void heeds_retry_after(void **state)
{
    static const struct {
        const char *target;
        int64_t least_ms; /* a date has whole seconds: two minus a part of one */
    } rows[] = {{"/429-once", 1000}, {"/503-date-once", 1000}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server server;
        struct client c = {.after_retry = "/ok"};
        server_start(&server, replies, NULL);
        set_url("http", "127.0.0.1", server.port);
        const struct cb_source source = source_of(url);
        size_t row = server_row(&server, rows[i].target), other = server_row(&server, "/ok");
        assert_int_equal(run_one(&source, rows[i].target, &c), 0);
        assert_int_equal(c.answers, 2);
        int64_t asked = server.seen->first_asked[row];
        assert_true(server.seen->last_asked[row] - asked >= rows[i].least_ms);
        /* Nothing else is sent in the meantime either. */
        assert_true(server.seen->first_asked[other] - asked >= rows[i].least_ms);
        server_stop(&server);
    }
}

static void sends_what_it_must(void **state)
{
    struct server server;
    struct client c = {0};
    const char *header;

    (void)state;
    server_start(&server, replies, NULL);
    set_url("http", "127.0.0.1", server.port);
    const struct cb_source source = source_of(url);
    assert_int_equal(run_one(&source, "/ok?a=%2F..%2Fb", &c), 0);
    header = server.seen->last_header;
    assert_string_equal(server.seen->last_target, "/ok?a=%2F..%2Fb");
    assert_string_equal(c.content_type, "application/json");
    expect_text(header, "\r\ncontent-type: text/plain\r\n");
    expect_text(header, "\r\nAuthorization: Bearer geheim-0123/456789=\r\n");
    expect_text(header, "Accept: application/json\r\n");
    expect_text(header, "User-Agent: certbridge/");
    assert_null(strcasestr(header, "accept-encoding"));
    server_stop(&server);
}

static void keeps_a_content_type_of_plain_characters(void **state)
{
    struct server server;
    struct client c = {0};

    (void)state;
    server_start(&server, replies, NULL);
    set_url("HTTP", "127.0.0.1", server.port); /* a scheme has no case */
    const struct cb_source source = source_of(url);
    assert_int_equal(run_one(&source, "/odd-type", &c), 0);
    assert_string_equal(c.content_type, "text/??x");
    server_stop(&server);
}

static void blots_out_its_secret(void **state)
{
    struct server server;
    struct client c = {.fail_status = true};

    (void)state;
    server_start(&server, replies, NULL);
    set_url("http", "127.0.0.1", server.port);
    const struct cb_source source = source_of(url);
    assert_int_equal(run_one(&source, "/who", &c), -1);
    expect_text(c.err.text, "HTTP 403 from 127.0.0.1:");
    expect_text(c.err.text, "denied: not Authorization: ****");
    assert_null(strstr(c.err.text, "geheim"));
    server_stop(&server);
}

/* --- many at once ---------------------------------------------------------------------------- */

#define MANY 2000

static void reuses_connections(void **state)
{
    static const char *targets[MANY];
    struct server server;
    struct client c = {.targets = targets, .n = MANY};

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        targets[i] = "/ok";
    server_start(&server, replies, NULL);
    set_url("http", "127.0.0.1", server.port);
    const struct cb_source source = source_of(url);
    assert_int_equal(run(&source, &c), 0);
    assert_int_equal(c.answers, MANY);
    assert_int_equal(server.seen->requests, MANY);
    assert_in_range(server.seen->connections, 1, 4);
    server_stop(&server);
}

/* Eight bodies of 12 MiB do not fit CB_BODIES_MAX together: some are broken off and come again. */
static void bounds_bodies_in_flight(void **state)
{
    static const char *const targets[] = {"/large", "/large", "/large", "/large",
                                          "/large", "/large", "/large", "/large"};
    struct server server;
    struct client c = {.targets = targets, .n = 8};

    (void)state;
    server_start(&server, replies, NULL);
    set_url("http", "127.0.0.1", server.port);
    struct cb_source source = source_of(url);
    source.parallel = 8;
    source.max_response = 16 << 20;
    if (run(&source, &c) == -1)
        fail_msg("%s", c.err.text);
    assert_int_equal(c.answers, 8);
    assert_int_equal(c.bytes, 8 * (12u << 20));
    assert_true(server.seen->requests > 8);
    assert_int_equal(c.retries, 0);
    server_stop(&server);
}

/* --- connections ----------------------------------------------------------------------------- */

static const struct {
    const char *host, *error;
    int socket_error;
} unreachable[] = {
    {"127.0.0.1", "connect to 127.0.0.1:1 failed: Connection refused (try 2 of 2)", 0},
    {"127.0.0.1", "forbids it (SELinux, seccomp or a firewall)", EACCES},
    {"127.0.0.1", "is proxy needed?", ENETUNREACH},
    {"unknown.test", "name resolution of unknown.test:1 failed", 0},
    {"hangs.test", "name resolution of hangs.test:1 timed out (try 2 of 2)", 0},
};

static void says_why_it_cannot_connect(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unreachable / sizeof *unreachable; i++) {
        set_url("http", unreachable[i].host, 1);
        struct cb_source source = source_of(url);
        struct client c = {0};
        source.retries = 1;
        source.connect_timeout_ms = 500;
        socket_error = unreachable[i].socket_error;
        assert_int_equal(run_one(&source, "/ok", &c), -1);
        socket_error = 0;
        expect_text(c.err.text, unreachable[i].error);
        assert_int_equal(c.err.code, CB_ERR_NETWORK);
        assert_int_equal(c.retries, 1);
    }
}

/* A listener whose queue is full answers no SYN; one that never accepts says nothing to a TLS
 * handshake. */
static void says_which_step_was_late(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fillers[4];
    struct client handshake = {0}, connection = {0};

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    set_url("https", "127.0.0.1", ntohs(address.sin_port));
    struct cb_source source = source_of(url);
    source.retries = 0;
    source.connect_timeout_ms = 300;
    assert_int_equal(run_one(&source, "/ok", &handshake), -1);
    expect_text(handshake.err.text, ": TLS handshake with 127.0.0.1:");
    for (size_t i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, size);
    }
    assert_int_equal(run_one(&source, "/ok", &connection), -1);
    expect_text(connection.err.text, ": connect to 127.0.0.1:");
    expect_text(connection.err.text, "timed out");
    for (size_t i = 0; i < 4; i++)
        close(fillers[i]);
    close(listener);
}

static void uses_its_own_proxy_only(void **state)
{
    static const char *const variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY",
                                            "all_proxy"};
    struct server server;
    struct client direct = {0}, proxied = {0};
    char proxy[sizeof url];

    (void)state;
    server_start(&server, replies, NULL);
    set_url("http", "127.0.0.1", server.port);
    struct cb_source source = source_of(url);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        setenv(variables[i], "http://127.0.0.1:1", 1);
    setenv("no_proxy", "*", 1);
    assert_int_equal(run_one(&source, "/ok", &direct), 0);
    snprintf(proxy, sizeof proxy, "%s", url);
    source.url = "http://elsewhere.test";
    source.proxy = proxy;
    assert_int_equal(run_one(&source, "/ok", &proxied), 0);
    assert_string_equal(server.seen->last_target, "http://elsewhere.test/ok");
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    unsetenv("no_proxy");
    server_stop(&server);
}

/* --- TLS ------------------------------------------------------------------------------------- */

enum identity { CA, OTHER_CA, GOOD, EXPIRED, CLIENT, OTHER_CLIENT, IDENTITIES };
static struct made identities[IDENTITIES];
static char folder[] = "/tmp/certbridge-test-http-XXXXXX";
static char files[IDENTITIES][64], keys[IDENTITIES][64], *pins[IDENTITIES];

static int make_identities(void **state)
{
    static const struct {
        int issuer; /* -1: itself */
        const char *name, *names;
        int days;
    } rows[] = {
        [CA] = {-1, "Test CA", NULL, 30},
        [OTHER_CA] = {-1, "Other CA", NULL, 30},
        [GOOD] = {CA, "server", "IP:127.0.0.1,DNS:localhost", 30},
        [EXPIRED] = {CA, "old", "IP:127.0.0.1", -1},
        [CLIENT] = {CA, "client", NULL, 30},
        [OTHER_CLIENT] = {OTHER_CA, "stranger", NULL, 30},
    };

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < IDENTITIES; i++) {
        X509 *chain[] = {NULL, NULL};
        identities[i] =
            made_certificate(rows[i].issuer == -1 ? NULL : &identities[rows[i].issuer],
                             rows[i].name, rows[i].names, rows[i].issuer == -1, rows[i].days);
        chain[0] = identities[i].certificate;
        snprintf(files[i], sizeof files[i], "%s/%zu.pem", folder, i);
        snprintf(keys[i], sizeof keys[i], "%s/%zu.key", folder, i);
        made_write_certificates(files[i], chain);
        made_write_key(keys[i], identities[i].key);
        pins[i] = made_pin(&identities[i]);
    }
    return 0;
}

static int drop_identities(void **state)
{
    (void)state;
    for (size_t i = 0; i < IDENTITIES; i++) {
        unlink(files[i]);
        unlink(keys[i]);
        made_clear(&identities[i]);
        free(pins[i]);
    }
    return rmdir(folder);
}

static SSL_CTX *server_tls(enum identity who, bool wants_client, int most_version)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    assert_non_null(tls);
    if (most_version != 0) {
        SSL_CTX_set_cipher_list(tls, "ALL:@SECLEVEL=0");
        SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(tls, most_version);
    }
    SSL_CTX_use_certificate(tls, identities[who].certificate);
    SSL_CTX_use_PrivateKey(tls, identities[who].key);
    if (wants_client) {
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), identities[CA].certificate);
    }
    return tls;
}

static const struct {
    enum identity server;
    bool wants_client;
    int most_version;
    enum identity ca;
    int client, pin; /* -1: none */
    const char *host, *error;
} handshakes[] = {
    {GOOD, false, 0, CA, -1, -1, "127.0.0.1", NULL},
    {GOOD, false, 0, GOOD, -1, -1, "127.0.0.1", NULL}, /* the server's own as ca_file */
    {GOOD, false, TLS1_2_VERSION, CA, -1, -1, "127.0.0.1", NULL},
    {GOOD, false, TLS1_1_VERSION, CA, -1, -1, "127.0.0.1", "; the server must speak TLS 1.2"},
    {GOOD, false, 0, OTHER_CA, -1, -1, "127.0.0.1",
     "certificate verification of 127.0.0.1:PORT failed: unable to get local issuer certificate; "
     "set ca_file"},
    {GOOD, false, 0, CA, -1, -1, "wrong.test", "certificate is for another host"},
    {EXPIRED, false, 0, CA, -1, -1, "127.0.0.1", "certificate has expired; is the clock"},
    {GOOD, false, 0, CA, -1, GOOD, "127.0.0.1", NULL},
    {GOOD, false, 0, CA, -1, CA, "127.0.0.1", "key is not pinned_public_key"},
    {GOOD, true, 0, CA, CLIENT, -1, "127.0.0.1", NULL},
    {GOOD, true, TLS1_2_VERSION, CA, CLIENT, -1, "127.0.0.1", NULL},
    {GOOD, true, 0, CA, -1, -1, "127.0.0.1", "does the server want another client_certificate?"},
    {GOOD, true, TLS1_2_VERSION, CA, -1, -1, "127.0.0.1", "client_certificate?"},
    {GOOD, true, 0, CA, OTHER_CLIENT, -1, "127.0.0.1", "client_certificate?"},
};

static void with_port(char *out, size_t room, const char *text, int port)
{
    const char *at = strstr(text, "PORT");

    if (at)
        snprintf(out, room, "%.*s%d%s", (int)(at - text), text, port, at + strlen("PORT"));
    else
        snprintf(out, room, "%s", text);
}

static void verifies_and_authenticates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof handshakes / sizeof *handshakes; i++) {
        SSL_CTX *tls = server_tls(handshakes[i].server, handshakes[i].wants_client,
                                  handshakes[i].most_version);
        struct server server;
        struct client c = {0};
        char expected[256];
        server_start(&server, replies, tls);
        set_url("https", handshakes[i].host, server.port);
        struct cb_source source = source_of(url);
        source.ca_file = files[handshakes[i].ca];
        if (handshakes[i].client != -1) {
            source.client_certificate = files[handshakes[i].client];
            source.client_key = keys[handshakes[i].client];
        }
        if (handshakes[i].pin != -1)
            source.pinned_public_key = pins[handshakes[i].pin];
        int result = run_one(&source, "/ok", &c);
        if (!handshakes[i].error && result == -1)
            fail_msg("row %zu: %s", i, c.err.text);
        if (handshakes[i].error) {
            if (result == 0)
                fail_msg("row %zu was taken", i);
            with_port(expected, sizeof expected, handshakes[i].error, server.port);
            expect_text(c.err.text, expected);
            assert_int_equal(c.err.code, CB_ERR_NETWORK);
            assert_int_equal(c.retries, 0);
            assert_int_equal(server.seen->requests, 0);
        }
        server_stop(&server);
        SSL_CTX_free(tls);
    }
}

/* SSL_CERT_FILE names a CA that would do, but only ca_file and the system decide. */
static void ignores_the_environments_anchors(void **state)
{
    SSL_CTX *tls = server_tls(GOOD, false, 0);
    struct server server;
    struct client c = {0};

    (void)state;
    server_start(&server, replies, tls);
    set_url("https", "127.0.0.1", server.port);
    const struct cb_source source = source_of(url);
    setenv("SSL_CERT_FILE", files[CA], 1);
    setenv("CURL_CA_BUNDLE", files[CA], 1);
    assert_int_equal(run_one(&source, "/ok", &c), -1);
    expect_text(c.err.text, "certificate verification of");
    unsetenv("SSL_CERT_FILE");
    unsetenv("CURL_CA_BUNDLE");
    server_stop(&server);
    SSL_CTX_free(tls);
}

static void refuses_bad_files(void **state)
{
    char broken[80], open_key[80];
    const struct {
        const char *ca_file, *certificate, *key, *error;
    } rows[] = {
        {"/nonexistent", NULL, NULL, "ca_file: /nonexistent: No such file"},
        {keys[CA], NULL, NULL, "certificate 1 cannot be read as PEM"},
        {broken, NULL, NULL, "certificate 2 cannot be read as PEM"},
        {files[CA], "/nonexistent", keys[CLIENT], "client_certificate: /nonexistent"},
        {files[CA], files[CLIENT], keys[GOOD], "client_key does not belong"},
        {files[CA], files[CLIENT], files[GOOD], "client_key: "},
        {files[CA], files[CLIENT], open_key, "other users have access"},
        {files[CA], files[CLIENT], "no-such-scheme:x", "no private key comes from this store URI"},
    };
    FILE *file;

    (void)state;
    snprintf(broken, sizeof broken, "%s/broken.pem", folder);
    snprintf(open_key, sizeof open_key, "%s/open.key", folder);
    X509 *chain[] = {identities[CA].certificate, NULL};
    made_write_certificates(broken, chain);
    file = fopen(broken, "a");
    fputs("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", file);
    fclose(file);
    made_write_key(open_key, identities[CLIENT].key);
    chmod(open_key, 0644);
    chmod(files[GOOD], 0600);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_source source = source_of("https://127.0.0.1:1");
        struct client c = {0};
        source.ca_file = rows[i].ca_file;
        source.client_certificate = rows[i].certificate;
        source.client_key = rows[i].key;
        assert_int_equal(run_one(&source, "/ok", &c), -1);
        expect_text(c.err.text, rows[i].error);
    }
    unlink(broken);
    unlink(open_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_on_answers),
        cmocka_unit_test(fails_in_words),
        cmocka_unit_test(waits_no_longer_than_timeout),
        cmocka_unit_test(tells_progress),
        cmocka_unit_test(heeds_retry_after),
        cmocka_unit_test(sends_what_it_must),
        cmocka_unit_test(keeps_a_content_type_of_plain_characters),
        cmocka_unit_test(blots_out_its_secret),
        cmocka_unit_test(reuses_connections),
        cmocka_unit_test(bounds_bodies_in_flight),
        cmocka_unit_test(says_why_it_cannot_connect),
        cmocka_unit_test(says_which_step_was_late),
        cmocka_unit_test(uses_its_own_proxy_only),
        cmocka_unit_test(verifies_and_authenticates),
        cmocka_unit_test(ignores_the_environments_anchors),
        cmocka_unit_test(refuses_bad_files),
    };
    return cmocka_run_group_tests_name("http", tests, make_identities, drop_identities);
}
