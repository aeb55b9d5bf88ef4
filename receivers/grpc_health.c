#include "receivers/grpc_health.h"

#include "daemon/core/wire.h"
#include "receivers/grpc_frame.h"

#define TRACE_SERVICE "opentelemetry.proto.collector.trace.v1.TraceService"

enum { REQUEST_SERVICE = 1, RESPONSE_STATUS = 1 };
enum health_status { HEALTH_SERVING = 1, HEALTH_NOT_SERVING = 2, HEALTH_SERVICE_UNKNOWN = 3 };

enum grpc_health_method grpc_health_method_of(struct bytes path)
{
    return bytes_is(path, "/grpc.health.v1.Health/Check")   ? HEALTH_CHECK
           : bytes_is(path, "/grpc.health.v1.Health/Watch") ? HEALTH_WATCH
                                                            : HEALTH_NONE;
}

static bool is_known(struct bytes message, bool *ret_malformed)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    struct bytes service = BYTES_NULL;
    int outcome = WIRE_END;
    while (message.len > 0 && (outcome = wire_next(&reader, &field)) == 0) {
        if (field.number == REQUEST_SERVICE && field.type == WIRE_BYTES) {
            service = field.bytes;
        }
    }
    *ret_malformed = outcome != WIRE_END;
    return service.len == 0 || bytes_is(service, TRACE_SERVICE);
}

void grpc_health_put(struct buf *out, const struct otlp_call *call)
{
    wire_put_uint(out, RESPONSE_STATUS,
                  call->is_unknown_service  ? HEALTH_SERVICE_UNKNOWN
                  : call->context->draining ? HEALTH_NOT_SERVING
                                            : HEALTH_SERVING);
}

struct bytes grpc_health_frame(const struct otlp_call *call)
{
    struct buf *body = &call->context->body;
    buf_reset(body);
    grpc_frame_begin(body);
    grpc_health_put(body, call);
    grpc_frame_end(body);
    return body->failed ? BYTES_NULL : buf_bytes(body);
}

/* With a last message, which answer_call adds. */
static void end_watch(struct otlp_call *call)
{
    static const struct otlp_answer draining = {
        .kind = ANSWER_UNAVAILABLE, .message = "shutting down", .retry_after_ms = 1000};
    otlp_call_answer(call, &draining);
}

/* Telling may find the connection broken, and then the call is gone. */
static void watch(struct otlp_call *call)
{
    list_remove(&call->link);
    list_append(&call->context->watchers, &call->link);
    call->is_watching = true;
    if (call->context->draining) {
        end_watch(call);
        return;
    }
    const struct http_response response = {.status = 200,
                                           .content_type = "application/grpc",
                                           .body = grpc_health_frame(call),
                                           .more = true};
    http_respond(call->request, &response);
}

void grpc_health_answer(struct otlp_call *call, struct bytes message)
{
    static const struct otlp_answer unknown = {.kind = ANSWER_NOT_FOUND,
                                               .message = "no such service here"};
    static const struct otlp_answer bad = {.kind = ANSWER_MALFORMED,
                                           .message = "not a HealthCheckRequest"};
    static const struct otlp_answer good = {.kind = ANSWER_OK};
    bool malformed;
    call->is_unknown_service = !is_known(message, &malformed);
    if (malformed) {
        otlp_call_answer(call, &bad);
    } else if (call->health == HEALTH_WATCH) {
        watch(call);
    } else {
        otlp_call_answer(call, call->is_unknown_service ? &unknown : &good);
    }
}

void grpc_health_drain(struct otlp_context *context)
{
    while (!list_empty(&context->watchers)) {
        end_watch(container_of(context->watchers.next, struct otlp_call, link));
    }
}
