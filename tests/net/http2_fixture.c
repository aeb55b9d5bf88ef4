#include "tests/net/http2_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void start(struct fixture *f)
{
    assert_int_equal(http2_server_new(&f->server, &f->options), 0);
    http2_server_accept(f->server, http2_peer_open(&f->peer, f->loop));
}

int setup_stopped(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->clock = clock_manual_at(1000 * S, 784111777 * S);
    assert_int_equal(loop_new_with_clock(&f->loop, &f->clock.base), 0);
    f->options = (struct http2_options){.loop = f->loop,
                                        .limits = HTTP_LIMITS_DEFAULT,
                                        .handler = &fake_handler_type,
                                        .self = &f->handler,
                                        .counters = &f->counters};
    f->options.limits.body_bytes = BODY_LIMIT;
    *state = f;
    return 0;
}

int setup(void **state)
{
    setup_stopped(state);
    start(*state);
    return 0;
}

int teardown(void **state)
{
    struct fixture *f = *state;
    http2_server_free(f->server);
    assert_int_equal(f->handler.waiting_count, 0);
    assert_int_equal(counter_get(&f->counters.connections_opened),
                     counter_get(&f->counters.connections_closed));
    http2_peer_close(&f->peer);
    fake_handler_deinit(&f->handler);
    loop_free(f->loop);
    free(f);
    return 0;
}

void again(struct fixture *f)
{
    http2_peer_close(&f->peer);
    http2_server_accept(f->server, http2_peer_open(&f->peer, f->loop));
}

struct bytes filled(struct buf *buf, size_t len)
{
    uint8_t *to = buf_reserve(buf, len);
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)(i * 7 + i / 253);
    }
    buf->len = len;
    return buf_bytes(buf);
}

const uint8_t get_block[6] = {0x82, 0x86, 0x84, 0x01, 0x01, 'x'};

const uint8_t post_block[6] = {0x83, 0x86, 0x84, 0x01, 0x01, 'x'};

const char *const grpc[] = {
    "content-type", "application/grpc", "te", "trailers", "grpc-encoding", "gzip", NULL};

bool raw_get(struct fixture *f, uint32_t id)
{
    return http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_STREAM | END_HEADERS, id, get_block,
                          sizeof get_block);
}

bool raw_post(struct fixture *f, uint32_t id)
{
    return http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_HEADERS, id, post_block,
                          sizeof post_block);
}
