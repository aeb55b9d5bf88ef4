#include "tests/exporters/fake_loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct loop_timer {
    struct loop_timer *next;
    struct loop *loop;
    bool armed;
    uint64_t due_ns;
    loop_fn fire;
    void *self;
};

int loop_timer_new(struct loop_timer **ret, struct loop *loop, loop_fn fire, void *self)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    if (timer == NULL) {
        return -ENOMEM;
    }
    timer->loop = loop;
    timer->fire = fire;
    timer->self = self;
    timer->next = loop->timers;
    loop->timers = timer;
    *ret = timer;
    return 0;
}

int loop_timer_set(struct loop_timer *timer, uint64_t after_ns)
{
    timer->armed = true;
    timer->due_ns = timer->loop->clock.monotonic + after_ns;
    return 0;
}

void loop_timer_stop(struct loop_timer *timer)
{
    timer->armed = false;
}

void loop_timer_free(struct loop_timer *timer)
{
    struct loop_timer **at = &timer->loop->timers;
    while (*at != timer) {
        at = &(*at)->next;
    }
    *at = timer->next;
    free(timer);
}

static bool fire_one(struct loop *loop)
{
    for (struct loop_timer *timer = loop->timers; timer != NULL; timer = timer->next) {
        if (timer->armed && timer->due_ns <= loop->clock.monotonic) {
            timer->armed = false;
            timer->fire(timer->self);
            return true;
        }
    }
    return false;
}

void fake_loop_turn(struct loop *loop)
{
    while (fire_one(loop)) {
    }
}

void fake_loop_advance(struct loop *loop, uint64_t by_ns, uint64_t step_ns)
{
    for (uint64_t done = 0; done < by_ns; done += step_ns) {
        clock_manual_advance(&loop->clock, step_ns);
        fake_loop_turn(loop);
    }
}
