/* One event loop per thread, on libevent: descriptors, timers, wake-ups from other threads.
 *
 * Callbacks never block and do bounded work per turn. Thread rule: a loop and everything on it is
 * confined to the thread that runs it, but for loop_wake and loop_stop, which any thread may call.
 */
#ifndef ASSERTD_NET_LOOP_H
#define ASSERTD_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/clock.h"
#include "daemon/core/stages.h"

struct loop;
struct loop_fd;
struct loop_timer;

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void (*loop_fd_fn)(void *self, int fd, unsigned events);
typedef void (*loop_fn)(void *self);

/* A loop. 0, or a negative errno. */
int loop_new(struct loop **ret);

/* A loop whose timers run on `clock` (borrowed); with a manual clock, loop_turn fires what the
 * clock has reached. */
int loop_new_with_clock(struct loop **ret, const struct clock *clock);

/* The loop's clock: monotonic, and since 1970. */
uint64_t loop_now_ns(const struct loop *loop);
uint64_t loop_wall_ns(const struct loop *loop);
void loop_free(struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);

/* Runs what is due now and returns; for tests and single-threaded commands. */
void loop_turn(struct loop *loop);

/* Makes loop_run return; any thread, and from a signal handler (async-signal-safe: one eventfd
 * write). */
void loop_stop(struct loop *loop);

/* Sets the function that loop_wake makes the loop call: once for all that came since it was called
 * last. Whether this call had to wake the loop: else it was awake, or somebody else just did. */
void loop_on_wake(struct loop *loop, loop_fn wake, void *self);
bool loop_wake(struct loop *loop);

/* Counts the work on descriptors as STAGE_RECEIVE; wake-ups and timers enter stages of their own.
 * Borrowed; NULL: nothing is counted. */
void loop_set_stages(struct loop *loop, struct stages *stages);

/* Watches a descriptor (borrowed). Events may be changed at any time; level-triggered. 0, or a
 * negative errno. */
int loop_fd_new(struct loop_fd **ret, struct loop *loop, int fd, unsigned events, loop_fd_fn ready,
                void *self);
int loop_fd_set(struct loop_fd *watch, unsigned events);
void loop_fd_free(struct loop_fd *watch);

/* A timer, re-armed by loop_timer_set (ns from now; replaces an earlier setting). It never fires
 * early, and at most a tick of the wheel (10 ms) and a turn late; 0 means the next turn. Freed with
 * free before the loop is. */
int loop_timer_new(struct loop_timer **ret, struct loop *loop, loop_fn fire, void *self);
int loop_timer_set(struct loop_timer *timer, uint64_t after_ns);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* Calls `fn` when signal `number` arrives, on the loop. From the loop's end the signal is ignored:
 * a second request to stop must not kill what is being taken apart. 0, or a negative errno. */
int loop_on_signal(struct loop *loop, int number, loop_fn fn, void *self);

#endif
