#include "receivers/otlp_call.h"

#include <stdlib.h>

#include "daemon/core/clock.h"
#include "daemon/core/memory.h"
#include "receivers/otlp_coding.h"
#include "receivers/otlp_words.h"

/* Asked room for where a body's length is not announced. */
#define UNKNOWN_BODY_BYTES 65536u
#define DEFAULT_RETRY_MS   1000u

static uint64_t now_ns(const struct otlp_context *context)
{
    const struct clock *clock = context->options.clock;
    return clock->monotonic_ns(clock);
}

static struct otlp_answer unavailable(enum admission outcome, uint32_t retry_after_ms)
{
    if (outcome == ADMISSION_TOO_LARGE) {
        return (struct otlp_answer){
            .kind = ANSWER_TOO_LARGE,
            .message = "the request needs more than half of limits.memory: send fewer spans"};
    }
    return (struct otlp_answer){
        .kind = ANSWER_UNAVAILABLE,
        .message = outcome == ADMISSION_DRAINING ? "shutting down, send it elsewhere or later"
                                                 : "over capacity at the moment, try again later",
        .retry_after_ms = retry_after_ms > 0 ? retry_after_ms : DEFAULT_RETRY_MS,
    };
}

static void call_free(struct otlp_call *call)
{
    if (call->context != NULL && call->reserved_bytes > 0) {
        struct admission_port *port = call->context->options.port;
        port->release(port, call->reserved_bytes);
    }
    list_remove(&call->link);
    free(call);
}

void otlp_context_count_refused(struct otlp_context *context, enum otlp_transport transport)
{
    counter_add(&context->counters.by[transport].refused_requests, 1);
}

void otlp_context_count_failed(struct otlp_context *context, enum otlp_transport transport)
{
    counter_add(&context->counters.by[transport].failed_requests, 1);
    if (context->options.refused != NULL) {
        context->options.refused(context->options.self, 1, 0);
    }
}

static void count_accepted(struct otlp_context *context, const struct otlp_call *call)
{
    struct otlp_transport_counters *counters = &context->counters.by[call->service->transport];
    counter_add(&counters->accepted_requests, 1);
    counter_add(&counters->accepted_spans, call->decoded_spans);
    counter_add(&counters->rejected_spans, call->rejected_spans);
    if (call->rejected_spans > 0 && context->options.refused != NULL) {
        context->options.refused(context->options.self, 0, call->rejected_spans);
    }
}

static void count_answer(struct otlp_context *context, const struct otlp_call *call,
                         const struct otlp_answer *answer)
{
    enum otlp_transport transport = call->service->transport;
    if (call->is_other_signal || call->health != 0) {
        return;
    }
    if (answer->kind == ANSWER_OK) {
        count_accepted(context, call);
    } else if (otlp_answer_is_retryable(answer->kind)) {
        otlp_context_count_refused(context, transport);
        counter_add(&context->counters.by[transport].refused_spans, call->decoded_spans);
    } else {
        otlp_context_count_failed(context, transport);
    }
}

void otlp_call_answer(struct otlp_call *call, const struct otlp_answer *answer)
{
    struct otlp_context *context = call->context;
    struct http_request *request = call->request;
    if (context != NULL) {
        count_answer(context, call, answer);
        if (request != NULL) {
            request->state = NULL;
            call->service->answer(context, request, call, answer);
        }
    }
    call_free(call);
}

static void on_done(struct admission_waiter *waiter, enum admission outcome,
                    uint32_t retry_after_ms)
{
    struct otlp_call *call = container_of(waiter, struct otlp_call, waiter);
    struct otlp_answer answer = {
        .kind = ANSWER_OK,
        .message = call->message[0] != '\0' ? call->message : NULL,
        .rejected_spans = call->rejected_spans,
    };
    if (outcome != ADMISSION_OK) {
        answer = unavailable(outcome, retry_after_ms);
    }
    otlp_call_answer(call, &answer);
}

int otlp_call_begin(struct otlp_context *context, struct http_request *request, uint64_t announced,
                    const struct otlp_service *service, struct otlp_call **ret,
                    struct otlp_answer *ret_refusal)
{
    struct admission_port *port = context->options.port;
    size_t bytes = announced == UINT64_MAX ? UNKNOWN_BODY_BYTES : (size_t)announced;
    uint32_t retry_after_ms = 0;
    struct otlp_call *call = memory_alloc(sizeof *call);
    enum admission outcome =
        call != NULL ? port->welcome(port, bytes, &retry_after_ms) : ADMISSION_BUSY;
    if (outcome != ADMISSION_OK) {
        free(call);
        otlp_context_count_refused(context, service->transport);
        *ret_refusal = unavailable(outcome, retry_after_ms);
        return 1;
    }
    *call = (struct otlp_call){
        .waiter = {on_done},
        .context = context,
        .request = request,
        .service = service,
        .began_ns = now_ns(context),
        .timeout_ns = UINT64_MAX,
    };
    list_init(&call->link);
    list_append(&context->calls, &call->link);
    request->state = call;
    *ret = call;
    return 0;
}

void otlp_call_take_charge(struct otlp_call *call)
{
    call->reserved_bytes += call->request->body_charge;
    call->request->body_charge = 0;
}

struct otlp_answer otlp_call_no_room(struct otlp_context *context, size_t bytes)
{
    struct admission_port *port = context->options.port;
    return unavailable(ADMISSION_BUSY, port->retry_after_ms(port, bytes));
}

/* 0, or a refusal in *ret. */
static int reserve(struct otlp_call *call, size_t bytes, struct otlp_answer *ret)
{
    struct admission_port *port = call->context->options.port;
    uint32_t retry_after_ms = 0;
    if (bytes <= call->reserved_bytes) {
        return 0;
    }
    enum admission outcome = port->reserve(port, bytes - call->reserved_bytes, &retry_after_ms);
    if (outcome == ADMISSION_OK) {
        call->reserved_bytes = bytes;
        return 0;
    }
    *ret = unavailable(outcome, retry_after_ms);
    return 1;
}

int otlp_call_reserve(struct otlp_call *call, size_t bytes)
{
    struct otlp_answer answer;
    if (reserve(call, bytes, &answer) == 0) {
        return 0;
    }
    otlp_call_answer(call, &answer);
    return 1;
}

/* What was needed on the way is given back: `bytes` stay. */
static void reserve_less(struct otlp_call *call, size_t bytes)
{
    struct admission_port *port = call->context->options.port;
    if (call->reserved_bytes > bytes) {
        port->release(port, call->reserved_bytes - bytes);
        call->reserved_bytes = bytes;
    }
}

/* A body being decompressed: the compressed one stays until the end. */
struct inflation {
    struct otlp_call *call;
    size_t compressed_bytes;
    struct otlp_answer refusal;
};

static int inflation_room(void *self, size_t bytes)
{
    struct inflation *inflation = self;
    return reserve(inflation->call, inflation->compressed_bytes + bytes, &inflation->refusal);
}

static int refuse_inflation(struct inflation *inflation, enum inflate_coding coding, int outcome)
{
    switch (outcome) {
    case INFLATE_TOO_LARGE:
        inflation->refusal = (struct otlp_answer){
            .kind = ANSWER_TOO_LARGE, .message = "the request is too large when decompressed"};
        break;
    case INFLATE_NO_MEMORY:
        inflation->refusal =
            otlp_call_no_room(inflation->call->context, inflation->compressed_bytes);
        break;
    case INFLATE_CORRUPT:
        inflation->refusal =
            (struct otlp_answer){.kind = ANSWER_UNREADABLE, .message = coding_damaged(coding)};
        break;
    default:
        break;
    }
    otlp_call_answer(inflation->call, &inflation->refusal);
    return 1;
}

int otlp_call_inflate(struct otlp_call *call, uint8_t **body, size_t *len,
                      enum inflate_coding coding, struct bytes compressed)
{
    struct inflation inflation = {.call = call, .compressed_bytes = *len};
    const struct inflate_bounds bounds = {call->context->options.http.body_bytes, inflation_room,
                                          &inflation};
    uint8_t *plain;
    size_t plain_len;
    struct stages *stages = call->context->options.stages;
    enum stage before = stages_enter(stages, STAGE_INFLATE);
    int outcome =
        inflater_run(&call->context->inflater, coding, compressed, &bounds, &plain, &plain_len);
    (void)stages_enter(stages, before);
    if (outcome != 0) {
        return refuse_inflation(&inflation, coding, outcome);
    }
    free(*body);
    *body = plain;
    *len = plain_len;
    reserve_less(call, plain_len);
    return 0;
}

bool otlp_call_is_late(const struct otlp_call *call)
{
    return call->timeout_ns != UINT64_MAX &&
           now_ns(call->context) - call->began_ns >= call->timeout_ns;
}

static void count_oddities(struct otlp_call *call, const struct span_set *set)
{
    struct otlp_transport_counters *counters =
        &call->context->counters.by[call->service->transport];
    counter_add(&counters->duplicate_keys, set->duplicate_keys);
    counter_add(&counters->bad_texts, set->bad_texts);
    counter_add(&counters->table_references, set->table_references);
}

static void refuse_message(struct otlp_call *call, int outcome, size_t message_bytes)
{
    struct otlp_answer no_room;
    static const struct otlp_answer malformed = {
        .kind = ANSWER_MALFORMED,
        .message = "not an ExportTraceServiceRequest: malformed protobuf"};
    static const struct otlp_answer too_deep = {.kind = ANSWER_MALFORMED,
                                                .message = "an attribute is nested too deep"};
    static const struct otlp_answer too_many = {
        .kind = ANSWER_TOO_LARGE, .message = "more spans or resources than the limits allow"};
    switch (outcome) {
    case OTLP_MALFORMED:
        otlp_call_answer(call, call->is_json ? &too_deep : &malformed);
        break;
    case OTLP_TOO_MANY:
        otlp_call_answer(call, &too_many);
        break;
    default:
        no_room = otlp_call_no_room(call->context, message_bytes);
        otlp_call_answer(call, &no_room);
        break;
    }
}

/* What was reserved goes with the set; the call may be gone afterwards. */
static void hand_over(struct otlp_call *call, struct span_set *take_set)
{
    struct admission_port *port = call->context->options.port;
    span_set_take_charge(take_set, call->reserved_bytes);
    call->reserved_bytes = 0;
    call->submitted = true;
    port->submit(port, take_set, &call->waiter);
}

void otlp_call_submit(struct otlp_call *call, uint8_t *take_body, size_t body_bytes,
                      struct bytes message, const struct otlp_json_notes *notes)
{
    const struct otlp_receiver_options *options = &call->context->options;
    struct span_set *set;
    reserve_less(call, body_bytes);
    enum stage before = stages_enter(options->stages, STAGE_DECODE);
    uint64_t received_ns = options->stages != NULL ? options->stages->since_ns : 0;
    struct otlp_limits limits = options->limits;
    limits.listed = options->port->listed;
    int outcome = otlp_decode(take_body, body_bytes, message, options->port->shards, &limits, &set);
    (void)stages_enter(options->stages, before);
    if (outcome != 0) {
        refuse_message(call, outcome, message.len);
        return;
    }
    set->received_ns = received_ns;
    call->decoded_spans = set->span_count;
    call->rejected_spans = set->rejected;
    set->duplicate_keys += notes != NULL ? notes->duplicate_keys : 0;
    count_oddities(call, set);
    otlp_words(call->message, sizeof call->message, set, notes);
    if (set->span_count > 0 || set->rejected > 0) {
        hand_over(call, set);
    } else {
        span_set_unref(set);
        on_done(&call->waiter, ADMISSION_OK, 0);
    }
}

void otlp_call_closed(struct otlp_call *call)
{
    if (call == NULL) {
        return;
    }
    call->request = NULL;
    if (!call->submitted) {
        call_free(call);
    }
}

void otlp_context_orphan(struct otlp_context *context)
{
    while (!list_empty(&context->calls)) {
        struct otlp_call *call = container_of(context->calls.next, struct otlp_call, link);
        list_remove(&call->link);
        if (call->submitted) {
            call->context = NULL;
        } else {
            call_free(call);
        }
    }
}
