/* Listeners, TLS and HTTP: from a request on the wire to the API that answers it, and back. Every
 * connection has its own thread, so an answer that is slow on purpose holds up nobody else. */
#include "tests/simulator/sim.h"
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 4000
#define STACK_SIZE (512U * 1024U) /* of a connection's thread */

static const struct sim_api *const apis[] = {&sim_digicert, &sim_nevisidm};

/* What is remembered of a connection between its requests. */
struct peer {
    unsigned long number;
    bool asked;    /* whether the client certificate was looked at */
    char *subject; /* of a certificate that verified */
};

static struct MHD_Daemon *daemons[SIM_LISTENERS];
static int mute_socket = -1;
static int stop_event = -1;
static bool require_certificate;

void sim_sleep(unsigned long ms, int fd)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t end = now.tv_sec * 1000 + now.tv_nsec / 1000000 + (int64_t)ms;
    struct pollfd waited[2] = {{.fd = stop_event, .events = POLLIN},
                               {.fd = fd, .events = POLLRDHUP}};
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t left = end - (now.tv_sec * 1000 + now.tv_nsec / 1000000);
        if (left <= 0 || poll(waited, 2, left > 60000 ? 60000 : (int)left) > 0) {
            return;
        }
    }
}

static int connection_fd(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* ---- client certificates ---- */

static char *peer_subject(gnutls_session_t session)
{
    unsigned status;
    unsigned count;
    gnutls_x509_crt_t certificate;
    gnutls_datum_t name = {0};
    char *subject = NULL;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    if (chain == NULL || count == 0 || gnutls_certificate_verify_peers2(session, &status) != 0 ||
        status != 0 || gnutls_x509_crt_init(&certificate) != 0) {
        return NULL;
    }
    if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
        gnutls_x509_crt_get_dn3(certificate, &name, 0) == 0) {
        subject = strndup((char *)name.data, name.size);
    }
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(certificate);
    return subject;
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static const char *client_certificate(struct MHD_Connection *connection)
{
    struct peer *peer = peer_of(connection);
    const union MHD_ConnectionInfo *tls =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (!peer->asked && tls != NULL) {
        peer->subject = peer_subject(tls->tls_session);
    }
    peer->asked = true;
    return peer->subject;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    static atomic_ulong last;
    enum sim_listener listener = (enum sim_listener)(uintptr_t)cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct peer *peer = *context;
        free(peer->subject);
        free(peer);
        return;
    }
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) {
        abort();
    }
    peer->number = ++last;
    *context = peer;
    if (listener != SIM_ADMIN) {
        sim_count_connection();
    }
    const union MHD_ConnectionInfo *tls =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (listener == SIM_CLIENTAUTH && require_certificate && tls != NULL) {
        gnutls_certificate_server_set_request(tls->tls_session, GNUTLS_CERT_REQUIRE);
    }
}

/* ---- sending ---- */

/* A body on its way through a callback: what `cut`, `drip` and `chunked` need. */
struct sending {
    char *body;
    size_t length;
    long cut_at;
    unsigned long rate;
    int fd;
};

static ssize_t send_part(void *cls, uint64_t position, char *buffer, size_t room)
{
    struct sending *sending = cls;
    size_t end = sending->length;
    if (sending->cut_at >= 0 && (size_t)sending->cut_at < end) {
        end = (size_t)sending->cut_at;
    }
    if (position >= end) {
        return end < sending->length ? MHD_CONTENT_READER_END_WITH_ERROR
                                     : MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t part = end - position < room ? end - (size_t)position : room;
    if (sending->rate > 0) {
        size_t step = sending->rate < 10 ? 1 : sending->rate / 10;
        sim_sleep(sending->rate < 10 ? 1000 / sending->rate : 100, sending->fd);
        part = part < step ? part : step;
    }
    memcpy(buffer, sending->body + position, part);
    return (ssize_t)part;
}

static void sending_free(void *cls)
{
    struct sending *sending = cls;
    free(sending->body);
    free(sending);
}

static struct MHD_Response *response_of(struct sim_reply *reply, int fd)
{
    char *body = reply->body;
    reply->body = NULL;
    if (!reply->chunked && reply->rate == 0 && reply->cut_at < 0) {
        return MHD_create_response_from_buffer(reply->length, body, MHD_RESPMEM_MUST_FREE);
    }
    struct sending *sending = malloc(sizeof *sending);
    if (sending == NULL) {
        free(body);
        return NULL;
    }
    *sending = (struct sending){.body = body,
                                .length = reply->length,
                                .cut_at = reply->cut_at,
                                .rate = reply->rate,
                                .fd = fd};
    return MHD_create_response_from_callback(reply->chunked ? MHD_SIZE_UNKNOWN : reply->length,
                                             4096, send_part, sending, sending_free);
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct sim_reply *reply)
{
    int fd = connection_fd(connection);
    if (reply->delay_ms > 0) {
        sim_sleep(reply->delay_ms, fd);
    }
    if (reply->stall) {
        sim_sleep(INT32_MAX, fd);
    }
    if (reply->stall || reply->close) {
        return MHD_NO;
    }
    struct MHD_Response *response = response_of(reply, fd);
    if (response == NULL) {
        return MHD_NO;
    }
    if (reply->content_type != NULL) {
        MHD_add_response_header(response, "Content-Type", reply->content_type);
    }
    for (size_t i = 0; i < reply->headers; i++) {
        MHD_add_response_header(response, reply->header[i].name, reply->header[i].value);
    }
    enum MHD_Result result = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return result;
}

/* ---- answering ---- */

/* An ETag from the body, where the API is set to have one. */
static void add_validator(struct sim_exchange *x)
{
    uint64_t hash = 14695981039346656037U;
    const char *known = NULL;
    char tag[24];
    if (x->reply.status != 200 || !sim_setting_is(SIM_VALIDATORS, "etag")) {
        return;
    }
    for (size_t i = 0; i < x->reply.length; i++) {
        hash = (hash ^ (unsigned char)x->reply.body[i]) * 1099511628211U;
    }
    snprintf(tag, sizeof tag, "\"%016llx\"", (unsigned long long)hash);
    if (sim_header(&x->request, "If-None-Match", &known) > 0 && strcmp(known, tag) == 0) {
        sim_reply_take(&x->reply, 304, NULL, NULL, 0);
    }
    sim_reply_header(&x->reply, "ETag", tag);
}

static const struct sim_api *api_of(const char *raw)
{
    for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) {
        if (strncmp(raw, apis[i]->prefix, strlen(apis[i]->prefix)) == 0) {
            return apis[i];
        }
    }
    return NULL;
}

static void answer_api(struct sim_exchange *x, const char *bad_target)
{
    x->api = api_of(x->request.raw);
    x->store = sim_store_hold();
    if (x->api == NULL) {
        sim_reply_printf(&x->reply, 404, "text/html", "<html><h1>404 Not Found</h1></html>\n");
        return;
    }
    sim_faults_take(x);
    if (bad_target != NULL) {
        x->api->error(&x->reply, 400, NULL, bad_target);
    } else {
        x->api->answer(x);
    }
    add_validator(x);
    x->reply.chunked = sim_setting_is(SIM_TRANSFER, "chunked");
    x->reply.delay_ms = sim_setting_number(SIM_DELAY_MS);
    sim_faults_apply(x);
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct sim_request *request = cls;
    (void)kind;
    if (request->headers == SIM_HEADERS_MAX) {
        return MHD_NO;
    }
    request->header[request->headers++] =
        (struct sim_pair){.name = (char *)(uintptr_t)name,
                          .value = value == NULL ? (char[]){""} : (char *)(uintptr_t)value};
    return MHD_YES;
}

static enum MHD_Result answer(struct MHD_Connection *connection, struct sim_exchange *x)
{
    const char *why = NULL;
    MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &x->request);
    const char *bad_target =
        sim_target_parse(x->request.raw, &x->request.target, &why) == 0 ? NULL : why;
    if (x->request.listener == SIM_ADMIN) {
        if (bad_target != NULL) {
            sim_reply_printf(&x->reply, 400, "text/plain", "%s\n", bad_target);
        } else {
            sim_admin_answer(x);
        }
    } else {
        x->request.certificate = client_certificate(connection);
        answer_api(x, bad_target);
        sim_log_exchange(x, peer_of(connection)->number);
    }
    return send_reply(connection, &x->reply);
}

static enum MHD_Result collect_body(struct sim_request *request, const char *data, size_t size)
{
    if (size > SIM_BODY_MAX - request->body_length) {
        return MHD_NO;
    }
    char *body = realloc(request->body, request->body_length + size + 1);
    if (body == NULL) {
        return MHD_NO;
    }
    memcpy(body + request->body_length, data, size);
    request->body = body;
    request->body_length += size;
    body[request->body_length] = '\0';
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **context)
{
    struct sim_exchange *x = *context;
    (void)url;
    (void)version;
    if (x->request.method == NULL) {
        x->request.method = method;
        x->request.listener = (enum sim_listener)(uintptr_t)cls;
        return MHD_YES;
    }
    if (*size > 0) {
        size_t taken = *size;
        *size = 0;
        return collect_body(&x->request, data, taken);
    }
    return answer(connection, x);
}

static void *on_target(void *cls, const char *raw, struct MHD_Connection *connection)
{
    struct sim_exchange *x = calloc(1, sizeof *x);
    (void)connection;
    if (x == NULL || (x->request.raw = strdup(raw)) == NULL) {
        abort();
    }
    x->reply.cut_at = -1;
    if ((enum sim_listener)(uintptr_t)cls != SIM_ADMIN) {
        sim_count_begin();
    }
    return x;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct sim_exchange *x = *context;
    (void)connection;
    (void)code;
    if (x == NULL) {
        return;
    }
    if ((enum sim_listener)(uintptr_t)cls != SIM_ADMIN) {
        sim_count_end();
    }
    sim_reply_clear(&x->reply);
    sim_store_release(x->store);
    sim_target_clear(&x->request.target);
    free((char *)(uintptr_t)x->request.raw);
    free(x->request.body);
    free(x);
    *context = NULL;
}

/* ---- listeners ---- */

static char *read_text(const char *path)
{
    FILE *in = path == NULL ? NULL : fopen(path, "re");
    char *text = NULL;
    size_t room = 0;
    if (in == NULL) {
        return NULL;
    }
    if (getdelim(&text, &room, '\0', in) < 0) {
        free(text);
        text = NULL;
    }
    fclose(in);
    return text;
}

static socklen_t socket_address(const char *address, int port, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        return sizeof *v6;
    }
    inet_pton(AF_INET, address, &v4->sin_addr);
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    return sizeof *v4;
}

static int start_listener(enum sim_listener which, struct sim_options *options,
                          const struct MHD_OptionItem *tls)
{
    struct sockaddr_storage address;
    void *cls = (void *)(uintptr_t)which;
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
    socket_address(options->address, options->port[which], &address);
    if (address.ss_family == AF_INET6) {
        flags |= MHD_USE_IPv6;
    }
    daemons[which] = MHD_start_daemon(
        flags | (which == SIM_ADMIN ? 0U : MHD_USE_TLS), (uint16_t)options->port[which], NULL, NULL,
        on_request, cls, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK, on_target,
        cls, MHD_OPTION_NOTIFY_COMPLETED, on_completed, cls, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, cls, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024U, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_SIZE,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, which == SIM_ADMIN ? MHD_OPTION_END : MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
    if (daemons[which] == NULL) {
        fprintf(stderr, "simulator: cannot listen on %s port %d\n", options->address,
                options->port[which]);
        return -1;
    }
    options->port[which] = MHD_get_daemon_info(daemons[which], MHD_DAEMON_INFO_BIND_PORT)->port;
    return 0;
}

/* Connections are made by the kernel and never looked at. */
static int start_mute(struct sim_options *options)
{
    struct sockaddr_storage address;
    socklen_t length = socket_address(options->address, options->mute_port, &address);
    mute_socket = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (mute_socket < 0 || bind(mute_socket, (struct sockaddr *)&address, length) != 0 ||
        listen(mute_socket, 128) != 0 ||
        getsockname(mute_socket, (struct sockaddr *)&address, &length) != 0) {
        perror("simulator: mute listener");
        return -1;
    }
    options->mute_port =
        ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                            : ((struct sockaddr_in *)&address)->sin_port);
    return 0;
}

int sim_server_start(struct sim_options *options)
{
    char *certificate = read_text(options->certificate);
    char *key = read_text(options->key);
    char *client_ca = read_text(options->client_ca);
    int result = -1;
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
        {client_ca == NULL ? MHD_OPTION_END : MHD_OPTION_HTTPS_MEM_TRUST, 0, client_ca},
        {MHD_OPTION_END, 0, NULL},
    };
    stop_event = eventfd(0, EFD_CLOEXEC);
    require_certificate = sim_setting_is(SIM_CLIENT_CERTIFICATE, "tls");
    if (certificate == NULL || key == NULL || (options->client_ca != NULL && client_ca == NULL)) {
        fprintf(stderr, "simulator: cannot read the certificate, its key or the client CA\n");
        goto out;
    }
    for (enum sim_listener which = SIM_NORMAL; which < SIM_LISTENERS; which++) {
        if (options->port[which] >= 0 && start_listener(which, options, tls) != 0) {
            goto out;
        }
    }
    result = options->mute_port < 0 ? 0 : start_mute(options);
out:
    free(certificate);
    free(key);
    free(client_ca);
    return result;
}

void sim_server_stop(void)
{
    if (stop_event >= 0 && eventfd_write(stop_event, 1) != 0) {
        perror("simulator: stop");
    }
    for (enum sim_listener which = SIM_NORMAL; which < SIM_LISTENERS; which++) {
        if (daemons[which] != NULL) {
            MHD_stop_daemon(daemons[which]);
        }
    }
    if (mute_socket >= 0) {
        close(mute_socket);
    }
    if (stop_event >= 0) {
        close(stop_event);
    }
}
