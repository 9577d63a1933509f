/* The listeners. Every connection has its own thread, so an answer that is slow on purpose holds up
 * nobody else. */
#include "tests/simulator/http.h"
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 4000
#define STACK_SIZE (512U * 1024U) /* of a connection's thread */

static struct MHD_Daemon *daemons[SIM_LISTENERS];
static int mute_socket = -1;
static int stop_event = -1;

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
        sim_http_request, cls, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK,
        sim_http_target, cls, MHD_OPTION_NOTIFY_COMPLETED, sim_http_completed, cls,
        MHD_OPTION_NOTIFY_CONNECTION, sim_http_connection, cls, MHD_OPTION_CONNECTION_LIMIT,
        CONNECTIONS_MAX, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024U, MHD_OPTION_THREAD_STACK_SIZE,
        (size_t)STACK_SIZE, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        which == SIM_ADMIN ? MHD_OPTION_END : MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
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
