/* The OTLP receiver of one worker: gRPC and HTTP connections in, span sets to the admission port,
 * exact answers out.
 *
 * Answers follow opentelemetry-proto's specification 1.11 (OTLP/gRPC, OTLP/HTTP) and DESIGN section
 * 6; every HTTP error body is a google.rpc.Status in the request's content type. Thread rule: one
 * per worker, confined to it; counters may be read by any thread. */
#ifndef ASSERTD_RECEIVERS_OTLP_RECEIVER_H
#define ASSERTD_RECEIVERS_OTLP_RECEIVER_H

#include "daemon/core/clock.h"
#include "daemon/core/stages.h"
#include "daemon/model/admission.h"
#include "daemon/net/http.h"
#include "daemon/net/loop.h"
#include "receivers/http_cors.h"
#include "receivers/otlp_decode.h"
#include "receivers/user_agents.h"

struct otlp_receiver;

enum other_signals { OTHER_SIGNALS_DISCARD, OTHER_SIGNALS_REFUSE };

enum otlp_transport { OTLP_GRPC, OTLP_HTTP, OTLP_TRANSPORTS };

/* What became of the requests of one transport. Requests for the health service and for other
 * signals are in `requests` only. */
struct otlp_transport_counters {
    struct counter requests;          /* whose header was read */
    struct counter accepted_requests; /* answered with success, partial ones too */
    struct counter refused_requests;  /* to be sent again: busy, draining */
    struct counter failed_requests;   /* refused for good: malformed, too large */
    struct counter accepted_spans;
    struct counter rejected_spans; /* by partial success */
    struct counter refused_spans;  /* of refused requests, as far as they were decoded */
    /* Taken as they are: attributes (or members of JSON) given twice; spans, resources and scopes
     * with text that is not UTF-8; such with strings of a table that is not there. */
    struct counter duplicate_keys, bad_texts, table_references;
    struct user_agents user_agents;
};

struct otlp_counters {
    struct http_counters grpc, http;
    struct otlp_transport_counters by[OTLP_TRANSPORTS];
    struct counter other_signals;
};

struct otlp_receiver_options {
    struct loop *loop;
    const struct clock *clock; /* for grpc-timeout; NULL: clock_system */
    struct stages *stages;     /* where the worker's time goes; NULL: nobody asks */
    struct admission_port *port;
    struct http_limits http; /* body_bytes = limits.request_bytes, also after decompression */
    struct otlp_limits limits;
    enum other_signals other_signals;
    const char *traces_path; /* over HTTP; NULL: /v1/traces */
    struct http_cors cors;
    /* A request was refused for good, or spans were rejected (to count against the campaign). May
     * be NULL. */
    void (*refused)(void *self, uint64_t requests, uint64_t rejected_spans);
    void *self;
};

/* 0, or a negative errno. The loop and the port outlive the receiver; `options` is copied. */
int otlp_receiver_new(struct otlp_receiver **ret, const struct otlp_receiver_options *options);
/* Takes an accepted descriptor. */
void otlp_receiver_accept_grpc(struct otlp_receiver *receiver, int take_fd);
void otlp_receiver_accept_http(struct otlp_receiver *receiver, int take_fd);
/* GOAWAY and Connection: close; requests under way are answered. */
void otlp_receiver_drain(struct otlp_receiver *receiver);
uint32_t otlp_receiver_open(const struct otlp_receiver *receiver);
const struct otlp_counters *otlp_receiver_counters(const struct otlp_receiver *receiver);
void otlp_receiver_free(struct otlp_receiver *receiver);

#endif
