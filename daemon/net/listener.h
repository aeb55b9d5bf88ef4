/* Listening sockets: binds, accepts, tells the address it got. IPv4, IPv6 in brackets, names
 * resolved at start.
 *
 * Thread rule: confined to its loop's thread. */
#ifndef ASSERTD_NET_LISTENER_H
#define ASSERTD_NET_LISTENER_H

#include <stddef.h>

#include "daemon/net/loop.h"

#define LISTENER_ADDRESS_MAX 64

struct listener;

/* Called for each accepted, non-blocking, close-on-exec descriptor, which it takes. */
typedef void (*listener_accept_fn)(void *self, int take_fd);

/* Binds `endpoint` ("HOST:PORT", port 0 takes a free one) and listens. 0; -errno, with a sentence
 * in `error` (e.g. "127.0.0.1:4317: address already in use"). On EMFILE accepting pauses and
 * resumes by itself. */
int listener_new(struct listener **ret, struct loop *loop, const char *endpoint,
                 listener_accept_fn accepted, void *self, char *error, size_t error_bytes);
void listener_free(struct listener *listener);

/* "127.0.0.1:4317" as bound. */
const char *listener_address(const struct listener *listener);

#endif
