/* IDs as text, injection records, and the words of the contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/id.h"
#include "daemon/model/injection.h"
#include "daemon/model/meter.h"
#include "daemon/model/report.h"
#include "daemon/model/span.h"
#include "tests/support/failing_malloc.h"

static void ids_go_both_ways(void **state)
{
    (void)state;
    struct trace_id trace;
    span_id span;
    char text[TRACE_ID_TEXT_LEN];
    assert_int_equal(trace_id_parse(BYTES_LITERAL("0AF7651916cd43dd8448eb211c80319c"), &trace), 0);
    trace_id_print(text, &trace);
    assert_memory_equal(text, "0af7651916cd43dd8448eb211c80319c", sizeof text);
    assert_int_equal(span_id_parse(BYTES_LITERAL("00f067aa0ba902B7"), &span), 0);
    assert_true(span == UINT64_C(0x00f067aa0ba902b7));
    span_id_print(text, span);
    assert_memory_equal(text, "00f067aa0ba902b7", SPAN_ID_TEXT_LEN);
}

static void bad_ids_are_refused_and_write_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "0",
                                      "00000000000000000000000000000000",
                                      "0000000000000000",
                                      "0af7651916cd43dd8448eb211c80319",
                                      "0af7651916cd43dd8448eb211c80319c0",
                                      "0af7651916cd43dd8448eb211c80319g",
                                      " 0af7651916cd43dd8448eb211c80319",
                                      "00f067aa0ba902b",
                                      "00f067aa0ba902b7a",
                                      "00f067aa0ba902bx"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct trace_id trace = {{7}};
        span_id span = 7;
        assert_int_equal(trace_id_parse(bytes_of(bad[i]), &trace), 1);
        assert_int_equal(span_id_parse(bytes_of(bad[i]), &span), 1);
        assert_int_equal(trace.bytes[0], 7);
        assert_int_equal(span, 7);
    }
}

static void an_injection_is_copied_deeply(void **state)
{
    (void)state;
    char text[] = "textbytes";
    const struct attr attrs[] = {
        {{(uint8_t *)text, 4}, {.type = VALUE_TEXT, .bytes = {(uint8_t *)text + 4, 5}}},
        {{(uint8_t *)text, 4}, {.type = VALUE_INT, .integer = 5}},
    };
    const struct injection injection = {
        .span_id = 9,
        .has_status = true,
        .status = 200,
        .outcome = INJECTION_OK,
        .scenario = {(uint8_t *)text, 4},
        .minion = {(uint8_t *)text, 0},
        .attrs = attrs,
        .attr_count = 2,
    };
    for (size_t good = 0;; good++) {
        struct arena arena = ARENA_INIT(256, 0);
        failing_malloc_begin(good);
        struct injection *copy = injection_copy(&injection, &arena);
        failing_malloc_end();
        assert_true(good > 0 || copy == NULL);
        if (copy != NULL) {
            memset(text, 'x', sizeof text - 1);
            assert_true(bytes_is(copy->scenario, "text"));
            assert_null(copy->step.data);
            assert_non_null(copy->minion.data);
            assert_true(bytes_is(copy->attrs[0].key, "text"));
            assert_true(bytes_is(copy->attrs[0].value.bytes, "bytes"));
            assert_int_equal(copy->attrs[1].value.integer, 5);
            assert_int_equal(copy->status, 200);
            arena_deinit(&arena);
            return;
        }
        arena_deinit(&arena);
    }
}

static void only_sampled_and_sent_requests_expect_a_trace(void **state)
{
    (void)state;
    assert_true(injection_expects_trace(&(struct injection){.outcome = INJECTION_ERROR}));
    assert_false(injection_expects_trace(&(struct injection){.outcome = INJECTION_NOT_SENT}));
    assert_false(injection_expects_trace(&(struct injection){.unsampled = true}));
}

static void the_words_are_those_of_the_contract(void **state)
{
    (void)state;
    static const char *const kinds[] = {"internal", "server", "client", "producer", "consumer"};
    static const char *const statuses[] = {"IN_PROGRESS", "SUCCESSFUL",   "WARNING", "FAILED",
                                           "ABORTED",     "INCONCLUSIVE", "NO_DATA"};
    static const char *const meters[] = {
        "assertion",     "assertion_event", "trace_correlation", "trace_completeness",
        "span_duration", "output",          "campaign",          "events"};
    for (int i = 0; i < 5; i++) {
        assert_string_equal(span_kind_name((enum span_kind)i), kinds[i]);
    }
    for (int i = 0; i < 7; i++) {
        assert_string_equal(campaign_status_name((enum campaign_status)i), statuses[i]);
    }
    for (int i = 0; i < 8; i++) {
        assert_string_equal(meter_kind_name((enum meter_kind)i), meters[i]);
    }
    assert_string_equal(span_status_name(STATUS_UNSET), "unset");
    assert_string_equal(span_status_name(STATUS_OK), "ok");
    assert_string_equal(span_status_name(STATUS_ERROR), "error");
    assert_string_equal(correlation_mode_name(CORRELATION_REQUIRED), "required");
    assert_string_equal(correlation_mode_name(CORRELATION_OFF), "off");
    assert_string_equal(correlation_mode_name(CORRELATION_AUTO_INJECTED), "auto: injected");
    assert_string_equal(correlation_mode_name(CORRELATION_AUTO_ALL), "auto: all");
    assert_null(injection_outcome_name(INJECTION_OUTCOME_NONE));
    assert_string_equal(injection_outcome_name(INJECTION_NOT_SENT), "not_sent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_go_both_ways),
        cmocka_unit_test(bad_ids_are_refused_and_write_nothing),
        cmocka_unit_test(an_injection_is_copied_deeply),
        cmocka_unit_test(only_sampled_and_sent_requests_expect_a_trace),
        cmocka_unit_test(the_words_are_those_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
