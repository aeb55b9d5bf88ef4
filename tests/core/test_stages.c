/* Time is counted for the stage it was spent in, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/stages.h"

struct fixture {
    struct clock_manual clock;
    struct stages *stages;
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture.clock = clock_manual_at(1000, 1000);
    fixture.stages = stages_new(&fixture.clock.base);
    *state = &fixture;
    return fixture.stages == NULL;
}

static int teardown(void **state)
{
    stages_free(((struct fixture *)*state)->stages);
    return 0;
}

static void spend(struct fixture *fixture, uint64_t ns)
{
    clock_manual_advance(&fixture->clock, ns);
}

static void time_belongs_to_the_stage_it_was_spent_in(void **state)
{
    struct fixture *fixture = *state;
    spend(fixture, 5);
    assert_int_equal(STAGE_NONE, stages_enter(fixture->stages, STAGE_RECEIVE));
    spend(fixture, 10);
    enum stage before = stages_enter(fixture->stages, STAGE_DECODE);
    assert_int_equal(STAGE_RECEIVE, before);
    spend(fixture, 20);
    assert_int_equal(STAGE_DECODE, stages_enter(fixture->stages, before));
    spend(fixture, 40);
    (void)stages_enter(fixture->stages, STAGE_NONE);
    spend(fixture, 80);
    (void)stages_enter(fixture->stages, STAGE_RECEIVE);
    assert_int_equal(50, stages_ns(fixture->stages, STAGE_RECEIVE));
    assert_int_equal(20, stages_ns(fixture->stages, STAGE_DECODE));
    assert_int_equal(0, stages_ns(fixture->stages, STAGE_NONE));
}

static void a_clock_that_goes_back_counts_nothing(void **state)
{
    struct fixture *fixture = *state;
    (void)stages_enter_at(fixture->stages, STAGE_RECEIVE, 500);
    (void)stages_enter_at(fixture->stages, STAGE_DECODE, 400);
    (void)stages_enter_at(fixture->stages, STAGE_NONE, 450);
    assert_int_equal(0, stages_ns(fixture->stages, STAGE_RECEIVE));
    assert_int_equal(50, stages_ns(fixture->stages, STAGE_DECODE));
}

static void nobody_asks_nothing_is_read(void **state)
{
    (void)state;
    assert_int_equal(STAGE_NONE, stages_enter(NULL, STAGE_RECEIVE));
    assert_int_equal(STAGE_NONE, stages_enter_at(NULL, STAGE_RECEIVE, 7));
    assert_int_equal(0, stages_sample(NULL));
    stages_sampled(NULL, STAGE_JUDGING, 0);
    assert_int_equal(0, stages_ns(NULL, STAGE_RECEIVE));
}

/* Each step takes 1 ns, of which every third is of the inner stage: all are alike, so the estimate
 * is exact but for the last period. */
static void one_in_many_is_sampled_and_taken_from_the_stage_around_it(void **state)
{
    struct fixture *fixture = *state;
    uint32_t samples = 0;
    for (uint32_t batch = 0; batch < STAGES_SAMPLE_EVERY; batch++) {
        (void)stages_enter(fixture->stages, STAGE_GROUPING);
        for (uint32_t i = 0; i < 10; i++) {
            spend(fixture, 2);
            uint64_t sample = stages_sample(fixture->stages);
            samples += sample != 0;
            spend(fixture, 1);
            stages_sampled(fixture->stages, STAGE_JUDGING, sample);
        }
        (void)stages_enter(fixture->stages, STAGE_NONE);
        assert_true(stages_ns(fixture->stages, STAGE_GROUPING) +
                        stages_ns(fixture->stages, STAGE_JUDGING) ==
                    30 * (batch + 1));
    }
    assert_int_equal(10, samples);
    assert_in_range(stages_ns(fixture->stages, STAGE_JUDGING), 540, 610);
}

static void every_stage_has_a_name(void **state)
{
    (void)state;
    for (int stage = STAGE_NONE; stage < STAGES; stage++) {
        assert_true(strlen(stage_name((enum stage)stage)) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(time_belongs_to_the_stage_it_was_spent_in, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_goes_back_counts_nothing, setup, teardown),
        cmocka_unit_test(nobody_asks_nothing_is_read),
        cmocka_unit_test_setup_teardown(one_in_many_is_sampled_and_taken_from_the_stage_around_it,
                                        setup, teardown),
        cmocka_unit_test(every_stage_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
