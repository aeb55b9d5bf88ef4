/* Hints: the rate that is measured, the place in the queue, the clamps, the jitter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/pipeline/throttle.h"

#define SECOND UINT64_C(1000000000)
#define MILLI  UINT64_C(1000000)
#define BEGIN  (1000 * SECOND)

/* `rate` bytes a second for `ms`, looked at every 10 ms. */
static uint64_t drain_for(struct drain *drain, uint64_t from_ns, uint64_t ms, uint64_t *drained,
                          uint64_t rate)
{
    for (uint64_t i = 0; i < ms; i += 10) {
        drain_note(drain, from_ns + i * MILLI, *drained);
        *drained += rate / 100;
    }
    return from_ns + ms * MILLI;
}

static struct refusal refusal_of(uint64_t now_ns, uint64_t drained, uint64_t excess, uint64_t bytes)
{
    return (struct refusal){now_ns, drained, excess, bytes, 0};
}

static void the_rate_is_that_of_the_last_two_seconds(void **state)
{
    struct drain drain = {.count = 0};
    uint64_t drained = 5000;
    (void)state;
    uint64_t now = drain_for(&drain, BEGIN, 5000, &drained, 1000000);
    assert_in_range(drain_rate(&drain, now, drained), 990000, 1010000);
    now = drain_for(&drain, now, 1000, &drained, 3000000);
    assert_in_range(drain_rate(&drain, now, drained), 1500000, 2500000);
    now = drain_for(&drain, now, 2500, &drained, 3000000);
    assert_in_range(drain_rate(&drain, now, drained), 2990000, 3010000);
    assert_int_equal(0, drain_rate(&drain, now + 60 * SECOND, drained));
}

static void a_first_look_knows_no_rate(void **state)
{
    struct drain drain = {.count = 0};
    (void)state;
    assert_int_equal(0, drain_rate(&drain, BEGIN, 0));
    drain_note(&drain, BEGIN, 777);
    assert_int_equal(0, drain_rate(&drain, BEGIN, 777));
    assert_int_equal(0, drain_rate(&drain, BEGIN + 10 * MILLI, 7777777));
}

static void the_wait_is_the_time_until_the_request_fits(void **state)
{
    struct drain drain = {.count = 0};
    struct promises promises = {0};
    uint64_t drained = 0;
    (void)state;
    uint64_t now = drain_for(&drain, BEGIN, 3000, &drained, 1000000);
    struct refusal refusal = refusal_of(now, drained, 2000000, 1000);
    assert_in_range(throttle_wait_ms(&promises, &drain, &refusal), 1950, 2050);
}

static void each_refused_request_is_promised_room_of_its_own(void **state)
{
    struct drain drain = {.count = 0};
    struct promises promises = {0};
    uint64_t drained = 0;
    uint32_t last = 0;
    (void)state;
    uint64_t now = drain_for(&drain, BEGIN, 3000, &drained, 1000000);
    for (int i = 0; i < 20; i++) {
        struct refusal refusal = refusal_of(now, drained, 500000, 500000);
        uint32_t wait = throttle_wait_ms(&promises, &drain, &refusal);
        assert_true(wait > last + 400);
        last = wait;
    }
    assert_in_range(last, 9500, 10500);
    struct refusal later = refusal_of(now + 20 * SECOND, drained + 20000000, 500000, 500000);
    drain_for(&drain, now, 20000, &drained, 1000000);
    assert_in_range(throttle_wait_ms(&promises, &drain, &later), 450, 550);
}

static void without_a_drain_it_is_as_long_again(void **state)
{
    struct drain drain = {.count = 0};
    struct promises promises = {0};
    uint64_t drained = 0;
    (void)state;
    uint64_t now = drain_for(&drain, BEGIN, 3000, &drained, 1000000);
    drain_note(&drain, now, drained);
    static const struct {
        uint64_t after_s;
        uint32_t wait_ms;
    } rows[] = {{4, 4000}, {10, 10000}, {100, 25000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct refusal refusal = refusal_of(now + rows[i].after_s * SECOND, drained, 100, 100);
        uint32_t wait = throttle_wait_ms(&promises, &drain, &refusal);
        assert_in_range(wait, rows[i].wait_ms - 100, rows[i].wait_ms + 100);
    }
    struct drain fresh = {.count = 0};
    struct refusal first = refusal_of(now, 0, 100, 100);
    assert_int_equal(1000, throttle_wait_ms(&promises, &fresh, &first));
}

static void hints_stay_between_their_clamps(void **state)
{
    struct drain drain = {.count = 0};
    uint64_t drained = 0;
    (void)state;
    uint64_t now = drain_for(&drain, BEGIN, 3000, &drained, 1000000);
    static const uint64_t excesses[] = {0, 1, 1000, UINT64_C(1) << 40, UINT64_MAX};
    for (size_t i = 0; i < sizeof excesses / sizeof *excesses; i++) {
        struct promises promises = {0};
        for (uint32_t random = 0; random < 5000; random += 333) {
            struct refusal refusal = {now, drained, excesses[i], 1, random};
            uint32_t wait = throttle_wait_ms(&promises, &drain, &refusal);
            assert_in_range(wait, THROTTLE_LEAST_MS, THROTTLE_MOST_MS);
        }
    }
}

static void jitter_makes_it_up_to_a_fifth_longer(void **state)
{
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;
    struct drain drain = {.count = 0};
    uint64_t drained = 0;
    (void)state;
    uint64_t now = drain_for(&drain, BEGIN, 3000, &drained, 1000000);
    for (uint32_t random = 0; random < 1024; random++) {
        struct promises promises = {0};
        struct refusal refusal = {now, drained, 5000000, 1, random};
        uint32_t wait = throttle_wait_ms(&promises, &drain, &refusal);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    assert_in_range(least, 4900, 5100);
    assert_in_range(most, 5850, 6100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_is_that_of_the_last_two_seconds),
        cmocka_unit_test(a_first_look_knows_no_rate),
        cmocka_unit_test(the_wait_is_the_time_until_the_request_fits),
        cmocka_unit_test(each_refused_request_is_promised_room_of_its_own),
        cmocka_unit_test(without_a_drain_it_is_as_long_again),
        cmocka_unit_test(hints_stay_between_their_clamps),
        cmocka_unit_test(jitter_makes_it_up_to_a_fifth_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
