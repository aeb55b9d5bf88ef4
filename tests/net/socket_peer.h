/* The other end of a connection in tests: a socket pair whose near end a server takes over, turned
 * by the test's loop.
 *
 * Nothing sleeps: each wait turns the loop until what is waited for is there, and fails the test
 * after many turns without progress. Thread rule: the test's. */
#ifndef ASSERTD_TESTS_NET_SOCKET_PEER_H
#define ASSERTD_TESTS_NET_SOCKET_PEER_H

#include "daemon/core/buf.h"
#include "daemon/net/loop.h"
#include "daemon/net/transport.h"

struct socket_peer {
    struct loop *loop;
    int fd;
    struct buf got; /* everything that came */
    bool end;       /* the server closed, or half-closed */
};

/* Makes the pair; returns the server's end. `buffer_bytes` bounds what the kernel holds, 0: as it
 * likes. */
struct transport *socket_peer_open(struct socket_peer *peer, struct loop *loop, int buffer_bytes);

/* Closes the test's end. */
void socket_peer_close(struct socket_peer *peer);

/* Sends all of it, turning the loop whenever the socket is full; false when the server closed. */
bool socket_peer_send(struct socket_peer *peer, struct bytes data);
bool socket_peer_send_text(struct socket_peer *peer, const char *text);

/* Turns the loop and reads what is there, once. */
void socket_peer_turn(struct socket_peer *peer);

/* Turns until `got` ends with what `until` accepts; fails the test when it never does. */
void socket_peer_wait(struct socket_peer *peer,
                      bool (*until)(const struct socket_peer *peer, const void *arg),
                      const void *arg);

/* Turns until the text is in `got`, or until the server closed. */
void socket_peer_wait_for(struct socket_peer *peer, const char *text);
void socket_peer_wait_end(struct socket_peer *peer);

/* Turns a few times, for things that must not happen. */
void socket_peer_idle(struct socket_peer *peer);

/* How often `text` is in what came. */
size_t socket_peer_count(const struct socket_peer *peer, const char *text);

#endif
