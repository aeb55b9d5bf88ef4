#include "daemon/net/transport.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t plain_read(struct transport *transport, void *data, size_t bytes)
{
    ssize_t got;
    do {
        got = recv(transport->fd, data, bytes, 0);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static ssize_t plain_peek(struct transport *transport)
{
    uint8_t byte;
    ssize_t got;
    do {
        got = recv(transport->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static ssize_t plain_write(struct transport *transport, const struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
    ssize_t put;
    do {
        put = sendmsg(transport->fd, &message, MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    return put < 0 ? -errno : put;
}

static void plain_shutdown(struct transport *transport)
{
    shutdown(transport->fd, SHUT_WR);
}

static void plain_free(struct transport *transport)
{
    close(transport->fd);
    free(transport);
}

static const struct transport_type plain_type = {plain_read, plain_peek, plain_write,
                                                 plain_shutdown, plain_free};

struct transport *transport_plain_new(int take_fd)
{
    struct transport *transport = malloc(sizeof *transport);
    if (transport == NULL) {
        close(take_fd);
        return NULL;
    }
    *transport = (struct transport){&plain_type, take_fd};
    return transport;
}
