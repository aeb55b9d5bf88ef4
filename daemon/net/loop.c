/* Timers are entries of a wheel that runs on the loop's clock; libevent knows only the earliest of
 * them. */
#include "daemon/net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/cache_line.h"
#include "daemon/net/wheel.h"

#define LOOP_SIGNALS_MAX 8

struct signal_watch {
    struct event *event;
    loop_fn fn;
    void *self;
};

struct loop {
    struct event_base *base;
    const struct clock *clock;
    struct stages *stages; /* may be NULL */
    struct wheel wheel;
    struct list soon; /* timers of the next turn: a wheel's tick would let them wait 10 ms */
    struct event *tick_event;
    uint64_t tick_ns; /* when it is set to fire, UINT64_MAX: not set */
    struct event *wake_event;
    loop_fn wake;
    void *wake_self;
    struct signal_watch signals[LOOP_SIGNALS_MAX];
    unsigned signal_count;
    /* Other threads' way in, on a line of its own. */
    _Alignas(CACHE_LINE) _Atomic bool woken; /* somebody did, and the loop has not come to it */
    _Atomic bool stopping;
    int wake_fd; /* never written again */
};

_Static_assert(offsetof(struct loop, woken) % CACHE_LINE == 0, "others write a line of their own");
_Static_assert(sizeof(struct loop) - offsetof(struct loop, woken) == CACHE_LINE, "and only that");

struct loop_fd {
    struct loop *loop;
    struct event *event;
    int fd;
    unsigned events;
    loop_fd_fn ready;
    void *self;
};

struct loop_timer {
    struct wheel_entry entry;
    struct list soon_link;
    struct loop *loop;
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
    /* Acquire: pairs with loop_wake. Whoever finds it still set is seen by the call below, whoever
     * finds it cleared wakes the loop again. */
    (void)atomic_exchange_explicit(&loop->woken, false, memory_order_acq_rel);
    if (loop->wake != NULL) {
        loop->wake(loop->wake_self);
    }
    if (atomic_load_explicit(&loop->stopping, memory_order_acquire)) {
        event_base_loopbreak(loop->base);
    }
}

uint64_t loop_now_ns(const struct loop *loop)
{
    return loop->clock->monotonic_ns(loop->clock);
}

uint64_t loop_wall_ns(const struct loop *loop)
{
    return loop->clock->wall_ns(loop->clock);
}

/* Makes libevent call no later than `due_ns`; an earlier call finds nothing due and sets the next.
 */
static int set_tick(struct loop *loop, uint64_t due_ns)
{
    if (due_ns >= loop->tick_ns) {
        return 0;
    }
    uint64_t now = loop_now_ns(loop);
    uint64_t after_us = due_ns > now ? (due_ns - now + 999) / 1000 : 0;
    struct timeval after = {(time_t)(after_us / 1000000), (suseconds_t)(after_us % 1000000)};
    loop->tick_ns = due_ns;
    return event_add(loop->tick_event, &after) != 0 ? -ENOMEM : 0;
}

/* Those that were there at the beginning; each may stop or free the others. */
static void fire_soon(struct loop *loop)
{
    struct list now;
    list_init(&now);
    while (!list_empty(&loop->soon)) {
        struct list *link = loop->soon.next;
        list_remove(link);
        list_append(&now, link);
    }
    while (!list_empty(&now)) {
        struct loop_timer *timer = container_of(now.next, struct loop_timer, soon_link);
        list_remove(&timer->soon_link);
        timer->fire(timer->self);
    }
}

/* No more than were armed at the beginning: a timer that sets itself anew waits for the next turn.
 */
static void fire_due(struct loop *loop)
{
    uint64_t now = loop_now_ns(loop);
    fire_soon(loop);
    for (uint64_t left = loop->wheel.armed; left > 0; left--) {
        struct wheel_entry *entry = wheel_advance(&loop->wheel, now);
        if (entry == NULL) {
            break;
        }
        struct loop_timer *timer = container_of(entry, struct loop_timer, entry);
        timer->fire(timer->self);
    }
}

static void ticked(evutil_socket_t fd, short what, void *arg)
{
    struct loop *loop = arg;
    (void)fd;
    (void)what;
    loop->tick_ns = UINT64_MAX;
    fire_due(loop);
    uint64_t next = wheel_next_ns(&loop->wheel);
    if (next != UINT64_MAX) {
        set_tick(loop, next);
    }
}

/* As realloc(3), in whole cache lines. */
static void *resize_lines(void *old, size_t bytes)
{
    void *memory = cache_line_alloc(bytes);
    if (memory != NULL && old != NULL) {
        size_t had = malloc_usable_size(old);
        memcpy(memory, old, had < bytes ? had : bytes);
        free(old);
    }
    return memory;
}

/* One thread makes the loops of all: libevent's small objects for one, which that one's thread
 * writes, would stand beside those for the next. */
static void keep_apart(void)
{
    event_set_mem_functions(cache_line_alloc, resize_lines, free);
}

static struct event_base *new_base(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, keep_apart);
    struct event_config *config = event_config_new();
    if (config == NULL) {
        return NULL;
    }
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_PRECISE_TIMER |
                                      EVENT_BASE_FLAG_NO_CACHE_TIME);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

int loop_new_with_clock(struct loop **ret, const struct clock *clock)
{
    struct loop *loop = cache_line_alloc_zeroed(sizeof *loop);
    if (loop == NULL) {
        return -ENOMEM;
    }
    loop->clock = clock;
    loop->tick_ns = UINT64_MAX;
    wheel_init(&loop->wheel, loop_now_ns(loop));
    list_init(&loop->soon);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->base = new_base();
    if (loop->base != NULL && loop->wake_fd >= 0) {
        loop->wake_event = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, woken, loop);
        loop->tick_event = event_new(loop->base, -1, 0, ticked, loop);
    }
    if (loop->wake_event == NULL || loop->tick_event == NULL ||
        event_add(loop->wake_event, NULL) != 0) {
        loop_free(loop);
        return -ENOMEM;
    }
    *ret = loop;
    return 0;
}

int loop_new(struct loop **ret)
{
    return loop_new_with_clock(ret, &clock_system);
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
    if (loop->tick_event != NULL) {
        event_free(loop->tick_event);
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
    fire_due(loop);
    event_base_loop(loop->base,
                    EVLOOP_ONCE |
                        EVLOOP_NONBLOCK); /* NONBLOCK alone goes on while something is ready */
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

bool loop_wake(struct loop *loop)
{
    /* Release: what was done before is seen by the function that is called. */
    bool others = atomic_exchange_explicit(&loop->woken, true, memory_order_acq_rel);
    if (!others) {
        poke(loop);
    }
    return !others;
}

void loop_set_stages(struct loop *loop, struct stages *stages)
{
    loop->stages = stages;
}

static void fd_ready(evutil_socket_t fd, short what, void *arg)
{
    struct loop_fd *watch = arg;
    struct stages *stages = watch->loop->stages; /* the watch may free itself */
    enum stage before = stages_enter(stages, STAGE_RECEIVE);
    unsigned events = (what & EV_READ ? LOOP_READ : 0u) | (what & EV_WRITE ? LOOP_WRITE : 0u);
    watch->ready(watch->self, fd, events);
    (void)stages_enter(stages, before);
}

static short event_flags(unsigned events)
{
    return (short)((events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0) |
                   EV_PERSIST);
}

int loop_fd_new(struct loop_fd **ret, struct loop *loop, int fd, unsigned events, loop_fd_fn ready,
                void *self)
{
    struct loop_fd *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return -ENOMEM;
    }
    *watch = (struct loop_fd){.loop = loop, .fd = fd, .ready = ready, .self = self};
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
    if (event_assign(watch->event, watch->loop->base, watch->fd, event_flags(events), fd_ready,
                     watch) != 0) {
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

int loop_timer_new(struct loop_timer **ret, struct loop *loop, loop_fn fire, void *self)
{
    struct loop_timer *timer = cache_line_alloc(sizeof *timer);
    if (timer == NULL) {
        return -ENOMEM;
    }
    *timer = (struct loop_timer){.loop = loop, .fire = fire, .self = self};
    wheel_entry_init(&timer->entry);
    list_init(&timer->soon_link);
    *ret = timer;
    return 0;
}

int loop_timer_set(struct loop_timer *timer, uint64_t after_ns)
{
    uint64_t now = loop_now_ns(timer->loop);
    uint64_t due = after_ns < UINT64_MAX - now ? now + after_ns : UINT64_MAX;
    loop_timer_stop(timer);
    if (after_ns == 0) {
        list_append(&timer->loop->soon, &timer->soon_link);
        return set_tick(timer->loop, now);
    }
    if (timer->loop->wheel.armed == 0) {
        (void)wheel_advance(&timer->loop->wheel,
                            now); /* an empty wheel jumps, a filled one would walk */
    }
    wheel_set(&timer->loop->wheel, &timer->entry, due);
    return set_tick(timer->loop, due);
}

void loop_timer_stop(struct loop_timer *timer)
{
    wheel_cancel(&timer->loop->wheel, &timer->entry);
    list_remove(&timer->soon_link);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer != NULL) {
        loop_timer_stop(timer);
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
    *watch = (struct signal_watch){NULL, fn, self};
    signal(number, SIG_IGN); /* what libevent restores when the event is freed */
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
