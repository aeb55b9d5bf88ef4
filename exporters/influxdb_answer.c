#include "exporters/influxdb_answer.h"

#include <stdbool.h>

#define DROPPED_MAX_DIGITS 18

/* The number after "dropped=", where the body says "partial write". */
static bool find_dropped(struct bytes body, uint64_t *ret)
{
    static const char mark[] = "dropped=";
    if (!bytes_contain(body, BYTES_LITERAL("partial write"))) {
        return false;
    }
    const uint8_t *at = memmem(body.data, body.len, mark, sizeof mark - 1);
    if (at == NULL) {
        return false;
    }
    uint64_t number = 0;
    size_t digits = 0;
    at += sizeof mark - 1;
    while (at < body.data + body.len && *at >= '0' && *at <= '9' && digits < DROPPED_MAX_DIGITS) {
        number = number * 10 + (*at++ - '0');
        digits++;
    }
    *ret = number;
    return digits > 0;
}

enum influxdb_meaning influxdb_answer(unsigned status, struct bytes body, uint64_t *ret_dropped)
{
    if (status >= 200 && status < 300) {
        return INFLUXDB_WRITTEN;
    }
    if (status == 400 || status == 422) {
        return find_dropped(body, ret_dropped) ? INFLUXDB_PARTIAL : INFLUXDB_BAD_LINE;
    }
    if (status == 413) {
        return INFLUXDB_TOO_LARGE;
    }
    if (status == 0 || status == 408 || status == 429 || status >= 500) {
        return INFLUXDB_BUSY;
    }
    return INFLUXDB_DENIED;
}
