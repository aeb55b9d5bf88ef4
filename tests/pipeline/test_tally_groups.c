/* Failures grouped by kind: which groups stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/pipeline/tally_state.h"
#include "tests/support/random.h"
#include "tests/support/span_builder.h"

static struct report_group numbered_group(uint32_t number, char text[32])
{
    snprintf(text, 32, "reason %u", number);
    return (struct report_group){.condition = BYTES_LITERAL("c"),
                                 .service = BYTES_LITERAL("s"),
                                 .span = BYTES_LITERAL("n"),
                                 .reason = bytes_of(text),
                                 .count = 1,
                                 .trace_id = trace_id_build(number),
                                 .result = RESULT_FAIL};
}

static uint64_t sum_of_groups(const struct tally_groups *groups)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        sum += groups->items[i].entry.count;
    }
    return sum;
}

static const struct report_group *find_group(const struct tally_groups *groups,
                                             const struct report_group *entry)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (bytes_equal(groups->items[i].entry.reason, entry->reason)) {
            return &groups->items[i].entry;
        }
    }
    return NULL;
}

static void a_groups_names_are_clipped_between_characters(void **state)
{
    (void)state;
    static char name[4096];
    struct arena arena = ARENA_INIT(4096, 0);
    struct tally_groups groups = {.items = NULL};
    memset(name, 'n', sizeof name);
    memcpy(name + 1022, "\xe2\x82\xac", 3);
    struct report_group group = {.condition = BYTES_LITERAL("c"),
                                 .service = bytes_from(name, sizeof name),
                                 .span = bytes_from(name, 1024),
                                 .reason = BYTES_LITERAL("r"),
                                 .count = 1};
    assert_int_equal(tally_groups_add(&groups, &group, &arena), 0);
    assert_int_equal(tally_groups_add(&groups, &group, &arena), 0);
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.items[0].entry.service.len, 1022);
    assert_int_equal(groups.items[0].entry.span.len, 1024);
    tally_groups_deinit(&groups);
    arena_deinit(&arena);
}

/* Ten times more groups than are kept, each three times, in two orders: the same ones stay, and no
 * failure is lost. */
static void which_groups_stay_does_not_depend_on_order(void **state)
{
    (void)state;
    const uint32_t kinds = 10 * TALLY_GROUPS_MAX;
    struct arena arena = ARENA_INIT(4096, 0);
    struct tally_groups up = {.items = NULL};
    struct tally_groups down = {.items = NULL};
    for (uint32_t i = 0; i < 3 * kinds; i++) {
        char text[32];
        struct report_group group = numbered_group(i % kinds + 1, text);
        assert_int_equal(tally_groups_add(&up, &group, &arena), 0);
        group = numbered_group(kinds - i % kinds, text);
        assert_int_equal(tally_groups_add(&down, &group, &arena), 0);
    }
    assert_int_equal(tally_groups_settle(&up, &arena), 0);
    assert_int_equal(tally_groups_settle(&down, &arena), 0);
    assert_int_equal(up.count, TALLY_GROUPS_MAX + 1);
    assert_int_equal(down.count, TALLY_GROUPS_MAX + 1);
    assert_int_equal(sum_of_groups(&up), 3 * kinds);
    for (uint32_t i = 0; i < up.count; i++) {
        const struct report_group *other = find_group(&down, &up.items[i].entry);
        assert_non_null(other);
        assert_int_equal(other->count, up.items[i].entry.count);
        assert_memory_equal(&other->trace_id, &up.items[i].entry.trace_id, sizeof other->trace_id);
    }
    tally_groups_deinit(&up);
    tally_groups_deinit(&down);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_groups_names_are_clipped_between_characters),
        cmocka_unit_test(which_groups_stay_does_not_depend_on_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
