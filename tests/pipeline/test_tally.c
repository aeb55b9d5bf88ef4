/* What shards count: the same report whatever the order of traces, shards and merging. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/pipeline/status.h"
#include "tests/pipeline/tally_world.h"

/* The report of all traces, spread over three shards, added and merged in an order of `random`. */
static void report_in_some_order(const struct world *world, struct random *random, struct buf *out)
{
    struct tally *shards[3];
    uint32_t order[TRACES];
    struct tally *all = tally_new(world->campaign);
    for (int i = 0; i < 3; i++) {
        shards[i] = tally_new(world->campaign);
    }
    for (uint32_t i = 0; i < TRACES; i++) {
        uint32_t at = random_below(random, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < TRACES; i++) {
        world_count(world, order[i], shards[random_below(random, 3)], random_below(random, 2) == 0);
    }
    uint32_t first = random_below(random, 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct tally *copy = tally_copy(shards[(first + i) % 3]);
        assert_non_null(copy);
        assert_int_equal(tally_merge(all, copy), 0);
        tally_free(copy);
    }
    world_print(out, all);
    for (int i = 0; i < 3; i++) {
        tally_free(shards[i]);
    }
    tally_free(all);
}

static void order_shards_and_merging_change_no_byte_of_the_report(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world world;
        struct random random = random_seed(seed);
        struct buf first = BUF_NULL;
        world_init(&world, seed);
        report_in_some_order(&world, &random, &first);
        for (int order = 0; order < 8; order++) {
            struct buf other = BUF_NULL;
            report_in_some_order(&world, &random, &other);
            if (!bytes_equal(buf_bytes(&first), buf_bytes(&other))) {
                fail_msg("seed %llu:\n%.*s\n%.*s", (unsigned long long)seed, (int)first.len,
                         (const char *)first.data, (int)other.len, (const char *)other.data);
            }
            buf_deinit(&other);
        }
        buf_deinit(&first);
        world_deinit(&world);
    }
}

static void the_ledger_balances(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world world;
        struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL};
        struct report report;
        world_init(&world, seed);
        struct tally *tally = tally_new(world.campaign);
        for (uint32_t i = 0; i < TRACES; i++) {
            world_count(&world, i, tally, i % 2 == 0);
        }
        assert_int_equal(tally_report(tally, &facts, &report), 0);
        assert_true(ledger_balances(&report));
        report.spans.received++;
        assert_false(ledger_balances(&report));
        arena_deinit(&report.arena);
        tally_free(tally);
        world_deinit(&world);
    }
}

static void tolerance_counts_the_inconclusive_both_ways(void **state)
{
    (void)state;
    static const struct {
        struct result_counts counts;
        double tolerance;
        enum result result;
    } rows[] = {
        {{.pass = 10}, 0, RESULT_PASS},
        {{.pass = 9, .fail = 1}, 0, RESULT_FAIL},
        {{.pass = 7, .fail = 3}, 0.3, RESULT_PASS},
        {{.pass = 7, .fail = 3}, 0.29, RESULT_FAIL},
        {{.pass = 993, .fail = 7}, 0.007, RESULT_PASS},
        {{.pass = 8, .fail = 1, .inconclusive = 1}, 0.2, RESULT_PASS},
        {{.pass = 8, .fail = 1, .inconclusive = 1}, 0.1, RESULT_INCONCLUSIVE},
        {{.pass = 8, .fail = 1, .inconclusive = 1}, 0.05, RESULT_FAIL},
        {{.inconclusive = 1}, 0, RESULT_INCONCLUSIVE},
        {{.pass = 99, .error = 1}, 1, RESULT_ERROR},
        {{.skipped = 5}, 0, RESULT_SKIPPED},
        {{.pass = 1, .skipped = 99, .fail = 1}, 0.5, RESULT_PASS},
        {{.pass = 0}, 0, RESULT_PASS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result_counts counts = rows[i].counts;
        assert_int_equal(status_of_assertion(&counts, rows[i].tolerance, 0), rows[i].result);
    }
}

static void a_share_of_inconclusive_results_may_be_left_out(void **state)
{
    (void)state;
    static const struct {
        struct result_counts counts;
        double tolerance, max_inconclusive;
        enum result result;
    } rows[] = {
        {{.pass = 98, .inconclusive = 2}, 0, 0.02, RESULT_PASS},
        {{.pass = 98, .inconclusive = 2}, 0, 0.0199, RESULT_INCONCLUSIVE},
        {{.pass = 97, .fail = 1, .inconclusive = 2}, 0, 0.02, RESULT_FAIL},
        {{.pass = 9, .fail = 1, .inconclusive = 10}, 0.1, 0.5, RESULT_PASS},
        {{.pass = 8, .fail = 2, .inconclusive = 10}, 0.1, 0.5, RESULT_FAIL},
        {{.inconclusive = 2}, 0, 1, RESULT_INCONCLUSIVE},
        {{.pass = 98, .inconclusive = 1, .error = 1}, 0, 1, RESULT_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            status_of_assertion(&rows[i].counts, rows[i].tolerance, rows[i].max_inconclusive),
            rows[i].result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_shards_and_merging_change_no_byte_of_the_report),
        cmocka_unit_test(the_ledger_balances),
        cmocka_unit_test(tolerance_counts_the_inconclusive_both_ways),
        cmocka_unit_test(a_share_of_inconclusive_results_may_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
