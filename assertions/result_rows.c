/* Looked for by the bits of what passes, in a table that is never more than half full. */
#include "assertions/result_rows.h"

#include <string.h>

/* As long as there may be rows, so that slots of a byte do. */
_Static_assert(RESULT_ROWS_MAX < UINT8_MAX, "a slot must hold each number");

void result_rows_init(struct result_rows *rows, const struct suite_set *set)
{
    *rows = (struct result_rows){.set = set, .arena = ARENA_INIT(1024, 0)};
}

void result_rows_deinit(struct result_rows *rows)
{
    arena_deinit(&rows->arena);
    rows->suites = NULL;
}

size_t result_rows_held(const struct result_rows *rows)
{
    return arena_held(&rows->arena);
}

uint32_t result_rows_count(const struct result_rows *rows, uint32_t suite)
{
    return rows->suites != NULL ? rows->suites[suite].count : 0;
}

/* The bits of one suite, from where its assertions begin in the set. */
struct bits {
    const uint64_t *words;
    uint32_t first, count;
};

/* Inline: all words are read for each trace that passes. */
static inline uint64_t word_of(const struct bits *bits, uint32_t word)
{
    const uint64_t *at = &bits->words[bits->first / 64 + word];
    unsigned shift = bits->first % 64;
    uint32_t left = bits->count - word * 64;
    uint64_t found = *at >> shift;
    if (shift != 0 && shift + (left < 64 ? left : 64) > 64) {
        found |= at[1] << (64 - shift);
    }
    return left < 64 ? found & ((UINT64_C(1) << left) - 1) : found;
}

static uint32_t words_of(uint32_t count)
{
    return (count + 63) / 64;
}

static uint64_t hash_of(const struct bits *bits)
{
    uint64_t hash = bits->count;
    for (uint32_t i = 0; i < words_of(bits->count); i++) {
        hash = (hash ^ word_of(bits, i)) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

static bool is_of(const struct result_row *row, const struct bits *bits, uint64_t hash)
{
    bool same = row->hash == hash;
    for (uint32_t i = 0; same && i < words_of(bits->count); i++) {
        same = row->passed[i] == word_of(bits, i);
    }
    return same;
}

static uint32_t most_of(const struct suite *suite)
{
    size_t bytes = ((size_t)suite->assertion_count + 1) * sizeof(struct assertion_result);
    return bytes * RESULT_ROWS_MAX <= RESULT_ROWS_BYTES_MAX
               ? RESULT_ROWS_MAX
               : (uint32_t)(RESULT_ROWS_BYTES_MAX / bytes);
}

static struct result_row *make(struct result_rows *rows, const struct suite *suite,
                               const struct bits *bits)
{
    const struct blank_results *blank = &suite->blank.closed;
    uint32_t count = suite->assertion_count;
    struct result_row *row = arena_calloc(&rows->arena, 1, sizeof *row);
    uint64_t *passed = arena_calloc(&rows->arena, words_of(count) + 1, sizeof *passed);
    struct assertion_result *results =
        arena_calloc(&rows->arena, (size_t)count + 1, sizeof *results);
    if (row == NULL || passed == NULL || results == NULL) {
        return NULL;
    }
    memcpy(results, blank->results, count * sizeof *results);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = word_of(bits, i / 64);
        passed[i / 64] = word;
        results[i].result = (word >> i % 64 & 1) != 0 ? RESULT_PASS : results[i].result;
    }
    *row = (struct result_row){.verdict = blank->strongest, .results = results, .passed = passed};
    return row;
}

static struct result_rows_of_suite *rows_of(struct result_rows *rows, uint32_t suite)
{
    if (rows->suites == NULL) {
        rows->suites =
            arena_calloc(&rows->arena, (size_t)rows->set->suite_count + 1, sizeof *rows->suites);
    }
    return rows->suites != NULL ? &rows->suites[suite] : NULL;
}

const struct result_row *result_rows_find(struct result_rows *rows, const struct suite *suite,
                                          const uint64_t *passed)
{
    struct result_rows_of_suite *of = rows_of(rows, suite->index);
    struct bits bits = {.words = passed, .count = suite->assertion_count};
    if (of == NULL || bits.count == 0) {
        return NULL;
    }
    bits.first = suite->assertions[0].number;
    uint64_t hash = hash_of(&bits);
    uint32_t slot = (uint32_t)(hash >> 32) % (2 * RESULT_ROWS_MAX);
    for (; of->slots[slot] != 0; slot = (slot + 1) % (2 * RESULT_ROWS_MAX)) {
        const struct result_row *row = of->rows[of->slots[slot] - 1u];
        if (is_of(row, &bits, hash)) {
            return row;
        }
    }
    if (of->count >= most_of(suite)) {
        return NULL;
    }
    struct result_row *row = make(rows, suite, &bits);
    if (row != NULL) {
        row->hash = hash;
        row->number = of->count;
        of->slots[slot] = (uint8_t)(of->count + 1);
        of->rows[of->count++] = row;
    }
    return row;
}
