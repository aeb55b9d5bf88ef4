#include "exporters/influxdb_ranges.h"

#include <assert.h>

void influxdb_ranges_init(struct influxdb_ranges *ranges, uint64_t records)
{
    ranges->items[0] = (struct influxdb_range){0, records};
    ranges->count = 1;
}

static bool is_settled(const uint64_t *settled, uint64_t record)
{
    return settled[record / 64] >> (record % 64) & 1;
}

bool influxdb_ranges_next(struct influxdb_ranges *ranges, const uint64_t *settled, uint64_t most,
                          struct influxdb_range *ret)
{
    while (ranges->count > 0) {
        struct influxdb_range *top = &ranges->items[ranges->count - 1];
        while (top->first < top->end && is_settled(settled, top->first)) {
            top->first++;
        }
        uint64_t end = top->first;
        while (end < top->end && end - top->first < most && !is_settled(settled, end)) {
            end++;
        }
        if (end > top->first) {
            *ret = (struct influxdb_range){top->first, end};
            top->first = end;
            return true;
        }
        ranges->count--;
    }
    return false;
}

void influxdb_ranges_halve(struct influxdb_ranges *ranges, struct influxdb_range range)
{
    uint64_t middle = range.first + (range.end - range.first) / 2;
    if (ranges->count > 0 &&
        ranges->items[ranges->count - 1].first == ranges->items[ranges->count - 1].end) {
        ranges->count--;
    }
    assert(ranges->count + 2 <= INFLUXDB_RANGES_MAX);
    ranges->items[ranges->count++] = (struct influxdb_range){middle, range.end};
    ranges->items[ranges->count++] = (struct influxdb_range){range.first, middle};
}
