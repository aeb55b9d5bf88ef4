#include "daemon/pipeline/value_meter.h"

#include <errno.h>
#include <math.h>

void value_meter_deinit(struct value_meter *meter)
{
    histogram_deinit(&meter->histogram);
    *meter = (struct value_meter){.sum = {.pending = 0}};
}

bool value_meter_number(const struct seen *seen, double *ret)
{
    double number = NAN;
    if (seen->type == SEEN_DURATION) {
        number = (double)seen->ns;
    } else if (seen->type == SEEN_VALUE && seen->value.type == VALUE_INT) {
        number = (double)seen->value.integer;
    } else if (seen->type == SEEN_VALUE && seen->value.type == VALUE_DOUBLE) {
        number = seen->value.number;
    }
    if (!isfinite(number)) {
        return false;
    }
    *ret = number;
    return true;
}

int value_meter_add(struct value_meter *meter, double number)
{
    if (histogram_add(&meter->histogram, number) != 0) {
        return -ENOMEM;
    }
    exact_sum_add(&meter->sum, number);
    return 0;
}

int value_meter_merge(struct value_meter *into, const struct value_meter *from)
{
    if (from->histogram.count == 0) {
        return 0;
    }
    if (histogram_merge(&into->histogram, &from->histogram) != 0) {
        return -ENOMEM;
    }
    exact_sum_merge(&into->sum, &from->sum);
    return 0;
}

double value_meter_percentile(const struct value_meter *meter, double share)
{
    uint64_t count = meter->histogram.count;
    uint64_t rank = (uint64_t)ceil((double)count * share);
    rank = rank < 1 ? 1 : rank;
    return histogram_rank(&meter->histogram, rank < count ? rank : count);
}
