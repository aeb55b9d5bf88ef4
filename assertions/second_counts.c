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

struct second_range second_counts_range(const struct second_counts *counts)
{
    struct second_range range = {0, counts->room};
    while (range.first < range.end && !is_used(&counts->seconds[range.first])) {
        range.first++;
    }
    while (range.end > range.first && !is_used(&counts->seconds[range.end - 1])) {
        range.end--;
    }
    return range;
}

struct second_range second_range_window(struct second_range range, uint64_t window, uint64_t width)
{
    uint64_t first = window * width;
    uint64_t end = first + width;
    first = first > range.first ? first : range.first;
    end = end < range.end ? end : range.end;
    return first < end ? (struct second_range){(uint32_t)first, (uint32_t)end}
                       : (struct second_range){0, 0};
}

static int64_t change_in(const struct second_count *second)
{
    return (int64_t)second->produced - (int64_t)second->consumed;
}

uint64_t second_counts_within(const struct second_counts *counts, struct second_range range)
{
    uint64_t number = 0;
    for (uint32_t i = range.first; i < range.end; i++) {
        number += (uint64_t)counts->seconds[i].produced + counts->seconds[i].consumed;
    }
    return number;
}

/* With n seconds, x counted from the first: (n Sxy - Sx Sy) / (n Sxx - Sx Sx), in whole numbers
 * until the division. What came before adds the same to all of them, so the slope has nothing of
 * it. */
int second_counts_slope(const struct second_counts *counts, struct second_range range, double *ret)
{
    __int128 n = range.end - range.first;
    __int128 sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0, backlog = 0;
    for (uint32_t i = range.first; i < range.end; i++) {
        __int128 x = i - range.first;
        backlog += change_in(&counts->seconds[i]);
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

int second_counts_greatest(const struct second_counts *counts, struct second_walk *walk,
                           struct second_range range, int64_t *ret)
{
    int64_t greatest = INT64_MIN;
    if (range.first == range.end) {
        return 1;
    }
    for (; walk->at < range.end; walk->at++) {
        walk->backlog += change_in(&counts->seconds[walk->at]);
        bool within = walk->at >= range.first;
        greatest = within && walk->backlog > greatest ? walk->backlog : greatest;
    }
    *ret = greatest;
    return 0;
}
