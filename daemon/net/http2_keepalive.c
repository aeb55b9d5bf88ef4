#include "daemon/net/http2_keepalive.h"

static uint64_t later(uint64_t since_ns, uint64_t by_ns)
{
    uint64_t sum;
    return __builtin_add_overflow(since_ns, by_ns, &sum) ? UINT64_MAX : sum;
}

/* 90 to 110 of 100. */
static uint64_t spread(uint64_t ns, uint64_t random)
{
    return ns / 1000 * (900 + random % 201);
}

void http2_keepalive_init(struct http2_keepalive *keepalive,
                          const struct http2_keepalive_limits *limits, uint64_t now_ns,
                          uint64_t random)
{
    *keepalive = (struct http2_keepalive){
        .heard_ns = now_ns,
        .leaves_ns =
            limits->age_ns != 0 ? later(now_ns, spread(limits->age_ns, random)) : UINT64_MAX,
    };
}

static uint64_t answer_deadline(const struct http2_keepalive *keepalive,
                                const struct http2_keepalive_limits *limits)
{
    if (keepalive->asked_ns != 0) {
        return later(keepalive->asked_ns, limits->answer_timeout_ns);
    }
    return limits->ask_after_ns != 0 ? later(keepalive->heard_ns, limits->ask_after_ns)
                                     : UINT64_MAX;
}

static uint64_t age_deadline(const struct http2_keepalive *keepalive,
                             const struct http2_keepalive_limits *limits)
{
    return keepalive->told ? later(keepalive->leaves_ns, limits->age_grace_ns)
                           : keepalive->leaves_ns;
}

uint64_t http2_keepalive_deadline(const struct http2_keepalive *keepalive,
                                  const struct http2_keepalive_limits *limits)
{
    uint64_t answer = answer_deadline(keepalive, limits);
    uint64_t age = age_deadline(keepalive, limits);
    return answer < age ? answer : age;
}

enum http2_keepalive_step http2_keepalive_due(struct http2_keepalive *keepalive,
                                              const struct http2_keepalive_limits *limits,
                                              uint64_t now_ns)
{
    if (age_deadline(keepalive, limits) <= now_ns) {
        bool told = keepalive->told;
        keepalive->told = true;
        return told ? KEEPALIVE_LEFT : KEEPALIVE_LEAVE;
    }
    if (answer_deadline(keepalive, limits) > now_ns) {
        return KEEPALIVE_NOTHING;
    }
    if (keepalive->asked_ns != 0) {
        return KEEPALIVE_DEAD;
    }
    keepalive->asked_ns = now_ns;
    return KEEPALIVE_ASK;
}

bool http2_keepalive_pinged(struct http2_keepalive *keepalive,
                            const struct http2_keepalive_limits *limits, uint64_t now_ns)
{
    bool early =
        keepalive->pinged_ns != 0 && now_ns - keepalive->pinged_ns < limits->least_between_ns;
    keepalive->pinged_ns = now_ns;
    keepalive->strikes += early;
    return keepalive->strikes <= HTTP2_PING_STRIKES_MAX;
}
