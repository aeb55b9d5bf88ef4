#include "daemon/core/stages.h"

#include <stdlib.h>

#include "daemon/core/cache_line.h"

struct stages *stages_new(const struct clock *clock)
{
    struct stages *stages = cache_line_alloc_zeroed(sizeof *stages);
    if (stages != NULL) {
        stages->clock = clock;
        stages->countdown = STAGES_SAMPLE_EVERY;
    }
    return stages;
}

void stages_free(struct stages *stages)
{
    free(stages);
}

uint64_t stages_ns(const struct stages *stages, enum stage stage)
{
    return stages != NULL ? counter_get(&stages->ns[stage]) : 0;
}

const char *stage_name(enum stage stage)
{
    static const char *const names[STAGES] = {
        [STAGE_NONE] = "none",           [STAGE_RECEIVE] = "receive",
        [STAGE_INFLATE] = "inflate",     [STAGE_DECODE] = "decode",
        [STAGE_ADMISSION] = "admission", [STAGE_GROUPING] = "grouping",
        [STAGE_JUDGING] = "judging",     [STAGE_CLOSING] = "closing",
        [STAGE_ORDERS] = "orders",       [STAGE_ENCODING] = "encoding",
    };
    return names[stage];
}

void stages_settle(struct stages *stages, uint64_t spent_ns)
{
    if (stages->owed_ns != 0 && stages->owed_by == stages->current) {
        uint64_t paid = stages->owed_ns < spent_ns ? stages->owed_ns : spent_ns;
        stages->owed_ns -= paid;
        spent_ns -= paid;
        counter_add(&stages->ns[stages->owed_to], paid);
    }
    counter_add(&stages->ns[stages->current], spent_ns);
}

/* The clock is read twice, to know what a reading takes: the end will hold one more of them. */
uint64_t stages_sample(struct stages *stages)
{
    if (stages == NULL || --stages->countdown != 0) {
        return 0;
    }
    stages->countdown = STAGES_SAMPLE_EVERY;
    uint64_t first = stages->clock->monotonic_ns(stages->clock);
    uint64_t second = stages->clock->monotonic_ns(stages->clock);
    return second + (second - first);
}

void stages_sampled(struct stages *stages, enum stage to, uint64_t sample)
{
    if (sample == 0) {
        return;
    }
    uint64_t now = stages->clock->monotonic_ns(stages->clock);
    stages->owed_by = stages->current;
    stages->owed_to = to;
    stages->owed_ns += now > sample ? (now - sample) * STAGES_SAMPLE_EVERY : 0;
}
