/* The patience with the peer of an HTTP/2 connection: for a header block, a body, the reading of an
 * answer, a further request, the answer to a PING; and what happens when it ends. Who is slow, but
 * brisk enough (http_is_brisk), gets the same time again. Pure but for the connection; time is
 * handed in. Thread rule: confined to its connection. */
#ifndef ASSERTD_NET_HTTP2_DEADLINE_H
#define ASSERTD_NET_HTTP2_DEADLINE_H

#include "daemon/net/http2_connection.h"

/* When the first of them ends; UINT64_MAX: nothing is waited for. */
uint64_t http2_deadline_next(const struct http2_connection *connection);

/* Does what is due, one of them a call: closes, tells the peer to go, cancels streams. The caller
 * holds the connection (it may be closed by this). */
void http2_deadline_act(struct http2_connection *connection, uint64_t now_ns);

/* The stream whose body has been waited for longest; NULL: there is none. */
struct http2_stream *http2_deadline_first_body(const struct http2_connection *connection);

#endif
