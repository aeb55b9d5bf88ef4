/* The results that traces share: most traces of a suite come to the same, so that what passes is
 * kept once for all of them, as a row, and they are counted by their row. A trace then costs the
 * same however many assertions its suite has.
 *
 * A row has a result for each assertion of one suite, none of them with a failure to explain. Rows
 * are immutable once they are made and live as long as their table, which takes up to
 * RESULT_ROWS_MAX for a suite, fewer where they are long; what finds no room is judged as if there
 * were no rows. Thread rule: confined to a shard. */
#ifndef ASSERTD_ASSERTIONS_RESULT_ROWS_H
#define ASSERTD_ASSERTIONS_RESULT_ROWS_H

#include "assertions/suite.h"

/* Rows of a suite, and the bytes of results that those of a suite may take. */
#define RESULT_ROWS_MAX       64u
#define RESULT_ROWS_BYTES_MAX (1u << 20)

struct result_row {
    uint32_t number; /* in its suite's rows */
    enum result verdict;
    const struct assertion_result *results;
    const uint64_t *passed; /* what it was found by: a bit for each assertion that passes */
    uint64_t hash;
};

struct result_rows_of_suite {
    const struct result_row *rows[RESULT_ROWS_MAX]; /* by number */
    uint32_t count;
    uint8_t slots[2 * RESULT_ROWS_MAX]; /* open addressing: number + 1 */
};

struct result_rows {
    const struct suite_set *set; /* borrowed */
    struct arena arena;
    struct result_rows_of_suite *suites;
};

/* An empty table; memory comes when the first row does. */
void result_rows_init(struct result_rows *rows, const struct suite_set *set);
void result_rows_deinit(struct result_rows *rows);

/* Bytes held, for the memory account. */
size_t result_rows_held(const struct result_rows *rows);

/* How many rows a suite has. */
uint32_t result_rows_count(const struct result_rows *rows, uint32_t suite);

/* The row of a suite in which those assertions pass whose bits, by their numbers in the set, are in
 * `passed`, and all others are as in a closed trace that concerns nobody. NULL: no room, or no
 * memory. */
const struct result_row *result_rows_find(struct result_rows *rows, const struct suite *suite,
                                          const uint64_t *passed);

#endif
