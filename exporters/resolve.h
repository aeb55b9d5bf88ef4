/* Names to addresses without holding up the loop: numeric ones at once, names on a thread of their
 * own.
 *
 * Thread rule: confined to the loop's thread; the helper thread touches only the request it was
 * given. */
#ifndef ASSERTD_EXPORTERS_RESOLVE_H
#define ASSERTD_EXPORTERS_RESOLVE_H

#include <netdb.h>

#include "daemon/net/loop.h"

struct resolve;

/* `list` is the caller's, to be freed with freeaddrinfo; NULL: `error` (getaddrinfo's) says why.
 * Never called from within resolve_new. */
typedef void (*resolve_fn)(void *self, struct addrinfo *list, const char *error);

/* Looks up "HOST:PORT" or "[HOST]:PORT" for TCP. 0; -EINVAL: not of that form; another negative
 * errno. */
int resolve_new(struct resolve **ret, struct loop *loop, const char *endpoint, resolve_fn done,
                void *self);

/* Forgets the question; before the answer or after. NULL is fine. Not from within `done`. */
void resolve_free(struct resolve *resolve);

#endif
