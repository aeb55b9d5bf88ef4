/* Goes over the spans of http-512.pb REPEATS times in one way, for a count of instructions; prints
 * how many spans there are in one repeat.
 *
 *     kernel_decode VARIANT REPEATS         VARIANT: the number of a row of decode_variants.c */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/decode_variants.h"

int main(int argc, char **argv)
{
    struct arena arena = ARENA_INIT(ARENA_CHUNK_MAX_BYTES, 0);
    size_t variant = argc == 3 ? strtoul(argv[1], NULL, 10) : DECODE_VARIANTS;
    size_t repeats = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (variant >= DECODE_VARIANTS || repeats == 0) {
        fprintf(stderr, "usage: kernel_decode VARIANT REPEATS\n");
        return 1;
    }
    decode_corpus_load();
    for (size_t i = 0; i < repeats; i++) {
        arena_reset(&arena);
        decode_variants[variant].run(i % DECODE_COPIES, &arena);
    }
    printf("%zu\n", decode_corpus_spans());
    arena_deinit(&arena);
    return decode_sink() == 0;
}
