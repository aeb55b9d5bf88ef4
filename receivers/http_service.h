/* OTLP over HTTP: /v1/traces and its siblings, protobuf and JSON, gzip; errors as google.rpc.Status
 * in the request's type.
 *
 * `self` of the handler is a struct otlp_context. Thread rule: as otlp_call.h. */
#ifndef ASSERTD_RECEIVERS_HTTP_SERVICE_H
#define ASSERTD_RECEIVERS_HTTP_SERVICE_H

#include "daemon/net/http.h"

/* For an HTTP/1.1 server. */
extern const struct http_handler http_service_handler;

enum http_encoding { HTTP_PROTOBUF, HTTP_JSON, HTTP_ENCODING_UNKNOWN };

/* The encoding that a Content-Type names; parameters are ignored but for a charset other than
 * UTF-8. */
enum http_encoding http_encoding_of(struct bytes content_type);

#endif
