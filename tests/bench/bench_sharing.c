/* Do two workers slow each other down although they share nothing? Without the processor's own
 * counters this can be seen from outside only: the same work is done by two processes at once,
 * which can't share a cache line, and by two threads of one.
 *
 *   bench_sharing CORE CORE [SPANS [SECONDS [VARIANT]]]
 *
 * The workers, rings, shards and the budget are the daemon's; the requests, of 1 (default), 64 or
 * 512 SPANS with fresh trace IDs, are made and decoded on each worker. With single spans all that
 * is done once a request weighs most. Prints CPU per span of both workers in each variant:
 *
 *   alone      one works, then the other
 *   processes  both at once, each in a process of its own: nothing is shared but the machine
 *   threads    both at once in one process, each for its own shard
 *   apart      the same, and each raises a counter of its own RISES times a request
 *   packed     the same, but these counters stand on one line: what the method would see
 *   handed     both at once, each request's traces going to both shards; and what the rings tell */
#include <malloc.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/cache_line.h"
#include "daemon/core/list.h"
#include "daemon/pipeline/worker.h"
#include "receivers/otlp_decode.h"
#include "tests/bench/judge_suite.h"
#include "tests/bench/request.h"

#define WORKERS        2u
#define SPANS_PER_TURN 64u
#define IN_FLIGHT      8u
#define RISES          256
#define STEPS_BETWEEN  8
#define PAUSE_NS       NS_PER_MS /* much more than a turn of the loop takes */
#define REMEMBER_NS    (NS_PER_S / 5)
#define WARM_NS        NS_PER_S /* IDs are forgotten as fast as they come */

enum variant { ALONE, PROCESSES, THREADS, APART, PACKED, HANDED, VARIANTS };
static const char *const variant_names[VARIANTS] = {"alone", "processes", "threads",
                                                    "apart", "packed",    "handed"};

/* What each worker raises. */
struct counters {
    struct {
        _Alignas(CACHE_LINE) _Atomic uint64_t value;
    } apart[WORKERS];
    _Alignas(CACHE_LINE) _Atomic uint64_t packed[WORKERS];
};

struct bench;

/* One worker's load: a task that makes some requests and sends itself again. */
struct driver {
    _Alignas(CACHE_LINE) struct task task;
    struct bench *bench;
    struct worker *worker;
    struct admission_waiter waiter;
    struct shard_map map;
    struct otlp_limits limits;
    struct request request;
    struct ids ids;
    _Atomic uint64_t *rises; /* NULL: it raises nothing */
    uint64_t random;
    struct counter spans;
    int core;
};

struct bench {
    struct body body;
    struct suite_set *set;
    struct campaign *campaign;
    struct worker_pool *pool;
    struct counters counters;
    struct driver drivers[WORKERS];
    uint64_t measured_ns;
    sem_t done;
    _Atomic bool over;
};

/* What one worker took, and what the ring that it pushes to tells of the measured time. */
struct finding {
    double cpu_ns, spans;
    double batches, wakeups, full, waited_ns;
};

static void die(const char *what)
{
    fprintf(stderr, "bench_sharing: %s\n", what);
    exit(1);
}

static void answered(struct admission_waiter *waiter, enum admission outcome,
                     uint32_t retry_after_ms)
{
    struct driver *driver = container_of(waiter, struct driver, waiter);
    (void)retry_after_ms;
    counter_add(&driver->spans, outcome == ADMISSION_OK ? driver->bench->body.span_count : 0);
}

/* All of a request for the worker's own shard: it was decoded for a single one. */
static void keep_own(struct span_set *set, uint32_t index)
{
    if (set->batch_count < WORKERS && index != 0) {
        set->batches[index] = set->batches[0];
        set->batches[0] = (struct span_batch){.set = set};
    }
    set->batch_count = WORKERS;
}

/* A little work between two rises, so that the other may take the line. */
static void raise_often(struct driver *driver)
{
    for (int i = 0; i < RISES * STEPS_BETWEEN; i++) {
        driver->random =
            driver->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        if (i % STEPS_BETWEEN == 0) {
            atomic_fetch_add_explicit(driver->rises, driver->random >> 63, memory_order_relaxed);
        }
    }
}

static void submit_one(struct driver *driver)
{
    struct admission_port *port = worker_port(driver->worker);
    struct span_set *set;
    uint32_t retry_after_ms;
    if (request_renew(&driver->request, &driver->ids, 0) != 0) {
        die("no memory");
    }
    struct bytes wire = driver->request.wire;
    uint8_t *copy = malloc(wire.len);
    if (copy == NULL || port->reserve(port, wire.len, &retry_after_ms) != ADMISSION_OK) {
        die("no memory");
    }
    memcpy(copy, wire.data, wire.len);
    if (otlp_decode(copy, wire.len, bytes_from(copy, wire.len), &driver->map, &driver->limits,
                    &set) != 0) {
        die("the request can't be decoded");
    }
    span_set_take_charge(set, wire.len);
    keep_own(set, worker_index(driver->worker));
    port->submit(port, set, &driver->waiter);
    if (driver->rises != NULL) {
        raise_often(driver);
    }
}

static void sleep_ns(uint64_t ns)
{
    nanosleep(&(struct timespec){(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)}, NULL);
}

/* As clients do, which wait for answers: no more than the other worker keeps up with. */
static bool must_wait(const struct driver *driver)
{
    uint32_t index = worker_index(driver->worker);
    struct ring_status ring = worker_pool_ring(driver->bench->pool, index, (index + 1) % WORKERS);
    return ring.used >= IN_FLIGHT;
}

static void drive(struct task *task, struct worker *worker)
{
    struct driver *driver = (struct driver *)(void *)task;
    uint32_t spans = SPANS_PER_TURN;
    if (must_wait(driver)) {
        sleep_ns(PAUSE_NS);
        spans = 0;
    }
    for (uint32_t i = 0; i < spans; i += driver->bench->body.span_count) {
        submit_one(driver);
    }
    if (atomic_load_explicit(&driver->bench->over, memory_order_relaxed)) {
        sem_post(&driver->bench->done);
    } else {
        worker_send(worker, task);
    }
}

/* On the worker's thread: everything that comes before the first request. */
static void begin(struct task *task, struct worker *worker)
{
    struct driver *driver = (struct driver *)(void *)task;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(driver->core, &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) != 0 ||
        shard_campaign_start(worker_shard(worker), driver->bench->campaign) != 0 ||
        request_init(&driver->request, &driver->bench->body, PACKING_NONE) != 0) {
        die("can't begin");
    }
    driver->limits = OTLP_LIMITS_DEFAULT;
    driver->limits.budget = worker_pool_budget(driver->bench->pool);
    driver->limits.listed = shard_listed(worker_shard(worker));
    task->run = drive;
    sem_post(&driver->bench->done);
}

static void wait_for(struct bench *bench, uint32_t count)
{
    while (count-- > 0) {
        while (sem_wait(&bench->done) != 0) {
        }
    }
}

static void drop_batch(void *self, struct worker *worker, struct export_batch *take_batch)
{
    (void)self;
    (void)worker;
    export_batch_unref(take_batch);
}

static void open_bench(struct bench *bench, enum variant variant, const int cores[WORKERS])
{
    struct campaign_settings settings = {
        .correlation = CORRELATION_SETTING_OFF, .max_failures = 100, .max_spans_per_trace = 100000};
    struct worker_pool_options options = {.count = WORKERS,
                                          .clock = &clock_system,
                                          .memory_bytes = UINT64_C(2) << 30,
                                          .shard = {.remember_ns = REMEMBER_NS,
                                                    .remember_bytes = 64u << 20,
                                                    .keep_failed_bytes = 64u << 20},
                                          .export = drop_batch};
    bench->set = judge_policies_new();
    bench->campaign = bench->set != NULL ? campaign_new(BYTES_LITERAL("bench"), NULL, 0, &settings,
                                                        bench->set, 1, 1)
                                         : NULL;
    sem_init(&bench->done, 0, 0);
    if (bench->campaign == NULL || worker_pool_new(&bench->pool, &options) != 0) {
        die("can't begin");
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        struct driver *driver = &bench->drivers[i];
        driver->bench = bench;
        driver->worker = worker_pool_get(bench->pool, i);
        driver->waiter.done = answered;
        driver->map = *worker_pool_shards(bench->pool);
        driver->map.count = variant == HANDED ? WORKERS : 1;
        driver->ids = ids_from((uint32_t)getpid() * WORKERS + i, false);
        driver->rises = variant == APART    ? &bench->counters.apart[i].value
                        : variant == PACKED ? &bench->counters.packed[i]
                                            : NULL;
        driver->random = i;
        driver->core = cores[i];
        driver->task.run = begin;
        worker_send(driver->worker, &driver->task);
    }
    wait_for(bench, WORKERS);
}

/* Numbers that rise, as they are now. */
static struct finding read_numbers(const struct bench *bench, uint32_t index)
{
    struct ring_status ring = worker_pool_ring(bench->pool, index, (index + 1) % WORKERS);
    return (struct finding){.cpu_ns = (double)worker_cpu_ns(bench->drivers[index].worker),
                            .spans = (double)counter_get(&bench->drivers[index].spans),
                            .batches = (double)ring.pushed,
                            .wakeups = (double)ring.woken,
                            .full = (double)ring.full,
                            .waited_ns = (double)counter_get(&ring.waits->sum_ns)};
}

static struct finding since(struct finding now, const struct finding *then)
{
    return (struct finding){.cpu_ns = now.cpu_ns - then->cpu_ns,
                            .spans = now.spans - then->spans,
                            .batches = now.batches - then->batches,
                            .wakeups = now.wakeups - then->wakeups,
                            .full = now.full - then->full,
                            .waited_ns = now.waited_ns - then->waited_ns};
}

/* Workers `first` .. `end - 1` work, the others are there and idle. */
static void work(struct bench *bench, uint32_t first, uint32_t end, struct finding ret[WORKERS])
{
    struct finding then[WORKERS];
    for (uint32_t i = first; i < end; i++) {
        worker_send(bench->drivers[i].worker, &bench->drivers[i].task);
    }
    sleep_ns(WARM_NS);
    for (uint32_t i = first; i < end; i++) {
        then[i] = read_numbers(bench, i);
    }
    sleep_ns(bench->measured_ns);
    for (uint32_t i = first; i < end; i++) {
        ret[i] = since(read_numbers(bench, i), &then[i]);
    }
    atomic_store(&bench->over, true);
    wait_for(bench, end - first);
}

/* A process of its own for each run, so that all begin alike. Returns where its results come. */
static int start_run(const struct bench *template, enum variant variant, const int cores[WORKERS],
                     uint32_t first, uint32_t end)
{
    int ends[2];
    fflush(stdout);
    pid_t child = pipe(ends) == 0 ? fork() : -1;
    if (child < 0) {
        die("can't fork");
    }
    if (child == 0) {
        struct bench *bench = cache_line_alloc(sizeof *bench);
        struct finding results[WORKERS];
        if (bench == NULL) {
            die("no memory");
        }
        *bench = *template;
        open_bench(bench, variant, cores);
        work(bench, first, end, results);
        size_t bytes = (end - first) * sizeof results[0];
        _exit(write(ends[1], &results[first], bytes) != (ssize_t)bytes);
    }
    close(ends[1]);
    return ends[0];
}

static void end_run(int from, struct finding *ret, uint32_t count)
{
    int status = 1;
    if (read(from, ret, count * sizeof *ret) != (ssize_t)(count * sizeof *ret) ||
        wait(&status) < 0 || status != 0) {
        die("a run failed");
    }
    close(from);
}

static void run(const struct bench *template, enum variant variant, const int cores[WORKERS],
                struct finding ret[WORKERS])
{
    if (variant == ALONE) {
        end_run(start_run(template, variant, cores, 0, 1), &ret[0], 1);
        end_run(start_run(template, variant, cores, 1, 2), &ret[1], 1);
    } else if (variant == PROCESSES) {
        int first = start_run(template, variant, cores, 0, 1);
        int second = start_run(template, variant, cores, 1, 2);
        end_run(first, &ret[0], 1);
        end_run(second, &ret[1], 1);
    } else {
        end_run(start_run(template, variant, cores, 0, WORKERS), ret, WORKERS);
    }
}

/* Where spans are handed over each worker does a part of the other's work: both together. */
static void print(enum variant variant, const struct finding findings[WORKERS])
{
    const struct finding *a = &findings[0];
    const struct finding *b = &findings[1];
    double spans = a->spans + b->spans;
    double batches = a->batches + b->batches;
    if (variant != HANDED) {
        printf("%s %.1f %.1f ns/span\n", variant_names[variant], a->cpu_ns / a->spans,
               b->cpu_ns / b->spans);
        return;
    }
    printf("%s %.1f ns/span, %.5f batches/span, %.4f wakeups/batch, %.0f ns waited/batch, %.0f "
           "found full\n",
           variant_names[variant], (a->cpu_ns + b->cpu_ns) / spans, batches / spans,
           (a->wakeups + b->wakeups) / batches, (a->waited_ns + b->waited_ns) / batches,
           a->full + b->full);
}

int main(int argc, char **argv)
{
    struct bench template = {.measured_ns = NS_PER_S};
    const char *spans = argc > 3 ? argv[3] : "1";
    char path[256];
    mallopt(M_MMAP_THRESHOLD, 64 << 20); /* as the daemon does */
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
    if (argc < 3) {
        die("which two cores?");
    }
    const int cores[WORKERS] = {(int)strtol(argv[1], NULL, 10), (int)strtol(argv[2], NULL, 10)};
    template.measured_ns =
        argc > 4 ? (uint64_t)(strtod(argv[4], NULL) * (double)NS_PER_S) : NS_PER_S;
    snprintf(path, sizeof path, "%s/tests/payloads/http-%s.pb", ASSERTD_SOURCE_DIR, spans);
    if (body_read(&template.body, path) != 0) {
        die("1, 64 or 512 spans");
    }
    for (int variant = ALONE; variant < VARIANTS; variant++) {
        if (argc > 5 && strcmp(argv[5], variant_names[variant]) != 0) {
            continue;
        }
        struct finding findings[WORKERS];
        run(&template, (enum variant)variant, cores, findings);
        print((enum variant)variant, findings);
    }
    body_deinit(&template.body);
    return 0;
}
