#include "daemon/net/http_client.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/net/http1.h"
#include "daemon/net/listener.h"
#include "tests/net/fake_handler.h"

#define S NS_PER_S

struct fixture {
    struct loop *loop;
    struct http_counters counters;
    struct fake_handler handler;
    struct http1_server *server;
    struct listener *listener;
    struct http_client *client;
    char url[100];
    unsigned done, again;
    unsigned status;
    char error[200];
    struct buf body;
    uint64_t retry_after_ns;
};

static void accepted(void *self, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    assert_non_null(transport);
    http1_server_accept(((struct fixture *)self)->server, transport);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char error[200];
    *state = f;
    assert_int_equal(loop_new(&f->loop), 0);
    struct http1_options options = {.loop = f->loop,
                                    .limits = HTTP_LIMITS_DEFAULT,
                                    .handler = &fake_handler_type,
                                    .self = &f->handler,
                                    .counters = &f->counters};
    assert_int_equal(http1_server_new(&f->server, &options), 0);
    assert_int_equal(
        listener_new(&f->listener, f->loop, "127.0.0.1:0", accepted, f, error, sizeof error), 0);
    assert_int_equal(http_client_new(&f->client, f->loop, 4), 0);
    snprintf(f->url, sizeof f->url, "http://%s/write?db=x", listener_address(f->listener));
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http_client_free(f->client);
    listener_free(f->listener);
    http1_server_free(f->server);
    loop_free(f->loop);
    fake_handler_deinit(&f->handler);
    buf_deinit(&f->body);
    free(f);
    return 0;
}

static int send_it(struct fixture *f, const char *method, const char *url, struct bytes body,
                   uint64_t timeout_ns);

static void done(void *self, const struct http_answer *answer)
{
    struct fixture *f = self;
    f->done++;
    f->status = answer->status;
    assert_true((answer->status == 0) == (answer->error != NULL));
    snprintf(f->error, sizeof f->error, "%s", answer->error != NULL ? answer->error : "");
    buf_reset(&f->body);
    buf_append_bytes(&f->body, answer->body);
    f->retry_after_ns = answer->retry_after_ns;
    if (f->again != 0) {
        f->again--;
        assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("again"), 60 * S), 0);
    }
}

static int send_it(struct fixture *f, const char *method, const char *url, struct bytes body,
                   uint64_t timeout_ns)
{
    static const char *const headers[] = {"Content-Type: text/plain", "X-Token: secret", NULL};
    const struct http_exchange exchange = {method, url, headers, body, timeout_ns, 1000};
    return http_client_send(f->client, &exchange, done, f);
}

static void run_until(struct fixture *f, unsigned count)
{
    uint64_t begin = loop_now_ns(f->loop);
    while (f->done < count && loop_now_ns(f->loop) - begin < 60 * S) {
        loop_turn(f->loop);
    }
    assert_int_equal(f->done, count);
}

static void an_exchange_is_answered_later_never_at_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("hello"), 60 * S), 0);
    assert_int_equal(f->done, 0);
    run_until(f, 1);
    assert_int_equal(f->status, 200);
    assert_true(bytes_is(buf_bytes(&f->body), "hello"));
    assert_true(bytes_is(buf_bytes(&f->handler.seen), "POST /write?db=x 5\n"));
    assert_int_equal(f->retry_after_ns, 0);
}

static void methods_with_and_without_a_body_work(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(send_it(f, "GET", f->url, BYTES_NULL, 60 * S), 0);
    run_until(f, 1);
    assert_int_equal(send_it(f, "POST", f->url, BYTES_NULL, 60 * S), 0);
    run_until(f, 2);
    assert_int_equal(send_it(f, "PUT", f->url, BYTES_LITERAL("abc"), 60 * S), 0);
    run_until(f, 3);
    assert_true(bytes_is(buf_bytes(&f->handler.seen),
                         "GET /write?db=x 0\nPOST /write?db=x 0\nPUT /write?db=x 3\n"));
}

static void many_exchanges_share_few_connections(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 60 * S), 0);
    }
    run_until(f, 50);
    assert_in_range(counter_get(&f->counters.connections_opened), 1, 4);
    assert_int_equal(counter_get(&f->counters.requests), 50);
}

static void done_may_send_again(void **state)
{
    struct fixture *f = *state;
    f->again = 5;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("first"), 60 * S), 0);
    run_until(f, 6);
    assert_true(bytes_is(buf_bytes(&f->body), "again"));
}

static void a_large_body_goes_and_a_large_answer_is_cut(void **state)
{
    struct fixture *f = *state;
    struct buf body = BUF_NULL;
    memset(buf_reserve(&body, 3000000), 'z', 3000000);
    body.len = 3000000;
    assert_int_equal(send_it(f, "POST", f->url, buf_bytes(&body), 60 * S), 0);
    run_until(f, 1);
    assert_int_equal(f->status, 200);
    assert_int_equal(f->body.len, 1000);
    buf_deinit(&body);
}

static void a_refusal_tells_when_to_come_back(void **state)
{
    struct fixture *f = *state;
    static const struct http_header seconds = {BYTES_LITERAL("Retry-After"), BYTES_LITERAL("7")};
    static const struct http_response busy = {
        .status = 503, .headers = &seconds, .header_count = 1};
    f->handler.response = &busy;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 60 * S), 0);
    run_until(f, 1);
    assert_int_equal(f->status, 503);
    assert_int_equal(f->retry_after_ns, 7 * S);
    static const struct http_header date = {BYTES_LITERAL("retry-after"),
                                            BYTES_LITERAL("Fri, 31 Dec 2100 23:59:59 GMT")};
    const struct http_response later = {.status = 503, .headers = &date, .header_count = 1};
    f->handler.response = &later;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 60 * S), 0);
    run_until(f, 2);
    assert_true(f->retry_after_ns > 1000 * S);
}

static void redirects_are_not_followed(void **state)
{
    struct fixture *f = *state;
    const struct http_header to = {BYTES_LITERAL("Location"), bytes_of(f->url)};
    const struct http_response moved = {.status = 307, .headers = &to, .header_count = 1};
    f->handler.response = &moved;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 60 * S), 0);
    run_until(f, 1);
    assert_int_equal(f->status, 307);
    assert_int_equal(f->handler.completed, 1);
}

static void a_peer_that_does_not_answer_runs_into_the_deadline(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 50 * NS_PER_MS), 0);
    run_until(f, 1);
    assert_int_equal(f->status, 0);
    assert_true(f->error[0] != '\0');
}

static void nobody_at_home_is_an_error(void **state)
{
    struct fixture *f = *state;
    listener_free(f->listener);
    f->listener = NULL;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 60 * S), 0);
    assert_int_equal(f->done, 0);
    run_until(f, 1);
    assert_int_equal(f->status, 0);
}

static void other_protocols_and_line_ends_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const headers[] = {"X: a\r\nY: b", NULL};
    const struct http_exchange smuggling = {"POST", f->url, headers, BYTES_LITERAL("x"),
                                            60 * S, 1000};
    assert_int_equal(http_client_send(f->client, &smuggling, done, f), -EINVAL);
    if (send_it(f, "GET", "file:///etc/hostname", BYTES_NULL, 60 * S) == 0) {
        run_until(f, 1);
        assert_int_equal(f->status, 0);
        assert_int_equal(f->body.len, 0);
    }
}

static void what_is_under_way_is_cancelled_without_a_word(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("x"), 60 * S), 0);
    while (f->handler.completed == 0) {
        loop_turn(f->loop);
    }
    assert_int_equal(send_it(f, "POST", f->url, BYTES_LITERAL("y"), 60 * S), 0);
    http_client_free(f->client);
    f->client = NULL;
    loop_turn(f->loop);
    assert_int_equal(f->done, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_exchange_is_answered_later_never_at_once),
        TEST(methods_with_and_without_a_body_work),
        TEST(many_exchanges_share_few_connections),
        TEST(done_may_send_again),
        TEST(a_large_body_goes_and_a_large_answer_is_cut),
        TEST(a_refusal_tells_when_to_come_back),
        TEST(redirects_are_not_followed),
        TEST(a_peer_that_does_not_answer_runs_into_the_deadline),
        TEST(nobody_at_home_is_an_error),
        TEST(other_protocols_and_line_ends_are_refused),
        TEST(what_is_under_way_is_cancelled_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
