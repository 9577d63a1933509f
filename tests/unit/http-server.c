#include "tests/unit/http-server.h"
#include "common/clock.h"
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int fd;
    SSL *tls;
    char request[8192]; /* request line and header */
    char target[512];
};

static void require(bool ok)
{
    if (!ok)
        abort();
}

static ssize_t receive(struct connection *c, char *p, size_t n)
{
    return c->tls ? SSL_read(c->tls, p, (int)n) : read(c->fd, p, n);
}

static int send_all(struct connection *c, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = c->tls ? SSL_write(c->tls, p, (int)n) : write(c->fd, p, n);
        if (sent <= 0)
            return -1;
        p += sent;
        n -= (size_t)sent;
    }
    return 0;
}

static int send_text(struct connection *c, const char *text)
{
    return send_all(c, text, strlen(text));
}

/* A GET has no body, and the client never sends two requests at once. */
static int read_request(struct connection *c)
{
    size_t n = 0;

    c->request[0] = '\0';
    while (!strstr(c->request, "\r\n\r\n")) {
        ssize_t got = receive(c, c->request + n, sizeof c->request - 1 - n);
        if (got <= 0)
            return -1;
        n += (size_t)got;
        c->request[n] = '\0';
    }
    return sscanf(c->request, "GET %511s", c->target) == 1 ? 0 : -1;
}

size_t server_row(const struct server *s, const char *target)
{
    size_t n = strcspn(target, "?"), i = 0;

    for (; s->replies[i].target; i++)
        if (strlen(s->replies[i].target) == n && memcmp(s->replies[i].target, target, n) == 0)
            return i;
    return i; /* one beyond: unknown targets are counted there */
}

static void repeat(struct connection *c, size_t n)
{
    static char many[65536];

    memset(many, 'x', sizeof many);
    for (size_t sent = 0; sent < n; sent += sizeof many)
        if (send_all(c, many, sizeof many) == -1)
            _exit(0);
}

static int send_soon(struct connection *c)
{
    time_t then = time(NULL) + 2;
    char text[256], date[64];
    struct tm tm;

    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &tm));
    snprintf(text, sizeof text, "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
             date);
    return send_text(c, text);
}

/* As an API that is not careful: it repeats what it was sent. */
static int send_who(struct connection *c)
{
    char body[8192], text[9000], *secret = strcasestr(c->request, "authorization:");

    secret[strcspn(secret, "\r")] = '\0';
    snprintf(body, sizeof body, "{\"error\":{\"code\":\"denied\",\"message\":\"not %s\"}}", secret);
    snprintf(text, sizeof text, "HTTP/1.1 403 No\r\nContent-Length: %zu\r\n\r\n%s", strlen(body),
             body);
    return send_text(c, text);
}

/* -1: close the connection. */
static int reply(struct connection *c, enum reply_kind kind, const char *text)
{
    if (kind == REPLY_SOON)
        return send_soon(c);
    if (kind == REPLY_WHO)
        return send_who(c);
    if (send_text(c, text) == -1 || kind == REPLY_CLOSE)
        return -1;
    if (kind == REPLY_STALL)
        for (;;)
            pause();
    if (kind == REPLY_ENDLESS)
        repeat(c, SIZE_MAX / 2);
    if (kind == REPLY_LARGE)
        repeat(c, 12u << 20);
    return 0;
}

static int answer(const struct server *s, struct connection *c)
{
    size_t row = server_row(s, c->target);
    const struct reply *r = &s->replies[row];
    unsigned before = atomic_fetch_add(&s->seen->asked[row], 1);
    int64_t now = cb_monotonic_ms();

    atomic_fetch_add(&s->seen->requests, 1);
    if (before == 0)
        s->seen->first_asked[row] = now;
    s->seen->last_asked[row] = now;
    strcpy(s->seen->last_target, c->target);
    snprintf(s->seen->last_header, sizeof s->seen->last_header, "%s", c->request);
    if (!r->target)
        return send_text(c, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
    if (before == 0 && r->first)
        return reply(c, r->first_kind, r->first);
    return reply(c, r->kind, r->text);
}

/* Closing with unread bytes would take back the alert that says why. */
static void refuse(int fd)
{
    char unread[4096];

    shutdown(fd, SHUT_WR);
    while (read(fd, unread, sizeof unread) > 0)
        ;
    _exit(0);
}

static void serve(const struct server *s, int fd, SSL_CTX *tls)
{
    struct connection c = {.fd = fd};

    atomic_fetch_add(&s->seen->connections, 1);
    if (tls) {
        c.tls = SSL_new(tls);
        SSL_set_fd(c.tls, fd);
        if (SSL_accept(c.tls) != 1)
            refuse(fd);
    }
    while (read_request(&c) == 0 && answer(s, &c) == 0)
        ;
    if (c.tls)
        SSL_shutdown(c.tls);
    _exit(0);
}

static void accept_for_ever(const struct server *s, int listener, SSL_CTX *tls)
{
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd != -1 && fork() == 0) {
            close(listener);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve(s, fd, tls);
        }
        if (fd != -1)
            close(fd);
    }
}

void server_start(struct server *s, const struct reply *replies, SSL_CTX *tls)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    require(listener != -1 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    require(listen(listener, 128) == 0);
    require(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    s->port = ntohs(address.sin_port);
    s->replies = replies;
    s->seen =
        mmap(NULL, sizeof *s->seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(s->seen != MAP_FAILED);
    s->pid = fork();
    require(s->pid != -1);
    if (s->pid == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        accept_for_ever(s, listener, tls);
    }
    setpgid(s->pid, s->pid); /* whoever comes first */
    close(listener);
}

void server_stop(struct server *s)
{
    kill(-s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    munmap(s->seen, sizeof *s->seen);
}
