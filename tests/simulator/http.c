/* HTTP: from a request on the wire to the API that answers it, and back. */
#include "tests/simulator/http.h"
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct sim_api *const apis[] = {&sim_digicert, &sim_nevisidm};

/* What is remembered of a connection between its requests. */
struct peer {
    unsigned long number;
    bool asked;    /* whether the client certificate was looked at */
    char *subject; /* of a certificate that verified */
};

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

void sim_http_connection(void *cls, struct MHD_Connection *connection, void **context,
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
    if (listener == SIM_CLIENTAUTH && tls != NULL &&
        sim_setting_is(SIM_CLIENT_CERTIFICATE, "tls")) {
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

enum MHD_Result sim_http_request(void *cls, struct MHD_Connection *connection, const char *url,
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

void *sim_http_target(void *cls, const char *raw, struct MHD_Connection *connection)
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

void sim_http_completed(void *cls, struct MHD_Connection *connection, void **context,
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
