/* HTTP/1.1 peers while limits.memory is full: none of their buffers grows because they want it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http1_fixture.h"

#define HARD_BYTES (16u << 20)
#define RESERVE    2u

static struct budget *budget_of(struct fixture *f)
{
    return f->options.budget.budget;
}

/* A server whose account has `left` bytes for connections. */
static void start_short(struct fixture *f, uint64_t left)
{
    struct budget *budget = aligned_alloc(_Alignof(struct budget), sizeof *budget);
    budget_init(budget, HARD_BYTES);
    budget_add(budget, BUDGET_TRACES, HARD_BYTES / 16 * 15 - left);
    f->options.budget =
        (struct http_budget){budget, BUDGET_BODIES, BUDGET_CONNECTIONS, .reserve = RESERVE};
    start(f);
}

static int teardown_short(void **state)
{
    struct budget *budget = budget_of(*state);
    int bad = teardown(state);
    free(budget);
    return bad;
}

#define TEST_SHORT(f) cmocka_unit_test_setup_teardown(f, setup_stopped, teardown_short)

static void who_finds_no_room_is_let_in_and_told(void **state)
{
    struct fixture *f = *state;
    start_short(f, 0);
    connect_peer(f, 0);
    f->handler.begin_answers = 503;
    socket_peer_send_text(&f->peer, POST "Content-Length: 3\r\n\r\nabc");
    socket_peer_wait_for(&f->peer, "HTTP/1.1 503 ");
    assert_false(f->peer.end);
    struct socket_peer others[2];
    http1_server_accept(f->server, socket_peer_open(&others[0], f->loop, 0));
    http1_server_accept(f->server, socket_peer_open(&others[1], f->loop, 0));
    socket_peer_wait_end(&others[1]);
    assert_false(others[0].end);
    assert_int_equal(counter_get(&f->counters.refused_connections), 1);
    assert_int_equal(budget_refused(budget_of(f), BUDGET_CONNECTION), 1);
    socket_peer_close(&others[0]);
    socket_peer_close(&others[1]);
}

static void a_large_head_is_refused_and_a_small_one_is_not(void **state)
{
    struct fixture *f = *state;
    char line[3000];
    memset(line, 'v', sizeof line);
    memcpy(line, "X: ", 3);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    start_short(f, 0);
    connect_peer(f, 0);
    socket_peer_send_text(&f->peer, "GET / HTTP/1.1\r\nHost: x\r\n");
    socket_peer_send(&f->peer, bytes_from(line, sizeof line));
    socket_peer_send_text(&f->peer, "\r\n");
    socket_peer_wait_for(&f->peer, "200 OK");
    again(f);
    socket_peer_send_text(&f->peer, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 9 && !f->peer.end; i++) {
        socket_peer_send(&f->peer, bytes_from(line, sizeof line));
        socket_peer_turn(&f->peer);
    }
    socket_peer_wait_for(&f->peer, "HTTP/1.1 503 ");
    assert_int_equal(f->handler.last_refusal, 503);
    assert_int_equal(f->handler.completed, 1);
}

static void heads_that_never_end_stay_within_the_limit(void **state)
{
    struct fixture *f = *state;
    struct socket_peer peers[100];
    char line[4000];
    memset(line, 'v', sizeof line);
    memcpy(line, "X: ", 3);
    memcpy(line + sizeof line - 2, "\r\n", 2);
    start_short(f, 700 * 1024);
    for (int i = 0; i < 100; i++) {
        http1_server_accept(f->server, socket_peer_open(&peers[i], f->loop, 0));
        socket_peer_send_text(&peers[i], "GET / HTTP/1.1\r\nHost: x\r\n");
    }
    for (int round = 0; round < 7; round++) {
        for (int i = 0; i < 100; i++) {
            socket_peer_send(&peers[i], bytes_from(line, sizeof line));
            socket_peer_turn(&peers[i]);
            assert_true(budget_total(budget_of(f)) <= HARD_BYTES + 65536); /* told in steps */
        }
    }
    assert_in_range(budget_refused(budget_of(f), BUDGET_CONNECTION), 50, 99);
    for (int i = 0; i < 100; i++) {
        socket_peer_close(&peers[i]);
    }
}

static void a_peer_that_does_not_read_gets_no_further_answers(void **state)
{
    struct fixture *f = *state;
    struct buf body = BUF_NULL;
    memset(buf_reserve(&body, 30000), 'y', 30000);
    body.len = 30000;
    const struct http_response response = {.status = 200, .body = buf_bytes(&body)};
    start_short(f, 0);
    connect_peer(f, 4096);
    f->handler.response = &response;
    struct buf requests = BUF_NULL;
    for (int i = 0; i < 40; i++) {
        buf_append_text(&requests, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    assert_int_equal(send(f->peer.fd, requests.data, requests.len, MSG_NOSIGNAL), requests.len);
    for (int i = 0; i < 20; i++) {
        loop_turn(f->loop);
    }
    assert_in_range(f->handler.completed, 1, 2);
    for (int i = 0; i < 100000 && f->peer.got.len < 40 * 30000; i++) {
        socket_peer_turn(&f->peer);
    }
    socket_peer_idle(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "200 OK"), 40);
    buf_deinit(&requests);
    buf_deinit(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_SHORT(who_finds_no_room_is_let_in_and_told),
        TEST_SHORT(a_large_head_is_refused_and_a_small_one_is_not),
        TEST_SHORT(heads_that_never_end_stay_within_the_limit),
        TEST_SHORT(a_peer_that_does_not_read_gets_no_further_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
