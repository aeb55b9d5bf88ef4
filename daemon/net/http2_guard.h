/* What an HTTP/2 peer may do that costs us more than it: a budget of oddities, and a memory of
 * stream IDs.
 *
 * Each oddity costs units of a budget that is full again every ten seconds: 100 glitches, or 1000
 * refused streams or frames of chatter (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, unknown ones)
 * beyond two for each frame of an answer. Pure; time is handed in. Thread rule: confined to its
 * connection. Sources: CVE-2019-9511..9518, CVE-2023-44487, CVE-2025-8671. */
#ifndef ASSERTD_NET_HTTP2_GUARD_H
#define ASSERTD_NET_HTTP2_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/net/http.h"

#define HTTP2_GUARD_PERIOD_NS  UINT64_C(10000000000)
#define HTTP2_GUARD_BUDGET     1000
#define HTTP2_GUARD_GLITCH     10
#define HTTP2_GUARD_CREDIT_MAX 1000
#define HTTP2_GUARD_GAPS       16

struct http2_guard {
    uint64_t period_ns; /* when the present one began */
    uint32_t spent;     /* units in it */
    uint32_t credit;    /* frames of chatter that answers have earned */
    uint32_t highest;   /* stream ID that was opened */
    struct {
        uint32_t first, last;
    } gaps[HTTP2_GUARD_GAPS]; /* IDs that were passed over, the latest; what falls out is forgiven
                               */
    uint32_t gap_count;       /* ever */
};

/* A guard that knows of nothing yet. */
void http2_guard_init(struct http2_guard *guard, uint64_t now_ns);

/* Spends of the budget; false: it is exceeded, end the connection with ENHANCE_YOUR_CALM. */
bool http2_guard_spend(struct http2_guard *guard, uint64_t now_ns, enum http_oddity oddity);

/* A frame of an answer was sent. */
void http2_guard_answered(struct http2_guard *guard);

/* A frame of chatter came: whether an answer has earned it. Otherwise it is an oddity. */
bool http2_guard_is_earned(struct http2_guard *guard);

/* HEADERS came for a stream of the client; false: the ID is lower than the highest and was never
 * used, which closed it (RFC 9113 section 5.1.1): end the connection with PROTOCOL_ERROR. */
bool http2_guard_opens(struct http2_guard *guard, uint32_t stream_id);

#endif
