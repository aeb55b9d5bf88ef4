/* An HTTP/1.1 server for public ports: a strict reader (RFC 9112) that refuses every ambiguity.
 *
 * Keep-alive, pipelining in order, chunked bodies, Expect: 100-continue; a body with a known length
 * is read straight into its final place. Refused: both Content-Length and Transfer-Encoding,
 * repeated or odd lengths, folded lines, bare CR or LF, blanks before the colon, missing or
 * repeated Host, unknown transfer codings (501). Thread rule: one server per worker; connections
 * are confined to it. */
#ifndef ASSERTD_NET_HTTP1_H
#define ASSERTD_NET_HTTP1_H

#include "daemon/net/http.h"
#include "daemon/net/loop.h"
#include "daemon/net/transport.h"

struct http1_server;

struct http1_options {
    struct loop *loop;
    struct http_limits limits;
    const struct http_handler *handler;
    void *self; /* for the handler */
    struct http_counters *counters;
    struct http_budget budget;
    bool post_without_length; /* a POST without a length has no body, as "curl -X POST" sends it;
                                 else 411 */
};

/* 0, or -ENOMEM. The handler and the counters outlive the server; `options` is copied. */
int http1_server_new(struct http1_server **ret, const struct http1_options *options);

/* Takes over a connection. */
void http1_server_accept(struct http1_server *server, struct transport *take_transport);

/* No further requests: idle connections are closed, others after their answer (Connection: close).
 */
void http1_server_drain(struct http1_server *server);

/* Connections still open. */
uint32_t http1_server_open(const struct http1_server *server);

/* Closes everything. */
void http1_server_free(struct http1_server *server);

#endif
