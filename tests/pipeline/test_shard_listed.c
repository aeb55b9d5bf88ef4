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

static const struct listed_keys nothing = {{.made = true}, {.made = true}, {.made = true}};

/* A suite that passes where the key is 1 on each span. */
static struct suite_set *suite_on(const char *condition)
{
    const struct config_text conditions[] = {TEXT(condition)};
    struct assertion_settings assertions[] = {
        {.name = TEXT("one"), .select = TEXT("span[]"), .conditions = {conditions, 1}}};
    struct suite_settings suites[] = {{.name = TEXT("shop"), .assertions = {assertions, 1}}};
    return fixture_compile(suites, 1);
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
    return attr_hints_may_have(&shard_listed(fixture->shard)->span, bytes_of(key));
}

static bool lists_of_resource(const struct fixture *fixture, const char *key)
{
    return attr_hints_may_have(&shard_listed(fixture->shard)->resource, bytes_of(key));
}

static bool lists_of_scope(const struct fixture *fixture, const char *key)
{
    return attr_hints_may_have(&shard_listed(fixture->shard)->scope, bytes_of(key));
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
    assert_true(lists_of_resource(&fixture, "anything") && lists_of_scope(&fixture, "anything"));
    end(&fixture, second);
    end(&fixture, third);
    fixture_deinit(&fixture);
}

static void resources_and_scopes_have_keys_of_their_own(void **state)
{
    static const struct {
        const char *condition;
        bool span, resource, scope;
    } rows[] = {
        {"app.key = 1", true, true, false}, /* a bare key is looked for in the resource, too */
        {"attr:app.key = 1", true, false, false},
        {"resource:app.key = 1", false, true, false},
        {"scope:app.key = 1", false, false, true},
        {"scope:version = 'app.key'", false, false, false},
        {"service = 'app.key'", false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture fixture;
        fixture_init(&fixture, &(struct fixture_options){.no_campaign = true});
        assert_false(lists_of_resource(&fixture, "app.key") || lists_of_scope(&fixture, "app.key"));
        struct campaign *campaign = start(&fixture, "one", rows[i].condition, 1);
        assert_int_equal(lists(&fixture, "app.key"), rows[i].span);
        assert_int_equal(lists_of_resource(&fixture, "app.key"), rows[i].resource);
        assert_int_equal(lists_of_scope(&fixture, "app.key"), rows[i].scope);
        end(&fixture, campaign);
        fixture_deinit(&fixture);
    }
}

/* How many attributes the decoder leaves out of what one usual span comes with. */
static void only_what_is_read_is_listed(void **state)
{
    static const struct span_build span = {
        .id = 1,
        .service = "shop",
        .scope_name = "lib",
        .attrs = {ATTR_INT("app.first", 1), ATTR_INT("app.other", 5)},
        .resource = {ATTR_TEXT("host.name", "h1"), ATTR_INT("process.pid", 9)},
        .scope = {ATTR_TEXT("scope.first", "x"), ATTR_TEXT("scope.other", "y")}};
    static const struct {
        const char *condition;
        uint32_t span, resource, scope; /* not listed; the service is in any case */
    } rows[] = {{"name = a", 2, 2, 2},
                {"app.first = 1", 1, 2, 2},
                {"resource:host.name = h1", 2, 1, 2},
                {"host.name = h1", 2, 1, 2},
                {"scope:scope.first = x", 2, 2, 1},
                {"span:type = http", 0, 0, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture fixture;
        struct arena arena = ARENA_INIT(4096, 0);
        fixture_init(&fixture, &(struct fixture_options){.no_campaign = true});
        struct campaign *campaign = start(&fixture, "one", rows[i].condition, 1);
        const struct span *came = span_build_listing(&span, shard_listed(fixture.shard), &arena);
        assert_int_equal(came->unlisted, rows[i].span);
        assert_int_equal(came->resource->unlisted, rows[i].resource);
        assert_int_equal(came->scope->unlisted, rows[i].scope);
        assert_true(bytes_is(came->resource->service, "shop") &&
                    bytes_is(came->scope->name, "lib"));
        end(&fixture, campaign);
        arena_deinit(&arena);
        fixture_deinit(&fixture);
    }
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
static void expect_failure(const char *condition, const struct listed_keys *listed)
{
    static const struct span_build spans[] = {
        {.trace = 7,
         .id = 1,
         .name = "a",
         .start_ns = 1,
         .end_ns = 9,
         .attrs = {ATTR_INT("app.other", 5), ATTR_INT("app.first", 1)},
         .resource = {ATTR_INT("app.other", 5), ATTR_INT("of.resource", 1)},
         .scope = {ATTR_INT("of.scope", 1)}},
        {.trace = 7,
         .id = 2,
         .parent = 1,
         .name = "b",
         .start_ns = 2,
         .end_ns = 3,
         .attrs = {ATTR_TEXT("app.more", "x"), ATTR_INT("app.first", 2)},
         .resource = {ATTR_INT("of.resource", 2), ATTR_INT("app.other", 5)},
         .scope = {ATTR_INT("app.other", 5), ATTR_INT("of.scope", 2)}}};
    struct fixture fixture;
    fixture_init(&fixture, &(struct fixture_options){.no_campaign = true});
    struct campaign *campaign = start(&fixture, "one", condition, 1);
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
    static const struct listed_keys everything;
    struct listed_keys other = nothing;
    (void)state;
    (void)attr_hints_add(&other.span, BYTES_LITERAL("app.other"));
    (void)attr_hints_add(&other.resource, BYTES_LITERAL("app.other"));
    static const char *const conditions[] = {"app.first = 1", "of.resource = 1",
                                             "resource:of.resource = 1", "scope:of.scope = 1"};
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        expect_failure(conditions[i], NULL);
        expect_failure(conditions[i], &everything);
        expect_failure(conditions[i], &nothing);
        expect_failure(conditions[i], &other);
    }
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
    const struct listed_keys *ways[] = {NULL, &nothing};
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

/* The attributes of a span, its resource or its scope. */
enum place { OF_SPAN, OF_RESOURCE, OF_SCOPE, PLACES };

static struct attr_build *attrs_at(struct span_build *span, enum place place)
{
    return place == OF_SPAN ? span->attrs : place == OF_RESOURCE ? span->resource : span->scope;
}

/* Equal spans are one, however they are written, and different ones two, whatever is read. */
static void expect_copies_told(enum place place, bool keep_read)
{
    static const struct attr_build attrs[] = {ATTR_INT("app.other", 5), ATTR_INT("app.more", 6),
                                              ATTR_INT("app.first", 1)};
    struct span_build span = {.trace = 7, .id = 1, .name = "a", .start_ns = 1, .end_ns = 9};
    struct fixture fixture;
    memcpy(attrs_at(&span, place), attrs, sizeof attrs);
    struct span_build same = span;
    struct span_build different = span;
    attrs_at(&same, place)[0] = attrs[1];
    attrs_at(&same, place)[1] = attrs[0];
    attrs_at(&different, place)[1].integer = 7;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .keep_read = keep_read});
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

static void copies_are_told_by_what_is_not_listed(void **state)
{
    (void)state;
    for (enum place place = OF_SPAN; place < PLACES; place++) {
        expect_copies_told(place, false);
        expect_copies_told(place, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listed_is_what_running_campaigns_read),
        cmocka_unit_test(resources_and_scopes_have_keys_of_their_own),
        cmocka_unit_test(only_what_is_read_is_listed),
        cmocka_unit_test(whose_reads_are_all_that_is_kept_lists_everything),
        cmocka_unit_test(what_is_not_listed_is_decoded_again_where_it_is_read),
        cmocka_unit_test(a_claim_is_read_whatever_was_listed),
        cmocka_unit_test(copies_are_told_by_what_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
