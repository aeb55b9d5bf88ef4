#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/pipeline/results_note.h"
#include "tests/pipeline/shard_fixture.h"
#include "tests/support/failing_malloc.h"

/* Two suites of three assertions, so that places matter. */
struct two {
    struct suite_set *one;
    struct suite suites[2];
    struct suite_set set;
    struct assertion_result results[2][3];
    struct judgement judgements[2];
};

static void two_init(struct two *two)
{
    static const enum result said[2][3] = {{RESULT_PASS, RESULT_SKIPPED, RESULT_PASS},
                                           {RESULT_SKIPPED, RESULT_PASS, RESULT_PASS}};
    *two = (struct two){.one = fixture_suites()};
    for (uint32_t i = 0; i < 2; i++) {
        two->suites[i] = two->one->suites[0];
        two->suites[i].index = i;
        for (uint32_t k = 0; k < 3; k++) {
            const struct assertion *assertion = &two->suites[i].assertions[k];
            two->results[i][k] = (struct assertion_result){.name = assertion->name,
                                                           .index = k,
                                                           .severity = assertion->severity,
                                                           .result = said[i][k]};
        }
        two->judgements[i] = (struct judgement){.suite = &two->suites[i],
                                                .applies = true,
                                                .applies_for_certain = i == 0,
                                                .verdict = RESULT_PASS,
                                                .results = two->results[i],
                                                .short_reasons = i * SHORT_UNSAMPLED};
    }
    two->set.suites = two->suites;
    two->set.suite_count = 2;
}

static void assert_same(const struct judgement *read, const struct judgement *said)
{
    assert_ptr_equal(read->suite, said->suite);
    assert_int_equal(read->applies, said->applies);
    assert_int_equal(read->applies_for_certain, said->applies_for_certain);
    assert_int_equal(read->verdict, said->verdict);
    assert_int_equal(read->short_reasons, said->short_reasons);
    for (uint32_t i = 0; said->applies && i < said->suite->assertion_count; i++) {
        assert_true(bytes_equal(read->results[i].name, said->results[i].name));
        assert_int_equal(read->results[i].index, i);
        assert_int_equal(read->results[i].severity, said->results[i].severity);
        assert_int_equal(read->results[i].result, said->results[i].result);
        assert_null(read->results[i].failures);
        assert_int_equal(read->results[i].failure_count, 0);
    }
}

static void what_was_noted_is_read_back(void **state)
{
    struct arena out = ARENA_INIT(256, 0);
    struct two two;
    uint8_t note[16];
    (void)state;
    two_init(&two);
    assert_int_equal(results_note_bytes(&two.set), 10);
    for (int last = 0; last < 2; last++) {
        assert_true(results_note_write(note, &two.set, two.judgements));
        const struct judgement *read = results_note_read(note, &two.set, &out);
        assert_non_null(read);
        assert_same(&read[0], &two.judgements[0]);
        assert_same(&read[1], &two.judgements[1]);
        two.judgements[0] = (struct judgement){.suite = &two.suites[0]};
    }
    arena_deinit(&out);
    suite_set_unref(two.one);
}

static void failures_are_not_noted(void **state)
{
    struct two two;
    uint8_t note[16];
    (void)state;
    two_init(&two);
    two.results[1][2].result = RESULT_FAIL;
    two.results[1][2].failure_count = 1;
    assert_false(results_note_write(note, &two.set, two.judgements));
    two.results[1][2].failure_count = 0;
    two.results[1][2].failures_omitted = 1;
    assert_false(results_note_write(note, &two.set, two.judgements));
    two.results[1][2].failures_omitted = 0;
    two.results[1][2].omitted_group_count = 1;
    assert_false(results_note_write(note, &two.set, two.judgements));
    suite_set_unref(two.one);
}

static void without_memory_nothing_is_read(void **state)
{
    struct two two;
    uint8_t note[16];
    const struct judgement *read = NULL;
    (void)state;
    two_init(&two);
    assert_true(results_note_write(note, &two.set, two.judgements));
    for (size_t good = 0; read == NULL; good++) {
        struct arena out = ARENA_INIT(1, 0);
        failing_malloc_begin(good);
        read = results_note_read(note, &two.set, &out);
        failing_malloc_end();
        if (read != NULL) {
            assert_same(&read[1], &two.judgements[1]);
        }
        arena_deinit(&out);
    }
    suite_set_unref(two.one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_noted_is_read_back),
        cmocka_unit_test(failures_are_not_noted),
        cmocka_unit_test(without_memory_nothing_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
