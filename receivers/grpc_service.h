/* OTLP over gRPC (its PROTOCOL-HTTP2 page): paths, content types, the five-byte frame, deadlines,
 * status trailers.
 *
 * `self` of the handler is a struct otlp_context. Thread rule: as otlp_call.h. */
#ifndef ASSERTD_RECEIVERS_GRPC_SERVICE_H
#define ASSERTD_RECEIVERS_GRPC_SERVICE_H

#include "daemon/net/http.h"

/* For an HTTP/2 server that allows a gRPC body the prefix beyond its limit. */
extern const struct http_handler grpc_service_handler;

/* Nanoseconds of a grpc-timeout ("10S", "100m"). 0; 1: malformed. */
int grpc_timeout_parse(struct bytes text, uint64_t *ret_ns);

#endif
