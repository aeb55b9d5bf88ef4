/*
 * An arbitrary file as the report of an earlier campaign: what is found in it can be computed with.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "assertions/baseline_class.h"
#include "assertions/no_worse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_one(const struct baseline *baseline)
{
    struct no_worse it = {.above = 3,
                          .samples = 100,
                          .base_above = baseline->above,
                          .base_samples = baseline->samples};
    if (it.base_above > it.base_samples || it.base_samples == 0 || !isfinite(baseline->value)) {
        abort();
    }
    no_worse_test(&it, 0.1);
    if (!(it.significance >= 0 && it.significance <= 1)) {
        abort();
    }
}

static void try_all(const struct baseline *baseline)
{
    if (baseline->why == NULL) {
        try_one(baseline);
    }
    for (uint32_t i = 0; i < baseline->class_count; i++) {
        struct baseline of = baseline_of_class(baseline, baseline->classes[i].key, 2);
        try_one(&of);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rule rules[] = {
        {.aggregate = AGGREGATE_PERCENTILE, .percent = 99, .subject = BYTES_LITERAL("($x.n)")},
        {.aggregate = AGGREGATE_RATIO, .subject = BYTES_LITERAL("(fail)")},
    };
    static const struct bytes labels[] = {BYTES_LITERAL("scenario"), BYTES_LITERAL("zone")};
    for (size_t i = 0; i < 2 * sizeof rules / sizeof *rules; i++) {
        struct baseline baseline;
        struct arena arena = ARENA_INIT(1024, 0);
        const struct baseline_request request = {.suite = BYTES_LITERAL("s"),
                                                 .rule = &rules[i / 2],
                                                 .by = labels,
                                                 .by_count = i % 2 == 0 ? 0 : size % 3,
                                                 .arena = &arena};
        if (baseline_read(bytes_from(data, size), &request, &baseline) == 0) {
            try_all(&baseline);
        }
        arena_deinit(&arena);
    }
    return 0;
}
