/*
 * The rows of a suite's settings.
 *
 * Expressions are OPTION_NO_ENV: `$` begins names in them, so nothing is expanded and `$$` is not
 * mangled. In a suite's `completion` zero means "not said", hence the least value of 1 ms there.
 */
#include "assertions/suite_settings.h"

#include "daemon/core/clock.h"

#define COUNT_OF(array)  (sizeof(array) / sizeof((array)[0]))
#define EXPRESSION_FLAGS (OPTION_EXPRESSION | OPTION_NO_ENV)

static const char *const severity_words[] = {"error", "warning", NULL};
static const char *const evidence_words[] = {"strict", "lenient", NULL};
static const char *const clock_skew_words[] = {"exact", "estimate", NULL};

static const struct option completion_options[] = {
    {.name = "quiet",
     .type = OPTION_DURATION,
     .offset = offsetof(struct completion_settings, quiet_ns),
     .default_text = "10s",
     .min = NS_PER_MS,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "Time without a new span after which a trace that waits for nothing more is "
                    "closed; longer than the senders' batch interval (SDKs: 5 s)."},
    {.name = "deadline",
     .type = OPTION_DURATION,
     .offset = offsetof(struct completion_settings, deadline_ns),
     .default_text = "60s",
     .min = NS_PER_MS,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "Time after the injection, or the first span, at which a trace is closed "
                    "whatever it still waits for."},
    {.name = "grace",
     .type = OPTION_DURATION,
     .offset = offsetof(struct completion_settings, grace_ns),
     .default_text = "5s",
     .max = 3600 * (int64_t)NS_PER_S,
     .description = "Time after closing in which late spans still revise the verdict."},
};

const struct option_table completion_table = {
    .title = "completion",
    .options = completion_options,
    .count = COUNT_OF(completion_options),
    .struct_bytes = sizeof(struct completion_settings),
    .origin_offset = SIZE_MAX,
    .set_offset = offsetof(struct completion_settings, set),
};

static const struct option suite_completion_options[] = {
    {.name = "quiet",
     .type = OPTION_DURATION,
     .offset = offsetof(struct completion_settings, quiet_ns),
     .min = NS_PER_MS,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "For traces of this suite, instead of completion.quiet."},
    {.name = "deadline",
     .type = OPTION_DURATION,
     .offset = offsetof(struct completion_settings, deadline_ns),
     .min = NS_PER_MS,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "For traces of this suite, instead of completion.deadline."},
    {.name = "grace",
     .type = OPTION_DURATION,
     .offset = offsetof(struct completion_settings, grace_ns),
     .min = NS_PER_MS,
     .max = 3600 * (int64_t)NS_PER_S,
     .description = "For traces of this suite, instead of completion.grace."},
};

static const struct option_table suite_completion_table = {
    .title = "completion of a suite",
    .options = suite_completion_options,
    .count = COUNT_OF(suite_completion_options),
    .struct_bytes = sizeof(struct completion_settings),
    .origin_offset = SIZE_MAX,
    .set_offset = offsetof(struct completion_settings, set),
};

static const struct option assertion_options[] = {
    {.name = "name",
     .type = OPTION_TEXT,
     .offset = offsetof(struct assertion_settings, name),
     .flags = OPTION_REQUIRED,
     .description = "What reports call it; unique in the suite."},
    {.name = "select",
     .type = OPTION_TEXT,
     .offset = offsetof(struct assertion_settings, select),
     .flags = EXPRESSION_FLAGS,
     .description = "Selector of the spans that the conditions are about; without it only "
                    "conditions on names and on the injection."},
    {.name = "assert",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct assertion_settings, conditions),
     .flags = OPTION_REQUIRED | EXPRESSION_FLAGS,
     .description = "One condition or a list of them; all must hold."},
    {.name = "when",
     .type = OPTION_TEXT,
     .offset = offsetof(struct assertion_settings, when),
     .flags = EXPRESSION_FLAGS,
     .description = "A condition on names or the injection, or a selector: where it does not hold "
                    "the assertion is skipped."},
    {.name = "optional",
     .type = OPTION_BOOL,
     .offset = offsetof(struct assertion_settings, optional),
     .default_text = "false",
     .description = "Skipped, instead of failed, where nothing is selected."},
    {.name = "severity",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct assertion_settings, severity),
     .default_text = "error",
     .choices = severity_words,
     .description = "A warning never turns a trace or a campaign red."},
    {.name = "tolerance",
     .type = OPTION_SHARE,
     .offset = offsetof(struct assertion_settings, tolerance),
     .default_text = "0",
     .description = "Greatest share of failing traces that leaves the campaign green; equal is "
                    "within."},
};

static const struct option_table assertion_table = {
    .title = "assertion",
    .options = assertion_options,
    .count = COUNT_OF(assertion_options),
    .struct_bytes = sizeof(struct assertion_settings),
    .origin_offset = offsetof(struct assertion_settings, origin),
    .set_offset = SIZE_MAX,
};

static const struct option threshold_options[] = {
    {.name = "name",
     .type = OPTION_TEXT,
     .offset = offsetof(struct threshold_settings, name),
     .flags = OPTION_REQUIRED,
     .description = "What reports call it; unique in the suite."},
    {.name = "rule",
     .type = OPTION_TEXT,
     .offset = offsetof(struct threshold_settings, rule),
     .flags = OPTION_REQUIRED | EXPRESSION_FLAGS,
     .description = "The rule over the whole campaign: p(N), med, avg, min, max of a difference of "
                    "times, a duration or an attribute; count or ratio of a state; duplicates, "
                    "distinct, most of a value; rate of spans; slope and max of a backlog."},
    {.name = "severity",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct threshold_settings, severity),
     .default_text = "error",
     .choices = severity_words,
     .description = "A warning never turns a campaign red."},
    {.name = "min_samples",
     .type = OPTION_INT,
     .offset = offsetof(struct threshold_settings, min_samples),
     .min = 1,
     .max = INT64_MAX,
     .description = "With fewer samples the threshold is inconclusive; by default 1, and "
                    "100 / (100 - N) for p(N)."},
    {.name = "sticky",
     .type = OPTION_BOOL,
     .offset = offsetof(struct threshold_settings, sticky),
     .default_text = "false",
     .description = "A breach during the run decides the result, even if it holds at the end."},
    {.name = "abort_on_fail",
     .type = OPTION_BOOL,
     .offset = offsetof(struct threshold_settings, abort_on_fail),
     .default_text = "false",
     .description = "A breach during the run ends the campaign."},
    {.name = "by",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct threshold_settings, by),
     .description = "Labels of the injection, or `stage`: the rule is judged for each combination "
                    "of their values (100 of them, the others together), and must hold for all."},
    {.name = "over",
     .type = OPTION_DURATION,
     .offset = offsetof(struct threshold_settings, over_ns),
     .min = (int64_t)NS_PER_S,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "Windows of this width, from the campaign's beginning: the rule must hold in "
                    "each that has min_samples; at most 1440."},
    {.name = "warmup",
     .type = OPTION_DURATION,
     .offset = offsetof(struct threshold_settings, warmup_ns),
     .min = (int64_t)NS_PER_MS,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "Traces of this time from the campaign's beginning are left out."},
    {.name = "delay",
     .type = OPTION_DURATION,
     .offset = offsetof(struct threshold_settings, delay_ns),
     .min = (int64_t)NS_PER_MS,
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "abort_on_fail ends the campaign by a breach that is there this long after its "
                    "beginning, not by an earlier one."},
    {.name = "webhook",
     .type = OPTION_TEXT,
     .offset = offsetof(struct threshold_settings, webhook),
     .flags = OPTION_SECRET | OPTION_ONE_LINE,
     .description = "URL to which a JSON document is posted when a breach begins during the run, "
                    "and when it ends the campaign."},
};

static const struct option_table threshold_table = {
    .title = "threshold",
    .options = threshold_options,
    .count = COUNT_OF(threshold_options),
    .struct_bytes = sizeof(struct threshold_settings),
    .origin_offset = offsetof(struct threshold_settings, origin),
    .set_offset = SIZE_MAX,
};

static const struct option suite_options[] = {
    {.name = "name",
     .type = OPTION_TEXT,
     .offset = offsetof(struct suite_settings, name),
     .flags = OPTION_REQUIRED,
     .description = "What reports call it; unique in the configuration."},
    {.name = "traces",
     .type = OPTION_TEXT,
     .offset = offsetof(struct suite_settings, traces),
     .flags = EXPRESSION_FLAGS,
     .description = "Selector: the suite judges traces in which it selects a span; without it all "
                    "of the campaign's traces."},
    {.name = "labels",
     .type = OPTION_PAIRS,
     .offset = offsetof(struct suite_settings, labels),
     .description = "Labels that the trace's injection must carry: scenario, step, zone, tenant, "
                    "minion, iteration."},
    {.name = "spans",
     .type = OPTION_PAIRS,
     .offset = offsetof(struct suite_settings, spans),
     .flags = EXPRESSION_FLAGS,
     .description = "Names for selectors: `mail = \"span[...]\"` is $mail in conditions and "
                    "rules."},
    {.name = "variables",
     .type = OPTION_PAIRS,
     .offset = offsetof(struct suite_settings, variables),
     .description = "Values for expressions: `slow = \"50ms\"` is var:slow in the suite's "
                    "selectors, conditions and rules."},
    {.name = "outputs",
     .type = OPTION_PAIRS,
     .offset = offsetof(struct suite_settings, outputs),
     .flags = EXPRESSION_FLAGS,
     .description = "Values captured from each trace, expressions over names and the injection: "
                    "`order = \"$request.order.id\"` is output:order in conditions, and stands in "
                    "verdicts."},
    {.name = "evidence",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct suite_settings, evidence),
     .default_text = "strict",
     .choices = evidence_words,
     .description = "lenient: missing parents do not make a trace short of evidence (services "
                    "that never export)."},
    {.name = "clock_skew",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct suite_settings, clock_skew),
     .default_text = "exact",
     .choices = clock_skew_words,
     .description =
         "estimate: what hangs on times of several processes is judged with what the trace "
         "tells of their clocks; what these leave open is inconclusive."},
    {.name = "max_clock_skew",
     .type = OPTION_DURATION,
     .offset = offsetof(struct suite_settings, max_clock_skew_ns),
     .max = 24 * 3600 * (int64_t)NS_PER_S,
     .description = "With clock_skew = \"estimate\": no two clocks are further apart. By default "
                    "nothing is taken for granted."},
    {.name = "max_inconclusive",
     .type = OPTION_SHARE,
     .offset = offsetof(struct suite_settings, max_inconclusive),
     .default_text = "0",
     .description =
         "Greatest share of the inconclusive results of an assertion that are left out of "
         "what it means for the campaign; equal is within."},
    {.name = "optional",
     .type = OPTION_BOOL,
     .offset = offsetof(struct suite_settings, optional),
     .default_text = "false",
     .description = "A campaign in which the suite judged nothing is not inconclusive for it."},
    {.name = "semconv_aliases",
     .type = OPTION_BOOL,
     .offset = offsetof(struct suite_settings, semconv_aliases),
     .default_text = "false",
     .description = "Keys that OpenTelemetry's semantic conventions have renamed match under "
                    "either name; docs/language.md lists them."},
    {.name = "completion",
     .type = OPTION_GROUP,
     .offset = offsetof(struct suite_settings, completion),
     .flags = OPTION_NULLABLE,
     .group = &suite_completion_table,
     .description = "When traces of this suite are complete, where it differs from the "
                    "configuration's."},
    {.name = "baseline",
     .type = OPTION_TEXT,
     .offset = offsetof(struct suite_settings, baseline),
     .description = "JSON report of an earlier campaign, relative to this file, with which rules "
                    "compare that say \"no worse than baseline\"."},
    {.name = "stages",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct suite_settings, stages),
     .description = "Parts of the load, one after the other from the campaign's beginning, as "
                    "\"NAME DURATION\"; `stage` is then a label for thresholds."},
    {.name = "assertions",
     .type = OPTION_GROUPS,
     .offset = offsetof(struct suite_settings, assertions),
     .group = &assertion_table,
     .description = "What must be true of each trace."},
    {.name = "analyzer",
     .type = OPTION_GROUP,
     .offset = offsetof(struct suite_settings, analyzer),
     .flags = OPTION_NULLABLE,
     .group = &analyzer_table,
     .description = "Rules of trace quality, judged like assertions; where it is written, be it "
                    "empty, the seven rules are on."},
    {.name = "thresholds",
     .type = OPTION_GROUPS,
     .offset = offsetof(struct suite_settings, thresholds),
     .group = &threshold_table,
     .description = "What must be true of the campaign as a whole."},
};

const struct option_table suite_table = {
    .title = "suite",
    .options = suite_options,
    .count = COUNT_OF(suite_options),
    .struct_bytes = sizeof(struct suite_settings),
    .origin_offset = offsetof(struct suite_settings, origin),
    .set_offset = SIZE_MAX,
};
