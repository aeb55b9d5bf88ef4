#include "daemon/net/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ITEMS 500000

static void it_is_first_in_first_out_and_bounded(void **state)
{
    int items[8];
    struct ring *ring = ring_new(5, &clock_system);
    (void)state;
    assert_int_equal(ring_room(ring), 8);
    assert_null(ring_pop(ring));
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 8; i++) {
            assert_true(ring_push(ring, &items[i]));
        }
        assert_int_equal(ring_room(ring), 0);
        assert_false(ring_push(ring, &items[0]));
        for (int i = 0; i < 8; i++) {
            assert_ptr_equal(ring_pop(ring), &items[i]);
        }
        assert_null(ring_pop(ring));
    }
    ring_free(ring);
    ring_free(NULL);
}

static void the_room_that_is_seen_is_there(void **state)
{
    int item;
    struct ring *ring = ring_new(16, &clock_system);
    (void)state;
    for (int i = 0; i < 11; i++) {
        assert_true(ring_push(ring, &item));
    }
    for (int i = 0; i < 3; i++) {
        assert_non_null(ring_pop(ring));
    }
    uint32_t room = ring_room(ring);
    assert_int_equal(room, 8);
    while (room-- > 0) {
        assert_true(ring_push(ring, &item));
    }
    assert_false(ring_push(ring, &item));
    ring_free(ring);
}

static uint64_t popped(const struct ring_status *status)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < DELAY_CLASSES; i++) {
        count += counter_get(&status->waits->classes[i]);
    }
    return count;
}

static void it_tells_what_went_through_it_and_how_long_that_lay_there(void **state)
{
    struct clock_manual clock = clock_manual_at(1000, 1000);
    int item;
    struct ring *ring = ring_new(4, &clock.base);
    (void)state;
    assert_true(ring_push(ring, &item));
    ring_woke(ring);
    clock_manual_advance(&clock, 700);
    assert_true(ring_push(ring, &item));
    clock_manual_advance(&clock, 800);
    assert_non_null(ring_pop(ring)); /* lay there for 1,500 ns */
    struct ring_status status = ring_status(ring);
    assert_int_equal(status.used, 1);
    assert_int_equal(status.room, 4);
    assert_int_equal(status.most, 2);
    assert_int_equal(status.pushed, 2);
    assert_int_equal(status.woken, 1);
    assert_int_equal(status.full, 0);
    assert_non_null(ring_pop(ring)); /* 800 ns */
    assert_null(ring_pop(ring));
    assert_int_equal(popped(&status), 2);
    assert_int_equal(counter_get(&status.waits->sum_ns), 2300);
    assert_int_equal(delays_within_ns(status.waits, 50), 1000);
    assert_int_equal(delays_within_ns(status.waits, 99), 2000);
    ring_free(ring);
}

static void it_counts_when_it_is_found_full(void **state)
{
    int item;
    struct ring *ring = ring_new(4, &clock_system);
    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ring_room(ring), 4 - i);
        assert_true(ring_push(ring, &item));
    }
    assert_int_equal(ring_status(ring).full, 0);
    assert_int_equal(ring_room(ring), 0);
    assert_int_equal(ring_status(ring).full, 1);
    assert_false(ring_push(ring, &item));
    struct ring_status status = ring_status(ring);
    assert_int_equal(status.full, 2);
    assert_int_equal(status.used, 4);
    assert_int_equal(status.most, 4);
    assert_int_equal(status.pushed, 4);
    ring_free(ring);
}

/* The producer looks at the consumer's side only when the ring looks fuller than ever. */
static void the_greatest_fill_is_what_really_lay_there(void **state)
{
    int item;
    struct ring *ring = ring_new(8, &clock_system);
    (void)state;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 3; i++) {
            assert_true(ring_push(ring, &item));
        }
        while (ring_pop(ring) != NULL) {
        }
    }
    assert_int_equal(ring_status(ring).most, 3);
    ring_free(ring);
}

/* What is pushed is freshly allocated and written: the thread sanitizer sees whether the hand-over
 * publishes it. */
static void *produce(void *arg)
{
    struct ring *ring = arg;
    for (uintptr_t i = 0; i < ITEMS; i++) {
        uintptr_t *item = malloc(sizeof *item);
        *item = i;
        while (!ring_push(ring, item)) {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads_hand_over_everything_in_order(void **state)
{
    struct ring *ring = ring_new(64, &clock_system);
    pthread_t producer;
    (void)state;
    assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
    for (uintptr_t i = 0; i < ITEMS;) {
        uintptr_t *item = ring_pop(ring);
        if (item == NULL) {
            sched_yield();
            continue;
        }
        assert_int_equal(*item, i);
        free(item);
        i++;
    }
    pthread_join(producer, NULL);
    assert_null(ring_pop(ring));
    struct ring_status status = ring_status(ring);
    assert_int_equal(status.pushed, ITEMS);
    assert_int_equal(popped(&status), ITEMS);
    assert_in_range(status.most, 1, 64);
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_first_in_first_out_and_bounded),
        cmocka_unit_test(the_room_that_is_seen_is_there),
        cmocka_unit_test(it_tells_what_went_through_it_and_how_long_that_lay_there),
        cmocka_unit_test(it_counts_when_it_is_found_full),
        cmocka_unit_test(the_greatest_fill_is_what_really_lay_there),
        cmocka_unit_test(two_threads_hand_over_everything_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
