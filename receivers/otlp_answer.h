/* What an OTLP server answers: one outcome, worded for gRPC and for HTTP, in protobuf and in JSON.
 *
 * The codes are DESIGN section 6 (opentelemetry-proto 1.11, "Failures", "Bad Data", "Throttling"):
 * a wrong one makes the sender drop data. Errors are google.rpc.Status with google.rpc.RetryInfo or
 * BadRequest; successes are Export*ServiceResponse. Texts are cut at OTLP_MESSAGE_MAX, so that no
 * answer comes near 4 MiB. Pure functions. */
#ifndef ASSERTD_RECEIVERS_OTLP_ANSWER_H
#define ASSERTD_RECEIVERS_OTLP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/buf.h"

#define OTLP_MESSAGE_MAX 1024

enum otlp_answer_kind {
    ANSWER_OK,
    ANSWER_MALFORMED,     /* INVALID_ARGUMENT, 400: with BadRequest */
    ANSWER_UNREADABLE,    /* INTERNAL, 400: framing, decompression */
    ANSWER_TOO_LARGE,     /* RESOURCE_EXHAUSTED without RetryInfo, 413 */
    ANSWER_UNAVAILABLE,   /* UNAVAILABLE + RetryInfo, 503 + Retry-After */
    ANSWER_LATE,          /* DEADLINE_EXCEEDED, 504 */
    ANSWER_UNIMPLEMENTED, /* UNIMPLEMENTED, 501 */
    ANSWER_NOT_FOUND,     /* NOT_FOUND, 404 */
    ANSWER_METHOD,        /* UNIMPLEMENTED, 405 */
    ANSWER_MEDIA_TYPE,    /* UNIMPLEMENTED, 415 */
    ANSWER_OTHER, /* an HTTP server's own refusal: UNKNOWN, the code is left out of the body */
};

struct otlp_answer {
    enum otlp_answer_kind kind;
    const char *message; /* English; with ANSWER_OK: partial_success.error_message, NULL for none */
    const char *field;   /* path of the bad member, for BadRequest; NULL: the body */
    uint64_t rejected_spans; /* with ANSWER_OK */
    uint32_t retry_after_ms; /* with ANSWER_UNAVAILABLE */
    bool tell_encodings;     /* the request's compression is not known here: name those that are */
};

/* The numbers of google.rpc.Code and of HTTP. */
unsigned otlp_answer_grpc_code(enum otlp_answer_kind kind);
unsigned otlp_answer_http_status(enum otlp_answer_kind kind);

/* Whether the sender may come again with the same request. */
bool otlp_answer_is_retryable(enum otlp_answer_kind kind);

/* Whole seconds of Retry-After, at least 1. */
unsigned otlp_answer_retry_after_s(const struct otlp_answer *answer);

/* Appends the google.rpc.Status of a refusal. */
void otlp_answer_status(struct buf *out, const struct otlp_answer *answer);
void otlp_answer_status_json(struct buf *out, const struct otlp_answer *answer);

/* Appends the Export*ServiceResponse of a success: nothing (in JSON `{}`) unless spans were
 * rejected or there is a message. */
void otlp_answer_success(struct buf *out, const struct otlp_answer *answer);
void otlp_answer_success_json(struct buf *out, const struct otlp_answer *answer);

/* Appends a text as the value of grpc-message (percent-encoded, gRPC's PROTOCOL-HTTP2). */
void otlp_answer_grpc_message(struct buf *out, const char *message);

#endif
