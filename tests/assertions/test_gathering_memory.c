/* Samples that were lost for lack of memory: what a threshold then says is the truth, or that it
 * can't be known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/gathering_fixture.h"
#include "tests/support/failing_malloc.h"

static const struct state_counts whole = {.injections = 10, .expecting = 10};

/* Traces that are judged already: only what is gathered asks for memory. */
struct judged_traces {
    struct suite_set *set;
    struct engine engines[TRACES];
    struct injection injections[TRACES];
    const struct judgement *judgements[TRACES];
};

static void traces_init(struct judged_traces *traces, const struct row *row)
{
    traces->set = gathering_set(row);
    for (uint32_t i = 0; i < TRACES; i++) {
        struct engine *engine = &traces->engines[i];
        traces->injections[i] = gathering_injection(i);
        engine_init(engine, traces->set);
        gathering_add_spans(engine, i);
        engine_inject(engine, &traces->injections[i]);
        traces->judgements[i] = engine_close(engine, 4);
    }
}

static void traces_deinit(struct judged_traces *traces)
{
    for (uint32_t i = 0; i < TRACES; i++) {
        engine_deinit(&traces->engines[i]);
    }
    suite_set_unref(traces->set);
}

static void gather(struct gathering *to, struct judged_traces *traces)
{
    const struct suite *suite = &traces->set->suites[0];
    gathering_init(to);
    for (uint32_t i = 0; i < TRACES; i++) {
        struct gather_place place = {suite, &suite->thresholds[0], &traces->injections[i],
                                     ORIGIN_NS};
        struct engine *engine = &traces->engines[i];
        gathering_add_trace(to, &place, &engine->judge, traces->judgements[i], &engine->scratch);
    }
}

/* What is told of each combination of labels is the truth of it, or unknown. */
static void check_classes(const struct gathering *gathering, const struct gathering *truth,
                          const struct threshold *threshold)
{
    for (uint32_t i = 0; threshold->by_count != 0 && i < gathering->cells.count; i++) {
        const struct gathered_cell *cell = gathering->cells.items[i];
        struct class_judging told = {.comparisons = 0};
        struct class_judging wanted = {.comparisons = 0};
        uint32_t at;
        assert_true(cell_list_find(&truth->cells, cell->key, &at));
        enum result result =
            gathering_judge_class(gathering, cell, threshold, &whole, &told).result;
        assert_true(result == RESULT_INCONCLUSIVE ||
                    result == gathering_judge_class(truth, truth->cells.items[at], threshold,
                                                    &whole, &wanted)
                                  .result);
    }
}

/* How many windows of all traces together do not hold by what was gathered. */
static uint64_t broken_windows(const struct gathering *gathering, const struct threshold *threshold)
{
    struct windowed windowed = gathering_windows(gathering, NULL, threshold, 0);
    uint64_t broken = 0;
    for (uint32_t i = windowed.first; i < windowed.end; i++) {
        struct threshold_judgement judgement;
        broken += gathering_judge_window(&windowed, threshold, i, &judgement) &&
                  judgement.result == RESULT_FAIL;
    }
    return broken;
}

/* With memory that ends after `good` allocations. Whether it was enough; *ret_unknown: whether it
 * said that it does not know. */
static bool gather_with(struct judged_traces *traces, const struct gathering *truth, size_t good,
                        bool *ret_unknown)
{
    const struct threshold *threshold = &traces->set->suites[0].thresholds[0];
    struct gathering gathering;
    struct windows_judgement windows;
    failing_malloc_begin(good);
    gather(&gathering, traces);
    bool enough = failing_malloc_end() <= good;
    struct threshold_judgement told = gathering_judge(&gathering, threshold, &whole, &windows);
    struct windows_judgement of_truth;
    enum result wanted = gathering_judge(truth, threshold, &whole, &of_truth).result;
    *ret_unknown = told.result == RESULT_INCONCLUSIVE;
    if (told.result != wanted && !*ret_unknown) {
        fail_msg("%s: %s for %s after %zu allocations", threshold->rule->text.data,
                 result_name(told.result), result_name(wanted), good);
    }
    assert_true(*ret_unknown == (told.reason != NULL && told.result != RESULT_FAIL));
    assert_true(enough || *ret_unknown || told.result == RESULT_FAIL);
    if (threshold->by_count == 0 && threshold->over_ns != 0) {
        assert_int_equal(windows.broken, broken_windows(&gathering, threshold));
    }
    check_classes(&gathering, truth, threshold);
    gathering_deinit(&gathering);
    return enough;
}

static void what_was_lost_is_told(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"max($x.duration) < 1s", .by = NULL},
        {"max($x.duration) < 1s", .by = "scenario"},
        {"max($x.duration) < 1s", .over_ns = S},
        {"max($x.duration) < 8ms", .over_ns = 2 * S},
        {"p(50)(each $y.duration) < 1s", .by = "scenario", .over_ns = 3 * S},
        {"avg($x.duration + 1ms) < 5ms", .over_ns = S},
        {"distinct($x.id) = 5", .by = NULL},
        {"distinct($x.id) <= 1", .over_ns = 2 * S},
        {"most(each $y.name) < 4", .by = "scenario", .over_ns = 2 * S},
        {"rate($x) < 2", .over_ns = 2 * S},
        {"rate($y) < 2", .by = "scenario", .over_ns = 2 * S},
        {"slope(backlog($x, $y)) < 1", .over_ns = 5 * S},
        {"max(backlog($x, $y)) < 9", .by = NULL},
        {"ratio(fail) <= 0.5", .by = "scenario", .over_ns = 2 * S},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct judged_traces traces;
        struct gathering truth;
        bool unknown;
        size_t good = 0;
        uint32_t lost = 0;
        traces_init(&traces, &rows[i]);
        gather(&truth, &traces);
        for (; !gather_with(&traces, &truth, good, &unknown); good++) {
            assert_true(good < 10000);
            lost += unknown;
        }
        assert_true(lost != 0);
        gathering_deinit(&truth);
        traces_deinit(&traces);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_lost_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
