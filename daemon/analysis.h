/* What the analyzer says of recorded traces, trace by trace: scores, broken rules and the spans
 * that break them, and in the end whether the gates hold.
 *
 * Written as it goes, as text or as JSON; memory is that of the output and of one trace's results.
 * Of each rule ANALYSIS_SPANS_MAX spans are told in each trace, of the others how many. Confined to
 * its owner. */
#ifndef ASSERTD_DAEMON_ANALYSIS_H
#define ASSERTD_DAEMON_ANALYSIS_H

#include "assertions/analyzer.h"
#include "assertions/judge.h"
#include "assertions/suite_settings.h"
#include "daemon/core/json.h"

#define ANALYSIS_SPANS_MAX 10u

/* Of all traces together. */
struct analysis_totals {
    uint64_t traces;      /* that some suite with an analyzer takes, once for each of these */
    uint64_t rules_fail;  /* of them: a rule of level error is broken */
    uint64_t scores_fail; /* the score is below the suite's minimum */
    double score_sum, lowest;
    struct trace_id lowest_id;
};

struct analysis {
    const struct suite_set *set;
    const struct config_list *settings; /* of the suites */
    struct analyzer_rules *rules;       /* of each suite; none: it has no analyzer */
    struct arena arena;                 /* the rules */
    struct analysis_totals totals;
    bool as_json;
    struct buf *out; /* borrowed */
    struct json json;
};

/* Begins with compiled suites and the settings they were compiled from. 0; 1: no suite has an
 * analyzer; -ENOMEM. Deinit in any case. */
int analysis_begin(struct analysis *ret, const struct suite_set *set,
                   const struct config_list *settings, bool as_json, struct buf *out);
void analysis_deinit(struct analysis *analysis);

/* Judges one whole trace and writes what comes of it. 0; -ENOMEM. */
int analysis_add(struct analysis *analysis, struct trace *trace);

/* Writes the totals. Whether the gates held: no rule of level error broken, no score too low. */
void analysis_end(struct analysis *analysis, bool *ret_rules_hold, bool *ret_scores_hold);

#endif
