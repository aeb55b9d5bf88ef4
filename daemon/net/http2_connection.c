#include "daemon/net/http2_connection.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "daemon/core/memory.h"
#include "daemon/net/http2_deadline.h"

#define READS_PER_TURN 4
/* Between two looks at whether the connection has failed meanwhile. */
#define FEED_BYTES 16384
/* As much as is gathered for one write. */
#define WRITE_BYTES 65536
#define KEEP_BYTES  4096
/* A connection's window, in those of its streams. */
#define WINDOWS 4
/* Read beside what the window let through, for frames that it does not count. */
#define LINGER_MORE (UINT64_C(1) << 20)

static const struct http_limits *limits_of(const struct http2_connection *c)
{
    return &c->server->options.limits;
}

static struct http_counters *counters_of(const struct http2_connection *c)
{
    return c->server->options.counters;
}

static uint64_t now_of(const struct http2_connection *c)
{
    return loop_now_ns(c->server->options.loop);
}

static void free_memory(struct http2_connection *c)
{
    nghttp2_session_del(c->session);
    http_memory_hold(&c->server->shell.memory, &c->buffer_bytes, 0);
    buf_deinit(&c->output);
    free(c);
}

void http2_connection_close(struct http2_connection *c)
{
    if (c->transport != NULL) {
        c->callbacks++;
        while (!list_empty(&c->streams)) {
            http2_stream_free(container_of(c->streams.next, struct http2_stream, link));
        }
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

void http2_connection_fail(struct http2_connection *c, uint32_t error_code)
{
    if (!c->failed) {
        c->failed = true;
        counter_add(&counters_of(c)->protocol_errors, 1);
        c->broken |= nghttp2_session_terminate_session(c->session, error_code) != 0;
    }
}

void http2_connection_calm(struct http2_connection *c, const char *why)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(c->session);
    if (!c->failed) {
        (void)nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_ENHANCE_YOUR_CALM,
                                    (const uint8_t *)why, strlen(why));
        http2_connection_fail(c, NGHTTP2_ENHANCE_YOUR_CALM);
    }
}

void http2_connection_spend(struct http2_connection *c, enum http_oddity oddity)
{
    counter_add(&counters_of(c)->oddities[oddity], 1);
    if (!http2_guard_spend(&c->guard, now_of(c), oddity) && !c->failed) {
        counter_add(&counters_of(c)->calmed, 1);
        http2_connection_fail(c, NGHTTP2_ENHANCE_YOUR_CALM);
    }
}

static bool has_output(const struct http2_connection *c)
{
    return c->sent < c->output.len;
}

/* Requests that wait for the next turn. */
static bool has_whole(const struct http2_connection *c)
{
    return !list_empty(&c->whole) && !c->failed;
}

static int set_timer(struct http2_connection *c)
{
    uint64_t due = has_whole(c) ? 0 : http2_deadline_next(c);
    if (due >= c->timer_ns) {
        return 0;
    }
    uint64_t now = now_of(c);
    c->timer_ns = due;
    return loop_timer_set(c->timer, due > now ? due - now : 0);
}

static bool wants_input(const struct http2_connection *c)
{
    return !c->end && !has_whole(c) && (c->lingering || c->output.len - c->sent <= WRITE_BYTES);
}

/* Gathers frames; false: the session is broken. */
static bool gather(struct http2_connection *c)
{
    while (c->output.len - c->sent < WRITE_BYTES) {
        const uint8_t *data;
        ssize_t len = nghttp2_session_mem_send(c->session, &data);
        if (len <= 0) {
            return len == 0;
        }
        if (!has_output(c) && c->unsent_bytes == 0) {
            c->write_ns = now_of(c);
            c->write_bytes = 0;
        }
        buf_append(&c->output, data, (size_t)len);
    }
    return true;
}

/* One write of what was gathered; false: no more can be written now, or the connection is closed.
 */
static bool write_some(struct http2_connection *c)
{
    struct iovec part = {c->output.data + c->sent, c->output.len - c->sent};
    ssize_t put = c->transport->type->write(c->transport, &part, 1);
    if (put == -EAGAIN) {
        return false;
    }
    if (put <= 0) {
        http2_connection_close(c);
        return false;
    }
    c->sent += (size_t)put;
    c->write_bytes += (uint64_t)put;
    counter_add(&counters_of(c)->bytes_sent, (uint64_t)put);
    if (c->sent == c->output.len) {
        c->sent = 0;
        buf_reset(&c->output);
    }
    return true;
}

/* The session is at its end and has said so: the peer may still be writing, and a plain close would
 * destroy what it has not read. */
static void linger(struct http2_connection *c)
{
    if (c->end) {
        http2_connection_close(c);
        return;
    }
    c->transport->type->shutdown(c->transport);
    c->lingering = true;
    c->idle_ns = now_of(c);
}

static void flush(struct http2_connection *c)
{
    do {
        if (!gather(c) || c->output.failed) {
            http2_connection_close(c);
            return;
        }
    } while (has_output(c) && write_some(c));
    if (c->transport == NULL || has_output(c)) {
        return;
    }
    if (c->output.size > KEEP_BYTES) {
        buf_deinit(&c->output);
    }
    bool done = !nghttp2_session_want_read(c->session) && !nghttp2_session_want_write(c->session);
    if (!c->lingering && (done || (c->end && c->stream_count == 0))) {
        linger(c);
    }
}

static void enter(struct http2_connection *c)
{
    c->callbacks++;
}

static void leave(struct http2_connection *c)
{
    if (c->callbacks == 1 && c->transport != NULL && !c->broken) {
        flush(c);
    }
    if (c->broken && c->transport != NULL) {
        http2_connection_close(c);
    }
    c->callbacks--;
    if (c->callbacks != 0) {
        return;
    }
    if (c->transport == NULL) {
        free_memory(c);
        return;
    }
    http_memory_hold(&c->server->shell.memory, &c->buffer_bytes,
                     c->output.size + c->stream_bytes + (size_t)c->unsent_bytes);
    unsigned events = (wants_input(c) ? LOOP_READ : 0u) | (has_output(c) ? LOOP_WRITE : 0u);
    if (loop_fd_set(c->watch, events) != 0 || set_timer(c) != 0) {
        http2_connection_close(c);
    }
}

void http2_connection_kick(struct http2_connection *c)
{
    enter(c);
    leave(c);
}

/* In pieces, so that a connection which has failed does not get through with all that it sent at
 * once. */
static void feed(struct http2_connection *c, struct bytes data)
{
    while (data.len != 0 && !c->failed) {
        size_t len = data.len < FEED_BYTES ? data.len : FEED_BYTES;
        ssize_t used = nghttp2_session_mem_recv(c->session, data.data, len);
        if (used < 0) {
            counter_add(&counters_of(c)->protocol_errors, 1);
            c->failed = true;
            if (nghttp2_is_fatal((int)used) ||
                nghttp2_session_terminate_session(c->session, NGHTTP2_PROTOCOL_ERROR) != 0) {
                http2_connection_close(c);
            }
            return;
        }
        data = bytes_from(data.data + used, data.len - (size_t)used);
    }
}

/* Requests that are whole are still answered; the others will never be. */
static void end_of_stream(struct http2_connection *c)
{
    c->end = true;
    while (!list_empty(&c->reading)) {
        http2_stream_cancel(http2_deadline_first_body(c));
    }
    if (c->lingering || (c->stream_count == 0 && !has_output(c))) {
        http2_connection_close(c);
    }
}

/* What may be under way when the connection ends: as much as its window lets through. */
static uint64_t linger_bytes(const struct http2_connection *c)
{
    return (uint64_t)limits_of(c)->window_bytes * WINDOWS + LINGER_MORE;
}

static void drop(struct http2_connection *c, size_t len)
{
    c->dropped += len;
    if (c->dropped > linger_bytes(c)) {
        http2_connection_close(c);
    }
}

/* One read; whether another may follow. */
static bool receive(struct http2_connection *c)
{
    uint8_t *scratch = c->server->scratch;
    ssize_t got = c->transport->type->read(c->transport, scratch, HTTP2_SCRATCH_BYTES);
    if (got == 0) {
        end_of_stream(c);
    } else if (got < 0 && got != -EAGAIN) {
        http2_connection_close(c);
    }
    if (got <= 0) {
        return false;
    }
    counter_add(&counters_of(c)->bytes_received, (uint64_t)got);
    http2_keepalive_heard(&c->keepalive, now_of(c));
    if (c->lingering || c->failed) {
        drop(c, (size_t)got);
    } else {
        feed(c, bytes_from(scratch, (size_t)got));
    }
    return got == HTTP2_SCRATCH_BYTES && c->transport != NULL;
}

static void ready(void *self, int fd, unsigned events)
{
    struct http2_connection *c = self;
    (void)fd;
    enter(c);
    c->handed_bytes = 0;
    for (int i = 0; i < READS_PER_TURN && (events & LOOP_READ) != 0; i++) {
        if (!receive(c) || has_whole(c)) {
            break;
        }
    }
    leave(c);
}

static void timer_fired(void *self)
{
    struct http2_connection *c = self;
    uint64_t now = now_of(c);
    enter(c);
    c->timer_ns = UINT64_MAX;
    c->handed_bytes = 0;
    http2_streams_hand(c);
    http2_deadline_act(c, now);
    leave(c);
}

void http2_connection_send_away(struct http2_connection *c)
{
    int32_t last = nghttp2_session_get_last_proc_stream_id(c->session);
    c->broken |=
        nghttp2_submit_goaway(c->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL, 0) != 0;
}

static int greet(struct http2_connection *c)
{
    const struct http_limits *limits = limits_of(c);
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->concurrent_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits->window_bytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)limits->header_bytes},
    };
    int bad = nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings,
                                      sizeof settings / sizeof *settings);
    return bad ? bad
               : nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0,
                                                       (int32_t)limits->window_bytes * WINDOWS);
}

static int open_connection(struct http2_connection *c)
{
    struct http2_server *server = c->server;
    int bad = nghttp2_session_server_new3(&c->session, server->callbacks, c, server->option,
                                          http2_memory_functions(server->memory));
    if (!bad) {
        bad = greet(c);
    }
    if (!bad) {
        bad = loop_timer_new(&c->timer, server->options.loop, timer_fired, c);
    }
    if (!bad) {
        bad = loop_fd_new(&c->watch, server->options.loop, c->transport->fd, LOOP_READ, ready, c);
    }
    return bad;
}

void http2_connection_new(struct http2_server *server, struct transport *take_transport)
{
    struct http2_connection *c = memory_alloc(sizeof *c);
    if (c == NULL) {
        http_memory_leave(&server->shell.memory);
        take_transport->type->free(take_transport);
        return;
    }
    *c = (struct http2_connection){
        .server = server, .transport = take_transport, .timer_ns = UINT64_MAX};
    c->idle_ns = now_of(c);
    list_init(&c->streams);
    list_init(&c->reading);
    list_init(&c->whole);
    http2_guard_init(&c->guard, c->idle_ns);
    http2_keepalive_init(&c->keepalive, &limits_of(c)->keepalive, c->idle_ns,
                         (uint64_t)(uintptr_t)c >> 6);
    http_shell_enter(&server->shell, &c->link, server->options.counters);
    enter(c);
    if (open_connection(c) != 0) {
        http2_connection_close(c);
    }
    leave(c);
}

void http2_connection_drain(struct http2_connection *c)
{
    enter(c);
    http2_connection_send_away(c);
    leave(c);
}
