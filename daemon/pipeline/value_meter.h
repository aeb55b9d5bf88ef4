/* The distribution of what one output of a suite came to in the traces of one combination of
 * labels: how many numbers there were, their exact mean, least, greatest and percentiles.
 *
 * Neither the order of adding nor that of merging changes any answer. Thread rule: confined to its
 * owner. */
#ifndef ASSERTD_PIPELINE_VALUE_METER_H
#define ASSERTD_PIPELINE_VALUE_METER_H

#include <stdbool.h>

#include "assertions/exact_sum.h"
#include "assertions/histogram.h"
#include "daemon/model/verdict.h"

struct value_meter { /* all zero is empty */
    struct exact_sum sum;
    struct histogram histogram; /* has the count */
};

/* Empties it. */
void value_meter_deinit(struct value_meter *meter);

/* The number that a meter takes of a value: a finite number, or a duration's nanoseconds; false:
 * none (texts, bools, times, lists, what is missing). */
bool value_meter_number(const struct seen *seen, double *ret);

/* Adds a finite number. 0, or -ENOMEM (then it is not counted). */
int value_meter_add(struct value_meter *meter, double number);

/* Adds all of another's. 0, or -ENOMEM (then nothing was added). */
int value_meter_merge(struct value_meter *into, const struct value_meter *from);

/* The nearest rank of a share of the values, 0 < share <= 1; the meter is not empty. Exact for the
 * least and the greatest. */
double value_meter_percentile(const struct value_meter *meter, double share);

#endif
