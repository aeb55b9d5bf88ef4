/* HTTP/2 peers while limits.memory is full: what their streams hold does not grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/net/http2_fixture.h"

#define HARD_BYTES (16u << 20)

/* A peer whose connection has all that it needs, and then the account is full but for the last
 * sixteenth, which the library may not have either. */
static int setup_short(void **state)
{
    setup_stopped(state);
    struct fixture *f = *state;
    struct budget *budget = aligned_alloc(_Alignof(struct budget), sizeof *budget);
    budget_init(budget, HARD_BYTES);
    f->options.budget = (struct http_budget){
        .budget = budget, .bodies = BUDGET_BODIES, .buffers = BUDGET_CONNECTIONS};
    start(f);
    http2_peer_idle(&f->peer);
    return 0;
}

static int teardown_short(void **state)
{
    struct fixture *f = *state;
    struct budget *budget = f->options.budget.budget;
    int bad = teardown(state);
    free(budget);
    return bad;
}

static void fill(struct fixture *f)
{
    struct budget *budget = f->options.budget.budget;
    budget_add(budget, BUDGET_TRACES, HARD_BYTES / 16 * 15 - budget_total(budget));
}

static void large_headers_are_refused_and_small_ones_are_not(void **state)
{
    struct fixture *f = *state;
    char text[3001];
    memset(text, 'v', 3000);
    text[3000] = '\0';
    const char *const small[] = {"x-a", text, NULL};
    const char *const large[] = {"x-a", text, "x-b", text, "x-c", text, NULL};
    fill(f);
    struct http2_answer *answer = http2_peer_request(&f->peer, "GET", "/", BYTES_NULL, small);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
    answer = http2_peer_request(&f->peer, "GET", "/", BYTES_NULL, large);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 503\n"));
    assert_int_equal(f->handler.last_refusal, 503);
    assert_int_equal(budget_refused(f->options.budget.budget, BUDGET_CONNECTION), 1);
    answer = http2_peer_request(&f->peer, "GET", "/", BYTES_NULL, small);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
}

static void streams_beyond_a_few_are_refused_to_be_sent_again(void **state)
{
    struct fixture *f = *state;
    struct http2_answer *answers[60];
    unsigned refused = 0;
    f->handler.later = true;
    fill(f);
    for (int i = 0; i < 60; i++) {
        answers[i] = http2_peer_request(&f->peer, "GET", "/", BYTES_NULL, NULL);
        http2_peer_idle(&f->peer);
    }
    for (int i = 0; i < 60; i++) {
        refused += answers[i]->closed;
        assert_int_equal(answers[i]->reset, answers[i]->closed ? NGHTTP2_REFUSED_STREAM : 0);
    }
    assert_in_range(refused, 1, 55);
    assert_int_equal(f->handler.waiting_count, 60 - refused);
    while (f->handler.waiting_count != 0) {
        fake_handler_answer(&f->handler);
    }
    http2_peer_wait(&f->peer, answers[0]);
    struct http2_answer *answer = http2_peer_request(&f->peer, "GET", "/", BYTES_NULL, NULL);
    http2_peer_idle(&f->peer);
    fake_handler_answer(&f->handler);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(large_headers_are_refused_and_small_ones_are_not,
                                        setup_short, teardown_short),
        cmocka_unit_test_setup_teardown(streams_beyond_a_few_are_refused_to_be_sent_again,
                                        setup_short, teardown_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
