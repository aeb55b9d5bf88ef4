#include "daemon/core/clock.h"

#include <time.h>

#include "daemon/core/list.h"

static uint64_t read_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t system_monotonic(const struct clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_MONOTONIC);
}

static uint64_t system_wall(const struct clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_REALTIME);
}

const struct clock clock_system = {system_monotonic, system_wall};

static uint64_t manual_monotonic(const struct clock *clock)
{
    return ((const struct clock_manual *)(const void *)clock)->monotonic;
}

static uint64_t manual_wall(const struct clock *clock)
{
    return ((const struct clock_manual *)(const void *)clock)->wall;
}

struct clock_manual clock_manual_at(uint64_t monotonic_ns, uint64_t wall_ns)
{
    return (struct clock_manual){{manual_monotonic, manual_wall}, monotonic_ns, wall_ns};
}

void clock_manual_advance(struct clock_manual *clock, uint64_t by_ns)
{
    clock->monotonic += by_ns;
    clock->wall += by_ns;
}
