/* Bodies of the admin API's requests. Pure. */
#ifndef ASSERTD_DAEMON_ADMIN_BODY_H
#define ASSERTD_DAEMON_ADMIN_BODY_H

#include "daemon/core/arena.h"
#include "daemon/model/value.h"

struct admin_campaign_body {
    struct bytes key;
    const struct attr *labels; /* texts */
    uint32_t label_count;
};

/* Parses {"key":"...","labels":{...}}; unknown members are ignored. 0; 1: bad, with a sentence in `error`. */
int admin_campaign_parse(struct bytes body, struct arena *arena, struct admin_campaign_body *ret, char *error,
                         size_t error_bytes);

#endif
