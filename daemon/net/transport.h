/* The bytes of one connection, plain today, TLS one day: five functions under HTTP/1.1 and HTTP/2.
 *
 * Thread rule: confined to the worker that owns the connection. */
#ifndef ASSERTD_NET_TRANSPORT_H
#define ASSERTD_NET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

struct transport;

struct transport_type {
    /* Reads into `data`: > 0 bytes; 0 end of stream; -EAGAIN; another negative errno: broken. */
    ssize_t (*read)(struct transport *transport, void *data, size_t bytes);
    /* Looks without taking: > 0 there are bytes; 0 end of stream; -EAGAIN; another negative errno:
     * broken. */
    ssize_t (*peek)(struct transport *transport);
    /* Writes: > 0 bytes taken; -EAGAIN; another negative errno: broken. */
    ssize_t (*write)(struct transport *transport, const struct iovec *parts, int count);
    /* No more writing (half close); harmless twice. */
    void (*shutdown)(struct transport *transport);
    /* Closes and frees. */
    void (*free)(struct transport *transport);
};

struct transport {
    const struct transport_type *type;
    int fd; /* for the loop; owned */
};

/* A plain socket's transport; takes the descriptor. NULL: no memory (the descriptor is closed). */
struct transport *transport_plain_new(int take_fd);

#endif
