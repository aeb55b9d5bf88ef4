/* Ways to go over the spans of a real export: 64 copies of tests/payloads/http-512.pb, so that the
 * bytes are out of the nearest cache. For the bench, which times them, and the kernel, whose
 * instructions are counted. Confined to the program's one thread. */
#ifndef ASSERTD_TESTS_BENCH_DECODE_VARIANTS_H
#define ASSERTD_TESTS_BENCH_DECODE_VARIANTS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/arena.h"

#define DECODE_COPIES   64
#define DECODE_VARIANTS 7

struct decode_variant {
    const char *name;
    void (*run)(size_t copy, struct arena *arena); /* all spans of one copy */
};

/* The first is the floor: it skips every field. */
extern const struct decode_variant decode_variants[DECODE_VARIANTS];

/* Reads the file; ends the program if it can't. */
void decode_corpus_load(void);

/* The spans of one copy. */
size_t decode_corpus_spans(void);

/* What the variants found, so that no compiler leaves them out; never 0 after a run. */
uint64_t decode_sink(void);

#endif
