#include "tests/net/http1_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void start(struct fixture *f)
{
    assert_int_equal(http1_server_new(&f->server, &f->options), 0);
}

void connect_peer(struct fixture *f, int buffer_bytes)
{
    http1_server_accept(f->server, socket_peer_open(&f->peer, f->loop, buffer_bytes));
}

int setup_stopped(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->clock = clock_manual_at(1000 * S, 784111777 * S);
    assert_int_equal(loop_new_with_clock(&f->loop, &f->clock.base), 0);
    f->options = (struct http1_options){.loop = f->loop,
                                        .limits = HTTP_LIMITS_DEFAULT,
                                        .handler = &fake_handler_type,
                                        .self = &f->handler,
                                        .counters = &f->counters};
    f->options.limits.body_bytes = 2000000;
    f->peer.fd = -1;
    *state = f;
    return 0;
}

int setup(void **state)
{
    setup_stopped(state);
    start(*state);
    connect_peer(*state, 0);
    return 0;
}

int teardown(void **state)
{
    struct fixture *f = *state;
    http1_server_free(f->server);
    assert_int_equal(f->handler.waiting_count, 0);
    assert_int_equal(counter_get(&f->counters.connections_opened),
                     counter_get(&f->counters.connections_closed));
    socket_peer_close(&f->peer);
    fake_handler_deinit(&f->handler);
    loop_free(f->loop);
    free(f);
    return 0;
}

void again(struct fixture *f)
{
    socket_peer_close(&f->peer);
    connect_peer(f, 0);
}

void assert_seen(struct fixture *f, const char *text)
{
    buf_append_char(&f->handler.seen, '\0');
    assert_string_equal((const char *)f->handler.seen.data, text);
    buf_reset(&f->handler.seen);
}
