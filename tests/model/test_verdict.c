/* Verdicts: identity, what is seen, the message; the batch in which they travel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "daemon/model/export_batch.h"
#include "daemon/model/verdict.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static void the_identity_depends_on_campaign_suite_and_trace(void **state)
{
    (void)state;
    const struct trace_id one = trace_id_build(1);
    const struct trace_id two = trace_id_build(2);
    uint64_t ids[6][2];
    verdict_id(ids[0], BYTES_LITERAL("a"), BYTES_LITERAL("bc"), &one);
    verdict_id(ids[1], BYTES_LITERAL("ab"), BYTES_LITERAL("c"), &one);
    verdict_id(ids[2], BYTES_LITERAL("bc"), BYTES_LITERAL("a"), &one);
    verdict_id(ids[3], BYTES_LITERAL("a"), BYTES_LITERAL("bc"), &two);
    verdict_id(ids[4], BYTES_LITERAL("abc"), BYTES_NULL, &one);
    verdict_id(ids[5], BYTES_LITERAL("a"), BYTES_LITERAL("bc"), &one);
    assert_memory_equal(ids[0], ids[5], sizeof ids[0]);
    for (int i = 0; i < 5; i++) {
        assert_true(ids[i][0] != ids[i][1]);
        for (int j = 0; j < i; j++) {
            assert_true(ids[i][0] != ids[j][0] && ids[i][1] != ids[j][1]);
        }
    }
}

/* An ID is on the wire: it must never change for the same three. */
static void the_identity_is_that_of_its_family(void **state)
{
    (void)state;
    const struct trace_id trace = {{1, 2, 3}};
    struct verdict_family family =
        verdict_family_of(BYTES_LITERAL("nightly"), BYTES_LITERAL("place order"));
    uint64_t alone[2];
    uint64_t in[2];
    verdict_id(alone, BYTES_LITERAL("nightly"), BYTES_LITERAL("place order"), &trace);
    verdict_id_in(in, &family, &trace);
    assert_memory_equal(alone, in, sizeof alone);
}

static void the_identity_is_the_same_in_every_release(void **state)
{
    (void)state;
    const struct trace_id trace = trace_id_build(1);
    uint64_t id[2];
    verdict_id(id, BYTES_LITERAL("nightly"), BYTES_LITERAL("place order"), &trace);
    assert_true(id[0] == UINT64_C(0x56ebb8433d6cd394) && id[1] == UINT64_C(0xe061ae9f59510fb5));
}

#define TEXT(text_)                                                                                \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_TEXT, .bytes = BYTES_LITERAL(text_) }          \
    }
#define INTEGER(value_)                                                                            \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_INT, .integer = (value_) }                     \
    }
#define DOUBLE(value_)                                                                             \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_DOUBLE, .number = (value_) }                   \
    }

static void what_is_seen_keeps_its_type(void **state)
{
    (void)state;
    static const struct {
        struct seen seen;
        const char *json;
        const char *text;
    } cases[] = {
        {{.type = SEEN_NOTHING}, "null", "nothing"},
        {TEXT("a\"b"), "\"a\\\"b\"", "a\"b"},
        {INTEGER(200), "200", "200"},
        {INTEGER((INT64_C(1) << 53) + 1), "\"9007199254740993\"", "9007199254740993"},
        {DOUBLE(1.50), "1.5", "1.5"},
        {DOUBLE(NAN), "\"NaN\"", "NaN"},
        {{.type = SEEN_VALUE, .value = {.type = VALUE_BOOL, .boolean = true}}, "true", "true"},
        {{.type = SEEN_VALUE, .value = {.type = VALUE_BYTES, .bytes = BYTES_LITERAL("\xff")}},
         "\"/w==\"",
         "\"/w==\""},
        {{.type = SEEN_DURATION, .ns = 1500000000}, "1500000000", "1500ms"},
        {{.type = SEEN_DURATION, .ns = -1}, "-1", "-1ns"},
        {{.type = SEEN_TIME, .ns = INT64_C(1795248000125000000)},
         "\"1795248000125000000\"",
         "2026-11-21T08:00:00.125Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_NULL;
        struct json json = JSON_INIT(&out);
        seen_write_json(&json, &cases[i].seen);
        assert_true(bytes_is(buf_bytes(&out), cases[i].json));
        buf_reset(&out);
        seen_print(&out, &cases[i].seen);
        assert_true(bytes_is(buf_bytes(&out), cases[i].text));
        buf_deinit(&out);
    }
}

static const struct failure failures[] = {
    {.result = RESULT_INCONCLUSIVE,
     .condition = BYTES_LITERAL("duration < 5ms"),
     .reason = BYTES_LITERAL("clock")},
    {.result = RESULT_FAIL,
     .condition = BYTES_LITERAL("count = 1"),
     .span_id = 0xab,
     .expected = INTEGER(1),
     .actual = INTEGER(2),
     .reason = BYTES_LITERAL("two spans")},
};

static const struct assertion_result results[] = {
    {.name = BYTES_LITERAL("stored once"),
     .result = RESULT_FAIL,
     .failures = &failures[1],
     .failure_count = 1},
    {.name = BYTES_LITERAL("quick"), .result = RESULT_PASS, .severity = SEVERITY_WARNING},
    {.name = BYTES_LITERAL("both"),
     .result = RESULT_FAIL,
     .failures = failures,
     .failure_count = 2,
     .failures_omitted = 3},
};

static void a_verdict_is_written_as_the_message_says(void **state)
{
    (void)state;
    static const struct verdict_output outputs[] = {
        {BYTES_LITERAL("order"),
         {.type = SEEN_VALUE, .value = {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("o-1")}}},
        {BYTES_LITERAL("wait"), {.type = SEEN_DURATION, .ns = 5000}},
        {BYTES_LITERAL("none"), {.type = SEEN_NOTHING}},
    };
    const struct verdict verdict = {
        .id = {1, 2},
        .revision = 2,
        .final = true,
        .campaign = BYTES_LITERAL("nightly"),
        .suite = BYTES_LITERAL("place order"),
        .trace_id = trace_id_build(0x77),
        .result = RESULT_FAIL,
        .time_unix_ns = UINT64_C(1795248000125000000),
        .labels = {.scenario = BYTES_LITERAL("checkout"), .has_iteration = true, .iteration = 7},
        .span_count = 9,
        .short_reasons = 1,
        .outputs = outputs,
        .output_count = 3,
        .results = results,
        .result_count = 3,
    };
    struct buf out = BUF_NULL;
    struct json json = JSON_INIT(&out);
    verdict_write_json(&json, &verdict);
    buf_append_char(&out, '\0');
    assert_string_equal(
        (const char *)out.data,
        "{\"schema_version\":1,\"id\":\"00000000000000010000000000000002\",\"revision\":2,"
        "\"final\":true,"
        "\"campaign\":\"nightly\",\"suite\":\"place "
        "order\",\"trace_id\":\"00000000000000000000000000000077\","
        "\"result\":\"fail\",\"time\":\"2026-11-21T08:00:00.125Z\",\"labels\":{\"scenario\":"
        "\"checkout\",\"iteration\":7},"
        "\"evidence\":{\"spans\":9,\"short\":true},"
        "\"outputs\":{\"order\":\"o-1\",\"wait\":5000,\"none\":null},\"results\":["
        "{\"assertion\":\"stored "
        "once\",\"result\":\"fail\",\"severity\":\"error\",\"span_id\":\"00000000000000ab\","
        "\"condition\":\"count = 1\",\"expected\":1,\"actual\":2,\"reason\":\"two spans\"},"
        "{\"assertion\":\"quick\",\"result\":\"pass\",\"severity\":\"warning\"},"
        "{\"assertion\":\"both\",\"result\":\"fail\",\"severity\":\"error\",\"span_id\":"
        "\"00000000000000ab\","
        "\"condition\":\"count = 1\",\"expected\":1,\"actual\":2,\"reason\":\"two "
        "spans\",\"failures\":["
        "{\"result\":\"inconclusive\",\"condition\":\"duration < "
        "5ms\",\"expected\":null,\"actual\":null,\"reason\":\"clock\"},"
        "{\"result\":\"fail\",\"span_id\":\"00000000000000ab\",\"condition\":\"count = "
        "1\",\"expected\":1,\"actual\":2,"
        "\"reason\":\"two spans\"}],\"failures_omitted\":3}]}");
    buf_deinit(&out);
}

static void names_are_those_of_the_contract(void **state)
{
    (void)state;
    static const char *const names[] = {"open", "skipped", "pass", "inconclusive", "error", "fail"};
    for (int i = 0; i < RESULT_COUNT; i++) {
        assert_string_equal(result_name((enum result)i), names[i]);
    }
    assert_string_equal(severity_name(SEVERITY_ERROR), "error");
    assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
}

static void a_batch_grows_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct export_batch *batch = export_batch_new();
    assert_non_null(batch);
    for (uint32_t i = 0; i < 100; i++) {
        struct verdict *verdict = export_batch_verdict(batch);
        struct meter *meter = export_batch_meter(batch);
        struct campaign_event *event = export_batch_event(batch);
        assert_true(verdict != NULL && meter != NULL && event != NULL);
        assert_int_equal(verdict->revision, 0);
        assert_int_equal(meter->field_count, 0);
        verdict->revision = i + 1;
        meter->field_count = i + 1;
        event->campaign.len = i + 1;
    }
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(batch->verdicts[i].revision, i + 1);
        assert_int_equal(batch->meters[i].field_count, i + 1);
        assert_int_equal(batch->events[i].campaign.len, i + 1);
    }
    assert_true(export_batch_held(batch) > 100 * sizeof(struct verdict));
    export_batch_ref(batch);
    export_batch_unref(batch);
    assert_int_equal(batch->verdict_count, 100);
    export_batch_unref(batch);
    export_batch_unref(NULL);
}

static void count_one_more(void *object)
{
    ++*(int *)object;
}

static void count_one_less(void *object)
{
    --*(int *)object;
}

static void a_batch_holds_what_its_views_point_into_once(void **state)
{
    (void)state;
    int held[2] = {0, 0};
    struct export_batch *batch = export_batch_new();
    assert_non_null(batch);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(export_batch_hold(batch, &held[0], count_one_more, count_one_less), 0);
        assert_int_equal(export_batch_hold(batch, &held[1], count_one_more, count_one_less), 0);
    }
    assert_true(held[0] == 1 && held[1] == 1);
    export_batch_ref(batch);
    export_batch_unref(batch);
    assert_true(held[0] == 1 && held[1] == 1);
    export_batch_unref(batch);
    assert_true(held[0] == 0 && held[1] == 0);
}

static void a_batch_without_memory_says_so(void **state)
{
    (void)state;
    failing_malloc_begin(0);
    assert_null(export_batch_new());
    failing_malloc_end();
    struct export_batch *batch = export_batch_new();
    assert_non_null(batch);
    failing_malloc_begin(0);
    while (export_batch_verdict(batch) != NULL) {
    }
    failing_malloc_end();
    uint32_t count = batch->verdict_count;
    assert_non_null(export_batch_verdict(batch));
    assert_int_equal(batch->verdict_count, count + 1);
    export_batch_unref(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_identity_depends_on_campaign_suite_and_trace),
        cmocka_unit_test(the_identity_is_that_of_its_family),
        cmocka_unit_test(the_identity_is_the_same_in_every_release),
        cmocka_unit_test(what_is_seen_keeps_its_type),
        cmocka_unit_test(a_verdict_is_written_as_the_message_says),
        cmocka_unit_test(names_are_those_of_the_contract),
        cmocka_unit_test(a_batch_grows_and_keeps_what_it_has),
        cmocka_unit_test(a_batch_holds_what_its_views_point_into_once),
        cmocka_unit_test(a_batch_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
