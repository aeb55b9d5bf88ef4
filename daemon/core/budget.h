/* limits.memory: the account, in bytes, of everything that peers can make grow.
 *
 * What may grow is taken from the budget before it grows and given back when it is freed, by owner.
 * The ceilings rise in the order in which a request goes through the daemon, so that what was let
 * in is finished rather than refused half-way: new requests are welcome below the soft limit
 * (budget_welcome), bodies may grow to 13/16 of the hard limit, their decoded form and what the
 * shards will keep of it to 14/16, connections to 15/16, so that a refusal can be told, what was
 * accepted to all of it. What must be kept whatever it costs (tallies, verdicts and messages on
 * their way) is never refused; limits of its own bound it.
 *
 * A NULL budget has room for everything and counts nothing: tests, and `check`. Thread rule: the
 * limits are immutable after init, the rest is atomic: any thread. */
#ifndef ASSERTD_CORE_BUDGET_H
#define ASSERTD_CORE_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/cache_line.h"

enum budget_owner {
    BUDGET_BODIES,      /* requests being received, decompressed, transcoded */
    BUDGET_DECODED,     /* the spans of requests until the last shard has them, rings included */
    BUDGET_COMING,      /* room promised to them in the shards */
    BUDGET_INJECTIONS,  /* records on their way to the shards */
    BUDGET_TRACES,      /* open and closed traces, their records, shared resources, tables */
    BUDGET_KEPT,        /* evidence of failed traces */
    BUDGET_REMEMBERED,  /* IDs of final traces */
    BUDGET_TALLIES,     /* counts, labels, meters, failures of campaigns; copies for reports */
    BUDGET_EXPORTS,     /* verdicts and meters on their way and in the sinks' queues */
    BUDGET_PRODUCERS,   /* messages that a sink's library holds (librdkafka) */
    BUDGET_CONNECTIONS, /* connections, their buffers, heads and answers */
    BUDGET_LIBRARIES,   /* nghttp2's own */
    BUDGET_ADMIN,       /* requests of the admin port and their answers */
    BUDGET_OWNERS
};

/* Why somebody was sent away: each refusal counts once. */
enum budget_cause {
    BUDGET_THROTTLED,  /* a new request beyond the soft limit */
    BUDGET_BODY_FULL,  /* a body could not grow, be decompressed or be decoded */
    BUDGET_SHARD_FULL, /* no room for what the shards would keep */
    BUDGET_RING_FULL,  /* a worker does not keep up */
    BUDGET_DRAINING,   /* shutting down */
    BUDGET_CONNECTION, /* a connection was closed at once */
    BUDGET_INJECTION,  /* injection records found no room */
    BUDGET_ADMIN_BUSY, /* too many of the admin port's answers are waited for */
    BUDGET_CAMPAIGN,   /* too many campaigns run */
    BUDGET_CAUSES
};

/* Whoever takes for one owner does not wait for those of another, but for the total. */
struct budget {
    _Alignas(CACHE_LINE) uint64_t soft_bytes; /* the limits: a line that is only read */
    uint64_t hard_bytes;
    _Alignas(CACHE_LINE) _Atomic uint64_t total;
    struct {
        _Alignas(CACHE_LINE) _Atomic uint64_t taken; /* ever */
        _Atomic uint64_t given;                      /* ever */
    } owners[BUDGET_OWNERS];
    _Alignas(CACHE_LINE) _Atomic uint64_t refused[BUDGET_CAUSES];
};

_Static_assert(offsetof(struct budget, total) % CACHE_LINE == 0, "the total has a line");
_Static_assert(sizeof(((struct budget *)0)->owners[0]) == CACHE_LINE, "each owner has a line");

/* An empty account. The soft limit is four fifths of the hard one. */
void budget_init(struct budget *budget, uint64_t hard_bytes);

/* Takes `bytes` unless the total would pass the owner's ceiling: then false, and nothing is
 * taken. */
bool budget_take(struct budget *budget, enum budget_owner owner, uint64_t bytes);
/* Takes them in any case. */
void budget_add(struct budget *budget, enum budget_owner owner, uint64_t bytes);
/* Gives back what was taken for that owner. */
void budget_give(struct budget *budget, enum budget_owner owner, uint64_t bytes);
/* What is held changes its owner; always possible. */
void budget_move(struct budget *budget, enum budget_owner from, enum budget_owner to,
                 uint64_t bytes);
/* Adds or gives back the difference to what was told last (*told), for those who count for
 * themselves. */
void budget_tell(struct budget *budget, enum budget_owner owner, uint64_t *told, uint64_t bytes);

/* Whether the owner could take `bytes` now. Takes nothing. */
bool budget_has_room(const struct budget *budget, enum budget_owner owner, uint64_t bytes);
/* Whether a new request of `bytes` is welcome: below the soft limit. Takes nothing. */
bool budget_welcome(const struct budget *budget, uint64_t bytes);
/* What is left below the hard limit. */
uint64_t budget_left(const struct budget *budget);
/* What a request may cost at most in its own form: a quarter, so that an empty budget has room for
 * body, decoded form and what is kept. */
uint64_t budget_request_max(const struct budget *budget);
/* Bytes beyond the soft limit, were `bytes` more let in. */
uint64_t budget_excess(const struct budget *budget, uint64_t bytes);

/* What one owner, and all of them, hold now. */
uint64_t budget_held(const struct budget *budget, enum budget_owner owner);
uint64_t budget_total(const struct budget *budget);
/* Bytes that were ever given back by those who hold them for long (traces, queues): what makes
 * room. Requests that come and go are not in it. */
uint64_t budget_drained(const struct budget *budget);

/* Counts a refusal; how many there were. */
void budget_refuse(struct budget *budget, enum budget_cause cause);
uint64_t budget_refused(const struct budget *budget, enum budget_cause cause);

/* "bodies", "throttled": words for pages and metrics. */
const char *budget_owner_name(enum budget_owner owner);
const char *budget_cause_name(enum budget_cause cause);

#endif
