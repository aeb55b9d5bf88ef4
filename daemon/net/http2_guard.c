#include "daemon/net/http2_guard.h"

#include <string.h>

void http2_guard_init(struct http2_guard *guard, uint64_t now_ns)
{
    memset(guard, 0, sizeof *guard);
    guard->period_ns = now_ns;
}

bool http2_guard_spend(struct http2_guard *guard, uint64_t now_ns, enum http_oddity oddity)
{
    bool is_cheap = oddity == HTTP_ODDITY_CHATTER || oddity == HTTP_ODDITY_REFUSED;
    if (now_ns - guard->period_ns >= HTTP2_GUARD_PERIOD_NS) {
        guard->period_ns = now_ns;
        guard->spent = 0;
    }
    guard->spent += is_cheap ? 1 : HTTP2_GUARD_GLITCH;
    return guard->spent <= HTTP2_GUARD_BUDGET;
}

bool http2_guard_is_earned(struct http2_guard *guard)
{
    bool is_earned = guard->credit != 0;
    guard->credit -= is_earned ? 1 : 0;
    return is_earned;
}

void http2_guard_answered(struct http2_guard *guard)
{
    guard->credit += guard->credit < HTTP2_GUARD_CREDIT_MAX ? 2 : 0;
}

static void remember_gap(struct http2_guard *guard, uint32_t first, uint32_t last)
{
    guard->gaps[guard->gap_count % HTTP2_GUARD_GAPS].first = first;
    guard->gaps[guard->gap_count % HTTP2_GUARD_GAPS].last = last;
    guard->gap_count++;
}

bool http2_guard_opens(struct http2_guard *guard, uint32_t stream_id)
{
    if (stream_id > guard->highest) {
        uint32_t expected = guard->highest != 0 ? guard->highest + 2 : 1;
        if (stream_id > expected) {
            remember_gap(guard, expected, stream_id - 2);
        }
        guard->highest = stream_id;
        return true;
    }
    for (uint32_t i = 0; i < HTTP2_GUARD_GAPS; i++) {
        if (guard->gaps[i].first != 0 && stream_id >= guard->gaps[i].first &&
            stream_id <= guard->gaps[i].last) {
            return false;
        }
    }
    return true;
}
