/* One connection of the HTTP/2 server, and its streams. Bytes go through nghttp2; what it tells
 * becomes requests.
 *
 * A connection that is closed while one of its callbacks runs is freed when the outermost of them
 * returns. Thread rule: confined to its server's worker. Only for http2*.c. */
#ifndef ASSERTD_NET_HTTP2_CONNECTION_H
#define ASSERTD_NET_HTTP2_CONNECTION_H

#include "daemon/core/arena.h"
#include "daemon/core/buf.h"
#include "daemon/core/list.h"
#include "daemon/net/http2.h"
#include "daemon/net/http2_guard.h"
#include "daemon/net/http2_memory.h"
#include "daemon/net/http_incoming.h"
#include "daemon/net/http_shell.h"

#define HTTP2_SCRATCH_BYTES 262144
/* Of the default body limit: what all bodies of a connection may hold together; a further one is
 * answered 503. */
#define HTTP2_BODIES_PER_CONNECTION 4

struct nghttp2_session;
struct nghttp2_session_callbacks;
struct nghttp2_option;

struct http2_server {
    struct http2_options options;
    struct http_shell shell;
    struct nghttp2_session_callbacks *callbacks;
    struct nghttp2_option *option;
    struct http2_memory *memory; /* the library's */
    uint8_t scratch[HTTP2_SCRATCH_BYTES];
};

struct http2_connection {
    struct list link;
    struct http2_server *server;
    struct transport *transport; /* NULL: closed */
    struct loop_fd *watch;
    struct loop_timer *timer;
    uint64_t timer_ns;  /* when the timer fires, UINT64_MAX: not set */
    unsigned callbacks; /* under way */
    struct nghttp2_session *session;
    struct http2_guard guard;
    struct http2_keepalive keepalive;
    struct list streams;
    struct list reading; /* streams whose body is not complete, the one that was looked at longest
                            ago first */
    struct list whole;   /* streams whose request is whole and waits for a later turn of the loop */
    size_t handed_bytes; /* of requests that the handler got in this turn */
    uint32_t stream_count;
    bool receiving; /* within nghttp2_session_mem_recv */
    bool started;   /* the client's SETTINGS came */
    bool failed;    /* GOAWAY with an error is on its way: nothing new begins */
    bool broken;    /* the library had no memory for what must be said: to be closed */
    bool end;       /* the peer sends no more */
    bool lingering; /* all is sent: reading until the peer has seen it */
    struct buf output;
    size_t sent;           /* of output */
    uint64_t held_bytes;   /* of bodies of requests */
    uint64_t unsent_bytes; /* of bodies of answers */
    size_t stream_bytes;   /* of streams and their headers */
    size_t buffer_bytes;   /* in all, but for bodies, as the server's memory knows */
    uint64_t dropped;      /* while lingering */
    uint64_t idle_ns;      /* when the last stream ended; while lingering: when that began */
    uint64_t block_ns;     /* when an unfinished header block began, 0: none */
    int32_t block_id;      /* its stream */
    uint64_t write_ns, write_bytes; /* when the present time-out began, and what went out since */
};

struct http2_stream {
    struct list link;
    struct list reading_link;
    struct http2_connection *connection;
    struct http_incoming incoming;
    int32_t id;
    struct arena arena; /* headers of the request, trailers of the answer; dies with the stream */
    struct http_header *headers;
    size_t header_room;
    size_t header_bytes; /* as RFC 9113 section 6.5.2 counts */
    uint64_t announced;  /* content-length, UINT64_MAX: none */
    size_t body_room;
    size_t held_bytes; /* its share of stream_bytes */
    bool too_large;    /* the headers */
    bool starved;      /* no memory for them */
    bool grpc;
    bool begun;                       /* the handler knows of the request and has not answered */
    bool complete;                    /* the request is whole */
    bool answered;                    /* what still comes is dropped */
    bool open;                        /* the answer goes on */
    bool held;                        /* the answer waits for the end of the request */
    uint64_t dropped;                 /* meanwhile */
    uint64_t period_ns, period_bytes; /* since when, and how much body came */
    uint8_t *answer;                  /* its body */
    size_t answer_len;
    size_t answer_sent;
    void *head, *trailers; /* of the answer: arrays of nghttp2_nv in the arena */
    size_t head_count, trailer_count;
};

/* Takes the transport over in any case. */
void http2_connection_new(struct http2_server *server, struct transport *take_transport);

/* GOAWAY: open streams finish, then it closes. */
void http2_connection_drain(struct http2_connection *connection);
/* The same without sending it yet, from inside of the connection. */
void http2_connection_send_away(struct http2_connection *connection);

/* Closes at once; the handler hears of unanswered requests. */
void http2_connection_close(struct http2_connection *connection);

/* Ends it with GOAWAY; what is received further is ignored. */
void http2_connection_fail(struct http2_connection *connection, uint32_t error_code);

/* Ends it as http2_connection_fail does with ENHANCE_YOUR_CALM, and says why ("too_many_pings"). */
void http2_connection_calm(struct http2_connection *connection, const char *why);

/* Spends of the guard's budget, and counts it; ends the connection when the budget is exceeded. */
void http2_connection_spend(struct http2_connection *connection, enum http_oddity oddity);

/* Sends what the session has to say, unless that happens anyway further up the stack. */
void http2_connection_kick(struct http2_connection *connection);

/* The functions that nghttp2 calls. NULL: no memory. */
struct nghttp2_session_callbacks *http2_callbacks_new(void);

/* A stream that the client opened. NULL: no memory. */
struct http2_stream *http2_stream_new(struct http2_connection *connection, int32_t id);
/* Ends it; the handler hears of an unanswered request. */
void http2_stream_free(struct http2_stream *stream);

/* The steps of a request, in order. Header: 0; 1: far beyond the limit, give up. */
int http2_stream_header(struct http2_stream *stream, struct bytes name, struct bytes value);
void http2_stream_begin(struct http2_stream *stream);
void http2_stream_data(struct http2_stream *stream, struct bytes data);
void http2_stream_end(struct http2_stream *stream);

/* Hands whole requests to the handler, as many as one turn of the loop is for: other connections
 * wait for them. The rest stays in connection->whole. */
void http2_streams_hand(struct http2_connection *connection);

/* The rest of the body is not waited for: resets the stream. */
void http2_stream_cancel(struct http2_stream *stream);

/* Sends an answer, once. */
void http2_stream_answer(struct http2_stream *stream, const struct http_response *response);

/* Makes of an answer what *stream keeps: header, body, trailers. 0, or 1: no memory. */
int http2_answer_prepare(struct http2_stream *stream, const struct http_response *response);
/* Submits it. 0, or 1: no memory. */
int http2_answer_submit(struct http2_stream *stream);

/* Joins a further part to an answer that goes on. 0, or 1: no memory. */
int http2_answer_continue(struct http2_stream *stream, const struct http_response *response);

#endif
