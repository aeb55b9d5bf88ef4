/* A loop whose timers fire when the test says so; stands in for daemon/net/loop.c where no
 * descriptors are watched. */
#ifndef ASSERTD_TESTS_EXPORTERS_FAKE_LOOP_H
#define ASSERTD_TESTS_EXPORTERS_FAKE_LOOP_H

#include "daemon/core/clock.h"
#include "daemon/net/loop.h"

struct loop {
    struct clock_manual clock;
    struct loop_timer *timers;
};

/* Fires what is due now, and what that arms for now. */
void fake_loop_turn(struct loop *loop);

/* Moves time on in steps of `step_ns`, firing what becomes due. */
void fake_loop_advance(struct loop *loop, uint64_t by_ns, uint64_t step_ns);

#endif
