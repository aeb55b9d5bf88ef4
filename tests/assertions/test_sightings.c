/* What probes have found in a trace: numbers, own results, lists, and alarms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assertions/sightings.h"
#include "tests/support/span_builder.h"

#define MANY 500u

static const struct condition quick = {
    .left = {.type = TERM_KEY, .key = {.space = KEY_FIELD, .field = FIELD_DURATION}},
    .op = OP_LESS,
    .right = {.literal = {.type = OPERAND_DURATION, .ns = 10}},
    .reads_span = true,
};

struct place {
    struct sightings sightings;
    struct arena memory, scratch;
};

static struct place place_of(size_t limit)
{
    return (struct place){.memory = ARENA_INIT(256, limit), .scratch = ARENA_INIT(1024, 0)};
}

static void leave(struct place *place)
{
    arena_deinit(&place->memory);
    arena_deinit(&place->scratch);
}

/* Shows a span that takes so long; whether it alarms. */
static bool see(struct place *place, const struct probe *probe, unsigned holds, uint32_t index,
                uint64_t duration_ns)
{
    struct span span = {.start_ns = 100, .end_ns = 100 + duration_ns, .resource = &resource_empty};
    bool alarm = false;
    assert_int_equal(sightings_add(&place->sightings, probe, holds, &span, index, &place->memory,
                                   &place->scratch, &alarm),
                     0);
    return alarm;
}

static const struct sighting *seen(const struct place *place, const struct probe *probe)
{
    return sightings_of(&place->sightings, probe);
}

static struct sighting_numbers numbers(const struct place *place, const struct probe *probe)
{
    return sighting_numbers(seen(place, probe), probe);
}

static void readings_are_counted_apart(void **state)
{
    (void)state;
    struct probe_condition conditions[] = {{.condition = &quick, .alarms = true}};
    struct probe probe = {.number = 3,
                          .exact = true,
                          .conditions = conditions,
                          .condition_count = 1,
                          .alarms_from = UINT32_MAX};
    struct place place = place_of(0);
    assert_null(sightings_of(&place.sightings, &probe));
    assert_false(see(&place, &probe, HOLDS_ALL & ~HOLDS_OPEN, 0, 50));
    assert_int_equal(numbers(&place, &probe).count, 1);
    assert_int_equal(numbers(&place, &probe).open_count, 0);
    assert_int_equal(sighting_results(seen(&place, &probe), 0), result_bit(RESULT_FAIL));
    assert_false(see(&place, &probe, HOLDS_ALL, 1, 5));
    assert_true(see(&place, &probe, HOLDS_ALL, 2, 10));
    assert_int_equal(numbers(&place, &probe).count, 3);
    assert_int_equal(numbers(&place, &probe).first, 0);
    assert_int_equal(numbers(&place, &probe).open_count, 2);
    assert_int_equal(numbers(&place, &probe).open_first, 1);
    unsigned both = result_bit(RESULT_FAIL) | result_bit(RESULT_PASS);
    assert_int_equal(sighting_results(seen(&place, &probe), 0), both | both << RESULTS_OPEN_SHIFT);
    assert_false(seen(&place, &probe)->holds & SIGHTINGS_UNCERTAIN);
    see(&place, &probe, HOLDS_PERHAPS, 3, 50);
    assert_int_equal(numbers(&place, &probe).count, 3);
    assert_true(seen(&place, &probe)->holds & SIGHTINGS_UNCERTAIN);
    leave(&place);
}

static void the_count_that_decides_alarms(void **state)
{
    (void)state;
    struct probe probe = {.exact = true, .alarms_from = 3};
    struct place place = place_of(0);
    assert_false(see(&place, &probe, HOLDS_ALL, 0, 0));
    assert_false(see(&place, &probe, HOLDS_ALL & ~HOLDS_OPEN, 1, 0));
    assert_false(see(&place, &probe, HOLDS_ALL, 2, 0));
    assert_true(see(&place, &probe, HOLDS_ALL, 3, 0));
    leave(&place);
}

static void a_list_names_each_span_with_its_marks(void **state)
{
    (void)state;
    struct probe_condition conditions[] = {{.condition = &quick}};
    struct probe probe = {.listed = true, .conditions = conditions, .condition_count = 1};
    struct place place = place_of(0);
    for (uint32_t i = 0; i < MANY; i++) {
        see(&place, &probe, i % 2 == 0 ? HOLDS_ALL : HOLDS_PERHAPS, 7 * i, i % 20);
    }
    const struct sighting *found = sightings_of(&place.sightings, &probe);
    assert_int_equal(sighting_list_count(found), MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        struct listed_span entry = sighting_list_entry(found, &probe, i);
        assert_int_equal(entry.span, 7 * i);
        assert_int_equal(entry.holds, i % 2 == 0 ? HOLDS_ALL : HOLDS_PERHAPS);
        assert_int_equal(entry.marks[0], i % 20 < 10 ? MARK_TRUE : MARK_FALSE);
    }
    leave(&place);
}

static void a_listed_span_that_breaks_a_condition_alarms(void **state)
{
    (void)state;
    struct probe_condition conditions[] = {{.condition = &quick, .alarms = true}};
    struct probe probe = {.listed = true, .conditions = conditions, .condition_count = 1};
    struct place place = place_of(0);
    assert_false(see(&place, &probe, HOLDS_ALL, 0, 5));
    assert_false(see(&place, &probe, HOLDS_PERHAPS, 1, 50));
    assert_true(see(&place, &probe, HOLDS_ALL, 2, 50));
    conditions[0].alarms = false;
    assert_false(see(&place, &probe, HOLDS_ALL, 3, 50));
    leave(&place);
}

static void many_probes_are_found_again(void **state)
{
    (void)state;
    static struct probe probes[MANY];
    struct place place = place_of(0);
    for (uint32_t i = 0; i < MANY; i++) {
        probes[i] = (struct probe){
            .number = i, .listed = i % 3 == 0, .exact = i % 3 == 1, .alarms_from = UINT32_MAX};
        for (uint32_t k = 0; k <= i; k += 100) {
            see(&place, &probes[i], HOLDS_ALL, k, 0);
        }
    }
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t wanted = i % 3 == 2 ? 1 : i / 100 + 1;
        uint32_t found = probes[i].listed ? sighting_list_count(seen(&place, &probes[i]))
                                          : numbers(&place, &probes[i]).count;
        assert_int_equal(found, wanted);
    }
    sightings_clear(&place.sightings, probes);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_null(sightings_of(&place.sightings, &probes[i]));
    }
    size_t held = arena_held(&place.memory);
    for (uint32_t i = 0; i < MANY; i++) {
        see(&place, &probes[i], HOLDS_ALL, 0, 0);
    }
    assert_int_equal(arena_held(&place.memory), held);
    leave(&place);
}

/* At the arena's limit what was there stays as it was. */
static void a_full_arena_is_an_outcome(void **state)
{
    (void)state;
    static struct probe probes[MANY];
    struct span span = {.resource = &resource_empty};
    struct place place = place_of(2000);
    uint32_t seen = 0;
    bool alarm = false;
    for (uint32_t i = 0; i < MANY; i++) {
        probes[i] = (struct probe){.number = i, .alarms_from = UINT32_MAX};
    }
    while (seen < MANY && sightings_add(&place.sightings, &probes[seen], HOLDS_ALL, &span, 0,
                                        &place.memory, &place.scratch, &alarm) == 0) {
        seen++;
    }
    assert_in_range(seen, 9, MANY - 1);
    for (uint32_t i = 0; i < seen; i++) {
        assert_int_equal(numbers(&place, &probes[i]).count, 1);
    }
    assert_null(sightings_of(&place.sightings, &probes[seen]));
    leave(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_are_counted_apart),
        cmocka_unit_test(the_count_that_decides_alarms),
        cmocka_unit_test(a_list_names_each_span_with_its_marks),
        cmocka_unit_test(a_listed_span_that_breaks_a_condition_alarms),
        cmocka_unit_test(many_probes_are_found_again),
        cmocka_unit_test(a_full_arena_is_an_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
