/* HTTP/1.1 peers that send ahead, or leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http1_fixture.h"

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct fixture *f = *state;
    struct buf requests = BUF_NULL;
    for (int i = 0; i < 1000; i++) {
        buf_printf(&requests, POST "Content-Length: 4\r\n\r\n%04d", i);
    }
    socket_peer_send(&f->peer, buf_bytes(&requests));
    socket_peer_wait_for(&f->peer, "0999");
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 200 OK"), 1000);
    buf_deinit(&requests);
}

static void later_answers_hold_back_the_next_request(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer,
                          POST "Content-Length: 1\r\n\r\n1" POST "Content-Length: 1\r\n\r\n2");
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 1);
    fake_handler_answer(&f->handler);
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 2);
    fake_handler_answer(&f->handler);
    socket_peer_idle(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 200 OK"), 2);
}

static void a_half_closed_connection_is_still_answered(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_idle(&f->peer);
    fake_handler_answer(&f->handler);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "hello"), 1);
    assert_int_equal(http1_server_open(f->server), 0);
}

static void the_handler_hears_that_a_peer_has_ended_its_side(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.ended, 0);
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.ended, 1);
    assert_int_equal(f->handler.closed, 0);
    fake_handler_answer(&f->handler);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.ended, 1);
    assert_int_equal(socket_peer_count(&f->peer, "hello"), 1);
}

static void a_peer_that_goes_within_the_body_is_forgotten(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, POST "Content-Length: 50\r\n\r\nhello");
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(f->handler.completed, 0);
    assert_int_equal(f->peer.got.len, 0);
}

/* It breaks the connection by going with something unread, here "100 Continue". */
static void a_peer_that_breaks_off_before_the_answer_is_noticed_at_once(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    loop_turn(f->loop);
    socket_peer_send_text(&f->peer, "hello");
    loop_turn(f->loop);
    loop_turn(f->loop);
    assert_int_equal(f->handler.completed, 1);
    assert_int_equal(f->handler.closed, 0);
    socket_peer_close(&f->peer);
    loop_turn(f->loop);
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(http1_server_open(f->server), 0);
}

static void requests_behind_one_that_waits_are_read_after_its_answer(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 1);
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nworld");
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 1);
    fake_handler_answer(&f->handler);
    socket_peer_wait_for(&f->peer, "hello");
    fake_handler_answer(&f->handler);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "world"), 1);
}

static void a_peer_that_goes_before_the_answer_is_noticed_at_the_answer(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    socket_peer_idle(&f->peer);
    socket_peer_close(&f->peer);
    fake_handler_answer(&f->handler);
    loop_turn(f->loop);
    assert_int_equal(http1_server_open(f->server), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pipelined_requests_are_answered_in_order),
        TEST(later_answers_hold_back_the_next_request),
        TEST(a_half_closed_connection_is_still_answered),
        TEST(the_handler_hears_that_a_peer_has_ended_its_side),
        TEST(a_peer_that_goes_within_the_body_is_forgotten),
        TEST(a_peer_that_breaks_off_before_the_answer_is_noticed_at_once),
        TEST(requests_behind_one_that_waits_are_read_after_its_answer),
        TEST(a_peer_that_goes_before_the_answer_is_noticed_at_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
