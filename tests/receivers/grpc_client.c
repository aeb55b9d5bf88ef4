#include "tests/receivers/grpc_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#define TURNS_MAX 20000

struct grpc_client {
    struct loop *loop;
    nghttp2_session *session;
    int fd;
    struct buf output;
    bool goaway;
    bool end;
};

static void stop(const char *what)
{
    fprintf(stderr, "grpc_client: %s\n", what);
    abort();
}

static void keep_text(char *to, size_t room, const uint8_t *value, size_t len)
{
    snprintf(to, room, "%.*s", (int)len, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *self)
{
    struct grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    (void)flags;
    (void)self;
    if (call != NULL && bytes_is(bytes_from(name, name_len), ":status")) {
        keep_text(call->http_status, sizeof call->http_status, value, value_len);
    } else if (call != NULL && bytes_is(bytes_from(name, name_len), "grpc-status")) {
        keep_text(call->grpc_status, sizeof call->grpc_status, value, value_len);
        call->trailers_only = frame->headers.cat == NGHTTP2_HCAT_RESPONSE;
    }
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream_id, const uint8_t *data,
                   size_t len, void *self)
{
    struct grpc_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
    (void)flags;
    (void)self;
    if (call != NULL) {
        buf_append(&call->body, data, len);
    }
    return 0;
}

static int on_close(nghttp2_session *session, int32_t stream_id, uint32_t error_code, void *self)
{
    struct grpc_call *call = nghttp2_session_get_stream_user_data(session, stream_id);
    (void)self;
    if (call != NULL) {
        call->closed = true;
        call->reset = error_code;
    }
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *self)
{
    struct grpc_client *client = self;
    (void)session;
    client->goaway = client->goaway || frame->hd.type == NGHTTP2_GOAWAY;
    return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t stream_id, uint8_t *to, size_t room,
                         uint32_t *ret_flags, nghttp2_data_source *source, void *self)
{
    struct grpc_call *call = source->ptr;
    size_t len = call->sent.len - call->sent_len;
    (void)session;
    (void)stream_id;
    (void)self;
    len = len < room ? len : room;
    memcpy(to, call->sent.data + call->sent_len, len);
    call->sent_len += len;
    if (call->sent_len == call->sent.len) {
        *ret_flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return (ssize_t)len;
}

struct grpc_client *grpc_client_new(struct loop *loop, int *ret_server_fd)
{
    struct grpc_client *client = calloc(1, sizeof *client);
    nghttp2_session_callbacks *callbacks;
    int pair[2];
    if (client == NULL ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0 ||
        nghttp2_session_callbacks_new(&callbacks) != 0) {
        stop("no socket pair");
        return NULL;
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new(&client->session, callbacks, client);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, NULL, 0);
    client->loop = loop;
    client->fd = pair[0];
    *ret_server_fd = pair[1];
    return client;
}

void grpc_client_free(struct grpc_client *client)
{
    nghttp2_session_del(client->session);
    buf_deinit(&client->output);
    close(client->fd);
    free(client);
}

static void send_some(struct grpc_client *client)
{
    const uint8_t *data;
    ssize_t len;
    while (client->output.len < 65536 &&
           (len = nghttp2_session_mem_send(client->session, &data)) > 0) {
        buf_append(&client->output, data, (size_t)len);
    }
    len = client->output.len > 0
              ? send(client->fd, client->output.data, client->output.len, MSG_NOSIGNAL)
              : 0;
    if (len > 0) {
        memmove(client->output.data, client->output.data + len, client->output.len - (size_t)len);
        client->output.len -= (size_t)len;
    } else if (len < 0 && errno != EAGAIN) {
        client->end = true;
    }
}

static void receive_some(struct grpc_client *client)
{
    uint8_t data[65536];
    ssize_t len = recv(client->fd, data, sizeof data, 0);
    if (len > 0) {
        if (nghttp2_session_mem_recv(client->session, data, (size_t)len) < 0) {
            stop("the server broke the protocol");
        }
    } else if (len == 0 || errno != EAGAIN) {
        client->end = true;
    }
}

static void turn(struct grpc_client *client)
{
    send_some(client);
    loop_turn(client->loop);
    receive_some(client);
}

void grpc_client_call(struct grpc_client *client, struct grpc_call *call, const char *path,
                      struct bytes message)
{
#define PAIR(name, value)                                                                          \
    {(uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), strlen(name), strlen(value),     \
     NGHTTP2_NV_FLAG_NONE}
    nghttp2_nv headers[] = {PAIR(":method", "POST"),
                            PAIR(":scheme", "http"),
                            PAIR(":path", path),
                            PAIR(":authority", "test"),
                            PAIR("content-type", "application/grpc"),
                            PAIR("te", "trailers")};
#undef PAIR
    uint8_t prefix[5] = {0, (uint8_t)(message.len >> 24), (uint8_t)(message.len >> 16),
                         (uint8_t)(message.len >> 8), (uint8_t)message.len};
    memset(call, 0, sizeof *call);
    buf_append(&call->sent, prefix, sizeof prefix);
    buf_append_bytes(&call->sent, message);
    nghttp2_data_provider provider = {{.ptr = call}, read_body};
    call->stream = nghttp2_submit_request(client->session, NULL, headers,
                                          sizeof headers / sizeof headers[0], &provider, call);
    if (call->stream < 0) {
        stop("no stream");
    }
}

bool grpc_client_wait(struct grpc_client *client, struct grpc_call *call)
{
    for (unsigned turns = 0; !call->closed && !client->end; turns++) {
        if (turns == TURNS_MAX) {
            stop("no answer");
        }
        turn(client);
    }
    return call->closed;
}

void grpc_client_cancel(struct grpc_client *client, struct grpc_call *call)
{
    nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, call->stream, NGHTTP2_CANCEL);
}

void grpc_client_idle(struct grpc_client *client)
{
    for (unsigned turns = 0; turns < 20; turns++) {
        turn(client);
    }
}

bool grpc_client_got_goaway(const struct grpc_client *client)
{
    return client->goaway;
}

bool grpc_client_wait_end(struct grpc_client *client)
{
    for (unsigned turns = 0; !client->end && turns < TURNS_MAX; turns++) {
        turn(client);
    }
    return client->end;
}

void grpc_call_deinit(struct grpc_call *call)
{
    buf_deinit(&call->sent);
    buf_deinit(&call->body);
}
