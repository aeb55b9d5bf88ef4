/* What the debug pages say of things that are handed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/debug_assertions.h"
#include "daemon/debug_ledger.h"
#include "daemon/debug_traces.h"

static struct outline begin(struct buf *out, enum outline_form form)
{
    struct outline outline;
    *out = BUF_NULL;
    outline_begin(&outline, form, out);
    return outline;
}

static void assert_written(struct outline *outline, struct buf *out, const char *expected)
{
    outline_end(outline);
    buf_append_char(out, '\0');
    assert_string_equal(expected, (const char *)out->data);
    buf_deinit(out);
}

static void traces_are_told_with_age_spans_and_owner(void **state)
{
    static struct shard_gauges gauges[2];
    const struct shard_gauges *const shards[] = {&gauges[0], &gauges[1]};
    const struct trace_glimpse traces[] = {
        {.id = {{0xab}},
         .state = "open",
         .campaign = "nightly",
         .injected = true,
         .age_ns = UINT64_C(61000000000),
         .quiet_ns = 1500000,
         .spans = 7,
         .bytes = 4096},
        {.id = {{0x01}}, .state = "waiting"},
    };
    struct buf out;
    struct outline outline = begin(&out, OUTLINE_TEXT);
    (void)state;
    counter_set(&gauges[0].open_traces, 2);
    counter_set(&gauges[1].open_traces, 3);
    counter_set(&gauges[1].closed_traces, 1);
    counter_set(&gauges[1].memory_bytes, 5000);
    debug_traces_write(&outline, shards, 2, traces, 2);
    assert_written(&outline, &out,
                   "open: 5\n"
                   "closed: 1\n"
                   "remembered: 0\n"
                   "bytes: 5000\n"
                   "oldest:\n"
                   "  - trace_id: ab000000000000000000000000000000\n"
                   "    state: open\n"
                   "    campaign: nightly\n"
                   "    injected: yes\n"
                   "    age: 61.000 s\n"
                   "    quiet: 0.001 s\n"
                   "    spans: 7\n"
                   "    bytes: 4096\n"
                   "  - trace_id: 01000000000000000000000000000000\n"
                   "    state: waiting\n"
                   "    campaign: \n"
                   "    injected: no\n"
                   "    age: 0.000 s\n"
                   "    quiet: 0.000 s\n"
                   "    spans: 0\n"
                   "    bytes: 0\n");
}

static void a_ledger_names_every_class(void **state)
{
    const struct report report = {.key = BYTES_LITERAL("c"),
                                  .status = CAMPAIGN_IN_PROGRESS,
                                  .injections = {.total = 3, .pass = 1, .open = 2},
                                  .spans = {.received = 9, .judged = 4, .open = 5},
                                  .correlated = {.matched = 1}};
    const struct ledger_sink sink = {BYTES_LITERAL("kafka"), .required = true, .produced = 4,
                                     .acknowledged = 3, .in_flight = 1};
    struct buf out;
    struct outline outline = begin(&out, OUTLINE_JSON);
    (void)state;
    outline_list(&outline, "campaigns");
    debug_ledger_write(&outline, &report);
    outline_list_end(&outline);
    debug_ledger_write_sinks(&outline, &sink, 1);
    assert_written(
        &outline, &out,
        "{\"campaigns\":[{\"campaign\":\"c\",\"status\":\"IN_PROGRESS\",\"injections\":{\"total\":"
        "3,"
        "\"pass\":1,\"fail\":0,\"error\":0,\"inconclusive\":0,\"missing\":0,\"unsampled\":0,"
        "\"not_sent\":0,\"unjudged\":0,\"open\":2,\"repeated\":0},\"spans\":{\"received\":9,"
        "\"judged\":4,\"unjudged\":0,\"outside\":0,\"duplicate\":0,\"late\":0,\"cut\":0,\"open\":5,"
        "\"rejected\":0,\"conflicting\":0},\"correlation\":{\"matched\":1,\"missing\":0,"
        "\"unexpected\":0,\"late\":0,\"duplicate\":0}}],\"sinks\":[{\"name\":\"kafka\","
        "\"required\":true,\"produced\":4,\"acknowledged\":3,\"rejected\":0,\"dropped\":0,"
        "\"spooled\":0,\"in_flight\":1}]}\n");
}

static struct config_text text(const char *words, unsigned line)
{
    return (struct config_text){words, {"suites.conf", line}};
}

static void assertions_are_told_as_they_were_compiled(void **state)
{
    struct config_text conditions[] = {text("count = 1", 6), text("duration < 50ms", 6)};
    struct assertion_settings assertions[] = {
        {.origin = {"suites.conf", 5},
         .name = text("stored\nonce", 5),
         .select = text("span[service='shop' kind=client], span[db.system='x']", 5),
         .conditions = {conditions, 2},
         .severity = SEVERITY_WARNING},
    };
    struct suite_settings suite = {.origin = {"suites.conf", 3},
                                   .name = text("place order", 3),
                                   .assertions = {assertions, 1}};
    const struct config_list list = {&suite, 1};
    const struct completion_settings completion = {true, 10000000000, 60000000000, 5000000000};
    struct problems problems;
    struct suite_set *set;
    struct buf out;
    struct outline outline = begin(&out, OUTLINE_TEXT);
    (void)state;
    problems_init(&problems);
    assert_int_equal(0, suite_set_compile(&set, &list, &completion, &problems));
    debug_assertions_write(&outline, set, &list);
    assert_written(&outline, &out,
                   "probes: 1\n"
                   "reads:\n"
                   "  everything: no\n"
                   "  attributes:\n"
                   "    - db.system\n"
                   "    - db.system.name\n"
                   "  event_names: no\n"
                   "  event_attributes:\n"
                   "  link_ids: no\n"
                   "  link_attributes:\n"
                   "  event_and_link_counts: no\n"
                   "  status_message: no\n"
                   "  trace_state: no\n"
                   "suites:\n"
                   "  - name: place order\n"
                   "    source: suites.conf:3\n"
                   "    labels:\n"
                   "    quiet: 10.000 s\n"
                   "    deadline: 60.000 s\n"
                   "    grace: 5.000 s\n"
                   "    spans:\n"
                   "    assertions:\n"
                   "      - name: stored\\nonce\n"
                   "        source: suites.conf:5\n"
                   "        severity: warning\n"
                   "        optional: no\n"
                   "        select: span[service='shop' kind=client], span[db.system='x']\n"
                   "        filters:\n"
                   "          - service='shop'\n"
                   "          - kind=client\n"
                   "          - db.system='x'\n"
                   "        dispatch:\n"
                   "          - service='shop'\n"
                   "          - every span\n"
                   "        conditions:\n"
                   "          - count = 1\n"
                   "          - duration < 50ms\n"
                   "    thresholds:\n");
    suite_set_unref(set);
    problems_deinit(&problems);
}

static void thresholds_are_told_with_all_that_was_worked_out(void **state)
{
    struct config_text stages[] = {text("ramp 30s", 4), text("steady 5m", 4)};
    struct config_text by[] = {text("scenario", 6), text("zone", 6)};
    static const struct config_pair spans[] = {{"x", {.text = "span[]"}, CONFIG_PAIR_TEXT}};
    struct threshold_settings thresholds[] = {
        {.name = text("tail", 5),
         .rule = text("p(99)($x.duration){stage:steady} < 50ms", 5),
         .by = {by, 2},
         .over_ns = 30000000000,
         .warmup_ns = 1500000000},
        {.name = text("few fail", 7),
         .rule = text("ratio(fail) < 5%", 7),
         .sticky = true,
         .abort_on_fail = true,
         .delay_ns = 60000000000,
         .webhook = text("https://example.com/canary", 7)},
        {.name = text("as before", 8),
         .rule = text("ratio(fail) no worse than baseline by 10%", 8)},
    };
    struct suite_settings suite = {
        .name = text("s", 3),
        .spans = {spans, 1},
        .stages = {stages, 2},
        .baseline = {ASSERTD_SOURCE_DIR "/tests/fuzz/corpus/baseline/ratio", {"suites.conf", 3}},
        .thresholds = {thresholds, 3}};
    const struct config_list list = {&suite, 1};
    const struct completion_settings completion = {true, 10000000000, 60000000000, 5000000000};
    struct problems problems;
    struct suite_set *set;
    struct buf out;
    struct outline outline = begin(&out, OUTLINE_TEXT);
    (void)state;
    problems_init(&problems);
    if (suite_set_compile(&set, &list, &completion, &problems) != 0) {
        fail_msg("%s", problems.items[0].text);
    }
    debug_assertions_write(&outline, set, &list);
    outline_end(&outline);
    buf_append_char(&out, '\0');
    const char *written = strstr((const char *)out.data, "    stages:\n");
    assert_string_equal(written, "    stages:\n"
                                 "      - name: ramp\n"
                                 "        until: 30.000 s\n"
                                 "      - name: steady\n"
                                 "        until: 330.000 s\n"
                                 "    thresholds:\n"
                                 "      - name: tail\n"
                                 "        rule: p(99)($x.duration){stage:steady} < 50ms\n"
                                 "        severity: error\n"
                                 "        min_samples: 100\n"
                                 "        tags:\n"
                                 "          - name: stage\n"
                                 "            value: steady\n"
                                 "        by:\n"
                                 "          - scenario\n"
                                 "          - zone\n"
                                 "        over: 30.000 s\n"
                                 "        warmup: 1.500 s\n"
                                 "        sticky: no\n"
                                 "        abort_on_fail: no\n"
                                 "        webhook: no\n"
                                 "      - name: few fail\n"
                                 "        rule: ratio(fail) < 5%\n"
                                 "        severity: error\n"
                                 "        min_samples: 1\n"
                                 "        sticky: yes\n"
                                 "        abort_on_fail: yes\n"
                                 "        delay: 60.000 s\n"
                                 "        webhook: yes\n"
                                 "      - name: as before\n"
                                 "        rule: ratio(fail) no worse than baseline by 10%\n"
                                 "        severity: error\n"
                                 "        min_samples: 1\n"
                                 "        sticky: no\n"
                                 "        abort_on_fail: no\n"
                                 "        webhook: no\n"
                                 "        baseline:\n"
                                 "          value: 0.25\n"
                                 "          above: 2\n"
                                 "          samples: 8\n");
    buf_deinit(&out);
    suite_set_unref(set);
    problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_are_told_with_age_spans_and_owner),
        cmocka_unit_test(a_ledger_names_every_class),
        cmocka_unit_test(assertions_are_told_as_they_were_compiled),
        cmocka_unit_test(thresholds_are_told_with_all_that_was_worked_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
