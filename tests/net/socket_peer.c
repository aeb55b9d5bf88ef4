#include "tests/net/socket_peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define TURNS_MAX  200000
#define IDLE_TURNS 20

struct transport *socket_peer_open(struct socket_peer *peer, struct loop *loop, int buffer_bytes)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    for (int i = 0; buffer_bytes != 0 && i < 2; i++) {
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    }
    *peer = (struct socket_peer){.loop = loop, .fd = fds[0]};
    struct transport *transport = transport_plain_new(fds[1]);
    assert_non_null(transport);
    return transport;
}

void socket_peer_close(struct socket_peer *peer)
{
    if (peer->fd >= 0) {
        close(peer->fd);
    }
    peer->fd = -1;
    buf_deinit(&peer->got);
}

bool socket_peer_send(struct socket_peer *peer, struct bytes data)
{
    while (data.len != 0) {
        ssize_t put = send(peer->fd, data.data, data.len, MSG_NOSIGNAL);
        if (put > 0) {
            data = bytes_from(data.data + put, data.len - (size_t)put);
        } else if (errno != EAGAIN) {
            return false;
        }
        loop_turn(peer->loop);
    }
    return true;
}

bool socket_peer_send_text(struct socket_peer *peer, const char *text)
{
    return socket_peer_send(peer, bytes_of(text));
}

void socket_peer_turn(struct socket_peer *peer)
{
    loop_turn(peer->loop);
    uint8_t *to = buf_reserve(&peer->got, 65536);
    assert_non_null(to);
    ssize_t got = recv(peer->fd, to, 65536, 0);
    if (got > 0) {
        peer->got.len += (size_t)got;
    } else if (got == 0 || errno != EAGAIN) {
        peer->end = true;
    }
}

void socket_peer_wait(struct socket_peer *peer,
                      bool (*until)(const struct socket_peer *peer, const void *arg),
                      const void *arg)
{
    for (int i = 0; i < TURNS_MAX; i++) {
        if (until(peer, arg)) {
            return;
        }
        socket_peer_turn(peer);
    }
    fail_msg("it never came; what came: %.*s", (int)(peer->got.len < 2000 ? peer->got.len : 2000),
             (const char *)peer->got.data);
}

static bool has_text(const struct socket_peer *peer, const void *text)
{
    return bytes_contain(buf_bytes(&peer->got), bytes_of(text));
}

static bool has_ended(const struct socket_peer *peer, const void *arg)
{
    (void)arg;
    return peer->end;
}

void socket_peer_wait_for(struct socket_peer *peer, const char *text)
{
    socket_peer_wait(peer, has_text, text);
}

void socket_peer_wait_end(struct socket_peer *peer)
{
    socket_peer_wait(peer, has_ended, NULL);
}

void socket_peer_idle(struct socket_peer *peer)
{
    for (int i = 0; i < IDLE_TURNS; i++) {
        socket_peer_turn(peer);
    }
}

size_t socket_peer_count(const struct socket_peer *peer, const char *text)
{
    size_t len = strlen(text);
    size_t count = 0;
    for (size_t i = 0; i + len <= peer->got.len; i++) {
        count += memcmp(peer->got.data + i, text, len) == 0;
    }
    return count;
}
