#include "tests/bench/ids.h"

#include <string.h>

struct ids ids_from(uint32_t seed, bool probes)
{
    return (struct ids){.next = (uint64_t)seed << 40, .probes = probes};
}

/* Spreads numbers over 64 bits, one to one (splitmix64's finaliser). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

void ids_write(const struct ids *ids, uint32_t ahead, uint64_t now_ns, uint8_t ret[TRACE_ID_BYTES])
{
    uint64_t number = ids->next + ahead;
    uint64_t id[2] = {mix(number + 1), mix(~number)};
    if (ids->probes) {
        id[0] = (uint64_t)PROBE_MARK << 32 | (uint32_t)number;
        id[1] = now_ns;
    }
    memcpy(ret, id, TRACE_ID_BYTES);
}

uint64_t probe_sent_ns(const uint8_t id[TRACE_ID_BYTES])
{
    uint64_t halves[2];
    memcpy(halves, id, TRACE_ID_BYTES);
    return halves[0] >> 32 == PROBE_MARK ? halves[1] : 0;
}

uint32_t probe_number(const uint8_t id[TRACE_ID_BYTES])
{
    uint64_t half;
    memcpy(&half, id, sizeof half);
    return (uint32_t)half;
}
