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

static void assert_same_failure(const struct failure *read, const struct failure *said)
{
    assert_int_equal(read->result, said->result);
    assert_int_equal(read->condition_index, said->condition_index);
    assert_int_equal(read->span_id, said->span_id);
    assert_true(bytes_equal(read->condition, said->condition));
    assert_true(bytes_equal(read->service, said->service));
    assert_true(bytes_equal(read->span_name, said->span_name));
    assert_true(bytes_equal(read->reason, said->reason));
    assert_int_equal(read->expected.type, said->expected.type);
    assert_int_equal(read->actual.type, said->actual.type);
    assert_int_equal(read->actual.value.type, said->actual.value.type);
    if (said->actual.type == SEEN_VALUE && said->actual.value.type == VALUE_TEXT) {
        assert_true(bytes_equal(read->actual.value.bytes, said->actual.value.bytes));
    }
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
        assert_int_equal(read->results[i].failure_count, said->results[i].failure_count);
        for (uint32_t k = 0; k < said->results[i].failure_count; k++) {
            assert_same_failure(&read->results[i].failures[k], &said->results[i].failures[k]);
        }
    }
}

/* Writes and reads; the judgements must come back as they were. */
static void assert_noted(struct results_note *note, const struct two *two, struct arena *memory)
{
    struct arena out = ARENA_INIT(256, 0);
    assert_true(results_note_write(note, &two->set, two->judgements, memory));
    const struct judgement *read = results_note_read(note, &two->set, &out);
    assert_non_null(read);
    assert_same(&read[0], &two->judgements[0]);
    assert_same(&read[1], &two->judgements[1]);
    arena_deinit(&out);
}

static void what_was_noted_is_read_back(void **state)
{
    struct arena memory = ARENA_INIT(256, 0);
    struct two two;
    (void)state;
    two_init(&two);
    struct results_note *note = results_note_new(&two.set, &memory);
    assert_noted(note, &two, &memory);
    two.judgements[0] = (struct judgement){.suite = &two.suites[0]};
    assert_noted(note, &two, &memory);
    arena_deinit(&memory);
    suite_set_unref(two.one);
}

/* So many failures whose texts are gone after the call. */
static void fail_with(struct two *two, uint32_t suite, uint32_t assertion, struct failure *failures,
                      uint32_t count, char *text)
{
    for (uint32_t i = 0; i < count; i++) {
        failures[i] = (struct failure){
            .result = RESULT_FAIL,
            .condition_index = i,
            .condition = BYTES_LITERAL("status = ok"),
            .span_id = 7 + i,
            .service = BYTES_LITERAL("shop"),
            .reason = bytes_of(text),
            .expected = {.type = SEEN_DURATION, .ns = 5},
            .actual = {.type = SEEN_VALUE, .value = {VALUE_TEXT, .bytes = bytes_of(text)}}};
    }
    struct assertion_result *result = &two->results[suite][assertion];
    result->result = RESULT_FAIL;
    result->failures = failures;
    result->failure_count = count;
}

static void failures_are_noted_in_one_place(void **state)
{
    struct arena memory = ARENA_INIT(4096, 0);
    struct failure first[2], second[1];
    char text[] = "does not hold";
    struct two two;
    (void)state;
    two_init(&two);
    struct results_note *note = results_note_new(&two.set, &memory);
    fail_with(&two, 0, 2, first, 2, text);
    fail_with(&two, 1, 0, second, 1, text);
    assert_noted(note, &two, &memory);
    size_t used = arena_used(&memory);
    for (int i = 0; i < 100; i++) {
        assert_noted(note, &two, &memory);
    }
    fail_with(&two, 0, 2, first, 1, text);
    assert_noted(note, &two, &memory);
    two.results[0][2].result = two.results[1][0].result = RESULT_PASS;
    two.results[0][2].failure_count = two.results[1][0].failure_count = 0;
    assert_noted(note, &two, &memory);
    assert_int_equal(arena_used(&memory), used);
    arena_deinit(&memory);
    suite_set_unref(two.one);
}

static void texts_of_failures_are_copied(void **state)
{
    struct arena memory = ARENA_INIT(4096, 0);
    struct arena out = ARENA_INIT(256, 0);
    struct failure failures[1];
    char text[] = "does not hold";
    struct two two;
    (void)state;
    two_init(&two);
    struct results_note *note = results_note_new(&two.set, &memory);
    fail_with(&two, 1, 1, failures, 1, text);
    assert_true(results_note_write(note, &two.set, two.judgements, &memory));
    memset(text, 'x', sizeof text - 1);
    const struct failure *read = results_note_read(note, &two.set, &out)[1].results[1].failures;
    assert_true(bytes_is(read->reason, "does not hold"));
    assert_true(bytes_is(read->actual.value.bytes, "does not hold"));
    arena_deinit(&out);
    arena_deinit(&memory);
    suite_set_unref(two.one);
}

static void what_is_too_much_is_not_noted(void **state)
{
    static struct failure failures[RESULTS_NOTE_PROOF_MAX / sizeof(struct failure) + 1];
    struct arena memory = ARENA_INIT(4096, 0);
    char text[] = "does not hold";
    struct two two;
    (void)state;
    two_init(&two);
    struct results_note *note = results_note_new(&two.set, &memory);
    fail_with(&two, 1, 2, failures, sizeof failures / sizeof *failures, text);
    assert_false(results_note_write(note, &two.set, two.judgements, &memory));
    fail_with(&two, 1, 2, failures, 1, text);
    two.results[1][2].failures_omitted = 1;
    assert_false(results_note_write(note, &two.set, two.judgements, &memory));
    two.results[1][2].failures_omitted = 0;
    assert_noted(note, &two, &memory);
    fail_with(&two, 1, 2, failures, 3, text); /* the room that was taken is for one */
    assert_false(results_note_write(note, &two.set, two.judgements, &memory));
    arena_deinit(&memory);
    suite_set_unref(two.one);
}

static void without_memory_nothing_is_noted_or_read(void **state)
{
    struct failure failures[1];
    char text[] = "does not hold";
    struct two two;
    bool complete = false;
    (void)state;
    two_init(&two);
    fail_with(&two, 1, 1, failures, 1, text);
    for (size_t good = 0; !complete; good++) {
        struct arena memory = ARENA_INIT(1, 0);
        struct arena out = ARENA_INIT(1, 0);
        failing_malloc_begin(good);
        struct results_note *note = results_note_new(&two.set, &memory);
        bool noted = note != NULL && results_note_write(note, &two.set, two.judgements, &memory);
        const struct judgement *read = noted ? results_note_read(note, &two.set, &out) : NULL;
        failing_malloc_end();
        complete = read != NULL;
        if (complete) {
            assert_same(&read[1], &two.judgements[1]);
        }
        arena_deinit(&out);
        arena_deinit(&memory);
    }
    suite_set_unref(two.one);
}

/* What a row says is not copied: the note names it. */
static void a_row_is_noted_by_its_name(void **state)
{
    struct arena memory = ARENA_INIT(1024, 0);
    struct arena out = ARENA_INIT(1024, 0);
    struct two two;
    (void)state;
    two_init(&two);
    const struct result_row row = {.verdict = RESULT_PASS, .results = two.results[0]};
    two.judgements[0].row = &row;
    struct results_note *note = results_note_new(&two.set, &memory);
    assert_true(results_note_write(note, &two.set, two.judgements, &memory));
    const struct judgement *read = results_note_read(note, &two.set, &out);
    assert_ptr_equal(read[0].row, &row);
    assert_ptr_equal(read[0].results, row.results);
    assert_null(read[1].row);
    assert_same(&read[0], &two.judgements[0]);
    assert_same(&read[1], &two.judgements[1]);
    two.judgements[0].row = NULL;
    assert_noted(note, &two, &memory);
    suite_set_unref(two.one);
    arena_deinit(&memory);
    arena_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_noted_by_its_name),
        cmocka_unit_test(what_was_noted_is_read_back),
        cmocka_unit_test(failures_are_noted_in_one_place),
        cmocka_unit_test(texts_of_failures_are_copied),
        cmocka_unit_test(what_is_too_much_is_not_noted),
        cmocka_unit_test(without_memory_nothing_is_noted_or_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
