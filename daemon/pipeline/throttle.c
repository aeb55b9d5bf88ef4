#include "daemon/pipeline/throttle.h"

#include <stdbool.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_MILLI  UINT64_C(1000000)
/* Jitter makes it a fifth longer at most. */
#define MOST_NS  (THROTTLE_MOST_MS * NS_PER_MILLI / 6 * 5)
#define LEAST_NS (THROTTLE_LEAST_MS * NS_PER_MILLI)
/* Less time than this says nothing about a rate. */
#define SHORT_NS (THROTTLE_STEP_NS / 5)

void drain_note(struct drain *drain, uint64_t now_ns, uint64_t drained_bytes)
{
    uint32_t last = (drain->count - 1) % THROTTLE_SAMPLES;
    if (drain->count == 0 || drained_bytes != drain->samples[last].bytes) {
        drain->progress_ns = now_ns;
    }
    if (drain->count != 0 && now_ns - drain->samples[last].ns < THROTTLE_STEP_NS) {
        return;
    }
    drain->samples[drain->count % THROTTLE_SAMPLES].ns = now_ns;
    drain->samples[drain->count % THROTTLE_SAMPLES].bytes = drained_bytes;
    drain->count++;
}

/* Samples older than the window, from a time without requests, would flatten the rate. */
static bool is_of_now(uint64_t sample_ns, uint64_t now_ns)
{
    return now_ns - sample_ns <= (THROTTLE_SAMPLES + 1) * THROTTLE_STEP_NS;
}

uint64_t drain_rate(const struct drain *drain, uint64_t now_ns, uint64_t drained_bytes)
{
    uint32_t have = drain->count < THROTTLE_SAMPLES ? drain->count : THROTTLE_SAMPLES;
    for (uint32_t i = have; i > 0; i--) {
        uint32_t at = (drain->count - i) % THROTTLE_SAMPLES;
        uint64_t since_ns = now_ns - drain->samples[at].ns;
        if (is_of_now(drain->samples[at].ns, now_ns) && since_ns >= SHORT_NS) {
            uint64_t bytes = drained_bytes - drain->samples[at].bytes;
            return (uint64_t)((unsigned __int128)bytes * NS_PER_SECOND / since_ns);
        }
    }
    return 0;
}

static uint64_t time_of(uint64_t bytes, uint64_t rate)
{
    unsigned __int128 ns = (unsigned __int128)bytes * NS_PER_SECOND / rate;
    return ns < MOST_NS ? (uint64_t)ns : MOST_NS;
}

/* Puts the request behind all that was promised room before it. */
static uint64_t promise(struct promises *promises, const struct refusal *refusal, uint64_t rate)
{
    uint64_t before =
        refusal->excess_bytes > refusal->bytes ? refusal->excess_bytes - refusal->bytes : 0;
    uint64_t first = refusal->now_ns + time_of(before, rate);
    uint64_t own = time_of(refusal->bytes, rate);
    uint64_t last = refusal->now_ns + MOST_NS;
    uint64_t until = atomic_load_explicit(&promises->until_ns, memory_order_relaxed);
    uint64_t mine;
    do {
        mine = (until > first ? until : first) + own;
        mine = mine < last ? mine : last;
    } while (!atomic_compare_exchange_weak_explicit(&promises->until_ns, &until, mine,
                                                    memory_order_relaxed, memory_order_relaxed));
    return mine - refusal->now_ns;
}

uint32_t throttle_wait_ms(struct promises *promises, struct drain *drain,
                          const struct refusal *refusal)
{
    drain_note(drain, refusal->now_ns, refusal->drained_bytes);
    uint64_t rate = drain_rate(drain, refusal->now_ns, refusal->drained_bytes);
    uint64_t wait;
    if (rate != 0) {
        wait = promise(promises, refusal, rate);
    } else {
        wait = refusal->now_ns - drain->progress_ns;
        wait = wait > NS_PER_SECOND ? wait : NS_PER_SECOND;
    }
    wait = wait > LEAST_NS ? wait : LEAST_NS;
    wait = wait < MOST_NS ? wait : MOST_NS;
    wait += wait / 5 * (refusal->random % 1024) / 1024;
    return (uint32_t)(wait / NS_PER_MILLI);
}
