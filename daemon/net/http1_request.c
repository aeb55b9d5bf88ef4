/* The steps of a request: its head, its body, its answer, and the ways to refuse it. */
#include <stdlib.h>

#include "daemon/core/memory.h"
#include "daemon/net/http1_connection.h"
#include "daemon/net/http1_response.h"

/* A smaller answer is not worth asking for. */
#define ANSWER_ASKED_BYTES 65536u

static const struct http_limits *limits_of(const struct http1_connection *c)
{
    return &c->server->options.limits;
}

void http1_connection_set_phase(struct http1_connection *c, enum http1_phase phase)
{
    c->phase = phase;
    c->phase_ns = loop_now_ns(c->server->options.loop);
    c->phase_bytes = 0;
    c->unwatched = false;
}

void http1_request_abandon(struct http1_connection *c)
{
    const struct http_handler *handler = c->server->options.handler;
    if (c->begun && handler->closed != NULL) {
        c->begun = false;
        handler->closed(c->server->options.self, &c->incoming.request);
    }
    c->begun = false;
}

void http1_connection_compact(struct http1_connection *c)
{
    size_t len = http1_connection_input(c);
    if (len == 0 && c->input.size > HTTP1_KEEP_BYTES) {
        buf_deinit(&c->input);
    } else if (c->start != 0 && c->input.data != NULL) {
        memmove(c->input.data, c->input.data + c->start, len);
        c->input.len = len;
    }
    c->start = 0;
}

static void finish_request(struct http1_connection *c)
{
    http_memory_free_body(&c->server->shell.memory, &c->incoming.request);
    c->incoming.request = (struct http_request){0};
    if (c->head.chunked) {
        buf_deinit(&c->input);
        c->input = c->next;
        c->next = BUF_NULL;
        c->start = 0;
    }
    if (http1_connection_input(c) == 0) {
        http1_connection_compact(c);
    }
    c->scanned = 0;
    c->seasoned = true;
    c->close = c->close || c->server->shell.draining;
    http1_connection_set_phase(c, c->close ? HTTP1_FLUSH : HTTP1_HEAD);
}

static void append_response(struct http1_connection *c, const struct http_response *response)
{
    const struct http1_response_frame frame = {loop_wall_ns(c->server->options.loop), c->close,
                                               bytes_is(c->incoming.request.method, "HEAD")};
    if (!http1_connection_has_output(c)) {
        c->write_ns = loop_now_ns(c->server->options.loop);
        c->write_bytes = 0;
    }
    http1_response_append(&c->output, response, &frame);
}

/* Asked before the answer is copied; the buffers are told when the turn ends. */
static bool has_room_for(const struct http1_connection *c, const struct http_response *response)
{
    const struct http_budget *budget = &c->server->shell.memory.options;
    return budget_has_room(budget->budget, budget->buffers, response->body.len);
}

void http1_request_answer(struct http1_connection *c, const struct http_response *response)
{
    static const struct http_header later = {{(const uint8_t *)"Retry-After", 11},
                                             {(const uint8_t *)"1", 1}};
    const struct http_response no_room = {
        .status = 503,
        .content_type = "text/plain",
        .headers = &later,
        .header_count = 1,
        .body = BYTES_LITERAL("no memory for the answer, try again later\n")};
    if (response->body.len > ANSWER_ASKED_BYTES && !has_room_for(c, response)) {
        budget_refuse(c->server->shell.memory.options.budget, BUDGET_ADMIN_BUSY);
        response = &no_room;
    }
    c->begun = false;
    c->close = c->close || response->close || c->server->shell.draining;
    append_response(c, response);
    finish_request(c);
}

void http1_request_refuse(struct http1_connection *c, unsigned status, const char *reason)
{
    const struct http1_options *options = &c->server->options;
    struct http_response response = {
        .status = status, .content_type = "text/plain", .body = bytes_of(reason)};
    counter_add(status == 408 ? &options->counters->timeouts : &options->counters->protocol_errors,
                1);
    c->close = true;
    if (options->handler->refuse != NULL) {
        options->handler->refuse(options->self, &c->incoming.request, status, reason, &response);
    }
    append_response(c, &response);
    http1_request_abandon(c);
    http_memory_free_body(&c->server->shell.memory, &c->incoming.request);
    c->incoming.request = (struct http_request){0};
    http1_connection_set_phase(c, HTTP1_FLUSH);
}

static void end_of_body(struct http1_connection *c)
{
    if (c->phase == HTTP1_DISCARD) {
        finish_request(c);
        return;
    }
    http1_connection_set_phase(c, HTTP1_ANSWER);
    c->handed_bytes += c->incoming.request.body_len;
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
    if (!http_memory_take_body(&c->server->shell.memory, request, room)) {
        return false;
    }
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
        if (c->dropped > HTTP1_DISCARD_MAX) {
            c->close = true;
            http1_connection_set_phase(c, HTTP1_FLUSH);
        }
    } else if (piece.len > limits_of(c)->body_bytes - request->body_len) {
        http1_request_refuse(c, 413, "the body is too large");
    } else if (!grow_body(c, piece.len)) {
        http1_request_refuse(c, 503, "no memory for the body");
    } else if (piece.len != 0) {
        memcpy(request->body + request->body_len, piece.data, piece.len);
        request->body_len += piece.len;
    }
}

/* Takes what is at hand of a body of known length; whether the connection got further by it. */
static bool run_length(struct http1_connection *c)
{
    size_t len = http1_connection_input(c) < c->left ? http1_connection_input(c) : (size_t)c->left;
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
        http1_request_refuse(c, 400, "malformed chunk");
    } else if (end == CHUNKS_BAD) {
        c->close = true;
        http1_connection_set_phase(c, HTTP1_FLUSH);
    }
}

/* Takes apart what is at hand of a chunked body. What is used is cut off once, not for each chunk.
 */
static bool run_chunks(struct http1_connection *c)
{
    size_t used_all = 0;
    int end = c->next.len != 0 ? 0 : CHUNKS_MORE;
    while (end == 0 && c->phase <= HTTP1_DISCARD) {
        size_t used;
        struct bytes piece;
        end = http1_chunks_take(
            &c->chunks, bytes_from(c->next.data + used_all, c->next.len - used_all), &used, &piece);
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
    if (c->phase == HTTP1_BODY &&
        c->chunks.left > limits_of(c)->body_bytes - c->incoming.request.body_len) {
        http1_request_refuse(c, 413, "the body is too large");
    } else if (c->phase <= HTTP1_DISCARD) {
        run_chunk_end(c, end);
    }
    return end == CHUNKS_END;
}

/* The answer came before the body: the body is dropped, or the connection closed where that is
 * cheaper. */
static void answer_early(struct http1_connection *c, const struct http_response *response)
{
    bool expensive = c->head.expects_continue || (!c->head.chunked && c->left > HTTP1_DISCARD_MAX);
    c->close = c->close || response->close || expensive;
    append_response(c, response);
    http1_connection_set_phase(c, expensive || (c->close && (c->head.chunked || c->left != 0))
                                      ? HTTP1_FLUSH
                                      : HTTP1_DISCARD);
}

static void begin_body(struct http1_connection *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    c->begun = true;
    http1_connection_set_phase(c, HTTP1_BODY);
    if (!c->head.chunked && c->left != 0) {
        c->body_room = (size_t)c->left;
        bool fits =
            http_memory_take_body(&c->server->shell.memory, &c->incoming.request, c->body_room);
        c->incoming.request.body = fits ? memory_alloc(c->body_room) : NULL;
    }
    if (c->body_room != 0 && c->incoming.request.body == NULL) {
        http1_request_refuse(c, 503, "no memory for the body");
    } else if (c->head.expects_continue && !c->head.http10) {
        buf_append_text(&c->output, go_on);
    }
}

static bool is_refused(struct http1_connection *c)
{
    const struct http1_options *options = &c->server->options;
    if (c->head.refusal != 0) {
        http1_request_refuse(c, c->head.refusal, c->head.reason);
        return true;
    }
    if (c->head.lacks_length && !options->post_without_length) {
        http1_request_refuse(c, 411, "a length is needed");
        return true;
    }
    if (c->head.length > options->limits.body_bytes) {
        http1_request_refuse(c, 413, "the body is too large");
        return true;
    }
    return false;
}

static void begin_request(struct http1_connection *c)
{
    const struct http1_options *options = &c->server->options;
    struct http_response refusal = {0};
    counter_add(&options->counters->requests, 1);
    c->incoming.request = c->head.request;
    c->start += c->head.bytes;
    c->left = c->head.length;
    c->body_room = 0;
    c->overhead = c->dropped = 0;
    c->chunks = (struct http1_chunks){0};
    c->close = !c->head.keep_alive || c->head.http10 || c->server->shell.draining;
    if (is_refused(c)) {
        return;
    }
    if (c->head.chunked) {
        buf_append(&c->next, c->input.data + c->start, http1_connection_input(c));
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

/* Parsing begins anew with each piece, so it waits for a line's end, or for what is too much for
 * one. */
static bool head_may_be_complete(struct http1_connection *c)
{
    size_t len = http1_connection_input(c);
    if (len == c->scanned) {
        return false;
    }
    bool line = memchr(c->input.data + c->start + c->scanned, '\n', len - c->scanned) != NULL;
    c->scanned = len;
    return line || len > HTTP1_REQUEST_LINE_MAX || c->input.data[c->start] < ' ';
}

static void refuse_large_head(struct http1_connection *c)
{
    if (http1_connection_input(c) > http_memory_head_max(&c->server->shell.memory)) {
        budget_refuse(c->server->shell.memory.options.budget, BUDGET_CONNECTION);
        c->incoming.request = (struct http_request){0};
        http1_request_refuse(c, 503, "no memory for the headers");
    }
}

static bool run_head(struct http1_connection *c)
{
    c->throttled = http1_connection_is_held_back(c);
    if (c->throttled || !head_may_be_complete(c)) {
        return false;
    }
    struct bytes data = bytes_from(c->input.data + c->start, http1_connection_input(c));
    if (http1_parse_head(data, limits_of(c)->header_bytes, &c->head) == HTTP1_INCOMPLETE) {
        refuse_large_head(c);
        return false;
    }
    begin_request(c);
    return true;
}

void http1_request_run(struct http1_connection *c)
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
