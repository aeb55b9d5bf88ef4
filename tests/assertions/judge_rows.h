/* Single assertions on small traces, row by row: the result in the end, what is told early, whether
 * the trace would wait for more, and the sentence that explains it. Confined to one test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_JUDGE_ROWS_H
#define ASSERTD_TESTS_ASSERTIONS_JUDGE_ROWS_H

#include "tests/assertions/engine_fixture.h"

#define JUDGE_SPANS_MAX 6

/* A trace of a request, two rows written, the second with an attribute more. */
#define ROOT                                                                                       \
    {                                                                                              \
        .id = 1, .name = "order", .service = "shop", .kind = KIND_SERVER, .start_ns = 10,          \
        .end_ns = 90, .flags = 1                                                                   \
    }
#define ROW_A                                                                                      \
    {                                                                                              \
        .id = 2, .parent = 1, .name = "insert", .service = "db", .start_ns = 20, .end_ns = 30,     \
        .attrs = {                                                                                 \
            ATTR_INT("n", 5)                                                                       \
        }                                                                                          \
    }
#define ROW_B                                                                                      \
    {                                                                                              \
        .id = 3, .parent = 1, .name = "insert", .service = "db", .start_ns = 40, .end_ns = 60,     \
        .attrs = {                                                                                 \
            ATTR_INT("n", 7),                                                                      \
            ATTR_TEXT("t", "x")                                                                    \
        }                                                                                          \
    }
#define ORPHAN                                                                                     \
    {                                                                                              \
        .id = 9, .parent = 77, .name = "mail", .service = "post", .start_ns = 50, .end_ns = 55     \
    }
#define BACKWARDS                                                                                  \
    {                                                                                              \
        .id = 4, .parent = 1, .name = "skewed", .start_ns = 50, .end_ns = 40                       \
    }
#define DROPPED                                                                                    \
    {                                                                                              \
        .id = 5, .parent = 1, .name = "lossy", .start_ns = 50, .end_ns = 60, .dropped_attrs = 2,   \
        .resource = {                                                                              \
            ATTR_INT("n", 5)                                                                       \
        }                                                                                          \
    }

struct judge_row {
    struct span_build spans[JUDGE_SPANS_MAX];
    struct test_assertion assertion;
    enum result result;
    enum result early;  /* RESULT_OPEN: nothing is told before the end */
    bool waits;         /* the trace would not settle by quiet */
    const char *reason; /* a part of the first failure's; NULL: any or none */
    const char *traces;
    bool lenient;
    bool injected;
    uint32_t failures; /* how many are listed; 0: not looked at */
};

#define WHOLE .spans = {ROOT, ROW_A, ROW_B}
#define SHORT .spans = {ROOT, ROW_A, ROW_B, ORPHAN}
#define SELECT(selector, ...)                                                                      \
    .assertion = {.name = "it", .select = (selector), .conditions = {__VA_ARGS__}}
#define NAMES(...) .assertion = {.name = "it", .conditions = {__VA_ARGS__}}

/* Judges each row in a suite whose names are $root, $row, $skewed, $first, $gone and $lossy; fails
 * the test after telling each row that came out otherwise. */
void judge_rows_check(const struct judge_row *rows, size_t count);
#define CHECK(rows) judge_rows_check((rows), sizeof(rows) / sizeof *(rows))

#endif
