/* Where samples and counts are gathered: labels and windows, their order, their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/gathering_fixture.h"

static void labels_stand_in_the_order_of_their_values(void **state)
{
    (void)state;
    const struct row row = {"max($x.duration) < 10ms", .by = "stage"};
    struct random random = random_seed(5);
    struct suite_set *set = gathering_set(&row);
    struct gathering gathering;
    static const struct {
        const char *value;
        size_t len;
        uint64_t samples;
    } expected[] = {{"", 1, 3}, {"ramp", 5, 3}, {"steady state", 13, 4}};
    gather_all(&gathering, set, &random);
    assert_int_equal(gathering.cells.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct gathered_cell *cell = gathering.cells.items[i];
        assert_true(bytes_equal(cell->key, bytes_from(expected[i].value, expected[i].len)));
        assert_int_equal(
            gathered_judge(&set->suites[0].thresholds[0], &cell->in, &gathering_counts).samples,
            expected[i].samples);
    }
    gathering_deinit(&gathering);
    suite_set_unref(set);
}

/* The 100 first of 150 labels, whatever the order in which they come, also over two shards. */
static void which_labels_find_no_place_does_not_depend_on_order(void **state)
{
    (void)state;
    const struct row row = {"ratio(missing) < 1", .by = "scenario"};
    struct suite_set *set = gathering_set(&row);
    const struct suite *suite = &set->suites[0];
    for (uint32_t order = 0; order < 20; order++) {
        struct gathering shards[2];
        gathering_init(&shards[0]);
        gathering_init(&shards[1]);
        for (uint32_t i = 0; i < 300; i++) {
            uint32_t number = (i * 77 + order * 13) % 150;
            uint8_t text[] = {(uint8_t)('0' + number / 100), (uint8_t)('0' + number / 10 % 10),
                              (uint8_t)('0' + number % 10)};
            struct injection injection = {.scenario = bytes_from(text, sizeof text)};
            struct gather_place place = {suite, &suite->thresholds[0], &injection, ORIGIN_NS};
            gathering_add_injection(&shards[(i + order) % 2], &place, number % 2 == 0, false);
        }
        assert_int_equal(gathering_merge(&shards[0], &suite->thresholds[0], &shards[1]), 0);
        assert_int_equal(shards[0].cells.count, GATHERING_CLASSES_MAX);
        for (uint32_t i = 0; i < shards[0].cells.count; i++) {
            assert_int_equal(shards[0].cells.items[i]->in.counts.injections, 2);
            assert_int_equal(shards[0].cells.items[i]->key.data[1], '0' + i / 10 % 10);
        }
        assert_int_equal(shards[0].others->in.counts.injections, 100);
        assert_int_equal(shards[0].others->in.counts.missing, 50);
        gathering_deinit(&shards[0]);
        gathering_deinit(&shards[1]);
    }
    suite_set_unref(set);
}

/* Injections of 150 scenarios over 300 seconds, in some order, over two shards. */
static void gather_scattered(struct gathering *to, const struct suite *suite, uint32_t order)
{
    struct gathering other;
    gathering_init(to);
    gathering_init(&other);
    for (uint32_t i = 0; i < 1500; i++) {
        uint32_t number = (i * 77 + order * 131) % 1500;
        uint32_t class = number % 150;
        uint8_t text[] = {(uint8_t)('0' + class / 100), (uint8_t)('0' + class / 10 % 10),
                          (uint8_t)('0' + class % 10)};
        struct injection injection = {.scenario = bytes_from(text, sizeof text),
                                      .has_time = true,
                                      .time_ns = ORIGIN_NS + number * 7 % 300 * S};
        struct gather_place place = {suite, &suite->thresholds[0], &injection, ORIGIN_NS};
        gathering_add_injection((i * 31 + order) % 3 == 0 ? &other : to, &place, number % 4 == 0,
                                false);
    }
    assert_int_equal(gathering_merge(to, &suite->thresholds[0], &other), 0);
    gathering_deinit(&other);
}

static void print_cell(struct buf *out, const struct gathered_cell *cell)
{
    buf_printf(out, "%u/%u, %u late:", (unsigned)cell->in.counts.missing,
               (unsigned)cell->in.counts.injections, (unsigned)cell->beyond);
    for (uint32_t i = 0; i < cell->windows.count; i++) {
        const struct gathered_cell *window = cell->windows.items[i];
        buf_printf(out, " %u:%u/%u", window->window, (unsigned)window->in.counts.missing,
                   (unsigned)window->in.counts.injections);
    }
    buf_append_char(out, '\n');
}

static void labels_with_windows_do_not_depend_on_order(void **state)
{
    (void)state;
    const struct row row = {"ratio(missing) < 1", .by = "scenario", .over_ns = S};
    struct suite_set *set = gathering_set(&row);
    struct buf first = BUF_NULL;
    for (uint32_t order = 0; order < 12; order++) {
        struct gathering gathering;
        struct buf text = BUF_NULL;
        gather_scattered(&gathering, &set->suites[0], order);
        assert_int_equal(gathering.cells.count, GATHERING_CLASSES_MAX);
        for (uint32_t i = 0; i < gathering.cells.count; i++) {
            print_cell(&text, gathering.cells.items[i]);
        }
        print_cell(&text, gathering.others);
        buf_printf(&text, "%u beyond\n", (unsigned)gathering.beyond);
        assert_true(gathering.beyond == 300); /* a fifth of the seconds lies behind 240 */
        assert_true(gathering_held(&gathering) < 6000000);
        if (order == 0) {
            buf_append_bytes(&first, buf_bytes(&text));
        }
        assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&text)));
        buf_deinit(&text);
        gathering_deinit(&gathering);
    }
    buf_deinit(&first);
    suite_set_unref(set);
}

static void windows_are_bounded_and_say_so(void **state)
{
    (void)state;
    const struct row row = {"ratio(missing) < 1", .over_ns = S};
    struct suite_set *set = gathering_set(&row);
    const struct suite *suite = &set->suites[0];
    struct gathering gathering;
    struct windows_judgement windows;
    struct injection injection = {.has_time = true};
    struct gather_place place = {suite, &suite->thresholds[0], &injection, ORIGIN_NS};
    gathering_init(&gathering);
    injection.time_ns = 5; /* before the origin: as at it */
    gathering_add_injection(&gathering, &place, false, false);
    injection.time_ns = ORIGIN_NS + (GATHERING_WINDOWS_MAX - 1) * S;
    gathering_add_injection(&gathering, &place, false, false);
    assert_int_equal(
        gathering_judge(&gathering, &suite->thresholds[0], &gathering_counts, &windows).result,
        RESULT_PASS);
    assert_int_equal(windows.judged, 2);
    injection.time_ns = UINT64_MAX;
    gathering_add_injection(&gathering, &place, false, false);
    assert_int_equal(gathering.beyond, 1);
    assert_int_equal(
        gathering_judge(&gathering, &suite->thresholds[0], &gathering_counts, &windows).result,
        RESULT_INCONCLUSIVE);
    gathering_deinit(&gathering);
    suite_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_stand_in_the_order_of_their_values),
        cmocka_unit_test(which_labels_find_no_place_does_not_depend_on_order),
        cmocka_unit_test(labels_with_windows_do_not_depend_on_order),
        cmocka_unit_test(windows_are_bounded_and_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
