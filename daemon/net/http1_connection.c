#include "daemon/net/http1_connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/core/memory.h"

#define HEAD_READ_BYTES  16384
#define CHUNK_READ_BYTES 65536
#define READS_PER_TURN   8
/* A peer that is still writing has as long again, up to so long in all. */
#define LINGER_NS      (2 * NS_PER_S)
#define LINGER_MOST_NS (30 * NS_PER_S)

static const struct http_limits *limits_of(const struct http1_connection *c)
{
    return &c->server->options.limits;
}

static struct http_counters *counters_of(const struct http1_connection *c)
{
    return c->server->options.counters;
}

static uint64_t now_of(const struct http1_connection *c)
{
    return loop_now_ns(c->server->options.loop);
}

static void free_memory(struct http1_connection *c)
{
    http_memory_free_body(&c->server->shell.memory, &c->incoming.request);
    http_memory_hold(&c->server->shell.memory, &c->held_bytes, 0);
    buf_deinit(&c->input);
    buf_deinit(&c->next);
    buf_deinit(&c->output);
    free(c);
}

void http1_connection_close(struct http1_connection *c)
{
    if (c->transport != NULL) {
        c->callbacks++;
        http1_request_abandon(c);
        loop_timer_free(c->timer);
        loop_fd_free(c->watch);
        c->transport->type->free(c->transport);
        c->transport = NULL;
        http_shell_leave(&c->server->shell, &c->link, counters_of(c));
        c->callbacks--;
    }
    if (c->callbacks == 0) {
        free_memory(c);
    }
}

/* Everything was sent: the peer may still be writing, and a plain close would destroy what it has
 * not read yet. */
static void linger(struct http1_connection *c)
{
    if (c->end) {
        http1_connection_close(c);
        return;
    }
    c->transport->type->shutdown(c->transport);
    buf_deinit(&c->input);
    buf_deinit(&c->next);
    c->start = c->scanned = 0;
    c->dropped = 0;
    c->linger_ns = http_deadline(now_of(c), LINGER_MOST_NS);
    http1_connection_set_phase(c, HTTP1_LINGER);
}

static void flush(struct http1_connection *c)
{
    while (http1_connection_has_output(c)) {
        struct iovec part = {c->output.data + c->sent, c->output.len - c->sent};
        ssize_t put = c->transport->type->write(c->transport, &part, 1);
        if (put == -EAGAIN) {
            return;
        }
        if (put <= 0) {
            http1_connection_close(c);
            return;
        }
        c->sent += (size_t)put;
        c->write_bytes += (uint64_t)put;
        counter_add(&counters_of(c)->bytes_sent, (uint64_t)put);
    }
    c->sent = 0;
    buf_reset(&c->output);
    if (c->output.size > HTTP1_KEEP_BYTES) {
        buf_deinit(&c->output);
    }
    if (c->phase == HTTP1_FLUSH) {
        linger(c);
    }
}

static uint64_t phase_timeout(const struct http1_connection *c)
{
    switch (c->phase) {
    case HTTP1_HEAD:
        return c->seasoned && http1_connection_input(c) == 0 ? limits_of(c)->idle_timeout_ns
                                                             : limits_of(c)->header_timeout_ns;
    case HTTP1_BODY:
    case HTTP1_DISCARD:
        return limits_of(c)->body_timeout_ns;
    case HTTP1_LINGER:
        return LINGER_NS;
    case HTTP1_ANSWER:
    case HTTP1_FLUSH:
        break;
    }
    return UINT64_MAX;
}

static uint64_t deadline(const struct http1_connection *c)
{
    uint64_t write = http1_connection_has_output(c)
                         ? http_deadline(c->write_ns, limits_of(c)->write_timeout_ns)
                         : UINT64_MAX;
    return c->throttled ? write : http_earlier(write, http_deadline(c->phase_ns, phase_timeout(c)));
}

static bool reads(const struct http1_connection *c)
{
    return !c->end && ((c->phase <= HTTP1_DISCARD && !c->throttled) || c->phase == HTTP1_LINGER);
}

static unsigned wanted_events(const struct http1_connection *c)
{
    bool watches = c->phase == HTTP1_ANSWER && !c->unwatched;
    return (reads(c) || watches ? LOOP_READ : 0u) |
           (http1_connection_has_output(c) ? LOOP_WRITE : 0u);
}

/* A later deadline leaves the timer as it is: it fires early, finds nothing due and is set anew. */
static int set_timer(struct http1_connection *c)
{
    uint64_t due = deadline(c);
    if (due >= c->timer_ns) {
        return 0;
    }
    uint64_t now = now_of(c);
    c->timer_ns = due;
    return loop_timer_set(c->timer, due > now ? due - now : 0);
}

bool http1_connection_is_held_back(const struct http1_connection *c)
{
    size_t unsent = c->output.len - c->sent;
    return unsent > limits_of(c)->output_bytes ||
           (unsent != 0 && http_memory_is_full(&c->server->shell.memory));
}

static void enter(struct http1_connection *c)
{
    c->callbacks++;
}

/* Sends what there is, goes on when that made room, and waits for what is missing. */
static void leave(struct http1_connection *c)
{
    if (c->callbacks == 1 && c->transport != NULL) {
        flush(c);
        while (c->transport != NULL && c->throttled && !http1_connection_is_held_back(c)) {
            c->throttled = false;
            c->scanned = 0;
            http1_request_run(c);
            if (c->transport != NULL) {
                flush(c);
            }
        }
    }
    c->callbacks--;
    if (c->callbacks != 0) {
        return;
    }
    if (c->transport == NULL) {
        free_memory(c);
        return;
    }
    http_memory_hold(&c->server->shell.memory, &c->held_bytes,
                     c->input.size + c->next.size + c->output.size);
    if (loop_fd_set(c->watch, wanted_events(c)) != 0 || set_timer(c) != 0) {
        http1_connection_close(c);
    }
}

/* http_respond of a request of this connection. */
static void respond(struct http_incoming *incoming, const struct http_response *response)
{
    struct http1_connection *c = container_of(incoming, struct http1_connection, incoming);
    assert(c->phase == HTTP1_ANSWER && c->transport != NULL);
    enter(c);
    http1_request_answer(c, response);
    if (!c->running) {
        http1_request_run(c);
    }
    leave(c);
}

static void end_of_stream(struct http1_connection *c)
{
    c->end = true;
    if (c->phase == HTTP1_BODY || c->phase == HTTP1_LINGER || !http1_connection_has_output(c)) {
        http1_connection_close(c);
    } else {
        c->close = true;
        http1_connection_set_phase(c, HTTP1_FLUSH);
    }
}

static ssize_t receive(struct http1_connection *c, void *to, size_t bytes)
{
    ssize_t got = to != NULL ? c->transport->type->read(c->transport, to, bytes) : -ENOMEM;
    c->drained = got < (ssize_t)bytes;
    if (got > 0) {
        c->phase_bytes += (uint64_t)got;
        counter_add(&counters_of(c)->bytes_received, (uint64_t)got);
    } else if (got == 0) {
        end_of_stream(c);
    } else if (got != -EAGAIN) {
        http1_connection_close(c);
    }
    return got;
}

static ssize_t receive_append(struct http1_connection *c, struct buf *buf, size_t bytes)
{
    ssize_t got = receive(c, buf_reserve(buf, bytes), bytes);
    if (got > 0) {
        buf->len += (size_t)got;
    }
    return got;
}

/* By way of the scratch, so that a connection's own buffer is no larger than what came. */
static ssize_t receive_head(struct http1_connection *c)
{
    http1_connection_compact(c);
    if (c->input.len == 0) {
        c->phase_ns = now_of(c); /* the time-out of a head begins with its first byte */
    }
    ssize_t got = receive(c, c->server->scratch, HEAD_READ_BYTES);
    if (got > 0) {
        buf_append(&c->input, c->server->scratch, (size_t)got);
    }
    return got;
}

static ssize_t receive_length(struct http1_connection *c)
{
    struct http_request *request = &c->incoming.request;
    ssize_t got = receive(c, request->body + request->body_len, (size_t)c->left);
    if (got > 0) {
        request->body_len += (size_t)got;
        c->left -= (uint64_t)got;
    }
    return got;
}

static uint64_t linger_bytes(const struct http1_connection *c)
{
    uint64_t bodies = (uint64_t)limits_of(c)->body_bytes * HTTP1_LINGER_BODIES;
    return bodies > HTTP1_DISCARD_MAX ? bodies : HTTP1_DISCARD_MAX;
}

static ssize_t receive_unwanted(struct http1_connection *c)
{
    bool counted = c->phase == HTTP1_DISCARD;
    size_t most = counted && c->left < HTTP1_SCRATCH_BYTES ? (size_t)c->left : HTTP1_SCRATCH_BYTES;
    ssize_t got = receive(c, c->server->scratch, most);
    if (got > 0) {
        c->dropped += (uint64_t)got;
        c->left -= counted ? (uint64_t)got : 0;
    }
    if (got > 0 && !counted && c->dropped > linger_bytes(c)) {
        http1_connection_close(c);
    }
    return got;
}

/* One read to where the bytes belong; <= 0: there is no more now. */
static ssize_t receive_some(struct http1_connection *c)
{
    if (c->phase == HTTP1_HEAD) {
        return receive_head(c);
    }
    if (c->phase == HTTP1_LINGER || (c->phase == HTTP1_DISCARD && !c->head.chunked)) {
        return receive_unwanted(c);
    }
    return c->head.chunked ? receive_append(c, &c->next, CHUNK_READ_BYTES) : receive_length(c);
}

static void tell_end(struct http1_connection *c, bool ended)
{
    const struct http_handler *handler = c->server->options.handler;
    if (ended && c->begun && handler->ended != NULL) {
        handler->ended(c->server->options.self, &c->incoming.request);
    }
}

/* While the handler has the request. A peer that has only ended its side still wants the answer
 * (RFC 9112 section 9.6), one that broke the connection does not. */
static void look_after_peer(struct http1_connection *c)
{
    ssize_t got = c->transport->type->peek(c->transport);
    if (got >= 0) {
        c->unwatched = true;
        tell_end(c, got == 0);
    } else if (got != -EAGAIN) {
        http1_connection_close(c);
    }
}

static void ready(void *self, int fd, unsigned events)
{
    struct http1_connection *c = self;
    (void)fd;
    enter(c);
    if (c->phase == HTTP1_ANSWER) {
        look_after_peer(c);
    }
    c->handed_bytes = 0;
    for (int i = 0; i < READS_PER_TURN && (events & LOOP_READ) != 0 && c->transport != NULL &&
                    reads(c) && c->handed_bytes < HTTP_TURN_BYTES;
         i++) {
        ssize_t got = receive_some(c);
        if (c->transport != NULL && c->phase <= HTTP1_DISCARD) {
            http1_request_run(c);
        }
        if (got <= 0 || c->drained) {
            break;
        }
    }
    leave(c);
}

static void expire_write(struct http1_connection *c, uint64_t now)
{
    if (http_is_brisk(c->write_bytes, limits_of(c)->write_timeout_ns)) {
        c->write_ns = now;
        c->write_bytes = 0;
        return;
    }
    counter_add(&counters_of(c)->timeouts, 1);
    http1_connection_close(c);
}

static void expire_phase(struct http1_connection *c)
{
    if (c->phase == HTTP1_BODY && http_is_brisk(c->phase_bytes, limits_of(c)->body_timeout_ns)) {
        http1_connection_set_phase(c, HTTP1_BODY);
    } else if (c->phase == HTTP1_LINGER && http_is_brisk(c->phase_bytes, LINGER_NS) &&
               now_of(c) < c->linger_ns) {
        http1_connection_set_phase(c, HTTP1_LINGER);
    } else if (c->phase == HTTP1_BODY) {
        http1_request_refuse(c, 408, "the body came too slowly");
    } else if (c->phase == HTTP1_HEAD && http1_connection_input(c) != 0) {
        c->incoming.request = (struct http_request){0};
        http1_request_refuse(c, 408, "the headers came too slowly");
    } else {
        counter_add(&counters_of(c)->timeouts, c->phase == HTTP1_HEAD && !c->seasoned ? 1 : 0);
        http1_connection_close(c);
    }
}

static void timer_fired(void *self)
{
    struct http1_connection *c = self;
    uint64_t now = now_of(c);
    enter(c);
    c->timer_ns = UINT64_MAX;
    if (http1_connection_has_output(c) &&
        now >= http_deadline(c->write_ns, limits_of(c)->write_timeout_ns)) {
        expire_write(c, now);
    } else if (!c->throttled && now >= http_deadline(c->phase_ns, phase_timeout(c))) {
        expire_phase(c);
    }
    leave(c);
}

void http1_connection_new(struct http1_server *server, struct transport *take_transport)
{
    struct http1_connection *c = memory_alloc(sizeof *c);
    if (c == NULL) {
        http_memory_leave(&server->shell.memory);
        take_transport->type->free(take_transport);
        return;
    }
    memset(c, 0, sizeof *c);
    c->server = server;
    c->transport = take_transport;
    c->timer_ns = UINT64_MAX;
    c->incoming.respond = respond;
    http_shell_enter(&server->shell, &c->link, server->options.counters);
    enter(c);
    http1_connection_set_phase(c, HTTP1_HEAD);
    if (loop_timer_new(&c->timer, server->options.loop, timer_fired, c) != 0 ||
        loop_fd_new(&c->watch, server->options.loop, take_transport->fd, LOOP_READ, ready, c) !=
            0) {
        http1_connection_close(c);
    }
    leave(c);
}

void http1_connection_drain(struct http1_connection *c)
{
    enter(c);
    c->close = true;
    if (c->phase == HTTP1_HEAD && http1_connection_input(c) == 0 &&
        !http1_connection_has_output(c)) {
        http1_connection_close(c);
    } else if (c->phase == HTTP1_HEAD && http1_connection_input(c) == 0) {
        http1_connection_set_phase(c, HTTP1_FLUSH);
    }
    leave(c);
}
