/* What does a shard cost, apart from sockets? Requests of a real export with fresh trace IDs are
 * decoded, added, judged, closed and forgotten in the steady state; time is simulated, so that runs
 * are alike and callgrind can count instructions.
 *
 *   bench_shard [TRACES [SECONDS [SUITE [KEEP [LIST]]]]]
 *
 * TRACES (65536) are open, or in their grace time, at any time; SECONDS (10) of simulated time
 * follow a warm-up of two lives of a trace. SUITE: "shop" (the ten assertions of bench.conf, all
 * traces pass) or "policies" (those of peers/assertd.conf: all but one judge every span, 5 % of the
 * traces fail). KEEP: "raw", or "read" (what is kept of spans). LIST: "read", or "all" (which
 * attributes the decoder lists). Prints thread CPU time per span of each part. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/pipeline/shard.h"
#include "receivers/otlp_decode.h"
#include "tests/bench/request.h"

#define NS_PER_S UINT64_C(1000000000)
#define QUIET_NS NS_PER_S
#define GRACE_NS (NS_PER_S / 10)
#define BODY     ASSERTD_SOURCE_DIR "/tests/payloads/grpc-512.bin"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        .text = (literal)                                                                          \
    }
#define CHECKOUT "span[service='checkout' name='"

struct rule_text {
    struct config_text name, select, assert;
};

static const struct rule_text rules[] = {
    {TEXT("the cache is quick"), TEXT(CHECKOUT "get']"), TEXT("duration < 1s")},
    {TEXT("the cache is ours"), TEXT(CHECKOUT "get']"), TEXT("server.port = 6379")},
    {TEXT("orders have items"), TEXT(CHECKOUT "OrderService.process']"),
     TEXT("app.cart.items >= 1")},
    {TEXT("orders have a total"), TEXT(CHECKOUT "OrderService.process']"),
     TEXT("app.order.total >= 0.0")},
    {TEXT("one event goes out"), TEXT(CHECKOUT "send orders.created']"), TEXT("count = 1")},
    {TEXT("to its topic"), TEXT(CHECKOUT "send orders.created']"),
     TEXT("messaging.destination.name = 'orders.created'")},
    {TEXT("payments answer"), TEXT(CHECKOUT "POST' kind=client]"),
     TEXT("http.response.status_code < 500")},
    {TEXT("payments are quick"), TEXT(CHECKOUT "POST' kind=client]"), TEXT("duration < 2s")},
    {TEXT("the database is ours"), TEXT("span[db.system.name = 'postgresql']"),
     TEXT("db.namespace = 'shop'")},
    {TEXT("nothing takes forever"), TEXT("span[]"), TEXT("duration < 10s")},
};
#define RULES (sizeof rules / sizeof rules[0])

#define EVERY TEXT("span[]")
static const struct rule_text policies[RULES] = {
    {TEXT("latency"), EVERY, TEXT("duration < 10s")},
    {TEXT("status"), EVERY, TEXT("none: status = error")},
    {TEXT("method"), EVERY, TEXT("none: http.request.method = 'DELETE'")},
    {TEXT("database"), EVERY, TEXT("none: db.system.name = 'mongodb'")},
    {TEXT("topic"), EVERY, TEXT("none: messaging.destination.name = 'orders.lost'")},
    {TEXT("server error"), EVERY, TEXT("none: http.response.status_code >= 500")},
    {TEXT("odd port"), EVERY, TEXT("none: server.port < 80")},
    {TEXT("span count"), EVERY, TEXT("count < 20")},
    {TEXT("empty cart"), EVERY, TEXT("none: app.cart.items < 1")},
    {TEXT("sent by kafka"), TEXT("span[name = 'send orders.created']"), TEXT("kind = producer")},
};

static void die(const char *what)
{
    fprintf(stderr, "bench_shard: %s\n", what);
    exit(1);
}

static struct suite_set *compile(const struct rule_text *texts)
{
    struct assertion_settings assertions[RULES];
    struct config_text conditions[RULES];
    for (size_t i = 0; i < RULES; i++) {
        conditions[i] = texts[i].assert;
        assertions[i] = (struct assertion_settings){
            .name = texts[i].name, .select = texts[i].select, .conditions = {&conditions[i], 1}};
    }
    struct suite_settings suite = {.name = TEXT("shop"), .assertions = {assertions, RULES}};
    const struct config_list list = {&suite, 1};
    const struct completion_settings completion = {true, QUIET_NS, 4 * NS_PER_S, GRACE_NS};
    struct problems problems;
    struct suite_set *set = NULL;
    problems_init(&problems);
    if (suite_set_compile(&set, &list, &completion, &problems) != 0) {
        die(problems.count != 0 ? problems.items[0].text : "no memory");
    }
    problems_deinit(&problems);
    return set;
}

static void drop_batch(void *self, struct export_batch *take_batch)
{
    (void)self;
    export_batch_unref(take_batch);
}

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

struct bench {
    struct shard *shard;
    struct shard_map map;
    struct otlp_limits limits;
    struct body body;
    struct request request;
    struct ids ids;
    uint64_t now_ns, step_ns; /* simulated; between two requests */
    uint64_t decode_ns, add_ns, tick_ns, spans;
};

static struct span_set *decode(struct bench *bench)
{
    struct span_set *set;
    if (request_renew(&bench->request, &bench->ids, 0) != 0) {
        die("no memory");
    }
    struct bytes wire = bench->request.wire;
    uint8_t *copy = malloc(wire.len);
    if (copy == NULL) {
        die("no memory");
    }
    memcpy(copy, wire.data, wire.len);
    uint64_t begin = cpu_ns();
    if (otlp_decode(copy, wire.len, bytes_from(copy, wire.len), &bench->map, &bench->limits,
                    &set) != 0) {
        die("the request can't be decoded");
    }
    bench->decode_ns += cpu_ns() - begin;
    return set;
}

static void run_until(struct bench *bench, uint64_t end_ns)
{
    bench->decode_ns = bench->add_ns = bench->tick_ns = bench->spans = 0;
    while (bench->now_ns < end_ns) {
        struct span_set *set = decode(bench);
        uint64_t begin = cpu_ns();
        shard_add(bench->shard, &set->batches[0], 0, bench->now_ns, bench->now_ns);
        uint64_t added = cpu_ns();
        bench->spans += set->span_count;
        span_set_unref(set);
        uint64_t freed = cpu_ns();
        while (shard_tick(bench->shard, bench->now_ns, bench->now_ns, 256)) {
        }
        bench->add_ns += added - begin;
        bench->decode_ns += freed - added;
        bench->tick_ns += cpu_ns() - freed;
        bench->now_ns += bench->step_ns;
    }
}

static void print(const struct bench *bench)
{
    const struct shard_gauges *gauges = shard_gauges(bench->shard);
    uint64_t traces = counter_get(&gauges->open_traces) + counter_get(&gauges->closed_traces);
    double spans = (double)bench->spans;
    double live = (double)traces * bench->body.span_count / bench->body.trace_count;
    printf(
        "decode %.0f ns/span, add %.0f, tick %.0f: %.0f; %.0f live spans, %.0f B each accounted; "
        "%" PRIu64 " cut, %" PRIu64 " of %" PRIu64 " traces failed\n",
        (double)bench->decode_ns / spans, (double)bench->add_ns / spans,
        (double)bench->tick_ns / spans,
        (double)(bench->decode_ns + bench->add_ns + bench->tick_ns) / spans, live,
        (double)counter_get(&gauges->memory_bytes) / live, counter_get(&gauges->spans_cut),
        counter_get(&gauges->verdicts[RESULT_FAIL]),
        counter_get(&gauges->verdicts[RESULT_FAIL]) + counter_get(&gauges->verdicts[RESULT_PASS]));
}

int main(int argc, char **argv)
{
    struct bench bench = {.map = {{1, 2}, 1},
                          .limits = OTLP_LIMITS_DEFAULT,
                          .ids = ids_from(1, false),
                          .now_ns = 1000 * NS_PER_S};
    double traces = argc > 1 ? strtod(argv[1], NULL) : 65536;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 10;
    bool all = argc > 3 && strcmp(argv[3], "policies") == 0;
    struct suite_set *set = compile(all ? policies : rules);
    struct campaign_settings settings = {.correlation = CORRELATION_SETTING_OFF,
                                         .max_failures = 100,
                                         .max_spans_per_trace = 100000,
                                         .keep_read = argc > 4 && strcmp(argv[4], "read") == 0};
    struct campaign *campaign = campaign_new(BYTES_LITERAL("bench"), NULL, 0, &settings, set, 1, 1);
    struct shard_options shard = {.key = {3, 4},
                                  .memory_bytes = UINT64_C(3) << 30,
                                  .remember_ns = 600 * NS_PER_S,
                                  .remember_bytes = UINT64_C(256) << 20,
                                  .keep_failed_bytes = UINT64_C(256) << 20,
                                  .export = drop_batch};
    if (campaign == NULL || body_read(&bench.body, BODY) != 0 ||
        request_init(&bench.request, &bench.body, PACKING_NONE) != 0 ||
        shard_new(&bench.shard, &shard) != 0 || shard_campaign_start(bench.shard, campaign) != 0) {
        die("can't begin");
    }
    if (argc <= 5 || strcmp(argv[5], "all") != 0) {
        bench.limits.listed = shard_listed(bench.shard);
    }
    bench.step_ns = (uint64_t)(bench.body.trace_count / traces * (QUIET_NS + GRACE_NS));
    run_until(&bench, bench.now_ns + 2 * (QUIET_NS + GRACE_NS));
    run_until(&bench, bench.now_ns + (uint64_t)(seconds * NS_PER_S));
    print(&bench);
    shard_free(bench.shard);
    campaign_unref(campaign);
    suite_set_unref(set);
    request_deinit(&bench.request);
    body_deinit(&bench.body);
    return 0;
}
