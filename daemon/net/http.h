/* What HTTP/1.1 and HTTP/2 servers have in common for those who answer requests.
 *
 * A server parses, bounds and buffers; the handler sees whole requests and answers each exactly
 * once, now or later, on the same thread. Thread rule: confined to the connection's worker. */
#ifndef ASSERTD_NET_HTTP_H
#define ASSERTD_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/budget.h"
#include "daemon/core/bytes.h"
#include "daemon/core/counter.h"
#include "daemon/net/http2_keepalive.h"

struct http_header {
    struct bytes
        name; /* lower case for HTTP/2, as sent for HTTP/1.1: compare with bytes_is_nocase */
    struct bytes value;
};

/* One request being read or answered. Views live until it was answered. */
struct http_request {
    struct bytes method;
    struct bytes path;  /* without the query */
    struct bytes query; /* after '?', may be empty */
    const struct http_header *headers;
    size_t header_count;
    struct bytes content_type;     /* value of the header, empty when absent */
    struct bytes content_encoding; /* content-encoding; for gRPC: grpc-encoding */
    struct bytes user_agent;
    uint8_t *body; /* malloc'ed; a handler may take it (and set it NULL) */
    size_t body_len;
    size_t body_charge; /* what stands in the budget for `body`; who takes it takes this too */
    void *state;        /* the handler's own, see http_handler.closed */
};

/* The value of header `name` (any case), empty when absent; `.data` NULL tells absence. */
struct bytes http_request_header(const struct http_request *request, const char *name);

struct http_response {
    unsigned status;
    const char *content_type;          /* NULL: none */
    const struct http_header *headers; /* further ones */
    size_t header_count;
    const struct http_header
        *trailers; /* HTTP/2 only (gRPC); status 200 with no body and trailers: trailers-only */
    size_t trailer_count;
    struct bytes body; /* copied */
    bool more;         /* HTTP/2, not from `begin`: http_respond comes again, with further body */
    bool close;        /* close the connection after it */
    bool patient;      /* HTTP/2, from `begin`: not before the request is whole or beyond 64 KiB,
                          for clients that do not read while they write */
};

/* Sends the answer of a request and, unless it says `more`, ends the request: of what comes then
 * only body and trailers count, and `closed` may come before it returns. Must be called exactly
 * once without `more` unless `closed` came. */
void http_respond(struct http_request *request, const struct http_response *response);

/* After `begin` returned 0 exactly one of two things ends a request: the handler's http_respond
 * (allowed within `complete`), or `closed`. After `begin` returned 1 neither happens. `refuse` may
 * come before `begin`, then only what was read is there. */
struct http_handler {
    /* Headers are complete, the body is not read: returns 0 to go on, or writes a refusal into
     * *ret_refusal and returns 1 (the body is then dropped or the connection closed). `announced`
     * is the body's length, UINT64_MAX if unknown. */
    int (*begin)(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal);
    /* The request is whole. The handler answers with http_respond. */
    void (*complete)(void *self, struct http_request *request);
    /* A protocol error is about to be answered by the server itself (400, 408, 413, 431, ...): may
     * fill body and content_type so that errors look alike (google.rpc.Status). `scratch` views
     * must live until return + send: static or in request state. May be NULL. */
    void (*refuse)(void *self, struct http_request *request, unsigned status, const char *reason,
                   struct http_response *response);
    /* The peer went away, or was refused, before the answer: forget the request. May be NULL. */
    void (*closed)(void *self, struct http_request *request);
    /* HTTP/1.1: the peer has ended its side before the answer. It may have gone, or may still wait
     * for it: a handler that can answer early should. May be NULL. */
    void (*ended)(void *self, struct http_request *request);
};

struct http_limits {
    size_t header_bytes;         /* 32 KiB: 431; request line 8 KiB: 414 */
    size_t body_bytes;           /* 64 MiB as sent: 413, for gRPC + prefix */
    uint64_t header_timeout_ns;  /* whole header: 10 s, 408 */
    uint64_t body_timeout_ns;    /* less than 1 KiB/s over: 30 s, 408 */
    uint64_t idle_timeout_ns;    /* between requests: 300 s */
    uint64_t write_timeout_ns;   /* peer does not read: 30 s, closed */
    size_t output_bytes;         /* greatest unsent output of a connection: 4 MiB */
    uint32_t connections;        /* per listener and worker; further ones are closed at once */
    uint32_t concurrent_streams; /* HTTP/2: 256 */
    uint32_t window_bytes; /* HTTP/2 stream window: 1 MiB; the connection's is four times that */
    struct http2_keepalive_limits keepalive; /* HTTP/2 */
};

#define HTTP_LIMITS_DEFAULT                                                                        \
    ((struct http_limits){32768, 67108864, 10000000000, 30000000000, 300000000000, 30000000000,    \
                          4194304, 4096, 256, 1048576, HTTP2_KEEPALIVE_DEFAULT})

/* What a server's connections take their memory from, for bodies and for all else. */
struct http_budget {
    struct budget *budget; /* NULL: nothing is counted */
    enum budget_owner bodies, buffers;
    uint32_t reserve; /* connections that are let in where there is no room, to be told so */
};

/* What peers do over HTTP/2 that costs us more than it costs them: each is borne, up to a budget.
 */
enum http_oddity {
    HTTP_ODDITY_RESET,        /* the peer resets a stream */
    HTTP_ODDITY_MADE_RESET,   /* it makes us reset one */
    HTTP_ODDITY_REFUSED,      /* a stream beyond the limits, refused */
    HTTP_ODDITY_CONTINUATION, /* a header block in pieces */
    HTTP_ODDITY_EMPTY_DATA,   /* DATA without data and without an end */
    HTTP_ODDITY_CHATTER,      /* PING, SETTINGS, PRIORITY, ... beyond what answers have earned */
    HTTP_ODDITIES
};

/* Written by the worker, read by /metrics. */
struct http_counters {
    struct counter connections_opened, connections_closed, requests, bytes_received, bytes_sent;
    struct counter protocol_errors, timeouts, refused_connections;
    struct counter oddities[HTTP_ODDITIES];
    struct counter calmed; /* connections ended with ENHANCE_YOUR_CALM: too many of them */
};

#endif
