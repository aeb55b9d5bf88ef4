/* A client of HTTP/2 for tests, over nghttp2's client session on a socket pair; and raw frames for
 * what a client never sends. Thread rule: the test's. */
#ifndef ASSERTD_TESTS_NET_HTTP2_PEER_H
#define ASSERTD_TESTS_NET_HTTP2_PEER_H

#include <nghttp2/nghttp2.h>

#include "tests/net/socket_peer.h"

#define HTTP2_PEER_STREAMS 2000

struct http2_answer {
    struct bytes upload; /* what is still to be sent of the request's body */
    bool closed;
    uint32_t reset;               /* error code with which it closed */
    struct buf headers, trailers; /* "name: value\n" */
    struct buf body;
};

struct http2_peer {
    struct socket_peer socket;
    nghttp2_session *session;
    size_t fed; /* of socket.got */
    bool raw;   /* frames were sent past the session: it rests, and only GOAWAY is looked for */
    struct http2_answer answers[HTTP2_PEER_STREAMS]; /* by (stream ID - 1) / 2 */
    bool goaway;
    uint32_t goaway_code;
    char goaway_text[32]; /* the first that was told */
    uint32_t max_streams;
};

/* Opens the client; returns the server's end. */
struct transport *http2_peer_open(struct http2_peer *peer, struct loop *loop);
void http2_peer_close(struct http2_peer *peer);

/* Submits a request with extra headers ("name", "value", ..., NULL). The body (borrowed) may be
 * empty. Returns the answer's place. */
struct http2_answer *http2_peer_request(struct http2_peer *peer, const char *method,
                                        const char *path, struct bytes body,
                                        const char *const *headers);

/* The stream ID of an answer. */
int32_t http2_peer_stream(const struct http2_peer *peer, const struct http2_answer *answer);

/* Moves bytes both ways and turns the loop, once. */
void http2_peer_turn(struct http2_peer *peer);
/* Moves until the answer is complete, until GOAWAY, until the connection ended; a few times for
 * what must not happen. */
void http2_peer_wait(struct http2_peer *peer, const struct http2_answer *answer);
void http2_peer_wait_goaway(struct http2_peer *peer, uint32_t code);
void http2_peer_wait_end(struct http2_peer *peer);
void http2_peer_idle(struct http2_peer *peer);

/* Sends a frame past the session, which rests from then on: type, flags, stream, payload. False:
 * the server closed. */
bool http2_peer_raw(struct http2_peer *peer, uint8_t type, uint8_t flags, uint32_t stream_id,
                    const void *payload, size_t len);

/* Whether a header list holds "name: value". */
bool http2_peer_has(const struct buf *headers, const char *line);

#endif
