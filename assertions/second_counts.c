#include "assertions/second_counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define FIRST_ROOM 64u

void second_counts_deinit(struct second_counts *counts)
{
    free(counts->seconds);
    *counts = (struct second_counts){.seconds = NULL};
}

size_t second_counts_held(const struct second_counts *counts)
{
    return counts->room * sizeof *counts->seconds;
}

static int make_room(struct second_counts *counts, uint32_t wanted)
{
    uint32_t room = counts->room != 0 ? counts->room : FIRST_ROOM;
    while (room < wanted) {
        room *= 2;
    }
    if (room == counts->room) {
        return 0;
    }
    size_t old_bytes = counts->room * sizeof *counts->seconds;
    struct second_count *seconds =
        memory_resize(counts->seconds, old_bytes, room * sizeof *seconds);
    if (seconds == NULL) {
        return -ENOMEM;
    }
    memset(seconds + counts->room, 0, (room - counts->room) * sizeof *seconds);
    counts->seconds = seconds;
    counts->room = room;
    return 0;
}

static uint32_t sum_of(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

int second_counts_add(struct second_counts *counts, uint64_t second, bool produced)
{
    if (second >= SECOND_COUNTS_MAX) {
        counts->beyond++;
        return 0;
    }
    int bad = make_room(counts, (uint32_t)second + 1);
    if (bad) {
        return bad;
    }
    struct second_count *at = &counts->seconds[second];
    at->produced = sum_of(at->produced, produced ? 1 : 0);
    at->consumed = sum_of(at->consumed, produced ? 0 : 1);
    counts->samples++;
    return 0;
}

int second_counts_merge(struct second_counts *into, const struct second_counts *from)
{
    int bad = from->room != 0 ? make_room(into, from->room) : 0;
    if (bad) {
        return bad;
    }
    for (uint32_t i = 0; i < from->room; i++) {
        struct second_count *at = &into->seconds[i];
        at->produced = sum_of(at->produced, from->seconds[i].produced);
        at->consumed = sum_of(at->consumed, from->seconds[i].consumed);
    }
    into->samples += from->samples;
    into->beyond += from->beyond;
    return 0;
}

static bool is_used(const struct second_count *second)
{
    return (second->produced | second->consumed) != 0;
}

/* With n seconds, x counted from the first: (n Sxy - Sx Sy) / (n Sxx - Sx Sx), in whole numbers
 * until the division. */
int second_counts_slope(const struct second_counts *counts, double *ret)
{
    uint32_t first = 0;
    uint32_t end = counts->room;
    while (first < end && !is_used(&counts->seconds[first])) {
        first++;
    }
    while (end > first && !is_used(&counts->seconds[end - 1])) {
        end--;
    }
    __int128 n = end - first;
    __int128 sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, backlog = 0;
    for (uint32_t i = first; i < end; i++) {
        __int128 x = i - first;
        backlog += (__int128)counts->seconds[i].produced - counts->seconds[i].consumed;
        sum_x += x;
        sum_y += backlog;
        sum_xx += x * x;
        sum_xy += x * backlog;
    }
    if (n < SECOND_COUNTS_LEAST) {
        return 1;
    }
    *ret = (double)(n * sum_xy - sum_x * sum_y) / (double)(n * sum_xx - sum_x * sum_x);
    return 0;
}
