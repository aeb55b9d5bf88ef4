/* The HTTP/2 server where memory fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/socket.h>

#include "tests/net/http2_fixture.h"
#include "tests/support/failing_malloc.h"

/* Whatever allocation fails, the stream or the connection ends, and nothing leaks; in the end all
 * succeeds. */
static void every_failing_allocation_is_survived(void **state)
{
    struct fixture *f = *state;
    static const uint8_t preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    for (size_t good = 0;; good++) {
        http2_peer_close(&f->peer);
        struct transport *transport = http2_peer_open(&f->peer, f->loop);
        assert_true(send(f->peer.socket.fd, preface, sizeof preface, MSG_NOSIGNAL) > 0);
        buf_reset(&f->handler.seen);
        assert_non_null(buf_reserve(&f->handler.seen, 200));
        f->handler.answered = 0;
        failing_malloc_begin(good);
        http2_server_accept(f->server, transport);
        raw_post(f, 1);
        http2_peer_raw(&f->peer, NGHTTP2_DATA, END_STREAM, 1, "hello", 5);
        raw_get(f, 3);
        size_t asked = failing_malloc_end();
        assert_false(f->handler.seen.failed);
        http2_peer_idle(&f->peer);
        if (good >= asked) {
            break;
        }
    }
    assert_true(bytes_is(buf_bytes(&f->handler.seen), "POST /? 5\nGET /? 0\n"));
    assert_int_equal(f->handler.answered, 2);
    assert_int_equal(http2_server_open(f->server), 1);
}

static void memory_may_fail_where_an_answer_goes_on(void **state)
{
    struct fixture *f = *state;
    static const struct http_response parts[] = {
        {.status = 200, .body = BYTES_LITERAL("one "), .more = true},
        {.status = 200, .body = BYTES_LITERAL("two")},
    };
    f->handler.later = true;
    f->handler.response = &parts[1];
    for (size_t good = 0;; good++) {
        again(f);
        struct http2_answer *answer =
            http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
        while (f->handler.waiting_count == 0) {
            http2_peer_idle(&f->peer);
        }
        failing_malloc_begin(good);
        http_respond(f->handler.waiting[0], &parts[0]);
        if (f->handler.waiting_count != 0) {
            fake_handler_answer(&f->handler);
        }
        size_t asked = failing_malloc_end();
        http2_peer_idle(&f->peer);
        assert_int_equal(f->handler.waiting_count, 0);
        if (good >= asked) {
            assert_true(bytes_is(buf_bytes(&answer->body), "one two"));
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_failing_allocation_is_survived),
        TEST(memory_may_fail_where_an_answer_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
