/* A TCP connection that is made when something is to be sent, on a loop; bytes go out, nothing
 * comes in.
 *
 * Names are looked up at each connect, addresses tried in turn. Thread rule: confined to its loop's
 * thread. */
#ifndef ASSERTD_EXPORTERS_GRAPHITE_SOCKET_H
#define ASSERTD_EXPORTERS_GRAPHITE_SOCKET_H

#include <sys/types.h>

#include "daemon/core/bytes.h"
#include "daemon/net/loop.h"

struct graphite_socket;

struct graphite_socket_options {
    struct loop *loop;
    const char *endpoint; /* HOST:PORT, borrowed */
    uint64_t timeout_ns;  /* to connect, and between two bytes that the kernel takes */
    void *self;
    /* Connected and writable: call graphite_socket_send. Never from within a call of the owner. */
    void (*writable)(void *self);
    /* The connection, or the attempt, is over. Never from within a call of the owner but
     * graphite_socket_send. */
    void (*broken)(void *self, const char *reason);
};

/* 0; -ENOMEM. Free closes it and calls nothing. */
int graphite_socket_new(struct graphite_socket **ret,
                        const struct graphite_socket_options *options);
void graphite_socket_free(struct graphite_socket *socket);

/* Connects where it is not, and calls `writable` when it can send. 0; a negative errno. */
int graphite_socket_want(struct graphite_socket *socket);

/* Hands bytes to the kernel; returns how many it took, or a negative errno after `broken` was
 * called. */
ssize_t graphite_socket_send(struct graphite_socket *socket, struct bytes data);

/* Nothing more to send for now: the connection stays open, no time-out runs. */
void graphite_socket_rest(struct graphite_socket *socket);

/* Ends the connection, what the kernel has is still sent. */
void graphite_socket_close(struct graphite_socket *socket);

#endif
