/* An answer as nghttp2 wants it: lists of name-value pairs, and a function that hands out the body.
 */
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "daemon/core/memory.h"
#include "daemon/net/http2_connection.h"
#include "daemon/net/http_words.h"

/* :status, content-type, content-length, date. */
#define OWN_HEADERS 4

struct pairs {
    struct arena *arena;
    nghttp2_nv *list;
    size_t count;
    bool failed;
};

/* RFC 9113 section 8.2: names are lower case; a value that is not one line would end the stream at
 * the peer. */
static void add(struct pairs *pairs, struct bytes name, struct bytes value)
{
    if (!http_is_one_line(value) || bytes_is_nocase(name, "connection")) {
        return;
    }
    char *lower = arena_string(pairs->arena, name);
    char *copy = arena_string(pairs->arena, value);
    if (lower == NULL || copy == NULL) {
        pairs->failed = true;
        return;
    }
    for (size_t i = 0; i < name.len; i++) {
        lower[i] = (char)(lower[i] >= 'A' && lower[i] <= 'Z' ? lower[i] - 'A' + 'a' : lower[i]);
    }
    pairs->list[pairs->count++] =
        (nghttp2_nv){(uint8_t *)lower, (uint8_t *)copy, name.len, value.len, NGHTTP2_NV_FLAG_NONE};
}

static void add_all(struct pairs *pairs, const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add(pairs, headers[i].name, headers[i].value);
    }
}

static void add_number(struct pairs *pairs, struct bytes name, uint64_t number)
{
    char *text = arena_printf(pairs->arena, "%llu", (unsigned long long)number);
    pairs->failed = pairs->failed || text == NULL;
    if (text != NULL) {
        add(pairs, name, bytes_of(text));
    }
}

static bool prepare(struct pairs *pairs, struct arena *arena, size_t room)
{
    *pairs = (struct pairs){.arena = arena,
                            .list = arena_calloc(arena, room != 0 ? room : 1, sizeof *pairs->list)};
    return pairs->list != NULL;
}

static void add_headers(struct pairs *pairs, struct http2_stream *stream,
                        const struct http_response *response)
{
    char date[HTTP_DATE_BYTES];
    bool has_length = response->trailer_count == 0 && !response->more && response->status != 204 &&
                      response->status != 304;
    add_number(pairs, BYTES_LITERAL(":status"), response->status);
    if (response->content_type != NULL) {
        add(pairs, BYTES_LITERAL("content-type"), bytes_of(response->content_type));
    }
    if (has_length) {
        add_number(pairs, BYTES_LITERAL("content-length"), response->body.len);
    }
    if (!stream->grpc) {
        http_date_print(date, loop_wall_ns(stream->connection->server->options.loop));
        add(pairs, BYTES_LITERAL("date"), bytes_of(date));
    }
    add_all(pairs, response->headers, response->header_count);
}

static ssize_t read_answer(nghttp2_session *session, int32_t stream_id, uint8_t *to, size_t room,
                           uint32_t *ret_flags, nghttp2_data_source *source, void *self)
{
    struct http2_stream *stream = source->ptr;
    size_t len = stream->answer_len - stream->answer_sent;
    (void)self;
    if (len == 0 && stream->open) {
        return NGHTTP2_ERR_DEFERRED;
    }
    len = len < room ? len : room;
    memcpy(to, stream->answer + stream->answer_sent, len);
    stream->answer_sent += len;
    stream->connection->unsent_bytes -= len;
    if (stream->answer_sent < stream->answer_len || stream->open) {
        return (ssize_t)len;
    }
    *ret_flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream->trailer_count != 0) {
        *ret_flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        if (nghttp2_submit_trailer(session, stream_id, stream->trailers, stream->trailer_count) !=
            0) {
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        }
    }
    return (ssize_t)len;
}

static int keep_body(struct http2_stream *stream, struct bytes body)
{
    stream->answer = memory_alloc(body.len);
    if (stream->answer == NULL) {
        return 1;
    }
    memcpy(stream->answer, body.data, body.len);
    stream->answer_len = body.len;
    return 0;
}

int http2_answer_prepare(struct http2_stream *stream, const struct http_response *response)
{
    bool has_body = response->body.len != 0 && !bytes_is(stream->incoming.request.method, "HEAD");
    struct pairs headers;
    struct pairs trailers;
    if (!prepare(&headers, &stream->arena,
                 OWN_HEADERS + response->header_count + response->trailer_count) ||
        !prepare(&trailers, &stream->arena, response->trailer_count)) {
        return 1;
    }
    add_headers(&headers, stream, response);
    add_all(has_body ? &trailers : &headers, response->trailers, response->trailer_count);
    if (headers.failed || trailers.failed || (has_body && keep_body(stream, response->body) != 0)) {
        return 1;
    }
    stream->head = headers.list;
    stream->head_count = headers.count;
    stream->trailers = trailers.list;
    stream->trailer_count = trailers.count;
    return 0;
}

int http2_answer_submit(struct http2_stream *stream)
{
    nghttp2_data_provider provider = {{.ptr = stream}, read_answer};
    bool has_body = stream->answer_len != 0 || stream->open;
    stream->connection->unsent_bytes += stream->answer_len;
    return nghttp2_submit_response(stream->connection->session, stream->id, stream->head,
                                   stream->head_count, has_body ? &provider : NULL) != 0;
}

/* What is not sent yet, and the further part behind it. */
static int join_body(struct http2_stream *stream, struct bytes more)
{
    size_t left = stream->answer_len - stream->answer_sent;
    uint8_t *joined = memory_alloc(left + more.len + 1);
    if (joined == NULL) {
        return 1;
    }
    if (left != 0) {
        memcpy(joined, stream->answer + stream->answer_sent, left);
    }
    if (more.len != 0) {
        memcpy(joined + left, more.data, more.len);
    }
    free(stream->answer);
    stream->answer = joined;
    stream->answer_len = left + more.len;
    stream->answer_sent = 0;
    stream->connection->unsent_bytes += more.len;
    return 0;
}

int http2_answer_continue(struct http2_stream *stream, const struct http_response *response)
{
    struct pairs trailers;
    if (!prepare(&trailers, &stream->arena, response->trailer_count)) {
        return 1;
    }
    add_all(&trailers, response->trailers, response->trailer_count);
    if (trailers.failed || join_body(stream, response->body) != 0) {
        return 1;
    }
    stream->trailers = trailers.list;
    stream->trailer_count = trailers.count;
    stream->open = response->more;
    /* Where nothing was deferred yet, the part goes with what is still to be sent. */
    return nghttp2_session_resume_data(stream->connection->session, stream->id) ==
           NGHTTP2_ERR_NOMEM;
}
