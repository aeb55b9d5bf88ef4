#include "exporters/graphite_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/clock.h"
#include "exporters/resolve.h"

enum state { STATE_CLOSED, STATE_RESOLVING, STATE_CONNECTING, STATE_OPEN };

struct graphite_socket {
    struct graphite_socket_options options;
    enum state state;
    bool wanted;
    struct resolve *resolve;
    struct addrinfo *list;       /* of the look-up */
    const struct addrinfo *next; /* to be tried next */
    int fd;
    struct loop_fd *watch;
    struct loop_timer *timer;
};

static void close_fd(struct graphite_socket *self)
{
    if (self->watch != NULL) {
        loop_fd_free(self->watch);
        self->watch = NULL;
    }
    if (self->fd >= 0) {
        close(self->fd);
        self->fd = -1;
    }
}

void graphite_socket_close(struct graphite_socket *self)
{
    close_fd(self);
    loop_timer_stop(self->timer);
    if (self->list != NULL) {
        freeaddrinfo(self->list);
        self->list = NULL;
    }
    self->next = NULL;
    self->wanted = false;
    self->state = STATE_CLOSED;
}

static void break_off(struct graphite_socket *self, const char *reason)
{
    graphite_socket_close(self);
    self->options.broken(self->options.self, reason);
}

static void on_timeout(void *self)
{
    struct graphite_socket *socket = self;
    break_off(socket,
              socket->state == STATE_OPEN ? "takes nothing: time-out" : "connecting: time-out");
}

static void arm(struct graphite_socket *self)
{
    (void)loop_timer_set(self->timer, self->options.timeout_ns);
}

static void set_options(const struct graphite_socket *self, int fd)
{
    int on = 1;
    unsigned timeout_ms = (unsigned)(self->options.timeout_ns / NS_PER_MS);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

static void on_events(void *self, int fd, unsigned events);

/* Begins to connect to one address. 0, or a negative errno. */
static int connect_to(struct graphite_socket *self, const struct addrinfo *address)
{
    self->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0) {
        return -errno;
    }
    set_options(self, self->fd);
    if (connect(self->fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        return -errno;
    }
    return loop_fd_new(&self->watch, self->options.loop, self->fd, LOOP_WRITE, on_events, self);
}

/* Tries the addresses that are left; says so when none is. */
static void try_next(struct graphite_socket *self, int error)
{
    self->state = STATE_CONNECTING;
    while (self->next != NULL) {
        const struct addrinfo *address = self->next;
        self->next = address->ai_next;
        close_fd(self);
        int bad = connect_to(self, address);
        if (!bad) {
            return;
        }
        error = -bad;
    }
    break_off(self, strerror(error));
}

static void on_resolved(void *self, struct addrinfo *list, const char *error)
{
    struct graphite_socket *socket = self;
    if (socket->state != STATE_RESOLVING) {
        if (list != NULL) {
            freeaddrinfo(list);
        }
        return;
    }
    if (list == NULL) {
        break_off(socket, error);
        return;
    }
    socket->list = list;
    socket->next = list;
    try_next(socket, EHOSTUNREACH);
}

static void on_connected(struct graphite_socket *self)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        try_next(self, error);
        return;
    }
    self->state = STATE_OPEN;
    (void)loop_fd_set(self->watch, LOOP_READ | LOOP_WRITE);
}

/* Carbon never says anything: what can be read is its farewell, or noise. */
static bool still_open(struct graphite_socket *self)
{
    char noise[512];
    ssize_t got = recv(self->fd, noise, sizeof noise, 0);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
        return true;
    }
    break_off(self, got == 0 ? "connection closed" : strerror(errno));
    return false;
}

static void on_events(void *self, int fd, unsigned events)
{
    struct graphite_socket *socket = self;
    (void)fd;
    if (socket->state == STATE_CONNECTING) {
        on_connected(socket);
        return;
    }
    if ((events & LOOP_READ) && !still_open(socket)) {
        return;
    }
    if ((events & LOOP_WRITE) && socket->wanted) {
        socket->options.writable(socket->options.self);
    }
}

int graphite_socket_want(struct graphite_socket *self)
{
    self->wanted = true;
    arm(self);
    if (self->state == STATE_OPEN) {
        return loop_fd_set(self->watch, LOOP_READ | LOOP_WRITE);
    }
    if (self->state != STATE_CLOSED) {
        return 0;
    }
    resolve_free(self->resolve);
    self->resolve = NULL;
    self->state = STATE_RESOLVING;
    int bad =
        resolve_new(&self->resolve, self->options.loop, self->options.endpoint, on_resolved, self);
    if (bad) {
        graphite_socket_close(self);
    }
    return bad;
}

ssize_t graphite_socket_send(struct graphite_socket *self, struct bytes data)
{
    ssize_t took = send(self->fd, data.data, data.len, MSG_NOSIGNAL);
    if (took < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    if (took < 0) {
        int error = errno;
        break_off(self, strerror(error));
        return -error;
    }
    if (took > 0) {
        arm(self);
    }
    return took;
}

void graphite_socket_rest(struct graphite_socket *self)
{
    self->wanted = false;
    loop_timer_stop(self->timer);
    if (self->watch != NULL) {
        (void)loop_fd_set(self->watch, LOOP_READ);
    }
}

int graphite_socket_new(struct graphite_socket **ret, const struct graphite_socket_options *options)
{
    struct graphite_socket *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return -ENOMEM;
    }
    self->options = *options;
    self->fd = -1;
    int bad = loop_timer_new(&self->timer, options->loop, on_timeout, self);
    if (bad) {
        free(self);
        return bad;
    }
    *ret = self;
    return 0;
}

void graphite_socket_free(struct graphite_socket *self)
{
    if (self == NULL) {
        return;
    }
    graphite_socket_close(self);
    resolve_free(self->resolve);
    loop_timer_free(self->timer);
    free(self);
}
