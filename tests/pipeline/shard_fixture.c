#include "tests/pipeline/shard_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEXT(literal)                                                                              \
    {                                                                                              \
        .text = (literal)                                                                          \
    }

struct suite_set *fixture_compile(struct suite_settings *suites, size_t count)
{
    const struct config_list list = {suites, count};
    const struct completion_settings completion = {true, FIXTURE_QUIET, FIXTURE_DEADLINE,
                                                   FIXTURE_GRACE};
    struct problems problems;
    struct suite_set *set = NULL;
    problems_init(&problems);
    if (suite_set_compile(&set, &list, &completion, &problems) != 0) {
        fail_msg("%s", problems.count != 0 ? problems.items[0].text : "no memory");
    }
    problems_deinit(&problems);
    return set;
}

struct suite_set *fixture_suites(void)
{
    static const struct config_text no_error[] = {TEXT("none: status = error")};
    static const struct config_text stored[] = {TEXT("count = 1")};
    static const struct config_text mails[] = {TEXT("count <= 2")};
    struct assertion_settings assertions[] = {
        {.name = TEXT("no errors"), .select = TEXT("span[]"), .conditions = {no_error, 1}},
        {.name = TEXT("stored"), .select = TEXT("span[name='INSERT']"), .conditions = {stored, 1}},
        {.name = TEXT("few mails"),
         .select = TEXT("span[name='mail']"),
         .conditions = {mails, 1},
         .optional = true},
    };
    struct threshold_settings thresholds[] = {
        {.name = TEXT("longest"), .rule = TEXT("max($insert.duration) < 10s")},
        {.name = TEXT("lost"), .rule = TEXT("ratio(missing) <= 50%")},
    };
    static const struct config_pair names[] = {
        {"insert", TEXT("span[name='INSERT']"), CONFIG_PAIR_TEXT}};
    static const struct config_pair outputs[] = {
        {"took", TEXT("$insert.duration"), CONFIG_PAIR_TEXT},
        {"who", TEXT("$insert.service"), CONFIG_PAIR_TEXT}};
    struct suite_settings suites[] = {
        {.name = TEXT("shop"),
         .spans = {names, 1},
         .outputs = {outputs, 2},
         .assertions = {assertions, 3},
         .thresholds = {thresholds, 2}},
    };
    return fixture_compile(suites, 1);
}

struct campaign *fixture_campaign(struct suite_set *set, const char *key,
                                  enum correlation_setting correlation, bool offline,
                                  uint32_t max_spans, uint64_t number)
{
    struct campaign_settings settings = {
        .correlation = correlation,
        .max_failures = 100,
        .max_spans_per_trace = max_spans != 0 ? max_spans : 1000,
        .offline = offline,
    };
    struct campaign *campaign = campaign_new(bytes_of(key), NULL, 0, &settings, set, 1, number);
    assert_non_null(campaign);
    return campaign;
}

static void take(void *self, struct export_batch *batch)
{
    struct fixture *fixture = self;
    uint32_t count = fixture->exported_count + batch->verdict_count;
    fixture->exported = realloc(fixture->exported, (count + 1) * sizeof *fixture->exported);
    assert_non_null(fixture->exported);
    for (uint32_t i = 0; i < batch->verdict_count; i++) {
        const struct verdict *verdict = &batch->verdicts[i];
        struct exported *to = &fixture->exported[fixture->exported_count++];
        *to = (struct exported){verdict->trace_id,
                                {verdict->id[0], verdict->id[1]},
                                verdict->revision,
                                verdict->final,
                                verdict->result,
                                verdict->result_count,
                                0,
                                verdict->time_to_verdict_ns};
        for (uint32_t k = 0; k < verdict->result_count; k++) {
            to->failures += verdict->results[k].failure_count;
        }
        assert_true(bytes_is(verdict->suite, "shop"));
    }
    export_batch_unref(batch);
}

void fixture_init(struct fixture *fixture, const struct fixture_options *options)
{
    *fixture =
        (struct fixture){.map = {{1, 2}, 1}, .now_ns = 1000 * SECOND, .wall_ns = 5000 * SECOND};
    struct shard_options shard = {
        .key = {3, 4},
        .budget = options->budget,
        .stages = options->stages,
        .memory_bytes = options->memory_bytes != 0 ? options->memory_bytes : 64u << 20,
        .remember_ns = 600 * SECOND,
        .remember_bytes = options->remember_bytes != 0 ? options->remember_bytes : 1u << 20,
        .keep_failed_bytes =
            options->keep_failed_bytes != 0 ? options->keep_failed_bytes : 1u << 20,
        .keep_passed_bytes =
            options->keep_passed_bytes != 0 ? options->keep_passed_bytes : 1u << 20,
        .keep_passed_ns = options->keep_passed_ns,
        .export = options->no_export ? NULL : take,
        .self = fixture,
    };
    if (options->attributes) {
        shard.attributes = (struct injection_attributes){BYTES_LITERAL("assertd.campaign"),
                                                         BYTES_LITERAL("assertd.scenario"),
                                                         BYTES_LITERAL("assertd.step")};
    }
    fixture->set = fixture_suites();
    fixture->campaign = fixture_campaign(fixture->set, "load", options->correlation,
                                         options->offline, options->max_spans, 1);
    fixture->campaign->settings.keep_read = options->keep_read;
    fixture->list_read = options->list_read;
    assert_int_equal(shard_new(&fixture->shard, &shard), 0);
    if (!options->no_campaign) {
        assert_int_equal(shard_campaign_start(fixture->shard, fixture->campaign), 0);
    }
}

void fixture_deinit(struct fixture *fixture)
{
    shard_free(fixture->shard);
    campaign_unref(fixture->campaign);
    suite_set_unref(fixture->set);
    free(fixture->exported);
}

static struct span_set *new_set(void)
{
    struct span_set *set = span_set_new(NULL, 0, 1, 0);
    assert_non_null(set);
    return set;
}

void fixture_send(struct fixture *fixture, const struct span_build *spans, size_t count)
{
    static const struct listed_keys all;
    const struct listed_keys *read = shard_listed(fixture->shard);
    fixture_send_listing(fixture, spans, count, fixture->list_read ? read : &all);
}

void fixture_send_listing(struct fixture *fixture, const struct span_build *spans, size_t count,
                          const struct listed_keys *listed)
{
    struct span_set *set = new_set();
    set->listed = *listed;
    for (size_t i = 0; i < count; i++) {
        span_set_add(set, &fixture->map, span_build_listing(&spans[i], listed, &set->arena));
    }
    fixture->sent += count;
    shard_add(fixture->shard, &set->batches[0], 0, fixture->now_ns, fixture->wall_ns);
    span_set_unref(set);
}

void fixture_reject(struct fixture *fixture, uint64_t trace)
{
    struct trace_id id = trace_id_build(trace);
    struct span_set *set = new_set();
    span_set_reject(set, &fixture->map, &id);
    shard_add(fixture->shard, &set->batches[0], 0, fixture->now_ns, fixture->wall_ns);
    shard_count_refused(fixture->shard, 0, 1);
    fixture->sent++;
    span_set_unref(set);
}

int fixture_inject_record(struct fixture *fixture, const struct injection *injection)
{
    return shard_inject(fixture->shard, fixture->campaign, injection, fixture->now_ns,
                        fixture->wall_ns);
}

int fixture_inject(struct fixture *fixture, uint64_t trace, const char *scenario)
{
    struct injection injection = {.trace_id = trace_id_build(trace),
                                  .scenario = bytes_of(scenario)};
    return fixture_inject_record(fixture, &injection);
}

void fixture_wait(struct fixture *fixture, uint64_t ns)
{
    uint64_t until = fixture->now_ns + ns;
    while (fixture->now_ns < until) {
        uint64_t next = shard_next_ns(fixture->shard);
        uint64_t to =
            next > fixture->now_ns + FIXTURE_SLACK / 2 ? next : fixture->now_ns + FIXTURE_SLACK / 2;
        to = to < until ? to : until;
        fixture->wall_ns += to - fixture->now_ns;
        fixture->now_ns = to;
        while (shard_tick(fixture->shard, fixture->now_ns, fixture->wall_ns, 3)) {
        }
    }
}

struct report fixture_report(struct fixture *fixture)
{
    struct report report;
    struct shard_open open = shard_open(fixture->shard, fixture->campaign);
    struct tally *tally = shard_tally(fixture->shard, fixture->campaign);
    assert_non_null(tally);
    struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL,
                                 .open_injections = open.injections,
                                 .open_spans = open.spans};
    assert_int_equal(tally_report(tally, &facts, &report), 0);
    tally_free(tally);
    assert_true(ledger_balances(&report));
    assert_int_equal(report.spans.received, fixture->sent);
    return report;
}

const struct exported *fixture_exported(const struct fixture *fixture, uint64_t trace,
                                        uint32_t number)
{
    struct trace_id id = trace_id_build(trace);
    for (uint32_t i = 0; i < fixture->exported_count; i++) {
        if (trace_id_equal(&fixture->exported[i].trace_id, &id) && number-- == 0) {
            return &fixture->exported[i];
        }
    }
    return NULL;
}
