/* Time is counted by stage at the price of some readings of the clock a batch, none a span. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/pipeline/shard_fixture.h"

#define TRACES 10u
#define SPANS  (TRACES * 2 * STAGES_SAMPLE_EVERY)

/* A clock that goes on by 1 ns with each reading. */
struct counting_clock {
    struct clock base;
    uint64_t readings;
};

static uint64_t read_counting(const struct clock *clock)
{
    return 1000 * SECOND + ++((struct counting_clock *)(void *)(uintptr_t)clock)->readings;
}

/* The spans of some traces, mixed, in one batch. */
static uint64_t readings_of(uint32_t spans)
{
    struct counting_clock clock = {{read_counting, read_counting}, 0};
    static struct span_build builds[SPANS];
    struct fixture fixture;
    struct stages *stages = stages_new(&clock.base);
    assert_non_null(stages);
    fixture_init(&fixture, &(struct fixture_options){.stages = stages});
    for (uint32_t i = 0; i < spans; i++) {
        builds[i] = (struct span_build){.trace = 1 + i % TRACES, .id = 1 + i};
    }
    fixture_send(&fixture, builds, spans);
    assert_true(stages_ns(stages, STAGE_GROUPING) + stages_ns(stages, STAGE_JUDGING) > 0);
    fixture_deinit(&fixture);
    stages_free(stages);
    return clock.readings;
}

static void the_clock_is_not_read_for_each_span(void **state)
{
    uint64_t few = readings_of(TRACES);
    uint64_t many = readings_of(SPANS);
    (void)state;
    assert_in_range(few, 1, 4);
    /* Three for each sample, and two for each group of traces that the shard takes at once. */
    assert_in_range(many, few, few + 3 * (SPANS / STAGES_SAMPLE_EVERY) + 2 * (SPANS / 64 + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_is_not_read_for_each_span),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
