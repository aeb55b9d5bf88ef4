#include "tests/net/http2_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TURNS_MAX  200000
#define IDLE_TURNS 20

static struct http2_answer *answer_of(struct http2_peer *peer, int32_t id)
{
    assert_in_range(id, 1, 2 * HTTP2_PEER_STREAMS - 1);
    return &peer->answers[(id - 1) / 2];
}

static int got_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                      size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                      void *self)
{
    struct http2_answer *answer = answer_of(self, frame->hd.stream_id);
    (void)session;
    (void)flags;
    struct buf *to =
        frame->headers.cat == NGHTTP2_HCAT_RESPONSE ? &answer->headers : &answer->trailers;
    buf_printf(to, "%.*s: %.*s\n", (int)name_len, (const char *)name, (int)value_len,
               (const char *)value);
    return 0;
}

static int got_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                    size_t len, void *self)
{
    (void)session;
    (void)flags;
    buf_append(&answer_of(self, id)->body, data, len);
    return 0;
}

static int got_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct http2_peer *peer = self;
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        peer->goaway = true;
        peer->goaway_code = frame->goaway.error_code;
        if (peer->goaway_text[0] == '\0') {
            snprintf(peer->goaway_text, sizeof peer->goaway_text, "%.*s",
                     (int)frame->goaway.opaque_data_len,
                     frame->goaway.opaque_data != NULL ? (char *)frame->goaway.opaque_data : "");
        }
    }
    for (size_t i = 0; frame->hd.type == NGHTTP2_SETTINGS && i < frame->settings.niv; i++) {
        if (frame->settings.iv[i].settings_id == NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) {
            peer->max_streams = frame->settings.iv[i].value;
        }
    }
    return 0;
}

static int closed(nghttp2_session *session, int32_t id, uint32_t code, void *self)
{
    struct http2_answer *answer = answer_of(self, id);
    (void)session;
    answer->closed = true;
    answer->reset = code;
    return 0;
}

struct transport *http2_peer_open(struct http2_peer *peer, struct loop *loop)
{
    memset(peer, 0, sizeof *peer);
    struct transport *transport = socket_peer_open(&peer->socket, loop, 0);
    nghttp2_session_callbacks *callbacks;
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, got_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, got_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, got_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, closed);
    assert_int_equal(nghttp2_session_client_new(&peer->session, callbacks, peer), 0);
    nghttp2_session_callbacks_del(callbacks);
    assert_int_equal(nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, NULL, 0), 0);
    return transport;
}

void http2_peer_close(struct http2_peer *peer)
{
    nghttp2_session_del(peer->session);
    peer->session = NULL;
    socket_peer_close(&peer->socket);
    for (size_t i = 0; i < HTTP2_PEER_STREAMS; i++) {
        buf_deinit(&peer->answers[i].headers);
        buf_deinit(&peer->answers[i].trailers);
        buf_deinit(&peer->answers[i].body);
    }
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *to, size_t room,
                         uint32_t *ret_flags, nghttp2_data_source *source, void *self)
{
    struct bytes *upload = &answer_of(self, id)->upload;
    size_t len = upload->len < room ? upload->len : room;
    (void)session;
    (void)source;
    memcpy(to, upload->data, len);
    *upload = bytes_from(upload->data + len, upload->len - len);
    *ret_flags |= upload->len == 0 ? NGHTTP2_DATA_FLAG_EOF : 0;
    return (ssize_t)len;
}

static nghttp2_nv pair(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

struct http2_answer *http2_peer_request(struct http2_peer *peer, const char *method,
                                        const char *path, struct bytes body,
                                        const char *const *headers)
{
    nghttp2_nv pairs[16] = {pair(":method", method), pair(":scheme", "http"),
                            pair(":authority", "x"), pair(":path", path)};
    size_t count = 4;
    for (; headers != NULL && headers[0] != NULL; headers += 2) {
        pairs[count++] = pair(headers[0], headers[1]);
    }
    nghttp2_data_provider provider = {{.ptr = NULL}, read_body};
    int32_t id = nghttp2_submit_request(peer->session, NULL, pairs, count,
                                        body.len != 0 ? &provider : NULL, NULL);
    assert_true(id > 0);
    answer_of(peer, id)->upload = body;
    return answer_of(peer, id);
}

int32_t http2_peer_stream(const struct http2_peer *peer, const struct http2_answer *answer)
{
    return (int32_t)(answer - peer->answers) * 2 + 1;
}

static uint32_t number_at(const uint8_t *data, size_t len)
{
    uint32_t number = 0;
    for (size_t i = 0; i < len; i++) {
        number = number << 8 | data[i];
    }
    return number;
}

static void look_for_goaway(struct http2_peer *peer)
{
    const struct buf *got = &peer->socket.got;
    while (got->len - peer->fed >= 9) {
        const uint8_t *frame = got->data + peer->fed;
        size_t len = number_at(frame, 3);
        if (got->len - peer->fed < 9 + len) {
            return;
        }
        if (frame[3] == NGHTTP2_GOAWAY) {
            peer->goaway = true;
            peer->goaway_code = number_at(frame + 13, 4);
        }
        peer->fed += 9 + len;
    }
}

void http2_peer_turn(struct http2_peer *peer)
{
    if (peer->raw) {
        socket_peer_turn(&peer->socket);
        look_for_goaway(peer);
        return;
    }
    const uint8_t *data;
    ssize_t len;
    while (!peer->socket.end && (len = nghttp2_session_mem_send(peer->session, &data)) > 0) {
        if (!socket_peer_send(&peer->socket, bytes_from(data, (size_t)len))) {
            break;
        }
    }
    socket_peer_turn(&peer->socket);
    if (peer->fed < peer->socket.got.len) {
        assert_true(nghttp2_session_mem_recv(peer->session, peer->socket.got.data + peer->fed,
                                             peer->socket.got.len - peer->fed) >= 0);
        peer->socket.got.len = peer->fed = 0;
    }
}

void http2_peer_wait(struct http2_peer *peer, const struct http2_answer *answer)
{
    for (int i = 0; i < TURNS_MAX && !peer->socket.end; i++) {
        if (answer->closed) {
            return;
        }
        http2_peer_turn(peer);
    }
    assert_true(answer->closed);
}

void http2_peer_wait_goaway(struct http2_peer *peer, uint32_t code)
{
    for (int i = 0; i < TURNS_MAX && !peer->goaway && !peer->socket.end; i++) {
        http2_peer_turn(peer);
    }
    assert_true(peer->goaway);
    assert_int_equal(peer->goaway_code, code);
}

void http2_peer_wait_end(struct http2_peer *peer)
{
    for (int i = 0; i < TURNS_MAX && !peer->socket.end; i++) {
        http2_peer_turn(peer);
    }
    assert_true(peer->socket.end);
}

void http2_peer_idle(struct http2_peer *peer)
{
    for (int i = 0; i < IDLE_TURNS; i++) {
        http2_peer_turn(peer);
    }
}

bool http2_peer_raw(struct http2_peer *peer, uint8_t type, uint8_t flags, uint32_t id,
                    const void *payload, size_t len)
{
    const uint8_t head[9] = {
        (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len,       type,       flags,
        (uint8_t)(id >> 24),  (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id};
    struct buf frame = BUF_NULL;
    peer->raw = true;
    buf_append(&frame, head, sizeof head);
    buf_append(&frame, payload, len);
    bool sent = socket_peer_send(&peer->socket, buf_bytes(&frame));
    buf_deinit(&frame);
    return sent;
}

bool http2_peer_has(const struct buf *headers, const char *line)
{
    return bytes_contain(buf_bytes(headers), bytes_of(line));
}
