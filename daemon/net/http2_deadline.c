#include "daemon/net/http2_deadline.h"

#include <nghttp2/nghttp2.h>

#include "daemon/core/clock.h"

#define LINGER_NS (2 * NS_PER_S)

static const struct http_limits *limits_of(const struct http2_connection *c)
{
    return &c->server->options.limits;
}

static struct http_counters *counters_of(const struct http2_connection *c)
{
    return c->server->options.counters;
}

struct http2_stream *http2_deadline_first_body(const struct http2_connection *c)
{
    return list_empty(&c->reading)
               ? NULL
               : container_of(c->reading.next, struct http2_stream, reading_link);
}

static uint64_t write_deadline(const struct http2_connection *c)
{
    bool waits = c->sent < c->output.len || c->unsent_bytes != 0;
    return waits ? http_deadline(c->write_ns, limits_of(c)->write_timeout_ns) : UINT64_MAX;
}

static uint64_t head_deadline(const struct http2_connection *c)
{
    uint64_t since = !c->started ? c->idle_ns : c->block_ns;
    return !c->started || c->block_ns != 0 ? http_deadline(since, limits_of(c)->header_timeout_ns)
                                           : UINT64_MAX;
}

static uint64_t idle_deadline(const struct http2_connection *c)
{
    if (c->lingering) {
        return http_deadline(c->idle_ns, LINGER_NS);
    }
    return c->stream_count == 0 ? http_deadline(c->idle_ns, limits_of(c)->idle_timeout_ns)
                                : UINT64_MAX;
}

static uint64_t body_deadline(const struct http2_connection *c)
{
    const struct http2_stream *stream = http2_deadline_first_body(c);
    return stream != NULL ? http_deadline(stream->period_ns, limits_of(c)->body_timeout_ns)
                          : UINT64_MAX;
}

static uint64_t keepalive_deadline(const struct http2_connection *c)
{
    return c->lingering || c->failed
               ? UINT64_MAX
               : http2_keepalive_deadline(&c->keepalive, &limits_of(c)->keepalive);
}

uint64_t http2_deadline_next(const struct http2_connection *c)
{
    uint64_t due = http_earlier(http_earlier(write_deadline(c), head_deadline(c)),
                                http_earlier(idle_deadline(c), body_deadline(c)));
    return http_earlier(due, keepalive_deadline(c));
}

static void expire_bodies(struct http2_connection *c, uint64_t now)
{
    while (body_deadline(c) <= now) {
        struct http2_stream *stream = http2_deadline_first_body(c);
        if (http_is_brisk(stream->period_bytes, limits_of(c)->body_timeout_ns)) {
            stream->period_bytes = 0;
            stream->period_ns = now;
            list_remove(&stream->reading_link);
            list_append(&c->reading, &stream->reading_link);
        } else {
            counter_add(&counters_of(c)->timeouts, 1);
            http2_stream_cancel(stream);
        }
    }
}

static void expire_write(struct http2_connection *c, uint64_t now)
{
    if (http_is_brisk(c->write_bytes, limits_of(c)->write_timeout_ns)) {
        c->write_ns = now;
        c->write_bytes = 0;
    } else {
        counter_add(&counters_of(c)->timeouts, 1);
        http2_connection_close(c);
    }
}

static void expire_head(struct http2_connection *c)
{
    counter_add(&counters_of(c)->timeouts, 1);
    http2_connection_close(c);
}

static void keep_alive(struct http2_connection *c, uint64_t now)
{
    switch (http2_keepalive_due(&c->keepalive, &limits_of(c)->keepalive, now)) {
    case KEEPALIVE_ASK:
        c->broken |= nghttp2_submit_ping(c->session, NGHTTP2_FLAG_NONE, NULL) != 0;
        break;
    case KEEPALIVE_LEAVE:
        http2_connection_send_away(c);
        break;
    case KEEPALIVE_DEAD:
        counter_add(&counters_of(c)->timeouts, 1);
        http2_connection_close(c);
        break;
    case KEEPALIVE_LEFT:
        http2_connection_close(c);
        break;
    case KEEPALIVE_NOTHING:
        break;
    }
}

void http2_deadline_act(struct http2_connection *c, uint64_t now)
{
    if (c->lingering && idle_deadline(c) <= now) {
        http2_connection_close(c);
    } else if (write_deadline(c) <= now) {
        expire_write(c, now);
    } else if (head_deadline(c) <= now) {
        expire_head(c);
    } else if (idle_deadline(c) <= now) {
        c->failed = true;
        c->broken |= nghttp2_session_terminate_session(c->session, NGHTTP2_NO_ERROR) != 0;
    } else if (keepalive_deadline(c) <= now) {
        keep_alive(c, now);
    } else {
        expire_bodies(c, now);
    }
}
