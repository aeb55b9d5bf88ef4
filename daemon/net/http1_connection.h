/* One connection of the HTTP/1.1 server: reads a request, hands it over, sends the answer, reads
 * the next.
 *
 * A request's views point into `input`, which does not move until the request was answered; reading
 * pauses meanwhile, but a connection that the peer broke is noticed. A connection that is closed
 * while one of its callbacks runs is freed when the outermost of them returns. Thread rule:
 * confined to its server's worker. Only for http1.c. */
#ifndef ASSERTD_NET_HTTP1_CONNECTION_H
#define ASSERTD_NET_HTTP1_CONNECTION_H

#include "daemon/core/buf.h"
#include "daemon/core/list.h"
#include "daemon/net/http1.h"
#include "daemon/net/http1_parse.h"
#include "daemon/net/http_incoming.h"
#include "daemon/net/http_shell.h"

#define HTTP1_SCRATCH_BYTES 65536
/* A body that nobody wants is read up to here, to keep the connection; beyond, closing it is
 * cheaper. */
#define HTTP1_DISCARD_MAX (UINT64_C(1) << 20)
/* What a refused peer still writes is read so many times the greatest body far, since a client
 * that writes before it reads would otherwise lose the answer to a reset. */
#define HTTP1_LINGER_BODIES 4
/* Buffers that are kept while a connection is idle. */
#define HTTP1_KEEP_BYTES 4096

struct http1_server {
    struct http1_options options;
    struct http_shell shell;
    uint8_t scratch[HTTP1_SCRATCH_BYTES]; /* for bytes that nobody wants */
};

enum http1_phase {
    HTTP1_HEAD,    /* between requests, or within a head */
    HTTP1_BODY,    /* begun, reading its body */
    HTTP1_DISCARD, /* answered already, dropping its body */
    HTTP1_ANSWER,  /* whole, waiting for the handler */
    HTTP1_FLUSH,   /* no more requests: sending what is left */
    HTTP1_LINGER,  /* all is sent: reading until the peer has seen it */
};

struct http1_connection {
    struct list link;
    struct http1_server *server;
    struct transport *transport; /* NULL: closed */
    struct loop_fd *watch;
    struct loop_timer *timer;
    uint64_t timer_ns;  /* when the timer fires, UINT64_MAX: not set */
    unsigned callbacks; /* under way */
    enum http1_phase phase;
    bool running;   /* parsing, further down the stack */
    bool begun;     /* the handler knows of the request and has not answered */
    bool close;     /* after this request */
    bool end;       /* the peer sends no more */
    bool drained;   /* the last read got less than it asked for */
    bool throttled; /* waits until answers were sent */
    bool unwatched; /* while it waits for the answer: more came, or the end; both can wait */
    bool seasoned;  /* had a request: may be idle for longer */
    struct http_incoming incoming;
    struct http1_head head;
    struct http1_chunks chunks;
    struct buf input; /* dies with the request that it begins with */
    size_t start;     /* of what is not used yet */
    size_t scanned;   /* bytes from start on that hold no line end */
    struct buf next;  /* of a chunked body: what is not taken apart yet */
    uint64_t left;    /* of a body of known length */
    size_t body_room;
    uint64_t overhead; /* bytes of a chunked body that are not body */
    uint64_t dropped;
    uint64_t linger_ns; /* when lingering ends, however brisk the peer */
    struct buf output;
    size_t sent;                       /* of output */
    uint64_t phase_ns, write_ns;       /* when the present time-outs began */
    uint64_t phase_bytes, write_bytes; /* moved since then */
    size_t held_bytes;                 /* by the buffers, as the server's memory knows */
    size_t handed_bytes;               /* of requests that the handler got in this turn */
};

/* Bytes that came and were not used yet, but for those of a chunked body. */
static inline size_t http1_connection_input(const struct http1_connection *connection)
{
    return connection->input.len - connection->start;
}

/* Whether there is something to send. */
static inline bool http1_connection_has_output(const struct http1_connection *connection)
{
    return connection->sent < connection->output.len;
}

/* Whether enough waits to be sent that no further request should be read: a peer that does not read
 * its answers must not make them grow, and where memory is short not even one more. */
bool http1_connection_is_held_back(const struct http1_connection *connection);

/* Takes the transport over in any case. */
void http1_connection_new(struct http1_server *server, struct transport *take_transport);

/* Closes when idle, else after the present request. */
void http1_connection_drain(struct http1_connection *connection);

/* Closes at once; the handler hears of an unanswered request. */
void http1_connection_close(struct http1_connection *connection);

/* Enters a phase; its time-out begins. */
void http1_connection_set_phase(struct http1_connection *connection, enum http1_phase phase);

/* Between requests: gives back what only a request needed, moves the rest of the input to the
 * front. */
void http1_connection_compact(struct http1_connection *connection);

/* Goes on with the bytes at hand until more are needed, or an answer; it may close the connection.
 */
void http1_request_run(struct http1_connection *connection);

/* Takes the handler's answer and gets ready for the next request. */
void http1_request_answer(struct http1_connection *connection,
                          const struct http_response *response);

/* Answers with an error of the protocol; what follows on the connection cannot be trusted. */
void http1_request_refuse(struct http1_connection *connection, unsigned status, const char *reason);

/* Makes the handler forget a request that it has begun. */
void http1_request_abandon(struct http1_connection *connection);

#endif
