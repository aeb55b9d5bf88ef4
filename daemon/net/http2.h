/* An HTTP/2 server over nghttp2 (RFC 9113), h2c with prior knowledge; made for gRPC's unary calls.
 *
 * Raw reads of 64 KiB and more into nghttp2_session_mem_recv; windows of 1 MiB per stream; what a
 * connection buffers is bounded. Floods (resets, settings, pings, continuations, empty DATA,
 * server-made resets) cost "glitches"; too many end the connection with ENHANCE_YOUR_CALM. A stream
 * ID lower than before is a PROTOCOL_ERROR. Thread rule: one server per worker; connections are
 * confined to it. */
#ifndef ASSERTD_NET_HTTP2_H
#define ASSERTD_NET_HTTP2_H

#include "daemon/net/http.h"
#include "daemon/net/loop.h"
#include "daemon/net/transport.h"

struct http2_server;

struct http2_options {
    struct loop *loop;
    struct http_limits limits;
    const struct http_handler *handler;
    void *self;
    struct http_counters *counters;
    struct http_budget budget;
};

/* 0, or -ENOMEM. The handler and the counters outlive the server; `options` is copied. */
int http2_server_new(struct http2_server **ret, const struct http2_options *options);
/* Takes over a connection. */
void http2_server_accept(struct http2_server *server, struct transport *take_transport);
/* GOAWAY to all; open streams finish. */
void http2_server_drain(struct http2_server *server);
uint32_t http2_server_open(const struct http2_server *server);
void http2_server_free(struct http2_server *server);

#endif
