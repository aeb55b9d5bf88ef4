/* What Kafka messages hold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters/kafka_encode.h"
#include "tests/exporters/meter_builder.h"

static void a_meter_is_json_with_all_tags(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct meter meter = meter_of("say \"hi\"\n");
    meter.whole_campaign = true;
    meter.fields[1] = (struct meter_field){.name = "mean", .type = METER_DOUBLE, .number = 0.5};
    meter.fields[2] = (struct meter_field){.name = "max", .type = METER_DOUBLE, .number = NAN};
    meter.fields[3] =
        (struct meter_field){.name = "text", .type = METER_TEXT, .text = BYTES_LITERAL("\xFF")};
    meter.field_count = 4;
    kafka_encode_meter(&out, &meter);
    buf_append_char(&out, '\0');
    assert_string_equal(
        (const char *)out.data,
        "{\"schema_version\":1,\"name\":\"assertion\",\"time\":\"2023-11-14T22:13:20.000000007Z\","
        "\"scope\":\"campaign\",\"tags\":{\"assertion\":\"say \\\"hi\\\"\\n\",\"campaign\":\"c\","
        "\"scenario\":\"none\",\"service\":\"none\",\"status\":\"none\",\"step\":\"none\","
        "\"suite\":\"none\",\"tenant\":\"none\",\"zone\":\"none\"},\"count\":12,\"mean\":0.5,"
        "\"text\":\"\xEF\xBF\xBD\"}");
    buf_deinit(&out);
}

static void single_failing_results_are_told_by_the_verdict(void **state)
{
    (void)state;
    struct meter meter = meter_of("a");
    assert_true(kafka_writes_meter(&meter));
    meter.kind = METER_ASSERTION_EVENT;
    assert_false(kafka_writes_meter(&meter));
}

static struct verdict verdict_with(struct assertion_result *result, uint32_t results)
{
    struct verdict verdict = {.campaign = BYTES_LITERAL("c"),
                              .suite = BYTES_LITERAL("s"),
                              .revision = 1,
                              .result = RESULT_FAIL,
                              .results = result,
                              .result_count = results};
    memset(verdict.trace_id.bytes, 0xAB, sizeof verdict.trace_id.bytes);
    verdict.id[0] = 0x1234;
    return verdict;
}

static void traceparent_names_the_failing_span_or_the_verdict(void **state)
{
    (void)state;
    char out[KAFKA_TRACEPARENT_LEN];
    struct failure failures[2] = {{.result = RESULT_FAIL},
                                  {.result = RESULT_FAIL, .span_id = 0xFEDC}};
    struct assertion_result result = {
        .result = RESULT_FAIL, .failures = failures, .failure_count = 2};
    struct verdict verdict = verdict_with(&result, 1);
    kafka_traceparent(out, &verdict);
    assert_memory_equal(out, "00-abababababababababababababababab-000000000000fedc-01",
                        KAFKA_TRACEPARENT_LEN);
    verdict.result_count = 0;
    kafka_traceparent(out, &verdict);
    assert_memory_equal(out + 36, "0000000000001234", 16);
    verdict.id[0] = 0;
    kafka_traceparent(out, &verdict);
    assert_memory_equal(out + 36, "0000000000000001", 16);
}

static void the_short_form_keeps_results_and_counts_what_it_left_out(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct failure failures[3] = {{.result = RESULT_FAIL, .reason = BYTES_LITERAL("why")}};
    struct assertion_result result = {.name = BYTES_LITERAL("stored"),
                                      .result = RESULT_FAIL,
                                      .failures = failures,
                                      .failure_count = 3,
                                      .failures_omitted = 4};
    struct verdict verdict = verdict_with(&result, 1);
    assert_int_equal(kafka_encode_short_verdict(&out, &verdict), 0);
    assert_true(bytes_contain(buf_bytes(&out),
                              BYTES_LITERAL("\"assertion\":\"stored\",\"result\":\"fail\"")));
    assert_true(bytes_contain(buf_bytes(&out), BYTES_LITERAL("\"failures_omitted\":7")));
    assert_false(bytes_contain(buf_bytes(&out), BYTES_LITERAL("why")));
    assert_int_equal(result.failure_count, 3);
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_meter_is_json_with_all_tags),
        cmocka_unit_test(single_failing_results_are_told_by_the_verdict),
        cmocka_unit_test(traceparent_names_the_failing_span_or_the_verdict),
        cmocka_unit_test(the_short_form_keeps_results_and_counts_what_it_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
