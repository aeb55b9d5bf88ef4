/* The relation of parents and ancestors, against a plain reading of SEMANTICS 1 on random graphs,
 * and on deep ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "assertions/family.h"
#include "daemon/core/clock.h"
#include "tests/support/random.h"

#define SMALL_MAX 24u

/* A trace of bare records: the relation reads nothing else. */
static struct trace bare_trace(struct trace_span *spans, uint32_t count)
{
    return (struct trace){.arena = ARENA_INIT(256, 0), .spans = spans, .count = count};
}

/* parent[a][b]: b is a parent of a. */
static void plain_parents(const struct trace *trace, bool parent[SMALL_MAX][SMALL_MAX])
{
    for (uint32_t a = 0; a < trace->count; a++) {
        for (uint32_t b = 0; b < trace->count; b++) {
            parent[a][b] = a != b && trace->spans[a].parent != 0 &&
                           trace->spans[a].parent == trace->spans[b].id;
        }
    }
}

/* Everything reachable by the parent relation, minus the span itself. */
static void plain_ancestors(uint32_t count, bool relation[SMALL_MAX][SMALL_MAX])
{
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t a = 0; a < count; a++) {
            for (uint32_t b = 0; b < count; b++) {
                relation[a][b] |= relation[a][k] && relation[k][b];
            }
        }
    }
    for (uint32_t a = 0; a < count; a++) {
        relation[a][a] = false;
    }
}

static void check_below(const bool relation[SMALL_MAX][SMALL_MAX], uint32_t count, const bool *set,
                        const bool *below)
{
    for (uint32_t a = 0; a < count; a++) {
        bool wanted = false;
        for (uint32_t b = 0; b < count; b++) {
            wanted |= relation[a][b] && set[b];
        }
        assert_int_equal(below[a], wanted);
    }
}

static void random_spans(struct random *random, struct trace_span *spans, uint32_t count)
{
    uint32_t ids = 1 + random_below(random, count + 3);
    for (uint32_t i = 0; i < count; i++) {
        spans[i] = (struct trace_span){.id = 1 + random_below(random, ids)};
        spans[i].parent = random_below(random, 5) == 0 ? 0 : 1 + random_below(random, ids + 1);
        if (random_below(random, 10) == 0) {
            spans[i].parent = spans[i].id;
        }
    }
}

static void random_graphs_agree_with_a_plain_reading(void **state)
{
    (void)state;
    struct arena scratch = ARENA_INIT(4096, 0);
    for (uint64_t seed = 1; seed <= 20000; seed++) {
        struct random random = random_seed(seed);
        struct trace_span spans[SMALL_MAX];
        bool relation[SMALL_MAX][SMALL_MAX] = {0};
        bool set[SMALL_MAX];
        bool below[SMALL_MAX];
        uint32_t count = random_below(&random, SMALL_MAX + 1);
        struct trace trace = bare_trace(spans, count);
        struct family family;
        random_spans(&random, spans, count);
        for (uint32_t i = 0; i < count; i++) {
            set[i] = random_below(&random, 3) == 0;
        }
        assert_int_equal(family_make(&family, &trace, &scratch), 0);
        plain_parents(&trace, relation);
        assert_int_equal(family_children(&family, set, below, &scratch), 0);
        check_below(relation, count, set, below);
        plain_ancestors(count, relation);
        assert_int_equal(family_descendants(&family, set, below, &scratch), 0);
        check_below(relation, count, set, below);
        arena_reset(&scratch);
    }
    arena_deinit(&scratch);
}

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A large relation: the spans below `set`, and how long the whole took. */
static bool *large_below(struct trace_span *spans, uint32_t count, const bool *set,
                         struct arena *scratch)
{
    struct trace trace = bare_trace(spans, count);
    struct family family;
    bool *below = arena_alloc(scratch, count);
    uint64_t begin = cpu_ns();
    assert_int_equal(family_make(&family, &trace, scratch), 0);
    assert_int_equal(family_descendants(&family, set, below, scratch), 0);
    assert_true(cpu_ns() - begin < NS_PER_S);
    return below;
}

static void a_chain_of_200000_spans_is_walked_without_recursion(void **state)
{
    (void)state;
    const uint32_t count = 200000;
    struct arena scratch = ARENA_INIT(4096, 0);
    struct trace_span *spans = arena_calloc(&scratch, count, sizeof *spans);
    bool *set = arena_calloc(&scratch, count, sizeof *set);
    for (uint32_t i = 0; i < count; i++) {
        spans[i] = (struct trace_span){.id = i + 1, .parent = i};
    }
    set[1000] = true;
    bool *below = large_below(spans, count, set, &scratch);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(below[i], i > 1000);
    }
    arena_deinit(&scratch);
}

static void a_cycle_of_100000_spans_is_everybody_s_ancestor_but_its_own(void **state)
{
    (void)state;
    const uint32_t count = 100000;
    struct arena scratch = ARENA_INIT(4096, 0);
    struct trace_span *spans = arena_calloc(&scratch, count, sizeof *spans);
    bool *set = arena_calloc(&scratch, count, sizeof *set);
    for (uint32_t i = 0; i < count; i++) {
        spans[i] = (struct trace_span){.id = i + 1, .parent = i == 0 ? count : i};
    }
    set[500] = true;
    bool *below = large_below(spans, count, set, &scratch);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(below[i], i != 500);
    }
    arena_deinit(&scratch);
}

/* Half of the spans are a cycle with one member in the set, the others hang below it and are all in
 * the set. */
static void a_cycle_with_many_selected_children_takes_no_quadratic_time(void **state)
{
    (void)state;
    const uint32_t half = 50000;
    struct arena scratch = ARENA_INIT(4096, 0);
    struct trace_span *spans = arena_calloc(&scratch, (size_t)half * 2, sizeof *spans);
    bool *set = arena_calloc(&scratch, (size_t)half * 2, sizeof *set);
    for (uint32_t i = 0; i < half; i++) {
        spans[i] = (struct trace_span){.id = i + 1, .parent = i == 0 ? half : i};
        spans[half + i] = (struct trace_span){.id = half + i + 1, .parent = i + 1};
        set[half + i] = true;
    }
    bool *below = large_below(spans, half * 2, set, &scratch);
    for (uint32_t i = 0; i < half * 2; i++) {
        assert_false(below[i]);
    }
    set[7] = true;
    below = large_below(spans, half * 2, set, &scratch);
    for (uint32_t i = 0; i < half * 2; i++) {
        assert_int_equal(below[i], i != 7);
    }
    arena_deinit(&scratch);
}

static void twins_of_one_id_take_no_quadratic_time(void **state)
{
    (void)state;
    const uint32_t count = 100000;
    struct arena scratch = ARENA_INIT(4096, 0);
    struct trace_span *spans = arena_calloc(&scratch, count, sizeof *spans);
    bool *set = arena_calloc(&scratch, count, sizeof *set);
    for (uint32_t i = 0; i < count; i++) {
        spans[i] = (struct trace_span){.id = 1, .parent = 1};
    }
    set[3] = true;
    bool *below = large_below(spans, count, set, &scratch);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(below[i], i != 3);
    }
    arena_deinit(&scratch);
}

static void exhausted_memory_is_told(void **state)
{
    (void)state;
    struct trace_span spans[] = {{.id = 1}, {.id = 2, .parent = 1}};
    struct trace trace = bare_trace(spans, 2);
    struct family family;
    struct arena none = ARENA_INIT(16, 64);
    assert_int_equal(family_make(&family, &trace, &none), 1);
    arena_deinit(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_graphs_agree_with_a_plain_reading),
        cmocka_unit_test(a_chain_of_200000_spans_is_walked_without_recursion),
        cmocka_unit_test(a_cycle_of_100000_spans_is_everybody_s_ancestor_but_its_own),
        cmocka_unit_test(a_cycle_with_many_selected_children_takes_no_quadratic_time),
        cmocka_unit_test(twins_of_one_id_take_no_quadratic_time),
        cmocka_unit_test(exhausted_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
