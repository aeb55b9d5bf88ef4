/* Compiled suites: what a trace is judged by. Immutable and shared by reference; an open trace
 * keeps the set it started with. */
#ifndef ASSERTD_ASSERTIONS_SUITE_H
#define ASSERTD_ASSERTIONS_SUITE_H

#include <stdatomic.h>

#include "assertions/ast.h"
#include "assertions/baseline.h"
#include "assertions/blank.h"
#include "assertions/outputs.h"
#include "assertions/program.h"
#include "assertions/suite_settings.h"
#include "daemon/core/arena.h"

struct assertion {
    struct bytes name;
    uint32_t index;
    const struct selector *select; /* NULL: only conditions on names and the injection */
    const struct condition *const *conditions;
    uint32_t condition_count;
    uint32_t number;         /* among all of the set */
    const struct when *when; /* NULL: none */
    bool optional;
    enum severity severity;
    double tolerance;
};

/* Labels by which one threshold is judged apart. */
#define THRESHOLD_LABELS_MAX 4u
#define THRESHOLD_OF_NONE    UINT32_MAX

struct threshold {
    struct bytes name;
    uint32_t index;
    const struct rule *rule;
    enum severity severity;
    uint64_t min_samples; /* resolved by SEMANTICS 6 */
    bool sticky;
    bool abort_on_fail;
    uint32_t of_assertion;  /* the assertion whose results are counted, or THRESHOLD_OF_NONE */
    const struct bytes *by; /* labels; at most THRESHOLD_LABELS_MAX */
    uint32_t by_count;
    uint64_t over_ns;                /* width of the windows, 0: none */
    uint64_t warmup_ns;              /* left out, from the campaign's origin */
    uint64_t delay_ns;               /* abort_on_fail does not before, from the campaign's start */
    const char *webhook;             /* told of breaches; NULL: none. A secret */
    const struct baseline *baseline; /* NULL: the rule compares with none */
};

/* Whether it counts only a part of what the campaign counts, or parts apart. */
static inline bool threshold_narrows(const struct threshold *threshold)
{
    return threshold->rule->tag_count + threshold->by_count != 0 || threshold->over_ns != 0 ||
           threshold->warmup_ns != 0 || threshold->of_assertion != THRESHOLD_OF_NONE;
}

struct suite_stage { /* a part of the load, from the end of the one before */
    struct bytes name;
    uint64_t end_ns; /* from the campaign's origin */
};

struct suite_label { /* a label the injection must carry, as text */
    struct bytes name;
    struct bytes value;
};

struct suite {
    struct bytes name;
    uint32_t index;
    const struct selector *traces; /* NULL: all */
    const struct suite_label *labels;
    uint32_t label_count;
    const struct span_name *names;
    uint32_t name_count;
    const struct output *outputs;
    uint32_t output_count;
    bool lenient;
    double max_inconclusive;
    bool estimates_skew;
    uint64_t max_clock_skew_ns; /* 0: not known */
    bool optional;
    bool semconv_aliases;
    struct completion_settings completion; /* of the suite, or the configuration's default */
    const struct assertion *assertions;
    uint32_t assertion_count;
    const struct threshold *thresholds;
    uint32_t threshold_count;
    const struct suite_stage *stages;
    uint32_t stage_count;
    struct blank_suite blank; /* its results for a trace without a span that concerns it */
};

struct suite_set {
    _Atomic uint32_t refs;
    struct arena arena; /* everything below */
    const struct suite *suites;
    uint32_t suite_count;
    struct completion_settings completion; /* the configuration's */
    uint32_t assertion_count;              /* of all suites together */
    bool alarms_at_once;                   /* some assertion fails whatever comes */
    struct program program;                /* what is asked of each span */
    struct read_set reads; /* what may be read of it once it is stored; see suite_set_keep */
};

/* Compiles the suites of a configuration (array of struct suite_settings); every problem is
 * collected. Names must be unique (suites in the set; assertions, thresholds, spans in the suite).
 * 0 with one reference; 1: problems were added; < 0: no memory. */
int suite_set_compile(struct suite_set **ret, const struct config_list *suites,
                      const struct completion_settings *completion, struct problems *problems);

/* One more, one less user; the last one frees it. Any thread. */
void suite_set_ref(struct suite_set *set);
void suite_set_unref(struct suite_set *set);

/* What of a span is read again after it has arrived; NULL: perhaps everything. Lives as long. */
const struct keep *suite_set_keep(const struct suite_set *set);

/* Which attributes are read of spans as they arrive, and again later. Lives as long. */
const struct listed_keys *suite_set_listed(const struct suite_set *set);

#endif
