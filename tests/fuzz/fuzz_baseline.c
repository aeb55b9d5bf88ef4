/*
 * An arbitrary file as the report of an earlier campaign: what is found in it can be computed with.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "assertions/baseline.h"
#include "assertions/no_worse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rule rules[] = {
        {.aggregate = AGGREGATE_PERCENTILE, .percent = 99, .subject = BYTES_LITERAL("($x.n)")},
        {.aggregate = AGGREGATE_RATIO, .subject = BYTES_LITERAL("(fail)")},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct baseline baseline;
        int outcome =
            baseline_read(bytes_from(data, size), BYTES_LITERAL("s"), &rules[i], &baseline);
        if (outcome == 0 && baseline.why == NULL) {
            struct no_worse it = {.above = 3,
                                  .samples = 100,
                                  .base_above = baseline.above,
                                  .base_samples = baseline.samples};
            if (it.base_above > it.base_samples || it.base_samples == 0 ||
                !isfinite(baseline.value)) {
                abort();
            }
            no_worse_test(&it, 0.1);
            if (!(it.significance >= 0 && it.significance <= 1)) {
                abort();
            }
        }
    }
    return 0;
}
