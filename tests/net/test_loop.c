#include "daemon/net/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define S NS_PER_S

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    int calls;
    struct loop_timer *timers[3];
    struct loop_fd *watch;
    int fds[2];
    unsigned events;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->clock = clock_manual_at(5 * S, 7 * S);
    *state = f;
    return loop_new_with_clock(&f->loop, &f->clock.base) |
           socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->fds);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        loop_timer_free(f->timers[i]);
    }
    loop_fd_free(f->watch);
    loop_free(f->loop);
    close(f->fds[0]);
    close(f->fds[1]);
    free(f);
    return 0;
}

static void count(void *self)
{
    ((struct fixture *)self)->calls++;
}

static void timers_run_on_the_clock_that_was_handed_in(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(loop_now_ns(f->loop), 5 * S);
    assert_int_equal(loop_wall_ns(f->loop), 7 * S);
    assert_int_equal(loop_timer_new(&f->timers[0], f->loop, count, f), 0);
    assert_int_equal(loop_timer_set(f->timers[0], 3600 * S), 0);
    clock_manual_advance(&f->clock, 3600 * S - 1);
    loop_turn(f->loop);
    assert_int_equal(f->calls, 0);
    clock_manual_advance(&f->clock, 10 * NS_PER_MS);
    loop_turn(f->loop);
    loop_turn(f->loop);
    assert_int_equal(f->calls, 1);
}

static void a_timer_may_be_set_anew_or_stopped(void **state)
{
    struct fixture *f = *state;
    loop_timer_new(&f->timers[0], f->loop, count, f);
    loop_timer_new(&f->timers[1], f->loop, count, f);
    loop_timer_set(f->timers[0], 1 * S);
    loop_timer_set(f->timers[0], 3 * S);
    loop_timer_set(f->timers[1], 1 * S);
    loop_timer_stop(f->timers[1]);
    loop_timer_stop(f->timers[1]);
    clock_manual_advance(&f->clock, 2 * S);
    loop_turn(f->loop);
    assert_int_equal(f->calls, 0);
    clock_manual_advance(&f->clock, 2 * S);
    loop_turn(f->loop);
    assert_int_equal(f->calls, 1);
}

static void set_again(void *self)
{
    struct fixture *f = self;
    f->calls++;
    loop_timer_set(f->timers[0], 0);
    loop_timer_free(f->timers[1]);
    f->timers[1] = NULL;
}

static void a_timer_that_sets_itself_anew_waits_for_the_next_turn(void **state)
{
    struct fixture *f = *state;
    loop_timer_new(&f->timers[0], f->loop, set_again, f);
    loop_timer_new(&f->timers[1], f->loop, count, f);
    loop_timer_set(f->timers[0], 0);
    loop_timer_set(f->timers[1], 0);
    loop_turn(f->loop);
    assert_in_range(f->calls, 1, 3);
    int calls = f->calls;
    loop_turn(f->loop);
    assert_in_range(f->calls - calls, 1, 3);
}

static void note(void *self, int fd, unsigned events)
{
    struct fixture *f = self;
    char byte;
    f->events |= events;
    if ((events & LOOP_READ) != 0) {
        assert_int_equal(read(fd, &byte, 1), 1);
    }
}

static void descriptors_are_watched_for_what_was_asked(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(loop_fd_new(&f->watch, f->loop, f->fds[0], LOOP_READ, note, f), 0);
    loop_turn(f->loop);
    assert_int_equal(f->events, 0);
    assert_int_equal(write(f->fds[1], "xx", 2), 2);
    loop_turn(f->loop);
    assert_int_equal(f->events, LOOP_READ);
    f->events = 0;
    loop_fd_set(f->watch, 0);
    loop_turn(f->loop);
    assert_int_equal(f->events, 0);
    loop_fd_set(f->watch, LOOP_READ | LOOP_WRITE);
    loop_turn(f->loop);
    assert_int_equal(f->events, LOOP_READ | LOOP_WRITE);
}

static void free_watch(void *self, int fd, unsigned events)
{
    struct fixture *f = self;
    (void)fd;
    (void)events;
    loop_fd_free(f->watch);
    f->watch = NULL;
    f->calls++;
}

static void a_watch_may_be_freed_by_its_own_callback(void **state)
{
    struct fixture *f = *state;
    loop_fd_new(&f->watch, f->loop, f->fds[0], LOOP_READ | LOOP_WRITE, free_watch, f);
    assert_int_equal(write(f->fds[1], "x", 1), 1);
    loop_turn(f->loop);
    loop_turn(f->loop);
    assert_int_equal(f->calls, 1);
}

static void stop_from_timer(void *self)
{
    loop_stop(((struct fixture *)self)->loop);
}

static void it_runs_until_it_is_stopped_even_before_it_began(void **state)
{
    struct fixture *f = *state;
    loop_stop(f->loop);
    loop_run(f->loop);
    loop_stop(f->loop);
    loop_turn(f->loop);
    loop_run(f->loop);
    loop_timer_new(&f->timers[0], f->loop, stop_from_timer, f);
    loop_timer_set(f->timers[0], 0);
    loop_run(f->loop);
}

static void a_timer_fires_by_itself_on_the_system_clock(void **state)
{
    struct fixture *f = *state;
    struct loop *loop;
    assert_int_equal(loop_new(&loop), 0);
    struct loop *manual = f->loop;
    f->loop = loop;
    loop_timer_new(&f->timers[0], loop, stop_from_timer, f);
    uint64_t before = loop_now_ns(loop);
    loop_timer_set(f->timers[0], 25 * NS_PER_MS);
    loop_run(loop);
    assert_true(loop_now_ns(loop) - before >= 25 * NS_PER_MS);
    loop_timer_free(f->timers[0]);
    f->timers[0] = NULL;
    loop_free(loop);
    f->loop = manual;
}

struct wakes {
    struct loop *loop;
    _Atomic int handed;
    int seen;
};

#define WAKES 20000

static void see(void *self)
{
    struct wakes *wakes = self;
    wakes->seen = atomic_load_explicit(&wakes->handed, memory_order_acquire);
    if (wakes->seen == WAKES) {
        loop_stop(wakes->loop);
    }
}

static void *hand_over(void *arg)
{
    struct wakes *wakes = arg;
    for (int i = 0; i < WAKES; i++) {
        atomic_fetch_add_explicit(&wakes->handed, 1, memory_order_release);
        loop_wake(wakes->loop);
    }
    return NULL;
}

static void no_wake_up_from_another_thread_is_lost(void **state)
{
    struct fixture *f = *state;
    struct wakes wakes = {.loop = f->loop};
    pthread_t thread;
    loop_on_wake(f->loop, see, &wakes);
    assert_int_equal(pthread_create(&thread, NULL, hand_over, &wakes), 0);
    loop_run(f->loop);
    assert_int_equal(wakes.seen, WAKES);
    pthread_join(thread, NULL);
    loop_on_wake(f->loop, NULL, NULL);
}

static void wakes_that_come_together_are_one_call(void **state)
{
    struct fixture *f = *state;
    loop_on_wake(f->loop, count, f);
    for (int round = 1; round <= 3; round++) {
        assert_true(loop_wake(f->loop));
        assert_false(loop_wake(f->loop));
        assert_false(loop_wake(f->loop));
        loop_turn(f->loop);
        assert_int_equal(f->calls, round);
    }
    loop_on_wake(f->loop, NULL, NULL);
}

static void signals_become_calls(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(loop_on_signal(f->loop, SIGUSR1, count, f), 0);
    raise(SIGUSR1);
    for (int i = 0; i < 10 && f->calls == 0; i++) {
        loop_turn(f->loop);
    }
    assert_int_equal(f->calls, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(timers_run_on_the_clock_that_was_handed_in),
        TEST(a_timer_may_be_set_anew_or_stopped),
        TEST(a_timer_that_sets_itself_anew_waits_for_the_next_turn),
        TEST(descriptors_are_watched_for_what_was_asked),
        TEST(a_watch_may_be_freed_by_its_own_callback),
        TEST(it_runs_until_it_is_stopped_even_before_it_began),
        TEST(a_timer_fires_by_itself_on_the_system_clock),
        TEST(no_wake_up_from_another_thread_is_lost),
        TEST(wakes_that_come_together_are_one_call),
        TEST(signals_become_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
