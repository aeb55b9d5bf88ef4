/* How dear is decoding? Spans of a real export, decoded with all attributes, against skipping every
 * field of the same bytes. The ratio is taken inside one run, variants in turn, medians of
 * rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/bench/decode_variants.h"

#define ROUNDS 21

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double measure(const struct decode_variant *variant, struct arena *arena)
{
    uint64_t start = cpu_ns();
    for (size_t copy = 0; copy < DECODE_COPIES; copy++) {
        arena_reset(arena);
        variant->run(copy, arena);
    }
    return (double)(cpu_ns() - start) / (double)(DECODE_COPIES * decode_corpus_spans());
}

int main(void)
{
    static double ns[DECODE_VARIANTS][ROUNDS];
    struct arena arena = ARENA_INIT(ARENA_CHUNK_MAX_BYTES, 0);
    decode_corpus_load();
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < DECODE_VARIANTS; i++) {
            ns[i][round] = measure(&decode_variants[i], &arena);
        }
    }
    for (size_t i = 0; i < DECODE_VARIANTS; i++) {
        qsort(ns[i], ROUNDS, sizeof ns[i][0], compare_doubles);
        printf("%-38s %7.1f ns/span  %5.2f\n", decode_variants[i].name, ns[i][ROUNDS / 2],
               ns[i][ROUNDS / 2] / ns[0][ROUNDS / 2]);
    }
    arena_deinit(&arena);
    return decode_sink() == 0;
}
