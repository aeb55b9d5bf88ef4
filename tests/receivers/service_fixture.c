#include "tests/receivers/service_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static void count_refused(void *self, uint64_t requests, uint64_t rejected_spans)
{
    struct service *service = self;
    service->refused_requests += requests;
    service->rejected_spans += rejected_spans;
}

void service_init(struct service *service, const struct http_handler *handler)
{
    memset(service, 0, sizeof *service);
    service->handler = handler;
    service->clock = clock_manual_at(1000, 2000);
    fake_admission_init(&service->admission);
    service->context.options = (struct otlp_receiver_options){
        .clock = &service->clock.base,
        .port = &service->admission.port,
        .http = HTTP_LIMITS_DEFAULT,
        .limits = OTLP_LIMITS_DEFAULT,
        .refused = count_refused,
        .self = service,
    };
    service->context.options.http.body_bytes = 65536;
    service->context.options.limits.budget = &service->admission.account;
    list_init(&service->context.calls);
    list_init(&service->context.watchers);
}

void service_deinit(struct service *service)
{
    otlp_context_orphan(&service->context);
    buf_deinit(&service->context.body);
    buf_deinit(&service->context.message);
    buf_deinit(&service->context.details);
    inflater_deinit(&service->context.inflater);
    if (budget_total(&service->admission.account) != 0) {
        fprintf(stderr, "%llu bytes still in the budget\n",
                (unsigned long long)budget_total(&service->admission.account));
        abort();
    }
}

static void keep_header(struct exchange *exchange, struct bytes name, struct bytes value)
{
    buf_append_bytes(&exchange->head, name);
    buf_append_text(&exchange->head, ": ");
    buf_append_bytes(&exchange->head, value);
    buf_append_char(&exchange->head, '\n');
}

static void keep(struct exchange *exchange, const struct http_response *response)
{
    exchange->answers++;
    exchange->status = response->status;
    if (response->content_type != NULL) {
        keep_header(exchange, BYTES_LITERAL("content-type"), bytes_of(response->content_type));
    }
    for (size_t i = 0; i < response->header_count; i++) {
        keep_header(exchange, response->headers[i].name, response->headers[i].value);
    }
    for (size_t i = 0; i < response->trailer_count; i++) {
        keep_header(exchange, response->trailers[i].name, response->trailers[i].value);
    }
    buf_append_bytes(&exchange->body, response->body);
}

static void free_body(struct exchange *exchange)
{
    struct http_request *request = &exchange->incoming.request;
    free(request->body);
    request->body = NULL;
    budget_give(exchange->account, BUDGET_BODIES, request->body_charge);
    request->body_charge = 0;
}

static void respond(struct http_incoming *incoming, const struct http_response *response)
{
    struct exchange *exchange = container_of(incoming, struct exchange, incoming);
    keep(exchange, response);
    free_body(exchange);
}

static void set_headers(struct exchange *exchange, const char *const *headers)
{
    struct http_request *request = &exchange->incoming.request;
    for (; headers != NULL && headers[0] != NULL; headers += 2) {
        struct http_header header = {bytes_of(headers[0]), bytes_of(headers[1])};
        exchange->headers[request->header_count++] = header;
        if (bytes_is_nocase(header.name, "content-type")) {
            request->content_type = header.value;
        } else if (bytes_is_nocase(header.name, "content-encoding") ||
                   bytes_is_nocase(header.name, "grpc-encoding")) {
            request->content_encoding = header.value;
        }
    }
    request->headers = exchange->headers;
}

void exchange_begin(struct exchange *exchange, struct service *service, const char *method,
                    const char *path, const char *const *headers, uint64_t announced)
{
    struct http_response refusal;
    memset(exchange, 0, sizeof *exchange);
    memset(&refusal, 0, sizeof refusal);
    exchange->account = &service->admission.account;
    exchange->incoming.respond = respond;
    exchange->incoming.request.method = bytes_of(method);
    exchange->incoming.request.path = bytes_of(path);
    set_headers(exchange, headers);
    exchange->refused = service->handler->begin(&service->context, &exchange->incoming.request,
                                                announced, &refusal) != 0;
    if (exchange->refused) {
        keep(exchange, &refusal);
    }
}

void exchange_complete(struct exchange *exchange, struct service *service, struct bytes body)
{
    struct http_request *request = &exchange->incoming.request;
    if (exchange->refused) {
        return;
    }
    if (body.len > 0) {
        request->body = malloc(body.len);
        memcpy(request->body, body.data, body.len);
        request->body_len = body.len;
        request->body_charge = body.len;
        budget_add(&service->admission.account, BUDGET_BODIES, body.len);
    }
    service->handler->complete(&service->context, request);
}

void exchange_close(struct exchange *exchange, struct service *service)
{
    service->handler->closed(&service->context, &exchange->incoming.request);
    free_body(exchange);
}

void exchange_run(struct exchange *exchange, struct service *service, const char *path,
                  const char *const *headers, struct bytes body)
{
    exchange_begin(exchange, service, "POST", path, headers, UINT64_MAX);
    exchange_complete(exchange, service, body);
}

void exchange_deinit(struct exchange *exchange)
{
    buf_deinit(&exchange->head);
    buf_deinit(&exchange->body);
}

const char *exchange_header(struct exchange *exchange, const char *name)
{
    static char value[4096];
    size_t name_len = strlen(name);
    struct bytes rest = buf_bytes(&exchange->head);
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = (size_t)(end - rest.data);
        if (len > name_len && bytes_is_nocase(bytes_from(rest.data, name_len), name) &&
            rest.data[name_len] == ':') {
            snprintf(value, sizeof value, "%.*s", (int)(len - name_len - 2),
                     (const char *)rest.data + name_len + 2);
            return value;
        }
        rest = bytes_from(end + 1, rest.len - len - 1);
    }
    return NULL;
}
