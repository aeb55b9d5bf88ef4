/* Where verdicts and sampled traces arrive: a Kafka broker for assertd's verdicts, an OTLP/gRPC
 * server for what the Collector sampled. Looks for the IDs of probes (ids.h) and notes how long
 * after the probe's sending each came, once for each probe.
 *
 * Prints both addresses, then waits for SIGTERM and prints one line of JSON. The last 65,536 probes
 * of each way are remembered. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/clock.h"
#include "daemon/core/hex.h"
#include "daemon/net/http2.h"
#include "daemon/net/listener.h"
#include "daemon/net/loop.h"
#include "daemon/net/transport.h"
#include "tests/bench/body.h"
#include "tests/bench/broker.h"
#include "tests/bench/histogram.h"
#include "tests/bench/ids.h"

#define REMEMBERED 65536

/* One for each way, confined to the thread on which it arrives. */
struct arrivals {
    struct histogram delays;
    uint32_t seen[REMEMBERED]; /* probe number + 1 */
    uint64_t messages;
};

static struct arrivals spans_arrivals, verdicts_arrivals;

static void see(struct arrivals *arrivals, const uint8_t *id)
{
    uint64_t sent_ns = probe_sent_ns(id);
    uint32_t number = probe_number(id);
    uint32_t *seen = &arrivals->seen[number % REMEMBERED];
    if (sent_ns != 0 && *seen != number + 1) {
        *seen = number + 1;
        histogram_add(&arrivals->delays, clock_system.monotonic_ns(&clock_system) - sent_ns);
    }
}

/* A verdict's key is its trace's ID. */
static void see_verdict(void *self, struct bytes key)
{
    struct arrivals *arrivals = self;
    uint8_t id[TRACE_ID_BYTES];
    arrivals->messages++;
    if (hex_parse(key, id, sizeof id) == 0) {
        see(arrivals, id);
    }
}

static void see_spans(struct arrivals *arrivals, struct bytes message)
{
    struct body body;
    arrivals->messages++;
    if (body_from(&body, message) != 0) {
        return;
    }
    for (uint32_t i = 0; i < body.span_count; i++) {
        see(arrivals, body.bytes.data + body.places[i].offset);
    }
    body_deinit(&body);
}

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    (void)self, (void)request, (void)announced, (void)ret_refusal;
    return 0;
}

static void complete(void *self, struct http_request *request)
{
    static const struct http_header status = {{(const uint8_t *)"grpc-status", 11},
                                              {(const uint8_t *)"0", 1}};
    struct http_response response = {.status = 200,
                                     .content_type = "application/grpc",
                                     .trailers = &status,
                                     .trailer_count = 1,
                                     .body = bytes_from("\0\0\0\0\0", 5)};
    see_spans(self, bytes_from(request->body, request->body_len));
    http_respond(request, &response);
}

static const struct http_handler handler = {.begin = begin, .complete = complete};

static void accepted(void *self, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http2_server_accept(self, transport);
    }
}

static void stop(void *self)
{
    loop_stop(self);
}

static void print(const char *name, const struct arrivals *arrivals)
{
    printf("\"%s\": {\"messages\": %" PRIu64 ", \"delays\": ", name, arrivals->messages);
    histogram_print(&arrivals->delays);
    printf("}");
}

int main(void)
{
    static struct http_counters counters;
    struct loop *loop = NULL;
    struct http2_server *server = NULL;
    struct listener *listener = NULL;
    char error[LISTENER_ADDRESS_MAX + 128] = "no memory";
    struct broker *broker = broker_new("assertd-verdicts", see_verdict, &verdicts_arrivals);
    signal(SIGPIPE, SIG_IGN);
    if (broker == NULL || loop_new(&loop) != 0 ||
        http2_server_new(&server, &(struct http2_options){.loop = loop,
                                                          .limits = HTTP_LIMITS_DEFAULT,
                                                          .handler = &handler,
                                                          .self = &spans_arrivals,
                                                          .counters = &counters}) != 0 ||
        listener_new(&listener, loop, "127.0.0.1:0", accepted, server, error, sizeof error) != 0 ||
        loop_on_signal(loop, SIGTERM, stop, loop) != 0) {
        fprintf(stderr, "sink: %s\n", error);
        return 1;
    }
    printf("spans %s\nverdicts %s\n", listener_address(listener), broker_address(broker));
    fflush(stdout);
    loop_run(loop);
    broker_free(broker);
    printf("{");
    print("spans", &spans_arrivals);
    printf(", ");
    print("verdicts", &verdicts_arrivals);
    printf("}\n");
    listener_free(listener);
    http2_server_free(server);
    loop_free(loop);
    return 0;
}
