/* How long an HTTP/2 connection may live, and whether its peer is still there: gRPC's keepalive.
 *
 * A peer of which nothing came for a while is asked by a PING; one that does not answer is given
 * up. A peer that asks too often itself, without an answer's frame in between, is sent away after
 * two strikes ("too_many_pings"; gRPC's A8). A connection of a certain age is told to go, so that
 * clients spread over replicas, and closed a grace later. Pure; time is handed in. Thread rule:
 * confined to its connection. */
#ifndef ASSERTD_NET_HTTP2_KEEPALIVE_H
#define ASSERTD_NET_HTTP2_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

#define HTTP2_PING_STRIKES_MAX 2

struct http2_keepalive_limits {
    uint64_t ask_after_ns;      /* of silence, 0: never */
    uint64_t answer_timeout_ns; /* to our PING */
    uint64_t least_between_ns;  /* of the peer's PINGs, 0: any */
    uint64_t age_ns;            /* told to go, 0: never; spread by a tenth to both sides */
    uint64_t age_grace_ns;      /* for what is under way then */
};

#define HTTP2_KEEPALIVE_DEFAULT                                                                    \
    {                                                                                              \
        7200000000000, 20000000000, 0, 0, 30000000000                                              \
    }

struct http2_keepalive {
    uint64_t heard_ns;  /* when something came last */
    uint64_t asked_ns;  /* when our unanswered PING was sent, 0: none */
    uint64_t leaves_ns; /* when it is told to go, UINT64_MAX: never */
    bool told;          /* to go */
    uint64_t pinged_ns; /* when the peer's last PING came, 0: none */
    uint32_t strikes;
};

enum http2_keepalive_step {
    KEEPALIVE_NOTHING,
    KEEPALIVE_ASK,   /* send a PING */
    KEEPALIVE_DEAD,  /* close: no answer */
    KEEPALIVE_LEAVE, /* tell it to go */
    KEEPALIVE_LEFT,  /* close: it had its grace */
};

/* A connection that begins; `random` spreads its age. */
void http2_keepalive_init(struct http2_keepalive *keepalive,
                          const struct http2_keepalive_limits *limits, uint64_t now_ns,
                          uint64_t random);

/* Something came: the peer is there. */
static inline void http2_keepalive_heard(struct http2_keepalive *keepalive, uint64_t now_ns)
{
    keepalive->heard_ns = now_ns;
    keepalive->asked_ns = 0;
}

/* When http2_keepalive_due has something to say, UINT64_MAX: never. */
uint64_t http2_keepalive_deadline(const struct http2_keepalive *keepalive,
                                  const struct http2_keepalive_limits *limits);

/* What is due now; each is told once. */
enum http2_keepalive_step http2_keepalive_due(struct http2_keepalive *keepalive,
                                              const struct http2_keepalive_limits *limits,
                                              uint64_t now_ns);

/* The peer's PING came; false: too many. */
bool http2_keepalive_pinged(struct http2_keepalive *keepalive,
                            const struct http2_keepalive_limits *limits, uint64_t now_ns);

/* A frame of an answer was sent: clients measure by PINGs then, which is no strike. */
static inline void http2_keepalive_answered(struct http2_keepalive *keepalive)
{
    keepalive->strikes = 0;
    keepalive->pinged_ns = 0;
}

#endif
