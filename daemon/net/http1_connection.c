#include "daemon/net/http1_connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/core/memory.h"
#include "daemon/net/http1_response.h"

#define HEAD_READ_BYTES 16384
#define CHUNK_READ_BYTES 65536
#define READS_PER_TURN 8
/* A body that nobody wants is read up to here, to keep the connection; beyond, closing it is cheaper. */
#define DISCARD_MAX (UINT64_C(1) << 20)
#define LINGER_NS (2 * NS_PER_S)
/* Slower than this over a whole time-out is a peer that only holds on to the connection. */
#define SLOWEST_BYTES_PER_S 1024
/* Buffers that are kept while a connection is idle. */
#define KEEP_BYTES 4096

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

static void set_phase(struct http1_connection *c, enum http1_phase phase)
{
    c->phase = phase;
    c->phase_ns = now_of(c);
    c->phase_bytes = 0;
}

static void free_memory(struct http1_connection *c)
{
    free(c->incoming.request.body);
    buf_deinit(&c->input);
    buf_deinit(&c->next);
    buf_deinit(&c->output);
    free(c);
}

/* The handler forgets the request. */
static void abandon(struct http1_connection *c)
{
    const struct http_handler *handler = c->server->options.handler;
    if (c->begun && handler->closed != NULL) {
        c->begun = false;
        handler->closed(c->server->options.self, &c->incoming.request);
    }
    c->begun = false;
}

void http1_connection_close(struct http1_connection *c)
{
    if (c->transport != NULL) {
        c->callbacks++;
        abandon(c);
        loop_timer_free(c->timer);
        loop_fd_free(c->watch);
        c->transport->type->free(c->transport);
        c->transport = NULL;
        list_remove(&c->link);
        c->server->open--;
        counter_add(&counters_of(c)->connections_closed, 1);
        c->callbacks--;
    }
    if (c->callbacks == 0) {
        free_memory(c);
    }
}

static bool has_output(const struct http1_connection *c)
{
    return c->sent < c->output.len;
}

static size_t input_len(const struct http1_connection *c)
{
    return c->input.len - c->start;
}

/* Between requests: gives back what only a request needed, moves the rest to the front. */
static void compact_input(struct http1_connection *c)
{
    size_t len = input_len(c);
    if (len == 0 && c->input.size > KEEP_BYTES) {
        buf_deinit(&c->input);
    } else if (c->start != 0 && c->input.data != NULL) {
        memmove(c->input.data, c->input.data + c->start, len);
        c->input.len = len;
    }
    c->start = 0;
}

static void finish_request(struct http1_connection *c)
{
    free(c->incoming.request.body);
    c->incoming.request = (struct http_request){ 0 };
    if (c->head.chunked) {
        buf_deinit(&c->input);
        c->input = c->next;
        c->next = BUF_NULL;
        c->start = 0;
    }
    if (input_len(c) == 0) {
        compact_input(c);
    }
    c->scanned = 0;
    c->seasoned = true;
    c->close = c->close || c->server->draining;
    set_phase(c, c->close ? HTTP1_FLUSH : HTTP1_HEAD);
}

static void append_response(struct http1_connection *c, const struct http_response *response)
{
    const struct http1_response_frame frame = { loop_wall_ns(c->server->options.loop), c->close,
                                                bytes_is(c->incoming.request.method, "HEAD") };
    if (!has_output(c)) {
        c->write_ns = now_of(c);
        c->write_bytes = 0;
    }
    http1_response_append(&c->output, response, &frame);
}

/* Answers with an error of the protocol; what follows on the connection cannot be trusted. */
static void refuse(struct http1_connection *c, unsigned status, const char *reason)
{
    const struct http1_options *options = &c->server->options;
    struct http_response response = { .status = status, .content_type = "text/plain", .body = bytes_of(reason) };
    counter_add(status == 408 ? &options->counters->timeouts : &options->counters->protocol_errors, 1);
    c->close = true;
    if (options->handler->refuse != NULL) {
        options->handler->refuse(options->self, &c->incoming.request, status, reason, &response);
    }
    append_response(c, &response);
    abandon(c);
    free(c->incoming.request.body);
    c->incoming.request = (struct http_request){ 0 };
    set_phase(c, HTTP1_FLUSH);
}

static void end_of_body(struct http1_connection *c)
{
    if (c->phase == HTTP1_DISCARD) {
        finish_request(c);
        return;
    }
    set_phase(c, HTTP1_ANSWER);
    c->server->options.handler->complete(c->server->options.self, &c->incoming.request);
}

static bool grow_body(struct http1_connection *c, size_t more)
{
    struct http_request *request = &c->incoming.request;
    size_t room = c->body_room;
    if (request->body_len + more <= room) {
        return true;
    }
    room = room * 2 > request->body_len + more ? room * 2 : request->body_len + more;
    room = room < limits_of(c)->body_bytes ? room : limits_of(c)->body_bytes;
    uint8_t *body = memory_resize(request->body, request->body_len, room);
    if (body == NULL) {
        return false;
    }
    request->body = body;
    c->body_room = room;
    return true;
}

static void take_body(struct http1_connection *c, struct bytes piece)
{
    struct http_request *request = &c->incoming.request;
    if (c->phase == HTTP1_DISCARD) {
        c->dropped += piece.len;
        if (c->dropped > DISCARD_MAX) {
            c->close = true;
            set_phase(c, HTTP1_FLUSH);
        }
    } else if (piece.len > limits_of(c)->body_bytes - request->body_len) {
        refuse(c, 413, "the body is too large");
    } else if (!grow_body(c, piece.len)) {
        refuse(c, 503, "no memory for the body");
    } else if (piece.len != 0) {
        memcpy(request->body + request->body_len, piece.data, piece.len);
        request->body_len += piece.len;
    }
}

/* Takes what is at hand of a body of known length; whether the connection got further by it. */
static bool run_length(struct http1_connection *c)
{
    size_t len = input_len(c) < c->left ? input_len(c) : (size_t)c->left;
    if (len != 0) {
        take_body(c, bytes_from(c->input.data + c->start, len));
        c->start += len;
        c->left -= len;
    }
    if (c->left == 0 && c->phase <= HTTP1_DISCARD) {
        end_of_body(c);
        return true;
    }
    return false;
}

static void run_chunk_end(struct http1_connection *c, int end)
{
    if (end == CHUNKS_END) {
        end_of_body(c);
    } else if (end == CHUNKS_BAD && c->phase == HTTP1_BODY) {
        refuse(c, 400, "malformed chunk");
    } else if (end == CHUNKS_BAD) {
        c->close = true;
        set_phase(c, HTTP1_FLUSH);
    }
}

/* Takes apart what is at hand of a chunked body. What is used is cut off once, not for each chunk. */
static bool run_chunks(struct http1_connection *c)
{
    size_t used_all = 0;
    int end = c->next.len != 0 ? 0 : CHUNKS_MORE;
    while (end == 0 && c->phase <= HTTP1_DISCARD) {
        size_t used;
        struct bytes piece;
        end = http1_chunks_take(&c->chunks, bytes_from(c->next.data + used_all, c->next.len - used_all), &used, &piece);
        used_all += used;
        c->overhead += used - piece.len;
        take_body(c, piece);
    }
    if (used_all != 0) {
        memmove(c->next.data, c->next.data + used_all, c->next.len - used_all);
        c->next.len -= used_all;
    }
    if (c->overhead > limits_of(c)->body_bytes) {
        end = CHUNKS_BAD;
    }
    if (c->phase == HTTP1_BODY && c->chunks.left > limits_of(c)->body_bytes - c->incoming.request.body_len) {
        refuse(c, 413, "the body is too large");
    } else if (c->phase <= HTTP1_DISCARD) {
        run_chunk_end(c, end);
    }
    return end == CHUNKS_END;
}

/* The answer came before the body: the body is dropped, or the connection closed where that is cheaper. */
static void answer_early(struct http1_connection *c, const struct http_response *response)
{
    bool expensive = c->head.expects_continue || (!c->head.chunked && c->left > DISCARD_MAX);
    c->close = c->close || response->close || expensive;
    append_response(c, response);
    set_phase(c, expensive || (c->close && (c->head.chunked || c->left != 0)) ? HTTP1_FLUSH : HTTP1_DISCARD);
}

static void begin_body(struct http1_connection *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    c->begun = true;
    set_phase(c, HTTP1_BODY);
    if (!c->head.chunked && c->left != 0) {
        c->body_room = (size_t)c->left;
        c->incoming.request.body = memory_alloc(c->body_room);
    }
    if (c->body_room != 0 && c->incoming.request.body == NULL) {
        refuse(c, 503, "no memory for the body");
    } else if (c->head.expects_continue && !c->head.http10) {
        buf_append_text(&c->output, go_on);
    }
}

static bool is_refused(struct http1_connection *c)
{
    const struct http1_options *options = &c->server->options;
    if (c->head.refusal != 0) {
        refuse(c, c->head.refusal, c->head.reason);
        return true;
    }
    if (c->head.lacks_length && !options->post_without_length) {
        refuse(c, 411, "a length is needed");
        return true;
    }
    if (c->head.length > options->limits.body_bytes) {
        refuse(c, 413, "the body is too large");
        return true;
    }
    return false;
}

static void begin_request(struct http1_connection *c)
{
    const struct http1_options *options = &c->server->options;
    struct http_response refusal = { 0 };
    counter_add(&options->counters->requests, 1);
    c->incoming.request = c->head.request;
    c->start += c->head.bytes;
    c->left = c->head.length;
    c->body_room = 0;
    c->overhead = c->dropped = 0;
    c->chunks = (struct http1_chunks){ 0 };
    c->close = !c->head.keep_alive || c->head.http10 || c->server->draining;
    if (is_refused(c)) {
        return;
    }
    if (c->head.chunked) {
        buf_append(&c->next, c->input.data + c->start, input_len(c));
        c->start = c->input.len;
    }
    uint64_t announced = c->head.chunked ? UINT64_MAX : c->left;
    if (options->handler->begin != NULL &&
        options->handler->begin(options->self, &c->incoming.request, announced, &refusal) != 0) {
        answer_early(c, &refusal);
    } else {
        begin_body(c);
    }
}

/* Parsing begins anew with each piece, so it waits for a line's end, or for what is too much for one. */
static bool head_may_be_complete(struct http1_connection *c)
{
    size_t len = input_len(c);
    if (len == c->scanned) {
        return false;
    }
    bool line = memchr(c->input.data + c->start + c->scanned, '\n', len - c->scanned) != NULL;
    c->scanned = len;
    return line || len > HTTP1_REQUEST_LINE_MAX || c->input.data[c->start] < ' ';
}

static bool run_head(struct http1_connection *c)
{
    c->throttled = c->output.len - c->sent > limits_of(c)->output_bytes;
    if (c->throttled || !head_may_be_complete(c)) {
        return false;
    }
    struct bytes data = bytes_from(c->input.data + c->start, input_len(c));
    if (http1_parse_head(data, limits_of(c)->header_bytes, &c->head) == HTTP1_INCOMPLETE) {
        return false;
    }
    begin_request(c);
    return true;
}

/* Goes on with the bytes at hand until more are needed, or an answer. */
static void run(struct http1_connection *c)
{
    bool further = true;
    c->running = true;
    while (further && c->transport != NULL && c->phase <= HTTP1_DISCARD) {
        if (c->phase == HTTP1_HEAD) {
            further = run_head(c);
        } else {
            further = c->head.chunked ? run_chunks(c) : run_length(c);
        }
    }
    c->running = false;
    if (c->input.failed || c->next.failed || c->output.failed) {
        http1_connection_close(c);
    }
}

/* Everything was sent: the peer may still be writing, and a plain close would destroy what it has not read yet. */
static void linger(struct http1_connection *c)
{
    if (c->end) {
        http1_connection_close(c);
        return;
    }
    c->transport->type->shutdown(c->transport);
    c->dropped = 0;
    set_phase(c, HTTP1_LINGER);
}

static void flush(struct http1_connection *c)
{
    while (has_output(c)) {
        struct iovec part = { c->output.data + c->sent, c->output.len - c->sent };
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
    if (c->output.size > KEEP_BYTES) {
        buf_deinit(&c->output);
    }
    if (c->phase == HTTP1_FLUSH) {
        linger(c);
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t phase_timeout(const struct http1_connection *c)
{
    switch (c->phase) {
    case HTTP1_HEAD:
        return c->seasoned && input_len(c) == 0 ? limits_of(c)->idle_timeout_ns : limits_of(c)->header_timeout_ns;
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

static uint64_t after(uint64_t since_ns, uint64_t timeout_ns)
{
    return timeout_ns < UINT64_MAX - since_ns ? since_ns + timeout_ns : UINT64_MAX;
}

static uint64_t deadline(const struct http1_connection *c)
{
    uint64_t write = has_output(c) ? after(c->write_ns, limits_of(c)->write_timeout_ns) : UINT64_MAX;
    return c->throttled ? write : earlier(write, after(c->phase_ns, phase_timeout(c)));
}

static unsigned wanted_events(const struct http1_connection *c)
{
    bool reads = (c->phase <= HTTP1_DISCARD && !c->throttled) || c->phase == HTTP1_LINGER;
    return (reads && !c->end ? LOOP_READ : 0u) | (has_output(c) ? LOOP_WRITE : 0u);
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

static void enter(struct http1_connection *c)
{
    c->callbacks++;
}

/* Sends what there is, goes on when that made room, and waits for what is missing. */
static void leave(struct http1_connection *c)
{
    if (c->callbacks == 1 && c->transport != NULL) {
        flush(c);
        while (c->transport != NULL && c->throttled && c->output.len - c->sent <= limits_of(c)->output_bytes) {
            c->throttled = false;
            c->scanned = 0;
            run(c);
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
    } else if (loop_fd_set(c->watch, wanted_events(c)) != 0 || set_timer(c) != 0) {
        http1_connection_close(c);
    }
}

/* http_respond of a request of this connection. */
static void respond(struct http_incoming *incoming, const struct http_response *response)
{
    struct http1_connection *c = container_of(incoming, struct http1_connection, incoming);
    assert(c->phase == HTTP1_ANSWER && c->transport != NULL);
    enter(c);
    c->begun = false;
    c->close = c->close || response->close || c->server->draining;
    append_response(c, response);
    finish_request(c);
    if (!c->running) {
        run(c);
    }
    leave(c);
}

static void end_of_stream(struct http1_connection *c)
{
    c->end = true;
    if (c->phase == HTTP1_BODY || c->phase == HTTP1_LINGER || !has_output(c)) {
        http1_connection_close(c);
    } else {
        c->close = true;
        set_phase(c, HTTP1_FLUSH);
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
    compact_input(c);
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

static ssize_t receive_unwanted(struct http1_connection *c)
{
    bool counted = c->phase == HTTP1_DISCARD;
    size_t most = counted && c->left < HTTP1_SCRATCH_BYTES ? (size_t)c->left : HTTP1_SCRATCH_BYTES;
    ssize_t got = receive(c, c->server->scratch, most);
    if (got > 0) {
        c->dropped += (uint64_t)got;
        c->left -= counted ? (uint64_t)got : 0;
    }
    if (got > 0 && !counted && c->dropped > DISCARD_MAX) {
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

static void ready(void *self, int fd, unsigned events)
{
    struct http1_connection *c = self;
    (void)fd;
    enter(c);
    for (int i = 0; i < READS_PER_TURN && (events & LOOP_READ) != 0; i++) {
        ssize_t got = receive_some(c);
        if (c->transport != NULL && c->phase <= HTTP1_DISCARD) {
            run(c);
        }
        if (got <= 0 || c->drained || c->transport == NULL || (wanted_events(c) & LOOP_READ) == 0) {
            break;
        }
    }
    leave(c);
}

/* Whether enough came or went for a new period. */
static bool is_brisk(uint64_t bytes, uint64_t timeout_ns)
{
    return bytes / SLOWEST_BYTES_PER_S >= timeout_ns / NS_PER_S && bytes != 0;
}

static void expire_write(struct http1_connection *c, uint64_t now)
{
    if (is_brisk(c->write_bytes, limits_of(c)->write_timeout_ns)) {
        c->write_ns = now;
        c->write_bytes = 0;
        return;
    }
    counter_add(&counters_of(c)->timeouts, 1);
    http1_connection_close(c);
}

static void expire_phase(struct http1_connection *c)
{
    if (c->phase == HTTP1_BODY && is_brisk(c->phase_bytes, limits_of(c)->body_timeout_ns)) {
        set_phase(c, HTTP1_BODY);
    } else if (c->phase == HTTP1_BODY) {
        refuse(c, 408, "the body came too slowly");
    } else if (c->phase == HTTP1_HEAD && input_len(c) != 0) {
        c->incoming.request = (struct http_request){ 0 };
        refuse(c, 408, "the headers came too slowly");
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
    if (has_output(c) && now >= after(c->write_ns, limits_of(c)->write_timeout_ns)) {
        expire_write(c, now);
    } else if (!c->throttled && now >= after(c->phase_ns, phase_timeout(c))) {
        expire_phase(c);
    }
    leave(c);
}

void http1_connection_new(struct http1_server *server, struct transport *take_transport)
{
    struct http1_connection *c = memory_alloc(sizeof *c);
    if (c == NULL) {
        take_transport->type->free(take_transport);
        return;
    }
    memset(c, 0, sizeof *c);
    c->server = server;
    c->transport = take_transport;
    c->timer_ns = UINT64_MAX;
    c->incoming.respond = respond;
    list_append(&server->connections, &c->link);
    server->open++;
    counter_add(&server->options.counters->connections_opened, 1);
    enter(c);
    set_phase(c, HTTP1_HEAD);
    if (loop_timer_new(&c->timer, server->options.loop, timer_fired, c) != 0 ||
        loop_fd_new(&c->watch, server->options.loop, take_transport->fd, LOOP_READ, ready, c) != 0) {
        http1_connection_close(c);
    }
    leave(c);
}

void http1_connection_drain(struct http1_connection *c)
{
    enter(c);
    c->close = true;
    if (c->phase == HTTP1_HEAD && input_len(c) == 0 && !has_output(c)) {
        http1_connection_close(c);
    } else if (c->phase == HTTP1_HEAD && input_len(c) == 0) {
        set_phase(c, HTTP1_FLUSH);
    }
    leave(c);
}
