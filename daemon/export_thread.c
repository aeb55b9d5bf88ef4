#include "daemon/export_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/core/cache_line.h"
#include "daemon/model/span_set.h"
#include "daemon/net/ring.h"
#include "exporters/settings.h"

#define EXPORT_RING_ROOM 4096u
#define FULL_PAUSE_NS    1000000
#define PRODUCERS_MAX    (SHARDS_MAX + 1)

struct export_thread {
    struct loop *loop;
    struct stages *stages;
    struct hub *hub;
    pthread_t thread;
    bool running;
    uint32_t producers;
    struct ring *rings[PRODUCERS_MAX];
    _Atomic bool give_up;
    _Alignas(CACHE_LINE) _Atomic uint64_t pushed; /* by all producers */
    _Atomic uint64_t lost;
    _Alignas(CACHE_LINE) _Atomic uint64_t taken; /* by the hub: written on the export thread */
};

_Static_assert(offsetof(struct export_thread, pushed) % CACHE_LINE == 0, "the producers' line");
_Static_assert(offsetof(struct export_thread, taken) % CACHE_LINE == 0, "the export thread's line");
_Static_assert(sizeof(struct export_thread) % CACHE_LINE == 0, "and nobody else's");

/* On the export thread: everything in the rings goes to the hub. */
static void take_batches(void *self)
{
    struct export_thread *thread = self;
    if (atomic_load(&thread->give_up)) {
        hub_abandon(thread->hub);
        loop_stop(thread->loop);
    }
    for (uint32_t i = 0; i < thread->producers; i++) {
        struct export_batch *batch;
        while ((batch = ring_pop(thread->rings[i])) != NULL) {
            hub_submit(thread->hub, batch);
            atomic_fetch_add(&thread->taken, 1);
        }
    }
    if (atomic_load(&thread->give_up)) {
        hub_abandon(thread->hub);
    }
}

static void *run_thread(void *self)
{
    struct export_thread *thread = self;
    loop_run(thread->loop);
    return NULL;
}

static uint32_t list_sinks(const struct exporters_settings *settings, struct hub_sink *ret)
{
    const void *const all[] = {&settings->kafka, &settings->influxdb, &settings->graphite};
    uint32_t count = 0;
    for (size_t i = 0; exporter_registry[i] != NULL; i++) {
        const struct exporter_settings *common = all[i];
        if (common->set) {
            ret[count++] = (struct hub_sink){exporter_registry[i], all[i]};
        }
    }
    return count;
}

static int make_parts(struct export_thread *thread, const struct export_thread_options *options)
{
    struct hub_sink sinks[HUB_SINKS_MAX];
    struct hub_options hub = {.log = options->log,
                              .clock = options->clock,
                              .sinks = sinks,
                              .random_seed = options->random_seed,
                              .budget = options->budget};
    int bad = loop_new(&thread->loop);
    thread->stages = hub.stages = stages_new(options->clock);
    bad = !bad && thread->stages == NULL ? -ENOMEM : bad;
    if (bad) {
        return bad;
    }
    hub.loop = thread->loop;
    hub.sink_count = list_sinks(options->settings, sinks);
    bad = hub_new(&thread->hub, &hub);
    for (uint32_t i = 0; !bad && i < options->producers; i++) {
        thread->rings[i] = ring_new(EXPORT_RING_ROOM, options->clock);
        bad = thread->rings[i] == NULL ? -ENOMEM : 0;
    }
    return bad;
}

int export_thread_new(struct export_thread **ret, const struct export_thread_options *options)
{
    struct export_thread *thread = cache_line_alloc_zeroed(sizeof *thread);
    if (thread == NULL || options->producers > PRODUCERS_MAX) {
        free(thread);
        return -ENOMEM;
    }
    thread->producers = options->producers;
    int bad = make_parts(thread, options);
    if (!bad) {
        loop_on_wake(thread->loop, take_batches, thread);
        bad = -pthread_create(&thread->thread, NULL, run_thread, thread);
        thread->running = !bad;
    }
    if (bad) {
        export_thread_free(thread);
        return bad;
    }
    *ret = thread;
    return 0;
}

void export_thread_push(struct export_thread *thread, uint32_t producer,
                        struct export_batch *take_batch)
{
    /* A verdict that no sink's balance knows of must not be: the producer waits, its peers are told
     * to come back later. */
    struct ring *ring = thread->rings[producer];
    while (!ring_push(ring, take_batch)) {
        if (atomic_load(&thread->give_up)) {
            export_batch_unref(take_batch);
            atomic_fetch_add(&thread->lost, 1);
            return;
        }
        loop_wake(thread->loop);
        nanosleep(&(struct timespec){.tv_nsec = FULL_PAUSE_NS}, NULL);
    }
    atomic_fetch_add(&thread->pushed, 1);
    if (loop_wake(thread->loop)) {
        ring_woke(ring);
    }
}

bool export_thread_idle(const struct export_thread *thread)
{
    struct ledger_sink sinks[HUB_SINKS_MAX];
    if (atomic_load(&thread->taken) != atomic_load(&thread->pushed)) {
        return false;
    }
    uint32_t count = hub_account(thread->hub, sinks, HUB_SINKS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (sinks[i].in_flight != 0) {
            return false;
        }
    }
    return true;
}

uint32_t export_thread_account(const struct export_thread *thread, struct ledger_sink *ret,
                               uint32_t room)
{
    return hub_account(thread->hub, ret, room);
}

uint32_t export_thread_status(const struct export_thread *thread, struct sink_status *ret,
                              uint32_t room)
{
    return hub_status(thread->hub, ret, room);
}

uint32_t export_thread_producers(const struct export_thread *thread)
{
    return thread->producers;
}

struct ring_status export_thread_ring(const struct export_thread *thread, uint32_t producer)
{
    return ring_status(thread->rings[producer]);
}

uint64_t export_thread_stage_ns(const struct export_thread *thread, enum stage stage)
{
    return stages_ns(thread->stages, stage);
}

uint64_t export_thread_lost(const struct export_thread *thread)
{
    return atomic_load(&thread->lost);
}

void export_thread_stop(struct export_thread *thread)
{
    if (thread->running) {
        atomic_store(&thread->give_up, true);
        loop_wake(thread->loop);
        pthread_join(thread->thread, NULL);
        thread->running = false;
    }
}

void export_thread_free(struct export_thread *thread)
{
    if (thread == NULL) {
        return;
    }
    export_thread_stop(thread);
    hub_free(thread->hub);
    for (uint32_t i = 0; i < thread->producers; i++) {
        struct export_batch *batch;
        while (thread->rings[i] != NULL && (batch = ring_pop(thread->rings[i])) != NULL) {
            export_batch_unref(batch);
        }
        ring_free(thread->rings[i]);
    }
    loop_free(thread->loop);
    stages_free(thread->stages);
    free(thread);
}
