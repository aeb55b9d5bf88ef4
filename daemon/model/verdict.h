/* A verdict: all results of one suite for one trace, and the immutable batches in which they
 * travel.
 *
 * Views point into the arena of the batch. A verdict's ID is a function of campaign, suite and
 * trace, so a repeat or a higher revision replaces the lower one. Thread rule: immutable after
 * sealing; the count is atomic. */
#ifndef ASSERTD_MODEL_VERDICT_H
#define ASSERTD_MODEL_VERDICT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"
#include "daemon/model/id.h"
#include "daemon/model/value.h"

/* In rising strength, so that the strongest of several is the greatest (SEMANTICS 4). `RESULT_OPEN`
 * only before a trace closes. */
enum result {
    RESULT_OPEN = 0,
    RESULT_SKIPPED,
    RESULT_PASS,
    RESULT_INCONCLUSIVE,
    RESULT_ERROR,
    RESULT_FAIL,
};
#define RESULT_COUNT 6

enum severity { SEVERITY_ERROR = 0, SEVERITY_WARNING = 1 };

/* "pass", "fail", "error", "inconclusive", "skipped", "open"; "error", "warning". */
const char *result_name(enum result result);
const char *severity_name(enum severity severity);

/* What was expected or seen: a JSON value of its type, or text. */
struct seen {
    enum { SEEN_NOTHING, SEEN_VALUE, SEEN_DURATION, SEEN_TIME } type;
    struct value value; /* SEEN_VALUE */
    __int128 ns;        /* SEEN_DURATION; SEEN_TIME: since 1970 */
};

/* Writes a seen value as JSON: nothing is null; durations and times are integers of nanoseconds, as
 * text beyond 2^53. */
void seen_write_json(struct json *json, const struct seen *seen);

/* The same as text for people: a duration in its canonical text ("1500ms"), a time in RFC 3339. */
void seen_print(struct buf *out, const struct seen *seen);

/* One failure, error or inconclusive point of an assertion (SEMANTICS 6, `failures`). */
struct failure {
    enum result result;
    uint32_t condition_index; /* place in the assertion */
    struct bytes condition;   /* as written */
    span_id span_id;          /* 0: no single span decided */
    struct bytes service;     /* of that span, empty without one */
    struct bytes span_name;
    struct seen expected;
    struct seen actual;
    struct bytes reason; /* one line a tester understands */
};

/* Writes condition, expected, actual and reason into the object at hand. */
void failure_write_json(struct json *json, const struct failure *failure);

/* Failures that are alike, of those that a list had no room for. */
struct failure_group {
    enum result result;
    struct bytes condition, service, span_name, reason;
    uint32_t count;
};

struct assertion_result {
    struct bytes name;
    uint32_t index; /* in its suite */
    enum result result;
    enum severity severity;
    const struct failure *failures; /* in order: condition's place, span's order */
    uint32_t failure_count;
    uint32_t failures_omitted;                  /* over the per-trace bound */
    const struct failure_group *omitted_groups; /* all of them, by kind */
    uint32_t omitted_group_count;
};

/* A value that the suite captured from the trace. */
struct verdict_output {
    struct bytes name;
    struct seen value; /* SEEN_NOTHING: it is missing, or can't be computed */
};

struct verdict_labels {
    struct bytes scenario, step, zone, tenant, minion; /* empty: none */
    bool has_iteration;
    int64_t iteration;
};

struct verdict {
    uint64_t id[2];
    uint32_t revision; /* from 1 */
    bool final;
    struct bytes campaign;
    struct bytes suite;
    uint32_t suite_index;
    struct trace_id trace_id;
    enum result result;          /* strongest of severity error; pass if none (SEMANTICS 6) */
    uint64_t time_unix_ns;       /* when it was decided */
    uint64_t time_to_verdict_ns; /* from the first span's arrival; 0 offline */
    struct verdict_labels labels;
    uint32_t span_count;
    unsigned short_reasons;               /* enum short_reason bits */
    const struct verdict_output *outputs; /* once the trace is closed; in the suite's order */
    uint32_t output_count;
    const struct assertion_result *results;
    uint32_t result_count;
};

/* Computes the ID: a 128-bit fingerprint of campaign, suite and trace. */
void verdict_id(uint64_t ret[2], struct bytes campaign, struct bytes suite,
                const struct trace_id *trace);

/* What the IDs of all verdicts of a campaign and a suite share, so that it is worked out once. */
struct verdict_family {
    uint64_t campaign[2], suite[2];
};
struct verdict_family verdict_family_of(struct bytes campaign, struct bytes suite);
void verdict_id_in(uint64_t ret[2], const struct verdict_family *family,
                   const struct trace_id *trace);

/* Writes the verdict in the form of DESIGN 5.6. */
void verdict_write_json(struct json *json, const struct verdict *verdict);

#endif
