/* OTLP/gRPC on nghttp2, h2c with prior knowledge. */
#include <nghttp2/nghttp2.h>
#include <string.h>

#include "tests/bench/client.h"

#define GRPC_PREFIX_BYTES 5

/* The message is the prefix and what the request has on the wire. */
static ssize_t on_body(nghttp2_session *session, int32_t stream, uint8_t *to, size_t room,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct slot *slot = source->ptr;
    struct bytes wire = slot->request.wire;
    size_t used = 0;
    (void)session, (void)stream, (void)user;
    if (slot->sent == 0 && room > GRPC_PREFIX_BYTES) {
        uint32_t len = (uint32_t)wire.len;
        uint8_t prefix[GRPC_PREFIX_BYTES] = {slot->request.packer != NULL, (uint8_t)(len >> 24),
                                             (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                                             (uint8_t)len};
        memcpy(to, prefix, sizeof prefix);
        used = sizeof prefix;
    }
    size_t left = wire.len - slot->sent;
    size_t len = left < room - used ? left : room - used;
    memcpy(to + used, wire.data + slot->sent, len);
    slot->sent += len;
    if (len == left) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return (ssize_t)(used + len);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *received, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *user)
{
    struct slot *slot = nghttp2_session_get_stream_user_data(session, received->hd.stream_id);
    (void)flags, (void)user;
    if (slot != NULL && name_len == 11 && memcmp(name, "grpc-status", 11) == 0) {
        slot->good = value_len == 1 && value[0] == '0';
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *user)
{
    struct client *client = user;
    struct slot *slot = nghttp2_session_get_stream_user_data(session, stream);
    if (slot != NULL) {
        client_answered(client, (uint32_t)(slot - client->slots), error == 0 && slot->good);
    }
    return 0;
}

static void *begin(struct client *client)
{
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_session *session = NULL;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) {
        return NULL;
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_client_new(&session, callbacks, client);
    nghttp2_session_callbacks_del(callbacks);
    if (session != NULL && nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, NULL, 0) != 0) {
        nghttp2_session_del(session);
        return NULL;
    }
    return session;
}

static void end(void *state)
{
    nghttp2_session_del(state);
}

static nghttp2_nv header(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static void submit(struct client *client, uint32_t index)
{
    struct slot *slot = &client->slots[index];
    const nghttp2_nv headers[] = {
        header(":method", "POST"),
        header(":scheme", "http"),
        header(":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        header(":authority", "127.0.0.1"),
        header("te", "trailers"),
        header("content-type", "application/grpc"),
        header("user-agent", "assertd-bench"),
        header("grpc-encoding", packing_name(client->options.packing)),
    };
    size_t count = sizeof headers / sizeof *headers;
    nghttp2_data_provider provider = {.source.ptr = slot, .read_callback = on_body};
    if (client->options.packing == PACKING_NONE) {
        count--;
    }
    if (nghttp2_submit_request(client->state, NULL, headers, count, &provider, slot) < 0) {
        client_die("HTTP/2", 0);
    }
}

static void fill(struct client *client)
{
    const uint8_t *frame;
    ssize_t len;
    while ((len = nghttp2_session_mem_send(client->state, &frame)) > 0) {
        buf_append(&client->out, frame, (size_t)len);
    }
    if (len < 0 || client->out.failed) {
        client_die("HTTP/2", 0);
    }
}

static void input(struct client *client, const uint8_t *data, size_t len)
{
    if (nghttp2_session_mem_recv(client->state, data, len) < 0) {
        client_die("HTTP/2", 0);
    }
}

const struct protocol client_grpc = {.name = "grpc",
                                     .in_flight_max = 256,
                                     .begin = begin,
                                     .end = end,
                                     .submit = submit,
                                     .fill = fill,
                                     .input = input};
