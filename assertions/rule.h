/* What the kinds of rules have in common: small questions about a parsed rule. Pure. */
#ifndef ASSERTD_ASSERTIONS_RULE_H
#define ASSERTD_ASSERTIONS_RULE_H

#include "assertions/ast.h"

/* count and ratio: of states, not of samples. */
static inline bool rule_counts_states(const struct rule *rule)
{
    return rule->aggregate == AGGREGATE_COUNT || rule->aggregate == AGGREGATE_RATIO;
}

/* duplicates, distinct and most: of values that are told apart. */
static inline bool rule_tells_values(const struct rule *rule)
{
    return rule->aggregate == AGGREGATE_DUPLICATES || rule->aggregate == AGGREGATE_DISTINCT ||
           rule->aggregate == AGGREGATE_MOST;
}

/* slope and max of a backlog. */
static inline bool rule_counts_backlog(const struct rule *rule)
{
    return rule->aggregate == AGGREGATE_SLOPE || rule->aggregate == AGGREGATE_BACKLOG;
}

/* rate and backlogs: of spans over time. */
static inline bool rule_counts_spans(const struct rule *rule)
{
    return rule->aggregate == AGGREGATE_RATE || rule_counts_backlog(rule);
}

/* Samples that take two sides: one may be there without the other. */
bool rule_relates_names(const struct rule *rule);

/* States of injections, not of judged traces. */
static inline bool rule_counts_injections(const struct rule *rule)
{
    return rule_counts_states(rule) && rule->state <= STATE_DUPLICATE;
}

/* States of traces whose injection is not known, or no more. */
static inline bool rule_counts_strangers(const struct rule *rule)
{
    return rule_counts_states(rule) &&
           (rule->state == STATE_UNEXPECTED || rule->state == STATE_LATE);
}

/* Whether the rule says nothing where a campaign judges all traces, whatever was injected. */
bool rule_reads_injections(const struct rule *rule);

/* Samples without which the rule says nothing: by default. */
uint64_t rule_least_samples(const struct rule *rule);

#endif
