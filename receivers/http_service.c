#include "receivers/http_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "receivers/otlp_call.h"
#include "receivers/otlp_coding.h"

#define TRACES_PATH "/v1/traces"

static const char *const other_paths[] = {"/v1/logs", "/v1/metrics", "/v1development/profiles"};

/* The text before the next ';', which is skipped. */
static struct bytes take_part(struct bytes *text)
{
    const uint8_t *end = text->len > 0 ? memchr(text->data, ';', text->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text->data) : text->len;
    size_t step = end != NULL ? len + 1 : len;
    struct bytes part = {text->data, len};
    *text = bytes_from(text->data + step, text->len - step);
    return bytes_trim(part);
}

/* Whether a media type's parameter is anything but a charset that is not UTF-8. */
static bool is_fine_parameter(struct bytes parameter)
{
    const uint8_t *equals = parameter.len > 0 ? memchr(parameter.data, '=', parameter.len) : NULL;
    if (equals == NULL) {
        return true;
    }
    size_t name_len = (size_t)(equals - parameter.data);
    if (!bytes_is_nocase(bytes_trim(bytes_from(parameter.data, name_len)), "charset")) {
        return true;
    }
    struct bytes charset = bytes_trim(bytes_from(equals + 1, parameter.len - name_len - 1));
    if (charset.len >= 2 && charset.data[0] == '"' && charset.data[charset.len - 1] == '"') {
        charset = bytes_from(charset.data + 1, charset.len - 2);
    }
    return bytes_is_nocase(charset, "utf-8");
}

enum http_encoding http_encoding_of(struct bytes content_type)
{
    struct bytes type = take_part(&content_type);
    if (bytes_is_nocase(type, "application/x-protobuf")) {
        return HTTP_PROTOBUF;
    }
    if (!bytes_is_nocase(type, "application/json")) {
        return HTTP_ENCODING_UNKNOWN;
    }
    while (content_type.len > 0) {
        if (!is_fine_parameter(take_part(&content_type))) {
            return HTTP_ENCODING_UNKNOWN;
        }
    }
    return HTTP_JSON;
}

/* Whoever asks in an unknown type gets JSON, which people can read. */
static bool wants_json(const struct http_request *request)
{
    return request == NULL || http_encoding_of(request->content_type) != HTTP_PROTOBUF;
}

static void word_body(struct otlp_context *context, bool is_json, const struct otlp_answer *answer,
                      struct http_response *response)
{
    struct buf *body = &context->body;
    buf_reset(body);
    if (answer->kind == ANSWER_OK) {
        (is_json ? otlp_answer_success_json : otlp_answer_success)(body, answer);
    } else {
        (is_json ? otlp_answer_status_json : otlp_answer_status)(body, answer);
    }
    response->content_type = is_json ? "application/json" : "application/x-protobuf";
    response->body = body->failed ? BYTES_NULL : buf_bytes(body);
}

static void add_header(struct otlp_context *context, struct http_response *response,
                       struct bytes name, struct bytes value)
{
    context->headers[response->header_count++] = (struct http_header){name, value};
    response->headers = context->headers;
}

static void add_retry_after(struct otlp_context *context, struct http_response *response,
                            const struct otlp_answer *answer)
{
    unsigned seconds = otlp_answer_retry_after_s(answer);
    int len = snprintf(context->number, sizeof context->number, "%u", seconds);
    add_header(context, response, BYTES_LITERAL("Retry-After"),
               bytes_from(context->number, (size_t)len));
}

/* What a page of another origin needs to see the answer. */
static void add_cors(struct otlp_context *context, const struct http_request *request,
                     struct http_response *response)
{
    const struct http_cors *cors = &context->options.cors;
    if (http_cors_allows(cors, request)) {
        response->header_count += http_cors_headers(cors, request, &context->details,
                                                    &context->headers[response->header_count]);
        response->headers = context->headers;
    }
}

static void word_answer(struct otlp_context *context, const struct http_request *request,
                        const struct otlp_answer *answer, struct http_response *response)
{
    *response = (struct http_response){.status = otlp_answer_http_status(answer->kind)};
    if (answer->kind == ANSWER_UNAVAILABLE) {
        add_retry_after(context, response, answer);
    }
    if (answer->kind == ANSWER_METHOD) {
        add_header(context, response, BYTES_LITERAL("Allow"), BYTES_LITERAL("POST"));
    }
    if (answer->tell_encodings) {
        add_header(context, response, BYTES_LITERAL("Accept-Encoding"),
                   BYTES_LITERAL(HTTP_CODINGS));
    }
    add_cors(context, request, response);
    if (!bytes_is(request->method, "HEAD")) {
        word_body(context, wants_json(request), answer, response);
    }
}

static void answer_call(struct otlp_context *context, struct http_request *request,
                        const struct otlp_call *call, const struct otlp_answer *answer)
{
    struct http_response response;
    (void)call;
    word_answer(context, request, answer, &response);
    http_respond(request, &response);
}

static bool is_other_path(struct bytes path)
{
    for (size_t i = 0; i < sizeof other_paths / sizeof other_paths[0]; i++) {
        if (bytes_is(path, other_paths[i])) {
            return true;
        }
    }
    return false;
}

static bool is_known_method(struct bytes method)
{
    static const char *const methods[] = {"GET",   "HEAD",    "PUT",   "DELETE",
                                          "PATCH", "OPTIONS", "TRACE", "CONNECT"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (bytes_is(method, methods[i])) {
            return true;
        }
    }
    return false;
}

/* The path, then the method. 0; 1 with the answer. */
static int check_target(const struct otlp_context *context, const struct http_request *request,
                        bool *ret_is_other, struct otlp_answer *ret)
{
    *ret_is_other = is_other_path(request->path);
    const char *traces_path = context->options.traces_path;
    bool is_open = *ret_is_other
                       ? context->options.other_signals == OTHER_SIGNALS_DISCARD
                       : bytes_is(request->path, traces_path != NULL ? traces_path : TRACES_PATH);
    if (!is_open) {
        *ret = (struct otlp_answer){.kind = ANSWER_NOT_FOUND,
                                    .message =
                                        traces_path == NULL || strcmp(traces_path, TRACES_PATH) == 0
                                            ? "nothing here; traces go to " TRACES_PATH
                                            : "nothing here; traces go to another path than usual"};
        return 1;
    }
    if (!bytes_is(request->method, "POST")) {
        bool is_known = is_known_method(request->method);
        *ret = (struct otlp_answer){.kind = is_known ? ANSWER_METHOD : ANSWER_UNIMPLEMENTED,
                                    .message = "only POST is allowed here"};
        return 1;
    }
    return 0;
}

/* Types and sizes that can't be taken. 0; 1 with the answer. */
static int check_body(const struct otlp_context *context, const struct http_request *request,
                      uint64_t announced, struct otlp_answer *ret)
{
    enum inflate_coding coding;
    if (http_encoding_of(request->content_type) == HTTP_ENCODING_UNKNOWN) {
        *ret = (struct otlp_answer){
            .kind = ANSWER_MEDIA_TYPE,
            .message = "Content-Type must be application/x-protobuf, or application/json in UTF-8"};
        return 1;
    }
    if (http_coding_of(request->content_encoding, &coding) == CODING_UNKNOWN) {
        *ret = (struct otlp_answer){.kind = ANSWER_MEDIA_TYPE,
                                    .message = "Content-Encoding must be one of " HTTP_CODINGS,
                                    .tell_encodings = true};
        return 1;
    }
    if (announced != UINT64_MAX && announced > context->options.http.body_bytes) {
        *ret =
            (struct otlp_answer){.kind = ANSWER_TOO_LARGE, .message = "the request is too large"};
        return 1;
    }
    return 0;
}

static const struct otlp_service over_http = {OTLP_HTTP, answer_call};

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    struct otlp_context *context = self;
    struct otlp_answer refusal;
    struct otlp_call *call;
    bool is_other = false;
    request->state = NULL;
    if (http_cors_is_preflight(request) && http_cors_allows(&context->options.cors, request)) {
        *ret_refusal = (struct http_response){.status = 204};
        add_cors(context, request, ret_refusal);
        return 1;
    }
    int refused = check_target(context, request, &is_other, &refusal);
    if (refused == 0) {
        struct otlp_transport_counters *counters = &context->counters.by[OTLP_HTTP];
        counter_add(&counters->requests, 1);
        user_agents_count(&counters->user_agents, request->user_agent);
        refused = check_body(context, request, announced, &refusal);
        if (refused != 0 && !is_other) {
            otlp_context_count_failed(context, OTLP_HTTP);
        }
    }
    if (refused != 0 ||
        otlp_call_begin(context, request, announced, &over_http, &call, &refusal) != 0) {
        word_answer(context, request, &refusal, ret_refusal);
        return 1;
    }
    call->is_other_signal = is_other;
    call->is_json = http_encoding_of(request->content_type) == HTTP_JSON;
    return 0;
}

static void refuse_json(struct otlp_call *call, int outcome, const struct otlp_json_notes *notes)
{
    struct otlp_answer answer = {
        .kind = ANSWER_MALFORMED, .message = notes->error, .field = notes->field};
    if (outcome == OTLP_JSON_TOO_LARGE) {
        answer =
            (struct otlp_answer){.kind = ANSWER_TOO_LARGE, .message = "the request is too large"};
    } else if (outcome == OTLP_JSON_NO_MEMORY) {
        answer = otlp_call_no_room(call->context, call->reserved_bytes);
    }
    otlp_call_answer(call, &answer);
}

/* JSON and its protobuf form are there at once, so both are paid for. */
static void submit_json(struct otlp_call *call, uint8_t *take_body, size_t len)
{
    struct otlp_json_notes notes;
    struct buf message = BUF_NULL;
    if (otlp_call_reserve(call, 3 * len) != 0) {
        free(take_body);
        return;
    }
    message.limit = call->context->options.http.body_bytes;
    struct stages *stages = call->context->options.stages;
    enum stage before = stages_enter(stages, STAGE_DECODE);
    int outcome = otlp_json_transcode(bytes_from(take_body, len), &message, &notes);
    (void)stages_enter(stages, before);
    free(take_body);
    if (outcome != 0) {
        buf_deinit(&message);
        refuse_json(call, outcome, &notes);
        return;
    }
    size_t message_len;
    uint8_t *bytes = buf_take(&message, &message_len);
    otlp_call_submit(call, bytes, message_len, bytes_from(bytes, message_len), &notes);
}

static void complete(void *self, struct http_request *request)
{
    struct otlp_context *context = self;
    struct otlp_call *call = request->state;
    uint8_t *body = request->body;
    size_t len = request->body_len;
    if (call->is_other_signal) {
        static const struct otlp_answer taken = {.kind = ANSWER_OK};
        counter_add(&context->counters.other_signals, 1);
        otlp_call_answer(call, &taken);
        return;
    }
    otlp_call_take_charge(call);
    enum inflate_coding coding;
    bool is_packed = http_coding_of(request->content_encoding, &coding) == CODING_COMPRESSED;
    request->body = NULL;
    if (is_packed && len > 0 &&
        otlp_call_inflate(call, &body, &len, coding, bytes_from(body, len)) != 0) {
        free(body);
        return;
    }
    if (call->is_json) {
        submit_json(call, body, len);
    } else {
        otlp_call_submit(call, body, len, bytes_from(body, len), NULL);
    }
}

/* The server's own refusals get the same kind of body. */
static void refuse(void *self, struct http_request *request, unsigned status, const char *reason,
                   struct http_response *response)
{
    struct otlp_context *context = self;
    struct otlp_answer answer = {.kind = ANSWER_OTHER, .message = reason};
    if (status == 413) {
        answer.kind = ANSWER_TOO_LARGE;
        otlp_context_count_failed(context, OTLP_HTTP);
    }
    if (status == 503) {
        answer = otlp_call_no_room(context, request != NULL ? request->body_len : 0);
        otlp_context_count_refused(context, OTLP_HTTP);
        add_retry_after(context, response, &answer);
    }
    if (request != NULL) {
        otlp_call_closed(request->state);
        request->state = NULL;
    }
    add_cors(context, request, response);
    word_body(context, wants_json(request), &answer, response);
}

static void closed(void *self, struct http_request *request)
{
    (void)self;
    otlp_call_closed(request->state);
    request->state = NULL;
}

const struct http_handler http_service_handler = {
    .begin = begin, .complete = complete, .refuse = refuse, .closed = closed};
