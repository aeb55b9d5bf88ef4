/* The request that starts a campaign (DESIGN 5.5), in JSON. Pure. */
#ifndef ASSERTD_RECEIVERS_CAMPAIGN_JSON_H
#define ASSERTD_RECEIVERS_CAMPAIGN_JSON_H

#include "daemon/core/arena.h"
#include "daemon/model/value.h"

struct campaign_request {
    struct bytes key;
    const struct attr *labels; /* texts */
    uint32_t label_count;
};

/* Parses {"key":"...","labels":{...}}; unknown members are ignored. 0; 1: bad, with a sentence in
 * `error`. */
int campaign_request_parse(struct bytes body, struct arena *arena, struct campaign_request *ret,
                           char *error, size_t error_bytes);

#endif
