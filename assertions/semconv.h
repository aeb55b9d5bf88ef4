/* Attributes that OpenTelemetry's semantic conventions have renamed: the old name, the new one, and
 * on which spans both mean the same. Constant; docs/language.md lists them all. */
#ifndef ASSERTD_ASSERTIONS_SEMCONV_H
#define ASSERTD_ASSERTIONS_SEMCONV_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"

/* On which spans a pair holds: an address of the peer is the server's on a span that calls. */
enum semconv_side {
    SEMCONV_ANY,
    SEMCONV_SERVER, /* kind server only */
    SEMCONV_OTHERS, /* every other kind */
};

struct semconv_pair {
    const char *old_name;
    const char *new_name;
    enum semconv_side side;
};

extern const struct semconv_pair semconv_pairs[];
extern const uint32_t semconv_pair_count;

/* Another name of a key. */
struct semconv_alias {
    struct bytes name;
    enum semconv_side side;
};

/* The other names of a key, in the order of the table, in `arena`; *ret NULL and 0 where there are
 * none. Names of names are not followed. 0; 1: no memory. */
int semconv_aliases(struct bytes key, struct arena *arena, const struct semconv_alias **ret,
                    uint32_t *ret_count);

/* Whether a pair holds on a span of kind server, or of another. */
static inline bool semconv_holds(enum semconv_side side, bool server)
{
    return side == SEMCONV_ANY || (side == SEMCONV_SERVER) == server;
}

#endif
