#include "receivers/otlp_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/wire.h"

/* The bytes of field `number`, which must be there. */
static struct bytes find(struct bytes message, uint32_t number)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (wire_next(&reader, &field) == 0) {
        if (field.number == number && field.type == WIRE_BYTES) {
            return field.bytes;
        }
    }
    fail_msg("no field %u", number);
    return BYTES_NULL;
}

static uint64_t find_number(struct bytes message, uint32_t number)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (wire_next(&reader, &field) == 0) {
        if (field.number == number && field.type == WIRE_VARINT) {
            return field.integer;
        }
    }
    return 0;
}

static void assert_text(const char *expected, struct buf *out)
{
    buf_append_char(out, '\0');
    assert_string_equal(expected, (const char *)out->data);
    buf_deinit(out);
}

static void full_success_is_the_empty_message(void **state)
{
    struct buf out = BUF_NULL;
    const struct otlp_answer answer = {.kind = ANSWER_OK};
    (void)state;
    otlp_answer_success(&out, &answer);
    assert_int_equal(0, out.len);
    otlp_answer_success_json(&out, &answer);
    assert_text("{}", &out);
}

static void partial_success_counts_and_says_why(void **state)
{
    struct buf out = BUF_NULL;
    const struct otlp_answer answer = {
        .kind = ANSWER_OK, .rejected_spans = 300, .message = "bad \"IDs\""};
    (void)state;
    otlp_answer_success(&out, &answer);
    struct bytes partial = find(buf_bytes(&out), 1);
    assert_int_equal(300, find_number(partial, 1));
    assert_true(bytes_is(find(partial, 2), "bad \"IDs\""));
    buf_deinit(&out);
    otlp_answer_success_json(&out, &answer);
    assert_text(
        "{\"partialSuccess\":{\"rejectedSpans\":\"300\",\"errorMessage\":\"bad \\\"IDs\\\"\"}}",
        &out);
}

static void overload_carries_retry_info(void **state)
{
    struct buf out = BUF_NULL;
    const struct otlp_answer answer = {
        .kind = ANSWER_UNAVAILABLE, .message = "busy", .retry_after_ms = 1500};
    (void)state;
    otlp_answer_status(&out, &answer);
    assert_int_equal(14, find_number(buf_bytes(&out), 1));
    struct bytes detail = find(buf_bytes(&out), 3);
    assert_true(bytes_is(find(detail, 1), "type.googleapis.com/google.rpc.RetryInfo"));
    struct bytes delay = find(find(detail, 2), 1);
    assert_int_equal(1, find_number(delay, 1));
    assert_int_equal(500000000, find_number(delay, 2));
    buf_deinit(&out);
    otlp_answer_status_json(&out, &answer);
    assert_text("{\"code\":14,\"message\":\"busy\",\"details\":[{\"@type\":\"type.googleapis.com/"
                "google.rpc.RetryInfo\","
                "\"retryDelay\":\"1.500s\"}]}",
                &out);
    assert_int_equal(2, otlp_answer_retry_after_s(&answer));
}

static void bad_data_names_the_field(void **state)
{
    struct buf out = BUF_NULL;
    struct otlp_answer answer = {.kind = ANSWER_MALFORMED, .message = "no text", .field = "a[0].b"};
    (void)state;
    otlp_answer_status(&out, &answer);
    assert_int_equal(3, find_number(buf_bytes(&out), 1));
    struct bytes violation = find(find(find(buf_bytes(&out), 3), 2), 1);
    assert_true(bytes_is(find(violation, 1), "a[0].b"));
    assert_true(bytes_is(find(violation, 2), "no text"));
    buf_deinit(&out);
    answer.field = NULL;
    otlp_answer_status_json(&out, &answer);
    assert_text("{\"code\":3,\"message\":\"no "
                "text\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\","
                "\"fieldViolations\":[{\"field\":\"body\",\"description\":\"no text\"}]}]}",
                &out);
}

static void too_large_invites_no_retry(void **state)
{
    struct buf out = BUF_NULL;
    const struct otlp_answer answer = {
        .kind = ANSWER_TOO_LARGE, .message = "large", .retry_after_ms = 5};
    (void)state;
    otlp_answer_status_json(&out, &answer);
    assert_text("{\"code\":8,\"message\":\"large\"}", &out);
    assert_false(otlp_answer_is_retryable(ANSWER_TOO_LARGE));
    assert_true(otlp_answer_is_retryable(ANSWER_UNAVAILABLE));
}

/* The table of DESIGN section 6 and the rows below it. */
static void codes_are_those_of_the_contract(void **state)
{
    static const struct {
        enum otlp_answer_kind kind;
        unsigned grpc, http;
    } rows[] = {
        {ANSWER_OK, 0, 200},          {ANSWER_MALFORMED, 3, 400},      {ANSWER_UNREADABLE, 13, 400},
        {ANSWER_TOO_LARGE, 8, 413},   {ANSWER_UNAVAILABLE, 14, 503},   {ANSWER_LATE, 4, 504},
        {ANSWER_NOT_FOUND, 5, 404},   {ANSWER_UNIMPLEMENTED, 12, 501}, {ANSWER_METHOD, 12, 405},
        {ANSWER_MEDIA_TYPE, 12, 415},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rows[i].grpc, otlp_answer_grpc_code(rows[i].kind));
        assert_int_equal(rows[i].http, otlp_answer_http_status(rows[i].kind));
    }
}

static void grpc_messages_are_percent_encoded(void **state)
{
    struct buf out = BUF_NULL;
    (void)state;
    otlp_answer_grpc_message(&out, "50 % of \xC3\xA9\n~ \x7f");
    assert_text("50 %25 of %C3%A9%0A~ %7F", &out);
}

static void long_messages_are_cut_between_characters(void **state)
{
    char text[3000];
    struct buf out = BUF_NULL;
    struct otlp_answer answer = {.kind = ANSWER_OK, .message = text};
    (void)state;
    for (size_t i = 0; i < sizeof text - 2; i += 2) {
        memcpy(text + i, "\xC3\xA9", 2);
    }
    text[sizeof text - 2] = '\0';
    memmove(text + 1, text, sizeof text - 2);
    text[0] = 'x';
    text[sizeof text - 1] = '\0';
    otlp_answer_success(&out, &answer);
    assert_int_equal(OTLP_MESSAGE_MAX - 1, find(find(buf_bytes(&out), 1), 2).len);
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_success_is_the_empty_message),
        cmocka_unit_test(partial_success_counts_and_says_why),
        cmocka_unit_test(overload_carries_retry_info),
        cmocka_unit_test(bad_data_names_the_field),
        cmocka_unit_test(too_large_invites_no_retry),
        cmocka_unit_test(codes_are_those_of_the_contract),
        cmocka_unit_test(grpc_messages_are_percent_encoded),
        cmocka_unit_test(long_messages_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
