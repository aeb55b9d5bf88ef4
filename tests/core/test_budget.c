/* The budget: ceilings in order, nothing taken where nothing fits, the drain, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "daemon/core/arena.h"

#define HARD 16000u

static void what_does_not_fit_takes_nothing(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, HARD);
    assert_true(budget_has_room(&budget, BUDGET_BODIES, 13000));
    assert_false(budget_has_room(&budget, BUDGET_BODIES, 13001));
    assert_true(budget_take(&budget, BUDGET_BODIES, 13000));
    assert_false(budget_take(&budget, BUDGET_BODIES, 1));
    assert_false(budget_has_room(&budget, BUDGET_BODIES, 1));
    assert_false(budget_has_room(&budget, BUDGET_TRACES, UINT64_MAX));
    assert_true(budget_has_room(NULL, BUDGET_TRACES, UINT64_MAX));
    assert_false(budget_take(&budget, BUDGET_TRACES, UINT64_MAX));
    assert_int_equal(13000, budget_total(&budget));
    assert_int_equal(13000, budget_held(&budget, BUDGET_BODIES));
    budget_give(&budget, BUDGET_BODIES, 13000);
    assert_int_equal(0, budget_total(&budget));
}

static void later_steps_of_a_request_have_more_room(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, HARD);
    assert_true(budget_welcome(&budget, 12800));
    assert_false(budget_welcome(&budget, 12801));
    assert_false(budget_welcome(&budget, UINT64_MAX));
    assert_true(budget_take(&budget, BUDGET_BODIES, 13000));
    assert_false(budget_welcome(&budget, 0));
    assert_int_equal(200, budget_excess(&budget, 0));
    assert_int_equal(300, budget_excess(&budget, 100));
    assert_true(budget_take(&budget, BUDGET_DECODED, 1000));
    assert_false(budget_take(&budget, BUDGET_COMING, 1));
    assert_true(budget_take(&budget, BUDGET_TRACES, 2000));
    assert_false(budget_take(&budget, BUDGET_TRACES, 1));
    assert_int_equal(0, budget_left(&budget));
    assert_true(budget_take(&budget, BUDGET_EXPORTS, 1));
    budget_add(&budget, BUDGET_TRACES, 10);
    assert_int_equal(0, budget_left(&budget));
    assert_int_equal(HARD + 11, budget_total(&budget));
}

static void what_is_told_follows_what_is_held(void **state)
{
    struct budget budget;
    uint64_t told = 0;
    (void)state;
    budget_init(&budget, HARD);
    budget_tell(&budget, BUDGET_TRACES, &told, 500);
    budget_tell(&budget, BUDGET_TRACES, &told, 700);
    assert_int_equal(700, budget_total(&budget));
    assert_int_equal(0, budget_drained(&budget));
    budget_tell(&budget, BUDGET_TRACES, &told, 100);
    assert_int_equal(100, budget_held(&budget, BUDGET_TRACES));
    assert_int_equal(600, budget_drained(&budget));
    budget_move(&budget, BUDGET_TRACES, BUDGET_KEPT, 100);
    assert_int_equal(100, budget_held(&budget, BUDGET_KEPT));
    assert_int_equal(0, budget_held(&budget, BUDGET_TRACES));
    assert_int_equal(100, budget_total(&budget));
}

static void requests_that_come_and_go_do_not_drain(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, HARD);
    budget_add(&budget, BUDGET_BODIES, 100);
    budget_give(&budget, BUDGET_BODIES, 100);
    assert_int_equal(0, budget_drained(&budget));
}

static void an_arena_takes_each_chunk_before_it_allocates(void **state)
{
    struct budget budget;
    struct arena arena = ARENA_INIT(256, 0);
    (void)state;
    budget_init(&budget, HARD);
    arena.budget = &budget;
    arena.owner = BUDGET_DECODED;
    struct arena_mark begin = arena_mark(&arena);
    while (arena_alloc(&arena, 100) != NULL) {
        assert_int_equal(arena_held(&arena), budget_held(&budget, BUDGET_DECODED));
        assert_true(budget_total(&budget) <= HARD / 16 * 14);
    }
    assert_true(budget_total(&budget) > HARD / 2);
    arena_rewind(&arena, begin);
    assert_int_equal(arena_held(&arena), budget_total(&budget));
    assert_true(budget_total(&budget) > 0);
    arena_deinit(&arena);
    assert_int_equal(0, budget_total(&budget));
}

static void *take_and_give(void *self)
{
    for (int i = 0; i < 20000; i++) {
        if (budget_take(self, BUDGET_BODIES, 3000)) {
            budget_move(self, BUDGET_BODIES, BUDGET_DECODED, 3000);
            budget_give(self, BUDGET_DECODED, 3000);
        } else {
            budget_refuse(self, BUDGET_BODY_FULL);
        }
    }
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    struct budget budget;
    pthread_t threads[6];
    (void)state;
    budget_init(&budget, HARD);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(0, pthread_create(&threads[i], NULL, take_and_give, &budget));
    }
    for (size_t i = 0; i < 6; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(0, budget_total(&budget));
    assert_int_equal(0, budget_held(&budget, BUDGET_BODIES));
}

static void no_budget_has_room_for_everything(void **state)
{
    (void)state;
    assert_true(budget_take(NULL, BUDGET_BODIES, UINT64_MAX));
    assert_true(budget_welcome(NULL, UINT64_MAX));
    budget_give(NULL, BUDGET_BODIES, 1);
    budget_refuse(NULL, BUDGET_THROTTLED);
    assert_int_equal(0, budget_total(NULL));
    assert_int_equal(0, budget_refused(NULL, BUDGET_THROTTLED));
    assert_true(budget_left(NULL) == UINT64_MAX);
}

static void every_owner_and_cause_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < BUDGET_OWNERS; i++) {
        assert_true(strlen(budget_owner_name((enum budget_owner)i)) > 3);
    }
    for (int i = 0; i < BUDGET_CAUSES; i++) {
        assert_true(strlen(budget_cause_name((enum budget_cause)i)) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_takes_nothing),
        cmocka_unit_test(later_steps_of_a_request_have_more_room),
        cmocka_unit_test(what_is_told_follows_what_is_held),
        cmocka_unit_test(requests_that_come_and_go_do_not_drain),
        cmocka_unit_test(an_arena_takes_each_chunk_before_it_allocates),
        cmocka_unit_test(threads_lose_nothing),
        cmocka_unit_test(no_budget_has_room_for_everything),
        cmocka_unit_test(every_owner_and_cause_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
