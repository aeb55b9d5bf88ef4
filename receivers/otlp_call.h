/* One OTLP request between its header and its answer: the budget it holds, the spans it gave, who
 * waits for the answer.
 *
 * Begun when the header is complete, ended by the answer. In between the peer may go away
 * (otlp_call_closed) and the admission may answer late: the call lives until both are through with
 * it. `reserved_bytes` stand in the budget for the body in all its forms, until the set of its
 * spans takes them over. Thread rule: confined to the receiver's worker. */
#ifndef ASSERTD_RECEIVERS_OTLP_CALL_H
#define ASSERTD_RECEIVERS_OTLP_CALL_H

#include "daemon/core/list.h"
#include "daemon/net/inflate.h"
#include "receivers/otlp_answer.h"
#include "receivers/otlp_json.h"
#include "receivers/otlp_receiver.h"

/* What all calls of a receiver share. */
struct otlp_context {
    struct otlp_receiver_options options;
    struct otlp_counters counters;
    struct list calls;    /* struct otlp_call.link */
    struct list watchers; /* of the health, likewise */
    bool draining;
    /* Parts of the answer being written; their views live until the next one is. */
    struct buf body, message, details;
    char number[12];
    struct inflater inflater;
    struct http_header headers[2 + HTTP_CORS_HEADERS_MAX], trailers[4];
};

struct otlp_call;

/* Writes the answer to the peer with http_respond. `answer` is borrowed. */
typedef void (*otlp_answer_fn)(struct otlp_context *context, struct http_request *request,
                               const struct otlp_call *call, const struct otlp_answer *answer);

/* A service, as its calls see it. */
struct otlp_service {
    enum otlp_transport transport;
    otlp_answer_fn answer;
};

struct otlp_call {
    struct admission_waiter waiter;
    struct list link;
    struct otlp_context *context; /* NULL: the receiver is gone */
    struct http_request *request; /* NULL: the peer is gone */
    const struct otlp_service *service;
    size_t reserved_bytes;
    bool submitted;
    bool is_json;            /* the request's encoding */
    bool is_other_signal;    /* logs, metrics, profiles: read and dropped */
    int health;              /* enum grpc_health_method; not HEALTH_NONE: no export at all */
    bool is_watching;        /* told of the health, and told again at the end */
    bool is_unknown_service; /* that health was asked of */
    uint64_t began_ns;       /* monotonic */
    uint64_t timeout_ns;     /* UINT64_MAX: none */
    uint32_t decoded_spans;
    uint32_t rejected_spans;
    char message[512]; /* for partial_success, empty: none */
};

/* Asks whether a request is welcome (`announced` may be UINT64_MAX) and attaches a call to
 * request->state. 0; 1: a refusal in *ret_refusal. */
int otlp_call_begin(struct otlp_context *context, struct http_request *request, uint64_t announced,
                    const struct otlp_service *service, struct otlp_call **ret,
                    struct otlp_answer *ret_refusal);

/* Decodes the message, a slice of `take_body` (malloc'ed, consumed), submits its spans and sees to
 * the answer. `notes` of the transcoder, or NULL. The call may be gone afterwards. */
void otlp_call_submit(struct otlp_call *call, uint8_t *take_body, size_t body_bytes,
                      struct bytes message, const struct otlp_json_notes *notes);

/* Answers without submitting; the call is gone afterwards. */
void otlp_call_answer(struct otlp_call *call, const struct otlp_answer *answer);

/* Takes over what stands in the budget for the request's body. Once, when the request is whole. */
void otlp_call_take_charge(struct otlp_call *call);

/* Makes sure that at least `bytes` stand in the budget for this call, before they are allocated. 0;
 * 1: refused, the call has been answered and is gone. */
int otlp_call_reserve(struct otlp_call *call, size_t bytes);

/* The answer where there is no room for `bytes`, with the time when there will be. Counted. */
struct otlp_answer otlp_call_no_room(struct otlp_context *context, size_t bytes);

/* Undoes the compression of a slice of *body (malloc'ed; freed and replaced). What both take is
 * reserved as it grows. 0; 1: refused, the call has been answered and is gone, *body is as it was.
 */
int otlp_call_inflate(struct otlp_call *call, uint8_t **body, size_t *len,
                      enum inflate_coding coding, struct bytes compressed);

/* Whether the call's deadline has passed. */
bool otlp_call_is_late(const struct otlp_call *call);

/* The peer went away: no answer any more. NULL is fine. */
void otlp_call_closed(struct otlp_call *call);

/* Counts a request that was refused for good, or that is to be sent again. */
void otlp_context_count_failed(struct otlp_context *context, enum otlp_transport transport);
void otlp_context_count_refused(struct otlp_context *context, enum otlp_transport transport);

/* Forgets all calls that wait for the admission: they end without an answer. */
void otlp_context_orphan(struct otlp_context *context);

#endif
