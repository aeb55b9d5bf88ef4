/* Numbers of JSON, exactly: integers may have a point or an exponent as long as they are whole.
 * Pure functions. */
#ifndef ASSERTD_RECEIVERS_JSON_NUMBER_H
#define ASSERTD_RECEIVERS_JSON_NUMBER_H

#include <stdint.h>

#include "daemon/core/bytes.h"

enum json_number_outcome {
    JSON_NUMBER_NONE = 1,     /* not a number by JSON's grammar */
    JSON_NUMBER_FRACTION = 2, /* a number, but not whole */
    JSON_NUMBER_RANGE = 3,    /* too large, too small, or negative where that can't be */
};

/* The integer that a JSON number stands for ("1e3", "1.0" are whole). 0, or enum
 * json_number_outcome. */
int json_number_i64(struct bytes text, int64_t *ret);
int json_number_u64(struct bytes text, uint64_t *ret);

/* The double nearest to a JSON number. 0; JSON_NUMBER_NONE; JSON_NUMBER_RANGE where it would be
 * infinite. */
int json_number_double(struct bytes text, double *ret);

#endif
