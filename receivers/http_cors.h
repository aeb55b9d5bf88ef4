/* What a browser has to be told so that a page of another origin may send spans (CORS, the Fetch
 * standard).
 *
 * Credentials are never allowed, so that "*" harms nobody. Off while no origin is allowed. Pure.
 * Thread rule: the settings are immutable. */
#ifndef ASSERTD_RECEIVERS_HTTP_CORS_H
#define ASSERTD_RECEIVERS_HTTP_CORS_H

#include <stdbool.h>

#include "config/options.h"
#include "daemon/core/buf.h"
#include "daemon/net/http.h"

/* Headers that http_cors_headers adds, at most. */
#define HTTP_CORS_HEADERS_MAX 5

struct http_cors {
    struct config_texts origins; /* "https://shop.example"; one "*" stands for any text */
    struct config_texts headers; /* beside Content-Type and Content-Encoding; "*": any */
    uint64_t max_age_ns;         /* how long a browser may remember the answer */
};

/* Whether the request's Origin is one that is allowed. */
bool http_cors_allows(const struct http_cors *cors, const struct http_request *request);

/* Whether a browser asks for leave. */
bool http_cors_is_preflight(const struct http_request *request);

/* Writes the headers of an answer to an allowed request into `ret`, of a preflight's if that is
 * what it is; `text` holds what they are made of. How many; 0 without memory. */
size_t http_cors_headers(const struct http_cors *cors, const struct http_request *request,
                         struct buf *text, struct http_header ret[HTTP_CORS_HEADERS_MAX]);

#endif
