#include "receivers/otlp_answer.h"

#include <stdio.h>

#include "daemon/core/bytes.h"
#include "daemon/core/json.h"
#include "daemon/core/wire.h"

#define RETRY_INFO  "type.googleapis.com/google.rpc.RetryInfo"
#define BAD_REQUEST "type.googleapis.com/google.rpc.BadRequest"

enum status_field { STATUS_CODE = 1, STATUS_MESSAGE = 2, STATUS_DETAILS = 3 };
enum any_field { ANY_TYPE_URL = 1, ANY_VALUE = 2 };
enum retry_field { RETRY_DELAY = 1 };
enum duration_field { DURATION_SECONDS = 1, DURATION_NANOS = 2 };
enum bad_request_field { BAD_REQUEST_VIOLATIONS = 1 };
enum violation_field { VIOLATION_FIELD = 1, VIOLATION_DESCRIPTION = 2 };
enum response_field { RESPONSE_PARTIAL_SUCCESS = 1 };
enum partial_field { PARTIAL_REJECTED = 1, PARTIAL_MESSAGE = 2 };

static const struct {
    unsigned grpc_code;
    unsigned http_status;
} numbers[] = {
    [ANSWER_OK] = {0, 200},
    [ANSWER_MALFORMED] = {3, 400},
    [ANSWER_UNREADABLE] = {13, 400},
    [ANSWER_TOO_LARGE] = {8, 413},
    [ANSWER_UNAVAILABLE] = {14, 503},
    [ANSWER_LATE] = {4, 504},
    [ANSWER_UNIMPLEMENTED] = {12, 501},
    [ANSWER_NOT_FOUND] = {5, 404},
    [ANSWER_METHOD] = {12, 405},
    [ANSWER_MEDIA_TYPE] = {12, 415},
    [ANSWER_OTHER] = {2, 500},
};

unsigned otlp_answer_grpc_code(enum otlp_answer_kind kind)
{
    return numbers[kind].grpc_code;
}

unsigned otlp_answer_http_status(enum otlp_answer_kind kind)
{
    return numbers[kind].http_status;
}

bool otlp_answer_is_retryable(enum otlp_answer_kind kind)
{
    return kind == ANSWER_UNAVAILABLE || kind == ANSWER_LATE;
}

unsigned otlp_answer_retry_after_s(const struct otlp_answer *answer)
{
    unsigned seconds = answer->retry_after_ms / 1000 + (answer->retry_after_ms % 1000 != 0);
    return seconds > 0 ? seconds : 1;
}

/* Cut where a character begins. */
static struct bytes message_of(const char *text)
{
    struct bytes message = bytes_of(text);
    if (message.len > OTLP_MESSAGE_MAX) {
        message.len = OTLP_MESSAGE_MAX;
        while (message.len > 0 && (message.data[message.len] & 0xc0) == 0x80) {
            message.len--;
        }
    }
    return message;
}

static const char *field_of(const struct otlp_answer *answer)
{
    return answer->field != NULL && answer->field[0] != '\0' ? answer->field : "body";
}

static void put_violation(struct buf *out, const struct otlp_answer *answer)
{
    size_t violation = wire_begin(out, BAD_REQUEST_VIOLATIONS);
    wire_put_bytes(out, VIOLATION_FIELD, bytes_of(field_of(answer)));
    wire_put_bytes(out, VIOLATION_DESCRIPTION, message_of(answer->message));
    wire_end(out, violation);
}

static void put_delay(struct buf *out, const struct otlp_answer *answer)
{
    size_t delay = wire_begin(out, RETRY_DELAY);
    wire_put_uint(out, DURATION_SECONDS, answer->retry_after_ms / 1000);
    wire_put_uint(out, DURATION_NANOS, (uint64_t)(answer->retry_after_ms % 1000) * 1000000);
    wire_end(out, delay);
}

static void put_detail(struct buf *out, const struct otlp_answer *answer)
{
    bool is_retry = answer->kind == ANSWER_UNAVAILABLE;
    if (!is_retry && answer->kind != ANSWER_MALFORMED) {
        return;
    }
    size_t detail = wire_begin(out, STATUS_DETAILS);
    wire_put_bytes(out, ANY_TYPE_URL,
                   is_retry ? BYTES_LITERAL(RETRY_INFO) : BYTES_LITERAL(BAD_REQUEST));
    size_t value = wire_begin(out, ANY_VALUE);
    if (is_retry) {
        put_delay(out, answer);
    } else {
        put_violation(out, answer);
    }
    wire_end(out, value);
    wire_end(out, detail);
}

void otlp_answer_status(struct buf *out, const struct otlp_answer *answer)
{
    if (answer->kind != ANSWER_OTHER) {
        wire_put_uint(out, STATUS_CODE, otlp_answer_grpc_code(answer->kind));
    }
    wire_put_bytes(out, STATUS_MESSAGE, message_of(answer->message));
    put_detail(out, answer);
}

static void write_detail(struct json *json, const struct otlp_answer *answer)
{
    json_key(json, "details");
    json_array(json);
    json_object(json);
    if (answer->kind == ANSWER_UNAVAILABLE) {
        char delay[32];
        snprintf(delay, sizeof delay, "%u.%03us", answer->retry_after_ms / 1000,
                 answer->retry_after_ms % 1000);
        json_member_string(json, "@type", RETRY_INFO);
        json_member_string(json, "retryDelay", delay);
    } else {
        json_member_string(json, "@type", BAD_REQUEST);
        json_key(json, "fieldViolations");
        json_array(json);
        json_object(json);
        json_member_string(json, "field", field_of(answer));
        json_member_text(json, "description", message_of(answer->message));
        json_object_end(json);
        json_array_end(json);
    }
    json_object_end(json);
    json_array_end(json);
}

void otlp_answer_status_json(struct buf *out, const struct otlp_answer *answer)
{
    struct json json = JSON_INIT(out);
    json_object(&json);
    if (answer->kind != ANSWER_OTHER) {
        json_member_u64(&json, "code", otlp_answer_grpc_code(answer->kind));
    }
    json_member_text(&json, "message", message_of(answer->message));
    if (answer->kind == ANSWER_UNAVAILABLE || answer->kind == ANSWER_MALFORMED) {
        write_detail(&json, answer);
    }
    json_object_end(&json);
}

static bool has_partial_success(const struct otlp_answer *answer)
{
    return answer->rejected_spans > 0 || answer->message != NULL;
}

void otlp_answer_success(struct buf *out, const struct otlp_answer *answer)
{
    if (!has_partial_success(answer)) {
        return;
    }
    size_t partial = wire_begin(out, RESPONSE_PARTIAL_SUCCESS);
    if (answer->rejected_spans > 0) {
        wire_put_uint(out, PARTIAL_REJECTED, answer->rejected_spans);
    }
    if (answer->message != NULL) {
        wire_put_bytes(out, PARTIAL_MESSAGE, message_of(answer->message));
    }
    wire_end(out, partial);
}

void otlp_answer_success_json(struct buf *out, const struct otlp_answer *answer)
{
    struct json json = JSON_INIT(out);
    json_object(&json);
    if (has_partial_success(answer)) {
        char rejected[24];
        snprintf(rejected, sizeof rejected, "%llu", (unsigned long long)answer->rejected_spans);
        json_key(&json, "partialSuccess");
        json_object(&json);
        json_member_string(&json, "rejectedSpans", rejected);
        if (answer->message != NULL) {
            json_member_text(&json, "errorMessage", message_of(answer->message));
        }
        json_object_end(&json);
    }
    json_object_end(&json);
}

void otlp_answer_grpc_message(struct buf *out, const char *message)
{
    static const char digits[] = "0123456789ABCDEF";
    struct bytes text = message_of(message);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c >= ' ' && c <= '~' && c != '%') {
            buf_append_char(out, (char)c);
        } else {
            char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
            buf_append(out, escaped, sizeof escaped);
        }
    }
}
