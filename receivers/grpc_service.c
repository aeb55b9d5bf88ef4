#include "receivers/grpc_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/hex.h"
#include "daemon/core/number.h"
#include "daemon/core/wire.h"
#include "receivers/grpc_frame.h"
#include "receivers/grpc_health.h"
#include "receivers/otlp_call.h"
#include "receivers/otlp_coding.h"

#define EXPORT_TRACES      "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
#define TIMEOUT_DIGITS_MAX 8

static const char *const other_exports[] = {
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
};

int grpc_timeout_parse(struct bytes text, uint64_t *ret_ns)
{
    static const struct {
        char unit;
        uint64_t ns;
    } units[] = {{'H', 3600 * NS_PER_S}, {'M', 60 * NS_PER_S}, {'S', NS_PER_S},
                 {'m', NS_PER_MS},       {'u', 1000},          {'n', 1}};
    uint64_t number;
    if (text.len < 2 || text.len > TIMEOUT_DIGITS_MAX + 1 ||
        number_parse_u64(bytes_from(text.data, text.len - 1), &number) != 0) {
        return 1;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text.data[text.len - 1] == (uint8_t)units[i].unit) {
            *ret_ns = number * units[i].ns;
            return 0;
        }
    }
    return 1;
}

static void add_trailer(struct otlp_context *context, struct http_response *response,
                        const char *name, struct bytes value)
{
    context->trailers[response->trailer_count++] = (struct http_header){bytes_of(name), value};
}

static void add_details(struct otlp_context *context, struct http_response *response,
                        const struct otlp_answer *answer)
{
    if (answer->kind != ANSWER_MALFORMED && answer->kind != ANSWER_UNAVAILABLE) {
        return;
    }
    buf_reset(&context->body);
    buf_reset(&context->details);
    otlp_answer_status(&context->body, answer);
    base64_append(&context->details, buf_bytes(&context->body));
    struct bytes text = buf_bytes(&context->details);
    while (text.len > 0 && text.data[text.len - 1] == '=') {
        text.len--;
    }
    if (!context->body.failed && !context->details.failed) {
        add_trailer(context, response, "grpc-status-details-bin", text);
    }
}

/* An error is trailers only: no body. */
static void word_refusal(struct otlp_context *context, const struct otlp_answer *answer,
                         struct http_response *response)
{
    int len = snprintf(context->number, sizeof context->number, "%u",
                       otlp_answer_grpc_code(answer->kind));
    *response = (struct http_response){
        .status = 200, .content_type = "application/grpc", .trailers = context->trailers};
    add_trailer(context, response, "grpc-status", bytes_from(context->number, (size_t)len));
    buf_reset(&context->message);
    otlp_answer_grpc_message(&context->message, answer->message);
    add_trailer(context, response, "grpc-message", buf_bytes(&context->message));
    add_details(context, response, answer);
    if (answer->tell_encodings) {
        add_trailer(context, response, "grpc-accept-encoding", BYTES_LITERAL(GRPC_CODINGS));
    }
}

/* A message in its frame. */
static void word_success(struct otlp_context *context, const struct otlp_call *call,
                         const struct otlp_answer *answer, struct http_response *response)
{
    struct buf *body = &context->body;
    buf_reset(body);
    grpc_frame_begin(body);
    if (call->health != HEALTH_NONE) {
        grpc_health_put(body, call);
    } else {
        otlp_answer_success(body, answer);
    }
    grpc_frame_end(body);
    *response = (struct http_response){.status = 200,
                                       .content_type = "application/grpc",
                                       .trailers = context->trailers,
                                       .body = buf_bytes(body)};
    add_trailer(context, response, "grpc-status", BYTES_LITERAL("0"));
}

static void answer_call(struct otlp_context *context, struct http_request *request,
                        const struct otlp_call *call, const struct otlp_answer *answer)
{
    struct http_response response;
    if (answer->kind == ANSWER_OK) {
        word_success(context, call, answer, &response);
    } else {
        word_refusal(context, answer, &response);
        response.body = call->is_watching ? grpc_health_frame(call) : BYTES_NULL;
    }
    http_respond(request, &response);
}

static struct bytes media_type(struct bytes content_type)
{
    const uint8_t *end =
        content_type.len > 0 ? memchr(content_type.data, ';', content_type.len) : NULL;
    return bytes_trim(end != NULL ? bytes_from(content_type.data, (size_t)(end - content_type.data))
                                  : content_type);
}

static bool is_grpc(struct bytes content_type)
{
    struct bytes type = media_type(content_type);
    return bytes_is_nocase(type, "application/grpc") ||
           (type.len > 17 && bytes_is_nocase(bytes_from(type.data, 17), "application/grpc+"));
}

static bool is_other_export(struct bytes path)
{
    for (size_t i = 0; i < sizeof other_exports / sizeof other_exports[0]; i++) {
        if (bytes_is(path, other_exports[i])) {
            return true;
        }
    }
    return false;
}

struct route {
    bool is_other_signal;
    enum grpc_health_method health;
};

static bool find_route(const struct otlp_context *context, struct bytes path, struct route *ret)
{
    *ret = (struct route){is_other_export(path), grpc_health_method_of(path)};
    if (ret->is_other_signal) {
        return context->options.other_signals == OTHER_SIGNALS_DISCARD;
    }
    return ret->health != HEALTH_NONE || bytes_is(path, EXPORT_TRACES);
}

/* What the header alone refuses. 0; 1 with the answer. */
static int check_header(struct otlp_context *context, const struct http_request *request,
                        struct route *route, uint64_t *timeout_ns, struct otlp_answer *ret)
{
    struct bytes type = media_type(request->content_type);
    struct bytes timeout = http_request_header(request, "grpc-timeout");
    if (!bytes_is_nocase(type, "application/grpc") &&
        !bytes_is_nocase(type, "application/grpc+proto")) {
        *ret = (struct otlp_answer){.kind = ANSWER_UNIMPLEMENTED,
                                    .message = "messages are protobuf here"};
        return 1;
    }
    if (!find_route(context, request->path, route)) {
        *ret = (struct otlp_answer){.kind = ANSWER_UNIMPLEMENTED,
                                    .message = "no such method here; traces go to " EXPORT_TRACES};
        return 1;
    }
    *timeout_ns = UINT64_MAX;
    if (timeout.data != NULL && grpc_timeout_parse(timeout, timeout_ns) != 0) {
        *ret = (struct otlp_answer){.kind = ANSWER_UNREADABLE, .message = "malformed grpc-timeout"};
        return 1;
    }
    return 0;
}

/* gRPC asks for a plain HTTP status where the request is not gRPC. */
static bool refuse_http(struct otlp_context *context, const struct http_request *request,
                        struct http_response *ret)
{
    bool is_post = bytes_is(request->method, "POST");
    if (is_post && is_grpc(request->content_type)) {
        return false;
    }
    context->headers[0] = (struct http_header){BYTES_LITERAL("allow"), BYTES_LITERAL("POST")};
    *ret = (struct http_response){
        .status = is_post ? 415 : 405,
        .content_type = "text/plain",
        .headers = context->headers,
        .header_count = is_post ? 0 : 1,
        .body = is_post ? BYTES_LITERAL("only gRPC is spoken here: application/grpc\n")
                        : BYTES_LITERAL("a gRPC call is a POST\n"),
        .patient = true,
    };
    return true;
}

static const struct otlp_service over_grpc = {OTLP_GRPC, answer_call};

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    struct otlp_context *context = self;
    struct otlp_answer refusal;
    struct otlp_call *call;
    struct route route;
    uint64_t timeout_ns;
    request->state = NULL;
    if (refuse_http(context, request, ret_refusal)) {
        return 1;
    }
    counter_add(&context->counters.by[OTLP_GRPC].requests, 1);
    user_agents_count(&context->counters.by[OTLP_GRPC].user_agents, request->user_agent);
    if (check_header(context, request, &route, &timeout_ns, &refusal) != 0 ||
        otlp_call_begin(context, request, announced, &over_grpc, &call, &refusal) != 0) {
        word_refusal(context, &refusal, ret_refusal);
        return 1;
    }
    call->is_other_signal = route.is_other_signal;
    call->health = route.health;
    call->timeout_ns = timeout_ns;
    return 0;
}

/* The one message in a call's body. 0; 1 with the answer. */
static int unframe(const struct otlp_context *context, struct bytes body, bool *ret_compressed,
                   struct bytes *ret, struct otlp_answer *ret_answer)
{
    if (body.len == 0) {
        *ret_answer = (struct otlp_answer){.kind = ANSWER_UNIMPLEMENTED,
                                           .message = "the call carries no message"};
        return 1;
    }
    if (body.len < GRPC_PREFIX_BYTES || body.data[0] > 1) {
        *ret_answer = (struct otlp_answer){.kind = ANSWER_UNREADABLE,
                                           .message = body.data[0] > 1
                                                          ? "the frame's flag is neither 0 nor 1"
                                                          : "the frame is shorter than its prefix"};
        return 1;
    }
    uint64_t len = (uint64_t)body.data[1] << 24 | (uint64_t)body.data[2] << 16 |
                   (uint64_t)body.data[3] << 8 | body.data[4];
    if (len > context->options.http.body_bytes) {
        *ret_answer =
            (struct otlp_answer){.kind = ANSWER_TOO_LARGE, .message = "the request is too large"};
        return 1;
    }
    if (len != body.len - GRPC_PREFIX_BYTES) {
        bool is_short = len > body.len - GRPC_PREFIX_BYTES;
        *ret_answer =
            (struct otlp_answer){.kind = is_short ? ANSWER_UNREADABLE : ANSWER_UNIMPLEMENTED,
                                 .message = is_short ? "the message is shorter than its frame says"
                                                     : "more than one message in a unary call"};
        return 1;
    }
    *ret_compressed = body.data[0] == 1;
    *ret = bytes_from(body.data + GRPC_PREFIX_BYTES, (size_t)len);
    return 0;
}

/* The flag decides, not the header: clients name a compression and send plain messages where it
 * does not pay. */
static int check_coding(struct bytes name, enum inflate_coding *ret_coding, struct otlp_answer *ret)
{
    switch (grpc_coding_of(name, ret_coding)) {
    case CODING_COMPRESSED:
        return 0;
    case CODING_IDENTITY:
        *ret = (struct otlp_answer){
            .kind = ANSWER_UNREADABLE,
            .message = "the frame's flag says compressed, but grpc-encoding names no compression"};
        return 1;
    default:
        *ret = (struct otlp_answer){.kind = ANSWER_UNIMPLEMENTED,
                                    .message = "grpc-encoding must be one of " GRPC_CODINGS,
                                    .tell_encodings = true};
        return 1;
    }
}

/* Takes the body: the spans stay in it. `coding` is NULL for a plain message. */
static void take_message(struct otlp_call *call, struct http_request *request, struct bytes message,
                         const enum inflate_coding *coding)
{
    uint8_t *body = request->body;
    size_t len = request->body_len;
    request->body = NULL;
    if (coding != NULL) {
        if (otlp_call_inflate(call, &body, &len, *coding, message) != 0) {
            free(body);
            return;
        }
        message = bytes_from(body, len);
    }
    if (call->health != HEALTH_NONE) {
        grpc_health_answer(call, message);
        free(body);
    } else {
        otlp_call_submit(call, body, len, message, NULL);
    }
}

static void complete(void *self, struct http_request *request)
{
    struct otlp_context *context = self;
    struct otlp_call *call = request->state;
    struct bytes body = bytes_from(request->body, request->body_len);
    struct otlp_answer answer = {.kind = ANSWER_OK};
    struct bytes message;
    enum inflate_coding coding;
    bool compressed = false;
    otlp_call_take_charge(call);
    if (otlp_call_is_late(call)) {
        answer =
            (struct otlp_answer){.kind = ANSWER_LATE, .message = "the call's deadline has passed"};
    } else if (call->is_other_signal) {
        counter_add(&context->counters.other_signals, 1);
    } else if (unframe(context, body, &compressed, &message, &answer) == 0 &&
               (!compressed || check_coding(request->content_encoding, &coding, &answer) == 0)) {
        take_message(call, request, message, compressed ? &coding : NULL);
        return;
    }
    otlp_call_answer(call, &answer);
}

/* What a retry depends on must not get lost in a client's mapping of HTTP statuses; other refusals
 * stay what HTTP says. */
static const struct otlp_answer *refusal_of(unsigned status)
{
    static const struct otlp_answer too_large = {.kind = ANSWER_TOO_LARGE,
                                                 .message = "the request is too large"};
    static const struct otlp_answer too_slow = {.kind = ANSWER_LATE,
                                                .message = "the request came too slowly"};
    return status == 413 ? &too_large : status == 408 ? &too_slow : NULL;
}

static void refuse(void *self, struct http_request *request, unsigned status, const char *reason,
                   struct http_response *response)
{
    struct otlp_context *context = self;
    const struct otlp_answer *refusal = refusal_of(status);
    struct otlp_answer no_room;
    (void)reason;
    if (request == NULL) {
        return;
    }
    otlp_call_closed(request->state);
    request->state = NULL;
    if (status == 503) {
        no_room = otlp_call_no_room(context, request->body_len);
        refusal = &no_room;
    }
    if (refusal != NULL && is_grpc(request->content_type)) {
        if (!otlp_answer_is_retryable(refusal->kind)) {
            otlp_context_count_failed(context, OTLP_GRPC);
        } else {
            otlp_context_count_refused(context, OTLP_GRPC);
        }
        word_refusal(context, refusal, response);
    }
}

static void closed(void *self, struct http_request *request)
{
    (void)self;
    otlp_call_closed(request->state);
    request->state = NULL;
}

const struct http_handler grpc_service_handler = {
    .begin = begin, .complete = complete, .refuse = refuse, .closed = closed};
