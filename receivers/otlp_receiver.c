/* Puts together: two servers, their services, what the calls share. */
#include "receivers/otlp_receiver.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "daemon/core/cache_line.h"
#include "daemon/core/memory.h"
#include "daemon/net/http1.h"
#include "daemon/net/http2.h"
#include "receivers/grpc_health.h"
#include "receivers/grpc_service.h"
#include "receivers/http_service.h"
#include "receivers/otlp_call.h"

/* Of HTTP/1.1: let in though limits.memory is full, to be answered 503 with a hint. Nothing of a
 * gRPC call fits then: its library asks for memory, too. */
#define CONNECTIONS_RESERVED 16u

struct otlp_receiver {
    struct otlp_context context;
    struct http2_server *grpc;
    struct http1_server *http;
};

/* Written for every request: no neighbour on the heap stands on the same line. */
_Static_assert(offsetof(struct otlp_receiver, context.counters) >= CACHE_LINE, "what is before it");
_Static_assert(sizeof(struct otlp_receiver) - offsetof(struct otlp_receiver, context.calls) >=
                   CACHE_LINE,
               "what is behind it");

static int start_servers(struct otlp_receiver *receiver)
{
    const struct otlp_receiver_options *options = &receiver->context.options;
    struct http2_options grpc = {
        .loop = options->loop,
        .limits = options->http,
        .handler = &grpc_service_handler,
        .self = &receiver->context,
        .counters = &receiver->context.counters.grpc,
        .budget = {options->port->budget, BUDGET_BODIES, BUDGET_CONNECTIONS, 0},
    };
    struct http1_options http = {
        .loop = options->loop,
        .limits = options->http,
        .handler = &http_service_handler,
        .self = &receiver->context,
        .counters = &receiver->context.counters.http,
        .budget = {options->port->budget, BUDGET_BODIES, BUDGET_CONNECTIONS,
                   .reserve = CONNECTIONS_RESERVED},
    };
    int outcome = http2_server_new(&receiver->grpc, &grpc);
    return outcome != 0 ? outcome : http1_server_new(&receiver->http, &http);
}

int otlp_receiver_new(struct otlp_receiver **ret, const struct otlp_receiver_options *options)
{
    struct otlp_receiver *receiver = memory_alloc(sizeof *receiver);
    if (receiver == NULL) {
        return -ENOMEM;
    }
    memset(receiver, 0, sizeof *receiver);
    receiver->context.options = *options;
    receiver->context.options.limits.budget = options->port->budget;
    if (options->clock == NULL) {
        receiver->context.options.clock = &clock_system;
    }
    list_init(&receiver->context.calls);
    list_init(&receiver->context.watchers);
    int outcome = start_servers(receiver);
    if (outcome != 0) {
        otlp_receiver_free(receiver);
        return outcome;
    }
    *ret = receiver;
    return 0;
}

void otlp_receiver_accept_grpc(struct otlp_receiver *receiver, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http2_server_accept(receiver->grpc, transport);
    }
}

void otlp_receiver_accept_http(struct otlp_receiver *receiver, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http1_server_accept(receiver->http, transport);
    }
}

void otlp_receiver_drain(struct otlp_receiver *receiver)
{
    receiver->context.draining = true;
    grpc_health_drain(&receiver->context);
    http2_server_drain(receiver->grpc);
    http1_server_drain(receiver->http);
}

uint32_t otlp_receiver_open(const struct otlp_receiver *receiver)
{
    return http2_server_open(receiver->grpc) + http1_server_open(receiver->http);
}

const struct otlp_counters *otlp_receiver_counters(const struct otlp_receiver *receiver)
{
    return &receiver->context.counters;
}

void otlp_receiver_free(struct otlp_receiver *receiver)
{
    if (receiver == NULL) {
        return;
    }
    if (receiver->grpc != NULL) {
        http2_server_free(receiver->grpc);
    }
    if (receiver->http != NULL) {
        http1_server_free(receiver->http);
    }
    otlp_context_orphan(&receiver->context);
    buf_deinit(&receiver->context.body);
    buf_deinit(&receiver->context.message);
    buf_deinit(&receiver->context.details);
    inflater_deinit(&receiver->context.inflater);
    free(receiver);
}
