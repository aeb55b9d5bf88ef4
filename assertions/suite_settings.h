/* The settings of suites as they stand in a configuration: structs and option tables, nothing
 * compiled yet. Immutable after loading; lives as long as its configuration. */
#ifndef ASSERTD_ASSERTIONS_SUITE_SETTINGS_H
#define ASSERTD_ASSERTIONS_SUITE_SETTINGS_H

#include "assertions/analyzer.h"
#include "config/options.h"
#include "daemon/model/verdict.h"

enum evidence_mode { EVIDENCE_STRICT, EVIDENCE_LENIENT };

/* How differences of times of two processes are judged. */
enum clock_skew { CLOCK_SKEW_EXACT, CLOCK_SKEW_ESTIMATE };

/* When a trace counts as complete. In a suite 0 is "as the configuration's `completion` says". */
struct completion_settings {
    bool set;
    uint64_t quiet_ns;
    uint64_t deadline_ns;
    uint64_t grace_ns;
};

struct assertion_settings {
    struct config_origin origin;
    struct config_text name;
    struct config_text select;
    struct config_texts conditions; /* "assert" */
    struct config_text when;
    bool optional;
    int severity; /* enum severity */
    double tolerance;
};

struct threshold_settings {
    struct config_origin origin;
    struct config_text name;
    struct config_text rule;
    int severity;
    int64_t min_samples; /* 0: by the rule */
    bool sticky;
    bool abort_on_fail;
    struct config_texts by;
    uint64_t over_ns;   /* 0: no windows */
    uint64_t warmup_ns; /* 0: none */
    uint64_t delay_ns;  /* of abort_on_fail */
    struct config_text webhook;
};

struct suite_settings {
    struct config_origin origin;
    struct config_text name;
    struct config_text traces;
    struct config_pairs labels;
    struct config_pairs spans;
    struct config_pairs variables;
    struct config_pairs outputs;
    int evidence; /* enum evidence_mode */
    double max_inconclusive;
    int clock_skew; /* enum clock_skew */
    uint64_t max_clock_skew_ns;
    bool optional;
    bool semconv_aliases;
    struct completion_settings completion;
    struct config_texts stages; /* "NAME DURATION" */
    struct config_text baseline;
    struct config_list assertions; /* of struct assertion_settings */
    struct analyzer_settings analyzer;
    struct config_list thresholds; /* of struct threshold_settings */
};

extern const struct option_table completion_table;
extern const struct option_table suite_table;

#endif
