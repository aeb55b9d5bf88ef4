#include "daemon/net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/number.h"

#define LISTENER_BACKLOG  1024
#define LISTENER_PAUSE_NS UINT64_C(100000000)
/* Accepted in one turn, so that a flood of connections does not starve those that are there. */
#define LISTENER_ACCEPTS 64

struct listener {
    int fd;
    struct loop_fd *watch;
    struct loop_timer *resume;
    listener_accept_fn accepted;
    void *self;
    char address[LISTENER_ADDRESS_MAX];
};

static int complain(char *error, size_t error_bytes, const char *endpoint, const char *why,
                    int code)
{
    snprintf(error, error_bytes, "%s: %s", endpoint, why);
    return code;
}

/* "HOST:PORT" or "[v6]:PORT"; an empty host is every address. */
static int split_endpoint(const char *endpoint, char *host, size_t host_bytes,
                          const char **ret_port)
{
    const char *colon = strrchr(endpoint, ':');
    size_t len = colon != NULL ? (size_t)(colon - endpoint) : 0;
    uint64_t port;
    if (colon == NULL || number_parse_u64(bytes_of(colon + 1), &port) != 0 || port > UINT16_MAX) {
        return 1; /* getaddrinfo would take such a number modulo 2^16 */
    }
    if (len >= 2 && endpoint[0] == '[' && endpoint[len - 1] == ']') {
        endpoint++;
        len -= 2;
    }
    if (len >= host_bytes) {
        return 1;
    }
    memcpy(host, endpoint, len);
    host[len] = '\0';
    *ret_port = colon + 1;
    return 0;
}

static int open_socket(const struct addrinfo *address)
{
    int one = 1;
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    address->ai_protocol);
    if (fd < 0) {
        return -errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, LISTENER_BACKLOG) != 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

static void name_address(struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char host[NI_MAXHOST] = "?";
    char port[NI_MAXSERV] = "?";
    if (getsockname(listener->fd, (struct sockaddr *)&address, &len) == 0) {
        getnameinfo((struct sockaddr *)&address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV);
    }
    bool v6 = strchr(host, ':') != NULL;
    snprintf(listener->address, sizeof listener->address, "%s%.45s%s:%.8s", v6 ? "[" : "", host,
             v6 ? "]" : "", port);
}

static int bind_endpoint(struct listener *listener, const char *endpoint, char *error,
                         size_t error_bytes)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char host[256];
    const char *port;
    if (split_endpoint(endpoint, host, sizeof host, &port) != 0) {
        return complain(error, error_bytes, endpoint, "write HOST:PORT", -EINVAL);
    }
    int bad = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &found);
    if (bad) {
        return complain(error, error_bytes, endpoint, gai_strerror(bad), -EADDRNOTAVAIL);
    }
    listener->fd = open_socket(found);
    freeaddrinfo(found);
    if (listener->fd < 0) {
        return complain(error, error_bytes, endpoint, strerror(-listener->fd), listener->fd);
    }
    name_address(listener);
    return 0;
}

static void ready(void *self, int fd, unsigned events)
{
    struct listener *listener = self;
    (void)events;
    for (int i = 0; i < LISTENER_ACCEPTS; i++) {
        int one = 1;
        int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
            bool exhausted =
                errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (exhausted && loop_fd_set(listener->watch, 0) == 0) {
                loop_timer_set(listener->resume, LISTENER_PAUSE_NS);
            }
            return;
        }
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        listener->accepted(listener->self, accepted);
    }
}

static void resume(void *self)
{
    struct listener *listener = self;
    loop_fd_set(listener->watch, LOOP_READ);
}

int listener_new(struct listener **ret, struct loop *loop, const char *endpoint,
                 listener_accept_fn accepted, void *self, char *error, size_t error_bytes)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) {
        return complain(error, error_bytes, endpoint, "no memory", -ENOMEM);
    }
    listener->fd = -1;
    listener->accepted = accepted;
    listener->self = self;
    int bad = bind_endpoint(listener, endpoint, error, error_bytes);
    if (!bad) {
        bad = loop_fd_new(&listener->watch, loop, listener->fd, LOOP_READ, ready, listener);
    }
    if (!bad) {
        bad = loop_timer_new(&listener->resume, loop, resume, listener);
    }
    if (bad) {
        listener_free(listener);
        return bad;
    }
    *ret = listener;
    return 0;
}

void listener_free(struct listener *listener)
{
    if (listener == NULL) {
        return;
    }
    loop_timer_free(listener->resume);
    loop_fd_free(listener->watch);
    if (listener->fd >= 0) {
        close(listener->fd);
    }
    free(listener);
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}
