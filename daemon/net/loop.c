#include "daemon/net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LOOP_SIGNALS_MAX 8

struct signal_watch {
    struct event *event;
    loop_fn fn;
    void *self;
};

struct loop {
    struct event_base *base;
    int wake_fd;
    struct event *wake_event;
    loop_fn wake;
    void *wake_self;
    _Atomic bool stopping;
    struct signal_watch signals[LOOP_SIGNALS_MAX];
    unsigned signal_count;
};

struct loop_fd {
    struct loop *loop;
    struct event *event;
    int fd;
    unsigned events;
    loop_fd_fn ready;
    void *self;
};

struct loop_timer {
    struct event *event;
    loop_fn fire;
    void *self;
};

/* The eventfd carries both wishes: to be woken, and to stop. */
static void woken(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;
    uint64_t count;
    (void)what;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got;
    if (loop->wake != NULL) {
        loop->wake(loop->wake_self);
    }
    if (atomic_load_explicit(&loop->stopping, memory_order_acquire)) {
        event_base_loopbreak(loop->base);
    }
}

int loop_new(struct loop **ret)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return -ENOMEM;
    }
    struct event_config *config = event_config_new();
    if (config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_PRECISE_TIMER);
        loop->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->base != NULL && loop->wake_fd >= 0) {
        loop->wake_event = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, woken, loop);
    }
    if (loop->wake_event == NULL || event_add(loop->wake_event, NULL) != 0) {
        loop_free(loop);
        return -ENOMEM;
    }
    *ret = loop;
    return 0;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL) {
        return;
    }
    for (unsigned i = 0; i < loop->signal_count; i++) {
        event_free(loop->signals[i].event);
    }
    if (loop->wake_event != NULL) {
        event_free(loop->wake_event);
    }
    if (loop->base != NULL) {
        event_base_free(loop->base);
    }
    if (loop->wake_fd >= 0) {
        close(loop->wake_fd);
    }
    free(loop);
}

void loop_run(struct loop *loop)
{
    if (!atomic_load_explicit(&loop->stopping, memory_order_acquire)) {
        event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
    }
    atomic_store_explicit(&loop->stopping, false, memory_order_release);
}

void loop_turn(struct loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NONBLOCK);
}

static void poke(struct loop *loop)
{
    uint64_t one = 1;
    ssize_t put = write(loop->wake_fd, &one, sizeof one);
    (void)put; /* full means that it is about to be read */
}

void loop_stop(struct loop *loop)
{
    int error = errno;
    atomic_store_explicit(&loop->stopping, true, memory_order_release);
    poke(loop);
    errno = error;
}

void loop_on_wake(struct loop *loop, loop_fn wake, void *self)
{
    loop->wake = wake;
    loop->wake_self = self;
}

void loop_wake(struct loop *loop)
{
    poke(loop);
}

static void fd_ready(evutil_socket_t fd, short what, void *arg)
{
    struct loop_fd *watch = arg;
    unsigned events = (what & EV_READ ? LOOP_READ : 0u) | (what & EV_WRITE ? LOOP_WRITE : 0u);
    watch->ready(watch->self, fd, events);
}

static short event_flags(unsigned events)
{
    return (short)((events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0) | EV_PERSIST);
}

int loop_fd_new(struct loop_fd **ret, struct loop *loop, int fd, unsigned events, loop_fd_fn ready, void *self)
{
    struct loop_fd *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return -ENOMEM;
    }
    *watch = (struct loop_fd){ .loop = loop, .fd = fd, .ready = ready, .self = self };
    watch->event = event_new(loop->base, fd, event_flags(events), fd_ready, watch);
    if (watch->event == NULL || (events != 0 && event_add(watch->event, NULL) != 0)) {
        loop_fd_free(watch);
        return -ENOMEM;
    }
    watch->events = events;
    *ret = watch;
    return 0;
}

int loop_fd_set(struct loop_fd *watch, unsigned events)
{
    if (events == watch->events) {
        return 0;
    }
    event_del(watch->event);
    watch->events = events;
    if (event_assign(watch->event, watch->loop->base, watch->fd, event_flags(events), fd_ready, watch) != 0) {
        return -EINVAL;
    }
    return events != 0 && event_add(watch->event, NULL) != 0 ? -ENOMEM : 0;
}

void loop_fd_free(struct loop_fd *watch)
{
    if (watch != NULL) {
        if (watch->event != NULL) {
            event_free(watch->event);
        }
        free(watch);
    }
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *timer = arg;
    (void)fd;
    (void)what;
    timer->fire(timer->self);
}

int loop_timer_new(struct loop_timer **ret, struct loop *loop, loop_fn fire, void *self)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    if (timer == NULL) {
        return -ENOMEM;
    }
    timer->fire = fire;
    timer->self = self;
    timer->event = event_new(loop->base, -1, 0, timer_fired, timer);
    if (timer->event == NULL) {
        free(timer);
        return -ENOMEM;
    }
    *ret = timer;
    return 0;
}

int loop_timer_set(struct loop_timer *timer, uint64_t after_ns)
{
    struct timeval after = { (time_t)(after_ns / 1000000000), (suseconds_t)(after_ns % 1000000000 / 1000) };
    return event_add(timer->event, &after) != 0 ? -ENOMEM : 0;
}

void loop_timer_stop(struct loop_timer *timer)
{
    event_del(timer->event);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer != NULL) {
        event_free(timer->event);
        free(timer);
    }
}

static void signal_came(evutil_socket_t number, short what, void *arg)
{
    struct signal_watch *watch = arg;
    (void)number;
    (void)what;
    watch->fn(watch->self);
}

int loop_on_signal(struct loop *loop, int number, loop_fn fn, void *self)
{
    if (loop->signal_count == LOOP_SIGNALS_MAX) {
        return -ENOSPC;
    }
    struct signal_watch *watch = &loop->signals[loop->signal_count];
    *watch = (struct signal_watch){ NULL, fn, self };
    watch->event = evsignal_new(loop->base, number, signal_came, watch);
    if (watch->event == NULL || event_add(watch->event, NULL) != 0) {
        if (watch->event != NULL) {
            event_free(watch->event);
        }
        return -ENOMEM;
    }
    loop->signal_count++;
    return 0;
}
