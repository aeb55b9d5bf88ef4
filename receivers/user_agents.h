/* How many requests came from which program: the first product of User-Agent with its version
 * ("OTel-OTLP-Exporter-Python/1.27.0", "OpenTelemetry_Collector/0.155.0"), which is the shortest
 * way to a misbehaving SDK.
 *
 * At most USER_AGENTS_MAX different ones are told apart, first come first served; all others are
 * one. What is kept of it is cut to USER_AGENT_BYTES, and other characters than letters, digits
 * and "-._+/" are replaced by '_': it becomes a label. Thread rule: one writer; any thread
 * reads. A name is immutable once `count` tells of it. */
#ifndef ASSERTD_RECEIVERS_USER_AGENTS_H
#define ASSERTD_RECEIVERS_USER_AGENTS_H

#include "daemon/core/bytes.h"
#include "daemon/core/counter.h"

#define USER_AGENTS_MAX  32
#define USER_AGENT_BYTES 63

struct user_agent {
    char name[USER_AGENT_BYTES];
    uint8_t len;
    struct counter requests;
};

struct user_agents {
    struct user_agent items[USER_AGENTS_MAX];
    _Atomic uint32_t count;
    struct counter others; /* beyond the greatest number */
    struct counter unnamed;
};

/* Counts a request with this value of User-Agent, which may be empty; the writer only. */
void user_agents_count(struct user_agents *agents, struct bytes user_agent);

/* The number of items that may be read; any thread. */
uint32_t user_agents_known(const struct user_agents *agents);

/* An item's name; `index` is below what user_agents_known said. */
struct bytes user_agent_name(const struct user_agents *agents, uint32_t index);

/* The requests of this name, 0 where it is not known; any thread. */
uint64_t user_agents_requests(const struct user_agents *agents, struct bytes name);

#endif
