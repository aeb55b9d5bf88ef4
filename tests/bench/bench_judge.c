/* How dear is judging? The spans of a real export, 64 traces of 8, judged by 10, 100 and 1,000
 * assertions of varied services and names, most of which fit no span: marks of arriving spans, an
 * early look at each trace, its closing. Thread CPU time, the sets in turn, medians of rounds.
 *
 *     bench_judge                  all three
 *     bench_judge ROUNDS COUNT     one, for valgrind --tool=callgrind --toggle-collect=measured;
 *                                  COUNT 0: ten that judge every span, and some traces fail */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "assertions/judge.h"
#include "receivers/otlp_decode.h"
#include "tests/bench/judge_suite.h"

#define ROUNDS       101u
#define TRACES_MAX   256u
#define BODY_MAX     (1u << 20)
#define MAX_FAILURES 10u
#define SETS_MAX     3u
#define POLICIES     0u /* the number of assertions that stands for these */

/* A stored trace, whose arena is kept apart so that the judge's memory can be counted and taken
 * back. */
struct case_trace {
    struct trace trace;
    struct arena own;
    struct arena judged;
    struct judge judge;
    const struct span *spans[64];
    struct span listed[SETS_MAX][64]; /* the same with the attributes that a set reads */
};

struct corpus {
    struct span_set *set;
    struct case_trace traces[TRACES_MAX];
    uint32_t count;
    uint32_t span_count;
};

/* Nanoseconds of one round. */
struct costs {
    uint64_t mark, early, close;
};

static struct corpus corpus;
static struct arena scratch = ARENA_INIT(ARENA_CHUNK_MAX_BYTES, 0);
static struct arena out = ARENA_INIT(ARENA_CHUNK_MAX_BYTES, 0);

static void must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_judge: %s\n", what);
        exit(1);
    }
}

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct case_trace *case_of(const struct trace_id *id)
{
    for (uint32_t i = 0; i < corpus.count; i++) {
        if (memcmp(&corpus.traces[i].trace.id, id, sizeof *id) == 0) {
            return &corpus.traces[i];
        }
    }
    must(corpus.count < TRACES_MAX, "too many traces");
    struct case_trace *found = &corpus.traces[corpus.count++];
    trace_init(&found->trace, id, 0);
    return found;
}

static void load(void)
{
    static const struct shard_map one_shard = {.count = 1};
    const struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    uint8_t *body = malloc(BODY_MAX);
    FILE *file = fopen(ASSERTD_SOURCE_DIR "/tests/payloads/http-512.pb", "rb");
    must(file != NULL && body != NULL, "no payload");
    size_t len = fread(body, 1, BODY_MAX, file);
    fclose(file);
    must(otlp_decode(body, len, bytes_from(body, len), &one_shard, &limits, &corpus.set) == 0,
         "the payload does not decode");
    for (const struct span *span = corpus.set->batches[0].first; span != NULL; span = span->next) {
        struct case_trace *to = case_of(&span->trace_id);
        uint32_t index;
        must(trace_add(&to->trace, span, 64, &index) == 0, "a span is not stored");
        to->spans[index] = span;
        corpus.span_count++;
    }
    for (uint32_t i = 0; i < corpus.count; i++) {
        corpus.traces[i].own = corpus.traces[i].trace.arena;
        corpus.traces[i].judged = ARENA_INIT(ARENA_CHUNK_MAX_BYTES, 0);
    }
}

/* The spans as they come where the newest set is this one. */
static void list_spans(uint32_t number, const struct suite_set *set)
{
    struct span_limits limits = SPAN_LIMITS_DEFAULT;
    limits.listed = &suite_set_listed(set)->span;
    for (uint32_t i = 0; i < corpus.count; i++) {
        struct case_trace *at = &corpus.traces[i];
        for (uint32_t k = 0; k < at->trace.count; k++) {
            const struct span *span = at->spans[k];
            must(span_decode(span->raw, span->resource, span->scope, &limits, &corpus.set->arena,
                             &at->listed[number][k]) == 0,
                 "a span does not decode");
        }
    }
}

__attribute__((noinline)) static void measured_marks(const struct suite_set *set, uint32_t number)
{
    for (uint32_t i = 0; i < corpus.count; i++) {
        struct case_trace *at = &corpus.traces[i];
        judge_init(&at->judge, set, &at->trace);
        for (uint32_t k = 0; k < at->trace.count; k++) {
            arena_reset(&scratch);
            must(judge_add(&at->judge, &at->listed[number][k], k, &scratch) == 0, "no memory");
        }
    }
}

__attribute__((noinline)) static void measured_early(void)
{
    for (uint32_t i = 0; i < corpus.count; i++) {
        arena_reset(&scratch);
        arena_reset(&out);
        judge_early(&corpus.traces[i].judge, &scratch, &out);
    }
}

__attribute__((noinline)) static uint32_t measured_close(struct result_rows *rows)
{
    uint32_t passed = 0;
    for (uint32_t i = 0; i < corpus.count; i++) {
        arena_reset(&scratch);
        arena_reset(&out);
        const struct judgement *judgement =
            judge_settle(&corpus.traces[i].judge, MAX_FAILURES, rows, &scratch, &out);
        passed += judgement != NULL && judgement->verdict == RESULT_PASS;
    }
    return passed;
}

static struct costs run_round(struct result_rows *rows, uint32_t number, bool all_pass)
{
    for (uint32_t i = 0; i < corpus.count; i++) {
        arena_reset(&corpus.traces[i].judged);
        corpus.traces[i].trace.arena = corpus.traces[i].judged;
    }
    uint64_t start = cpu_ns();
    measured_marks(rows->set, number);
    uint64_t marked = cpu_ns();
    measured_early();
    uint64_t looked = cpu_ns();
    uint32_t passed = measured_close(rows);
    uint64_t closed = cpu_ns();
    must(passed == corpus.count || !all_pass, "a trace did not pass");
    for (uint32_t i = 0; i < corpus.count; i++) {
        corpus.traces[i].judged = corpus.traces[i].trace.arena;
    }
    return (struct costs){marked - start, looked - marked, closed - looked};
}

/* What the judges took of their traces' arenas in the round before: each has one chunk so far. */
static double bytes_per_trace(void)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < corpus.count; i++) {
        struct arena *judged = &corpus.traces[i].judged;
        char *end = arena_alloc(judged, 16);
        arena_reset(judged);
        char *begin = arena_alloc(judged, 16);
        must(end != NULL && begin != NULL && end >= begin, "no memory");
        bytes += (size_t)(end - begin);
    }
    return (double)bytes / corpus.count + (double)sizeof(struct judge);
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static double median_ns(uint64_t *rounds, uint32_t count)
{
    qsort(rounds, count, sizeof *rounds, compare_numbers);
    return (double)rounds[count / 2] / corpus.span_count;
}

static void measure(const uint32_t *assertions, uint32_t count, uint32_t rounds)
{
    static uint64_t mark[SETS_MAX][ROUNDS];
    static uint64_t early[SETS_MAX][ROUNDS];
    static uint64_t close[SETS_MAX][ROUNDS];
    struct suite_set *sets[SETS_MAX];
    struct result_rows rows[SETS_MAX];
    double bytes[SETS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        sets[i] = assertions[i] == POLICIES ? judge_policies_new() : judge_suite_new(assertions[i]);
        must(sets[i] != NULL, "the suite does not compile");
        result_rows_init(&rows[i], sets[i]);
        list_spans(i, sets[i]);
    }
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < count; i++) {
            struct costs costs = run_round(&rows[i], i, assertions[i] != POLICIES);
            mark[i][round] = costs.mark;
            early[i][round] = costs.early;
            close[i][round] = costs.close;
            bytes[i] = round == 0 ? bytes_per_trace() : bytes[i];
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        double one = median_ns(mark[i], rounds);
        double two = median_ns(early[i], rounds);
        double three = median_ns(close[i], rounds);
        printf("%5u assertions  %8.1f ns/span  marks %8.1f  early look %8.1f  closing %8.1f  "
               "%6.0f bytes/trace\n",
               assertions[i], one + two + three, one, two, three, bytes[i]);
        result_rows_deinit(&rows[i]);
        suite_set_unref(sets[i]);
    }
}

int main(int argc, char **argv)
{
    static const uint32_t all[] = {10, 100, 1000};
    load();
    if (argc == 3) {
        uint32_t rounds = (uint32_t)strtoul(argv[1], NULL, 10);
        uint32_t assertions = (uint32_t)strtoul(argv[2], NULL, 10);
        must(rounds >= 1 && rounds <= ROUNDS, "rounds: 1 to 101");
        measure(&assertions, 1, rounds);
    } else {
        measure(all, sizeof all / sizeof *all, ROUNDS);
    }
    for (uint32_t i = 0; i < corpus.count; i++) {
        corpus.traces[i].trace.arena = corpus.traces[i].own;
        trace_deinit(&corpus.traces[i].trace);
        arena_deinit(&corpus.traces[i].judged);
    }
    span_set_unref(corpus.set);
    arena_deinit(&scratch);
    arena_deinit(&out);
    return 0;
}
