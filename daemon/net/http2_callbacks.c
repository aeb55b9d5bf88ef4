/* What nghttp2 tells, translated: frames become steps of a request, oddities cost of the guard's
 * budget. */
#include <nghttp2/nghttp2.h>

#include "daemon/net/http2_connection.h"

static uint64_t now_of(const struct http2_connection *c)
{
    return loop_now_ns(c->server->options.loop);
}

static void chatter(struct http2_connection *c)
{
    if (!http2_guard_is_earned(&c->guard)) {
        http2_connection_spend(c, HTTP_ODDITY_CHATTER);
    }
}

static int began_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *self)
{
    struct http2_connection *c = self;
    (void)session;
    switch (hd->type) {
    case NGHTTP2_HEADERS:
        if (hd->stream_id % 2 == 1 && !http2_guard_opens(&c->guard, (uint32_t)hd->stream_id)) {
            http2_connection_fail(c, NGHTTP2_PROTOCOL_ERROR);
        }
        break;
    case NGHTTP2_CONTINUATION:
        http2_connection_spend(c, HTTP_ODDITY_CONTINUATION);
        break;
    case NGHTTP2_DATA:
    case NGHTTP2_RST_STREAM:
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PUSH_PROMISE:
    case NGHTTP2_PING:
    case NGHTTP2_GOAWAY:
    case NGHTTP2_WINDOW_UPDATE:
        break; /* counted, where that matters, when they have proved to be valid */
    default:   /* PRIORITY, and unknown ones, of which nothing more is heard */
        chatter(c);
    }
    return 0;
}

/* Unknown frames are ignored (RFC 9113 section 5.5): began_frame has counted them. */
static int ignore_extension(nghttp2_session *session, void **ret_payload,
                            const nghttp2_frame_hd *hd, void *self)
{
    (void)session;
    (void)ret_payload;
    (void)hd;
    (void)self;
    return NGHTTP2_ERR_CANCEL;
}

/* What streams and answers of a connection may hold where memory is short. */
#define SHORT_BYTES 16384u

static bool has_room_for_stream(const struct http2_connection *c)
{
    return c->unsent_bytes <= c->server->options.limits.output_bytes &&
           (c->stream_bytes + c->unsent_bytes < SHORT_BYTES ||
            !http_memory_is_full(&c->server->shell.memory));
}

/* Without memory a stream is refused: its client may try again. */
static int began_headers(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct http2_connection *c = self;
    int32_t id = frame->hd.stream_id;
    c->block_ns = now_of(c);
    c->block_id = id;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST ||
        c->failed) {
        return 0;
    }
    struct http2_stream *stream = has_room_for_stream(c) ? http2_stream_new(c, id) : NULL;
    if (stream == NULL) {
        int bad = nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
        return bad ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
    }
    nghttp2_session_set_stream_user_data(session, id, stream);
    return 0;
}

static int got_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                      size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                      void *self)
{
    struct http2_stream *stream =
        nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)flags;
    (void)self;
    if (stream == NULL || frame->headers.cat != NGHTTP2_HCAT_REQUEST) {
        return 0; /* trailers of a request are dropped */
    }
    int bad = http2_stream_header(stream, bytes_from(name, name_len), bytes_from(value, value_len));
    return bad ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
}

static void got_headers(struct http2_connection *c, struct http2_stream *stream,
                        const nghttp2_frame *frame)
{
    c->block_ns = 0;
    if (stream == NULL) {
        return;
    }
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        http2_stream_begin(stream);
    }
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        http2_stream_end(stream);
    }
}

static void got_data(struct http2_connection *c, struct http2_stream *stream,
                     const nghttp2_frame *frame)
{
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) {
        if (frame->hd.length == frame->data.padlen) {
            http2_connection_spend(c, HTTP_ODDITY_EMPTY_DATA);
        }
    } else if (stream != NULL) {
        http2_stream_end(stream);
    }
}

static int got_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct http2_connection *c = self;
    struct http2_stream *stream =
        frame->hd.stream_id != 0
            ? nghttp2_session_get_stream_user_data(session, frame->hd.stream_id)
            : NULL;
    bool ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        got_headers(c, stream, frame);
        break;
    case NGHTTP2_DATA:
        got_data(c, stream, frame);
        break;
    case NGHTTP2_RST_STREAM:
        http2_connection_spend(c, HTTP_ODDITY_RESET);
        break;
    case NGHTTP2_SETTINGS:
        c->started = true;
        if (!ack) {
            chatter(c);
        }
        break;
    case NGHTTP2_PING:
        chatter(c);
        if (!ack && !http2_keepalive_pinged(&c->keepalive, &c->server->options.limits.keepalive,
                                            now_of(c))) {
            http2_connection_calm(c, "too_many_pings");
        }
        break;
    case NGHTTP2_WINDOW_UPDATE:
    case NGHTTP2_GOAWAY:
        chatter(c);
        break;
    default:
        break;
    }
    return 0;
}

static int got_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream_id,
                          const uint8_t *data, size_t len, void *self)
{
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, stream_id);
    (void)flags;
    (void)self;
    if (stream != NULL) {
        http2_stream_data(stream, bytes_from(data, len));
    }
    return nghttp2_session_consume(session, stream_id, len) != 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int closed_stream(nghttp2_session *session, int32_t stream_id, uint32_t error_code,
                         void *self)
{
    struct http2_connection *c = self;
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, stream_id);
    (void)error_code;
    c->block_ns = c->block_id == stream_id ? 0 : c->block_ns;
    if (stream != NULL) {
        nghttp2_session_set_stream_user_data(session, stream_id, NULL);
        http2_stream_free(stream);
    }
    return 0;
}

/* An answer that ended before its request: the rest of the request is not wanted (RFC 9113
 * section 8.1). */
static int sent_end_of_answer(nghttp2_session *session, int32_t stream_id)
{
    struct http2_stream *stream = nghttp2_session_get_stream_user_data(session, stream_id);
    if (stream == NULL || stream->complete) {
        return 0;
    }
    int bad = nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream_id, NGHTTP2_NO_ERROR);
    return bad ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int sent_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct http2_connection *c = self;
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR) {
        bool retryable = frame->rst_stream.error_code == NGHTTP2_REFUSED_STREAM;
        http2_connection_spend(c, retryable ? HTTP_ODDITY_REFUSED : HTTP_ODDITY_MADE_RESET);
    }
    if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) {
        http2_guard_answered(&c->guard);
        http2_keepalive_answered(&c->keepalive);
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
            return sent_end_of_answer(session, frame->hd.stream_id);
        }
    }
    return 0;
}

nghttp2_session_callbacks *http2_callbacks_new(void)
{
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) {
        return NULL;
    }
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, began_frame);
    nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, ignore_extension);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, began_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, got_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, got_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, got_data_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, closed_stream);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, sent_frame);
    return callbacks;
}
