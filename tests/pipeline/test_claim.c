#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/pipeline/campaign.h"
#include "daemon/pipeline/claim.h"
#include "tests/pipeline/shard_fixture.h"

static void a_tracestate_is_read_as_its_members_say(void **state)
{
    static const struct {
        const char *trace_state, *campaign, *scenario, *step;
    } rows[] = {
        {"assertd=c", "c", "", ""},
        {"assertd=c/s", "c", "s", ""},
        {"assertd=c/s/t", "c", "s", "t"},
        {"assertd=c/s/t/u", "c", "s", "t/u"},
        {"assertd=c//t", "c", "", "t"},
        {"vendor=1,assertd=c", "c", "", ""},
        {" vendor=1 ,\tassertd=c ", "c", "", ""},
        {"assertd=c,assertd=d", "c", "", ""},
        {"assertd=a%20b/c%2Fd/%25", "a b", "c/d", "%"},
        {"assertd=a%2", "a%2", "", ""},
        {"assertd=a%zz%", "a%zz%", "", ""},
        {"assertd=a=b", "a=b", "", ""},
        {"", NULL, NULL, NULL},
        {",,,", NULL, NULL, NULL},
        {"assertd", NULL, NULL, NULL},
        {"assertd=", NULL, NULL, NULL},
        {"assertd=/s", NULL, NULL, NULL},
        {"xassertd=c", NULL, NULL, NULL},
        {"assertd2=c", NULL, NULL, NULL},
        {"t@assertd=c", NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = ARENA_INIT(256, 0);
        struct claim claim;
        bool found = claim_of_trace_state(bytes_of(rows[i].trace_state), &arena, &claim);
        if (found != (rows[i].campaign != NULL)) {
            fail_msg("%s: %d", rows[i].trace_state, found);
        }
        if (found) {
            assert_true(bytes_is(claim.campaign, rows[i].campaign));
            assert_true(bytes_is(claim.scenario, rows[i].scenario));
            assert_true(bytes_is(claim.step, rows[i].step));
        }
        arena_deinit(&arena);
    }
}

static void only_a_root_span_claims_by_attributes(void **state)
{
    const struct injection_attributes names = {BYTES_LITERAL("k"), BYTES_LITERAL("s"),
                                               BYTES_LITERAL("t")};
    const struct injection_attributes off = {.campaign = BYTES_NULL};
    struct span_build build = {
        .id = 1,
        .name = "x",
        .attrs = {ATTR_TEXT("k", "c"), ATTR_TEXT("s", "one"), ATTR_INT("t", 5)}};
    struct arena arena = ARENA_INIT(256, 0);
    struct claim claim;
    (void)state;
    struct span *span = span_build(&build, &arena);
    assert_true(claim_of_span(span, &names, &arena, &claim));
    assert_true(bytes_is(claim.campaign, "c") && bytes_is(claim.scenario, "one"));
    assert_null(claim.step.data);
    assert_false(claim_of_span(span, &off, &arena, &claim));
    build.parent = 7;
    assert_false(claim_of_span(span_build(&build, &arena), &names, &arena, &claim));
    build.trace_state = "assertd=d";
    assert_true(claim_of_span(span_build(&build, &arena), &names, &arena, &claim));
    assert_true(bytes_is(claim.campaign, "d"));
    arena_deinit(&arena);
}

static void keys_of_campaigns_are_plain(void **state)
{
    char longest[CAMPAIGN_KEY_MAX + 1];
    (void)state;
    memset(longest, 'a', sizeof longest);
    assert_true(campaign_key_valid(BYTES_LITERAL("run-2026.11_A")));
    assert_true(campaign_key_valid(bytes_from(longest, CAMPAIGN_KEY_MAX)));
    assert_false(campaign_key_valid(bytes_from(longest, CAMPAIGN_KEY_MAX + 1)));
    assert_false(campaign_key_valid(BYTES_NULL));
    assert_false(campaign_key_valid(BYTES_LITERAL("a b")));
    assert_false(campaign_key_valid(BYTES_LITERAL("a/b")));
    assert_false(campaign_key_valid(BYTES_LITERAL("a\0b")));
}

static void the_first_event_decides_what_auto_means(void **state)
{
    struct suite_set *set = fixture_suites();
    struct campaign *first = fixture_campaign(set, "a", CORRELATION_SETTING_AUTO, false, 0, 1);
    struct campaign *second = fixture_campaign(set, "b", CORRELATION_SETTING_AUTO, false, 0, 2);
    struct campaign *fixed = fixture_campaign(set, "c", CORRELATION_SETTING_REQUIRED, false, 0, 3);
    (void)state;
    assert_int_equal(campaign_mode(first), -1);
    campaign_saw_injection(first);
    campaign_saw_close(first);
    assert_int_equal(campaign_mode(first), CORRELATION_AUTO_INJECTED);
    campaign_saw_close(second);
    campaign_saw_injection(second);
    assert_int_equal(campaign_mode(second), CORRELATION_AUTO_ALL);
    campaign_saw_close(fixed);
    assert_int_equal(campaign_mode(fixed), CORRELATION_REQUIRED);
    campaign_unref(first);
    campaign_unref(second);
    campaign_unref(fixed);
    suite_set_unref(set);
}

static void a_campaign_copies_its_labels(void **state)
{
    struct suite_set *set = fixture_suites();
    char value[] = "1.4.2";
    struct attr label = {BYTES_LITERAL("release"), {.type = VALUE_TEXT, .bytes = bytes_of(value)}};
    struct campaign_settings settings = {.max_failures = 1};
    struct campaign *campaign = campaign_new(BYTES_LITERAL("c"), &label, 1, &settings, set, 7, 8);
    (void)state;
    assert_non_null(campaign);
    value[0] = 'x';
    suite_set_unref(set);
    assert_int_equal(campaign->label_count, 1);
    assert_true(bytes_is(campaign->labels[0].value.bytes, "1.4.2"));
    assert_int_equal(campaign->number, 8);
    campaign_ref(campaign);
    campaign_unref(campaign);
    assert_string_equal(campaign->key, "c");
    campaign_unref(campaign);
    campaign_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tracestate_is_read_as_its_members_say),
        cmocka_unit_test(only_a_root_span_claims_by_attributes),
        cmocka_unit_test(keys_of_campaigns_are_plain),
        cmocka_unit_test(the_first_event_decides_what_auto_means),
        cmocka_unit_test(a_campaign_copies_its_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
