#include "tests/exporters/meter_builder.h"

struct meter meter_of(const char *assertion)
{
    return (struct meter){
        .kind = METER_ASSERTION,
        .time_unix_ns = UINT64_C(1700000000000000007),
        .tags = {.campaign = BYTES_LITERAL("c"), .assertion = bytes_of(assertion)},
        .fields = {{.name = "count", .type = METER_INT, .integer = 12}},
        .field_count = 1,
    };
}

uint64_t random_below(uint64_t *seed, uint64_t most)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (*seed >> 11) % most;
}

void hostile_bytes(uint64_t *seed, uint8_t *out, size_t len)
{
    static const char favourites[] =
        "\\\\\\\\,,== \"\"\n\r\t\0;;..//~~!^#_a\x7F\xC3\xA4\xF0\x9F\x98\x80\xFF";
    for (size_t i = 0; i < len; i++) {
        out[i] = random_below(seed, 4) != 0
                     ? (uint8_t)favourites[random_below(seed, sizeof favourites - 1)]
                     : (uint8_t)random_below(seed, 256);
    }
}
