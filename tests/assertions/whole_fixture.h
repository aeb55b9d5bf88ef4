/* Rows of conditions across spans: a trace, one assertion, what it comes to when the trace closes.
 * Confined to its test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_WHOLE_FIXTURE_H
#define ASSERTD_TESTS_ASSERTIONS_WHOLE_FIXTURE_H

#include "tests/assertions/engine_fixture.h"

#define WHOLE_SPANS_MAX 10

struct whole_row {
    const char *condition;
    enum result result;
    const char *reason; /* a part of the first failure's; NULL: any or none */
    const char *actual; /* a part of what was seen, as text; NULL: any */
    const char *select; /* NULL: none */
    span_id span;       /* of the first failure; 0: any */
    bool waits;         /* the trace would not settle by quiet */
    bool skews;         /* the suite estimates how far clocks are apart */
};

/* A row: what it comes to as a word, then members that differ from nothing. */
#define IS(text, outcome, ...)                                                                     \
    {                                                                                              \
        .condition = (text), .result = RESULT_##outcome, __VA_ARGS__                               \
    }

/* Names of every suite here: $a, $b, $c are the spans of these names, $all all, $none none, $first
 * the first `a`. Fails the test, naming the rows, unless each comes to what it says; spans end at
 * the first without a name. Every row is judged in both directions of arrival. */
void whole_check(const struct span_build *spans, const struct whole_row *rows, size_t count);

#define WHOLE_CHECK(spans, rows) whole_check((spans), (rows), sizeof(rows) / sizeof *(rows))

#endif
