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
    struct ring *ring = ring_new(5);
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
    struct ring *ring = ring_new(16);
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
    struct ring *ring = ring_new(64);
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
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_first_in_first_out_and_bounded),
        cmocka_unit_test(the_room_that_is_seen_is_there),
        cmocka_unit_test(two_threads_hand_over_everything_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
