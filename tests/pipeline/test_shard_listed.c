/* Attributes that nobody reads are not listed; whoever reads them after all, or again, does so from
 * the bytes, and nobody can tell the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/pipeline/shard_fixture.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        .text = (literal)                                                                          \
    }

static const struct attr_hints nothing = {.made = true};

/* A suite that passes where the key is 1 on each span. */
static struct suite_set *suite_on(const char *condition)
{
    const struct config_text conditions[] = {TEXT(condition)};
    struct assertion_settings assertions[] = {
        {.name = TEXT("one"), .select = TEXT("span[]"), .conditions = {conditions, 1}}};
    struct suite_settings suites[] = {{.name = TEXT("shop"), .assertions = {assertions, 1}}};
    const struct config_list list = {suites, 1};
    const struct completion_settings completion = {true, FIXTURE_QUIET, FIXTURE_DEADLINE,
                                                   FIXTURE_GRACE};
    struct problems problems;
    struct suite_set *set = NULL;
    problems_init(&problems);
    assert_int_equal(suite_set_compile(&set, &list, &completion, &problems), 0);
    problems_deinit(&problems);
    return set;
}

static struct campaign *start(struct fixture *fixture, const char *key, const char *condition,
                              uint64_t number)
{
    struct suite_set *set = suite_on(condition);
    struct campaign *campaign =
        fixture_campaign(set, key, CORRELATION_SETTING_AUTO, false, 0, number);
    suite_set_unref(set);
    assert_int_equal(shard_campaign_start(fixture->shard, campaign), 0);
    return campaign;
}

static void end(struct fixture *fixture, struct campaign *campaign)
{
    shard_campaign_end(fixture->shard, campaign);
    campaign_unref(campaign);
}

static bool lists(const struct fixture *fixture, const char *key)
{
    return attr_hints_may_have(shard_listed(fixture->shard), bytes_of(key));
}

static void listed_is_what_running_campaigns_read(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.no_campaign = true, .attributes = true});
    assert_false(lists(&fixture, "app.first"));
    assert_true(lists(&fixture, "assertd.campaign") && lists(&fixture, "assertd.scenario") &&
                lists(&fixture, "assertd.step"));
    struct campaign *first = start(&fixture, "one", "app.first = 1", 1);
    assert_true(lists(&fixture, "app.first"));
    assert_false(lists(&fixture, "app.second"));
    struct campaign *second = start(&fixture, "two", "app.second = 1", 2);
    assert_true(lists(&fixture, "app.first") && lists(&fixture, "app.second"));
    end(&fixture, first);
    fixture_send(&fixture, NULL, 0);
    assert_false(lists(&fixture, "app.first"));
    assert_true(lists(&fixture, "app.second"));
    struct campaign *third = start(&fixture, "three", "span:type = 'http'", 3);
    assert_true(lists(&fixture, "app.first") && lists(&fixture, "anything")); /* reads all */
    end(&fixture, second);
    end(&fixture, third);
    fixture_deinit(&fixture);
}

static void whose_reads_are_all_that_is_kept_lists_everything(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.keep_read = true});
    assert_true(lists(&fixture, "app.first"));
    fixture_deinit(&fixture);
}

/* One trace of two spans, the second of which breaks the rule, decoded as `listed` says. */
static void expect_failure(const struct attr_hints *listed)
{
    static const struct span_build spans[] = {
        {.trace = 7,
         .id = 1,
         .name = "a",
         .start_ns = 1,
         .end_ns = 9,
         .attrs = {ATTR_INT("app.other", 5), ATTR_INT("app.first", 1)}},
        {.trace = 7,
         .id = 2,
         .parent = 1,
         .name = "b",
         .start_ns = 2,
         .end_ns = 3,
         .attrs = {ATTR_TEXT("app.more", "x"), ATTR_INT("app.first", 2)}}};
    struct fixture fixture;
    fixture_init(&fixture, &(struct fixture_options){.no_campaign = true});
    struct campaign *campaign = start(&fixture, "one", "app.first = 1", 1);
    listed = listed != NULL ? listed : shard_listed(fixture.shard);
    fixture_send_listing(&fixture, spans, 2, listed);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    const struct exported *told = fixture_exported(&fixture, 7, 0);
    assert_non_null(told);
    assert_int_equal(told->result, RESULT_FAIL);
    assert_int_equal(told->failures, 1);
    end(&fixture, campaign);
    fixture_deinit(&fixture);
}

static void what_is_not_listed_is_decoded_again_where_it_is_read(void **state)
{
    static const struct attr_hints everything = {.made = false};
    struct attr_hints other = {.made = true};
    (void)state;
    (void)attr_hints_add(&other, BYTES_LITERAL("app.other"));
    expect_failure(NULL);
    expect_failure(&everything);
    expect_failure(&nothing);
    expect_failure(&other);
}

static void a_claim_is_read_whatever_was_listed(void **state)
{
    static const struct span_build root = {.trace = 7,
                                           .id = 1,
                                           .name = "a",
                                           .start_ns = 1,
                                           .end_ns = 9,
                                           .attrs = {ATTR_TEXT("app.other", "x"),
                                                     ATTR_TEXT("assertd.campaign", "load"),
                                                     ATTR_TEXT("assertd.scenario", "checkout")}};
    const struct attr_hints *ways[] = {NULL, &nothing};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_init(&fixture,
                     &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED,
                                               .attributes = true});
        fixture_send_listing(&fixture, &root, 1,
                             ways[i] != NULL ? ways[i] : shard_listed(fixture.shard));
        struct report report = fixture_report(&fixture);
        assert_int_equal(report.injections.total, 1);
        arena_deinit(&report.arena);
        fixture_deinit(&fixture);
    }
}

/* Equal spans are one, however they are written, and different ones two, whatever is read. */
static void copies_are_told_by_what_is_not_listed(void **state)
{
    const struct span_build span = {
        .trace = 7,
        .id = 1,
        .name = "a",
        .start_ns = 1,
        .end_ns = 9,
        .attrs = {ATTR_INT("app.other", 5), ATTR_INT("app.more", 6), ATTR_INT("app.first", 1)}};
    struct span_build same = span;
    struct span_build different = span;
    (void)state;
    same.attrs[0] = span.attrs[1];
    same.attrs[1] = span.attrs[0];
    different.attrs[1].integer = 7;
    for (int keep_read = 0; keep_read < 2; keep_read++) {
        struct fixture fixture;
        fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                         .keep_read = keep_read != 0});
        fixture_send_listing(&fixture, &span, 1, &nothing);
        fixture_send_listing(&fixture, &same, 1, &nothing);
        assert_int_equal(counter_get(&shard_gauges(fixture.shard)->spans_duplicate), 1);
        fixture_send_listing(&fixture, &different, 1, &nothing);
        fixture_send_listing(&fixture, &different, 1, &nothing);
        assert_int_equal(counter_get(&shard_gauges(fixture.shard)->spans_duplicate), 2);
        struct report report = fixture_report(&fixture);
        assert_int_equal(report.spans.conflicting, 0); /* of final traces */
        arena_deinit(&report.arena);
        fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
        report = fixture_report(&fixture);
        assert_int_equal(report.spans.conflicting, 1);
        arena_deinit(&report.arena);
        fixture_deinit(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listed_is_what_running_campaigns_read),
        cmocka_unit_test(whose_reads_are_all_that_is_kept_lists_everything),
        cmocka_unit_test(what_is_not_listed_is_decoded_again_where_it_is_read),
        cmocka_unit_test(a_claim_is_read_whatever_was_listed),
        cmocka_unit_test(copies_are_told_by_what_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
