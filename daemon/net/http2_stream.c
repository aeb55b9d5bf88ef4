/* A request on one stream: headers, body, answer. */
#include <assert.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "daemon/core/memory.h"
#include "daemon/core/number.h"
#include "daemon/net/http2_connection.h"
#include "daemon/net/http_words.h"

#define ARENA_FIRST_BYTES 1024
#define HEADERS_FIRST     16
#define HEADERS_MAX       256
/* RFC 9113 section 6.5.2: what a header counts beside its text. */
#define HEADER_OVERHEAD 32
/* Beyond so many times the limit a header list is not even read to its end. */
#define GIVE_UP_FACTOR    4
#define GRPC_PREFIX_BYTES 5
/* A message's announced length is believed up to here; beyond, room grows with what came. */
#define BELIEVED_BYTES   (UINT64_C(1) << 20)
#define BODY_FIRST_BYTES 1024
/* A refusal waits for the end of a request of so many bytes. */
#define HELD_BYTES 65536

static const struct http2_options *options_of(const struct http2_stream *s)
{
    return &s->connection->server->options;
}

static bool is_starved(const struct http2_stream *s)
{
    return arena_held(&s->arena) > http_memory_head_max(&s->connection->server->shell.memory);
}

/* What the stream holds beside bodies, into its connection's sum. */
static void weigh(struct http2_stream *s)
{
    size_t held = sizeof *s + arena_held(&s->arena) + s->header_room * sizeof *s->headers;
    s->connection->stream_bytes += held - s->held_bytes;
    s->held_bytes = held;
}

static void respond(struct http_incoming *incoming, const struct http_response *response);

struct http2_stream *http2_stream_new(struct http2_connection *connection, int32_t id)
{
    struct http2_stream *s = memory_alloc(sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    *s = (struct http2_stream){.connection = connection, .id = id, .announced = UINT64_MAX};
    s->arena = ARENA_INIT(ARENA_FIRST_BYTES, 0);
    s->incoming.respond = respond;
    list_init(&s->reading_link);
    list_append(&connection->streams, &s->link);
    connection->stream_count++;
    weigh(s);
    return s;
}

static void free_body(struct http2_stream *s)
{
    http_memory_free_body(&s->connection->server->shell.memory, &s->incoming.request);
    s->connection->held_bytes -= s->body_room;
    s->body_room = 0;
}

/* The handler forgets the request. */
static void abandon(struct http2_stream *s)
{
    const struct http2_options *options = options_of(s);
    bool begun = s->begun;
    s->begun = false;
    if (begun && options->handler->closed != NULL) {
        options->handler->closed(options->self, &s->incoming.request);
    }
}

void http2_stream_free(struct http2_stream *s)
{
    struct http2_connection *c = s->connection;
    abandon(s);
    free_body(s);
    c->unsent_bytes -= s->held ? 0 : s->answer_len - s->answer_sent;
    c->stream_count--;
    c->stream_bytes -= s->held_bytes;
    c->idle_ns = loop_now_ns(c->server->options.loop);
    free(s->answer);
    free(s->headers);
    arena_deinit(&s->arena);
    list_remove(&s->reading_link);
    list_remove(&s->link);
    free(s);
}

/* A library without memory for so little is of no use to the connection. */
static void reset(struct http2_stream *s, uint32_t error_code)
{
    struct http2_connection *c = s->connection;
    c->broken |= nghttp2_submit_rst_stream(c->session, NGHTTP2_FLAG_NONE, s->id, error_code) != 0;
}

/* The time-out of a peer that does not read begins with the first thing to send. */
static void begin_write(struct http2_connection *c)
{
    if (c->unsent_bytes == 0 && c->sent == c->output.len) {
        c->write_ns = loop_now_ns(c->server->options.loop);
        c->write_bytes = 0;
    }
}

static void submit(struct http2_stream *s)
{
    struct http2_connection *c = s->connection;
    s->held = false;
    list_remove(&s->reading_link);
    begin_write(c);
    if (http2_answer_submit(s) != 0) {
        reset(s, NGHTTP2_INTERNAL_ERROR);
    }
}

static void wait_for_body(struct http2_stream *s)
{
    s->period_ns = loop_now_ns(options_of(s)->loop);
    list_append(&s->connection->reading, &s->reading_link);
}

void http2_stream_answer(struct http2_stream *s, const struct http_response *response)
{
    struct http2_connection *c = s->connection;
    s->answered = true;
    s->open = response->more;
    if (http2_answer_prepare(s, response) != 0) {
        list_remove(&s->reading_link);
        reset(s, NGHTTP2_INTERNAL_ERROR);
    } else if (response->patient && !s->complete) {
        s->held = true;
        wait_for_body(s);
    } else {
        submit(s);
    }
    free_body(s);
    if (response->close) {
        int32_t last = nghttp2_session_get_last_proc_stream_id(c->session);
        c->broken |= nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR,
                                           NULL, 0) != 0;
    }
}

static void go_on(struct http2_stream *s, const struct http_response *response)
{
    begin_write(s->connection);
    if (http2_answer_continue(s, response) != 0) {
        reset(s, NGHTTP2_INTERNAL_ERROR);
    }
}

static void respond(struct http_incoming *incoming, const struct http_response *response)
{
    struct http2_stream *s = container_of(incoming, struct http2_stream, incoming);
    struct http2_connection *c = s->connection;
    assert(s->begun && s->complete);
    s->begun = response->more;
    if (s->answered) {
        go_on(s, response);
    } else {
        http2_stream_answer(s, response);
    }
    http2_connection_kick(c);
}

static void refuse(struct http2_stream *s, unsigned status, const char *reason)
{
    const struct http2_options *options = options_of(s);
    struct http_response response = {
        .status = status, .content_type = "text/plain", .body = bytes_of(reason)};
    counter_add(&options->counters->protocol_errors, 1);
    if (options->handler->refuse != NULL) {
        options->handler->refuse(options->self, &s->incoming.request, status, reason, &response);
    }
    http2_stream_answer(s, &response);
    abandon(s);
}

static bool has_room_for_header(struct http2_stream *s)
{
    size_t count = s->incoming.request.header_count;
    if (count < s->header_room) {
        return true;
    }
    size_t room = s->header_room != 0 ? s->header_room * 2 : HEADERS_FIRST;
    struct http_header *headers =
        memory_resize(s->headers, count * sizeof *headers, room * sizeof *headers);
    if (headers == NULL) {
        return false;
    }
    s->headers = headers;
    s->header_room = room;
    return true;
}

static void take_path(struct http_request *request, struct bytes target)
{
    const uint8_t *question = target.len != 0 ? memchr(target.data, '?', target.len) : NULL;
    request->path = target;
    if (question != NULL) {
        request->path.len = (size_t)(question - target.data);
        request->query = bytes_from(question + 1, target.len - request->path.len - 1);
    }
}

static void take_pseudo_header(struct http2_stream *s, struct bytes name, struct bytes value)
{
    if (bytes_is(name, ":method")) {
        s->incoming.request.method = value;
    } else if (bytes_is(name, ":path")) {
        take_path(&s->incoming.request, value);
    }
}

/* nghttp2 has refused a malformed or repeated content-length already. */
static void take_header(struct http2_stream *s, struct bytes name, struct bytes value)
{
    struct http_request *request = &s->incoming.request;
    s->headers[request->header_count++] = (struct http_header){name, value};
    if (bytes_is(name, "content-type")) {
        request->content_type = value;
        s->grpc = bytes_start_with(value, BYTES_LITERAL("application/grpc"));
    } else if (bytes_is(name, "content-length")) {
        (void)number_parse_u64(value, &s->announced);
    } else if (bytes_is(name, "user-agent")) {
        request->user_agent = value;
    }
}

int http2_stream_header(struct http2_stream *s, struct bytes name, struct bytes value)
{
    size_t limit = options_of(s)->limits.header_bytes;
    s->header_bytes += name.len + value.len + HEADER_OVERHEAD;
    s->too_large =
        s->too_large || s->header_bytes > limit || s->incoming.request.header_count >= HEADERS_MAX;
    if (s->too_large) {
        return s->header_bytes / GIVE_UP_FACTOR > limit;
    }
    s->starved = s->starved || is_starved(s);
    if (s->starved) {
        return 0;
    }
    name = arena_copy(&s->arena, name);
    value = arena_copy(&s->arena, value);
    if (name.data == NULL || value.data == NULL || !has_room_for_header(s)) {
        return 1;
    }
    if (name.len != 0 && name.data[0] == ':') {
        take_pseudo_header(s, name, value);
    } else {
        take_header(s, name, value);
    }
    return 0;
}

static uint64_t body_limit(const struct http2_stream *s)
{
    return options_of(s)->limits.body_bytes + (s->grpc ? GRPC_PREFIX_BYTES : 0);
}

static bool is_refused(struct http2_stream *s)
{
    if (s->too_large) {
        refuse(s, 431, "the headers are too large");
    } else if (s->starved) {
        budget_refuse(options_of(s)->budget.budget, BUDGET_CONNECTION);
        refuse(s, 503, "no memory for the headers");
    } else if (!http_method_is_known(s->incoming.request.method)) {
        refuse(s, 501, "unknown method");
    } else if (s->announced != UINT64_MAX && s->announced > body_limit(s)) {
        refuse(s, 413, "the body is too large");
    }
    return s->answered;
}

void http2_stream_begin(struct http2_stream *s)
{
    const struct http2_options *options = options_of(s);
    struct http_request *request = &s->incoming.request;
    struct http_response refusal = {0};
    counter_add(&options->counters->requests, 1);
    weigh(s);
    request->headers = s->headers;
    request->content_encoding =
        http_request_header(request, s->grpc ? "grpc-encoding" : "content-encoding");
    if (is_refused(s)) {
        return;
    }
    if (options->handler->begin != NULL &&
        options->handler->begin(options->self, request, s->announced, &refusal) != 0) {
        http2_stream_answer(s, &refusal);
        return;
    }
    s->begun = true;
    wait_for_body(s);
}

/* How long the body is going to be, as its sender says: a gRPC message begins with a flag and its
 * length. 0: unknown. */
static uint64_t told_length(const struct http2_stream *s, struct bytes data)
{
    const struct http_request *request = &s->incoming.request;
    uint64_t len = 0;
    if (!s->grpc || request->body_len + data.len < GRPC_PREFIX_BYTES) {
        return s->announced != UINT64_MAX ? s->announced : 0;
    }
    for (size_t i = 1; i < GRPC_PREFIX_BYTES; i++) {
        len = len << 8 |
              (i < request->body_len ? request->body[i] : data.data[i - request->body_len]);
    }
    return len + GRPC_PREFIX_BYTES;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Makes room for `need` bytes, and for what was told as far as it is believed. 0, or the status to
 * refuse with. */
static unsigned grow_body(struct http2_stream *s, uint64_t need, uint64_t told)
{
    struct http2_connection *c = s->connection;
    struct http_request *request = &s->incoming.request;
    if (need <= s->body_room) {
        return 0;
    }
    uint64_t room = larger(need, larger(s->body_room * 2, BODY_FIRST_BYTES));
    if (told >= need) {
        room = told < larger(room, BELIEVED_BYTES) ? told : larger(room, BELIEVED_BYTES);
    }
    room = room < body_limit(s) ? room : body_limit(s);
    if (c->held_bytes - s->body_room + room > body_limit(s) * HTTP2_BODIES_PER_CONNECTION) {
        return 503;
    }
    if (!http_memory_take_body(&c->server->shell.memory, request, (size_t)room)) {
        return 503;
    }
    uint8_t *body = memory_resize(request->body, request->body_len, (size_t)room);
    if (body == NULL) {
        return 503;
    }
    c->held_bytes += room - s->body_room;
    request->body = body;
    s->body_room = (size_t)room;
    return 0;
}

static void drop(struct http2_stream *s, size_t len)
{
    s->dropped += len;
    s->period_bytes += len;
    if (s->dropped > HELD_BYTES) {
        submit(s);
    }
}

void http2_stream_data(struct http2_stream *s, struct bytes data)
{
    struct http_request *request = &s->incoming.request;
    if (s->held) {
        drop(s, data.len);
    }
    if (s->answered || !s->begun) {
        return;
    }
    uint64_t need = request->body_len + data.len;
    uint64_t told = told_length(s, data);
    if (larger(need, told) > body_limit(s)) {
        refuse(s, 413, "the body is too large");
        return;
    }
    unsigned status = grow_body(s, need, told);
    if (status != 0) {
        refuse(s, status, "no memory for the body");
        return;
    }
    memcpy(request->body + request->body_len, data.data, data.len);
    request->body_len += data.len;
    s->period_bytes += data.len;
}

void http2_stream_end(struct http2_stream *s)
{
    s->complete = true;
    list_remove(&s->reading_link);
    if (s->held) {
        submit(s);
    }
    if (s->begun && !s->answered) {
        list_append(&s->connection->whole, &s->reading_link);
        http2_streams_hand(s->connection);
    }
}

void http2_streams_hand(struct http2_connection *c)
{
    const struct http2_options *options = &c->server->options;
    while (!list_empty(&c->whole) && !c->failed) {
        struct http2_stream *s = container_of(c->whole.next, struct http2_stream, reading_link);
        size_t bytes = s->incoming.request.body_len;
        if (c->handed_bytes != 0 && c->handed_bytes + bytes > HTTP_TURN_BYTES) {
            return;
        }
        c->handed_bytes += bytes;
        list_remove(&s->reading_link);
        options->handler->complete(options->self, &s->incoming.request);
    }
}

void http2_stream_cancel(struct http2_stream *s)
{
    list_remove(&s->reading_link);
    s->answered = true;
    reset(s, NGHTTP2_CANCEL);
    abandon(s);
    free_body(s);
}
