/* Tables of truths in short: CHECK({"condition", T}, ...) in a test that has `state`. Each row is a
 * condition and its truth on language_span_whole (language_check_each). */
#ifndef ASSERTD_TESTS_ASSERTIONS_TRUTH_ROWS_H
#define ASSERTD_TESTS_ASSERTIONS_TRUTH_ROWS_H

#include "tests/assertions/language_fixture.h"

#define T TRUTH_TRUE
#define F TRUTH_FALSE
#define A TRUTH_ABSENT
#define I TRUTH_INCOMPARABLE

#define CHECK(...)                                                                                 \
    static const struct truth_row rows[] = {__VA_ARGS__};                                          \
    (void)state;                                                                                   \
    language_check_each(rows, sizeof rows / sizeof rows[0])

#endif
