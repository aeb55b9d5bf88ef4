#include "assertions/rule.h"

#include "assertions/expr.h"
#include "assertions/whole.h"

/* A baseline is compared where, by chance, five samples would lie beyond its percentile. */
#define COMPARED_BEYOND 5

/* Names whose spans are read, and sets of terms across spans. */
static uint32_t count_sides(const struct expr_reads *reads)
{
    uint32_t sides = reads->name_count;
    for (uint32_t i = 0; i < reads->across_count; i++) {
        sides += reads->across[i]->left.whole->set_count;
    }
    return sides;
}

bool rule_relates_names(const struct rule *rule)
{
    if (rule_counts_states(rule) || rule_tells_values(rule)) {
        return false;
    }
    return rule->sample.type == TERM_DIFFERENCE ||
           (rule->sample.type == TERM_EXPRESSION && count_sides(rule->reads) > 1);
}

bool rule_reads_injections(const struct rule *rule)
{
    const struct term *sample = &rule->sample;
    return rule_counts_injections(rule) || (rule->reads != NULL && rule->reads->injection) ||
           (sample->type == TERM_DIFFERENCE &&
            (sample->left->type == TERM_INJECTION || sample->right->type == TERM_INJECTION));
}

/* So many that a percentile is no mere maximum: 100 / (100 - N), rounded up. */
static uint64_t least_of_percentile(const struct rule *rule)
{
    uint64_t whole = 100 * rule->percent_den;
    uint64_t above = whole - rule->percent_num;
    uint64_t times = rule->test == RULE_NO_WORSE ? COMPARED_BEYOND : 1;
    return above == 0 ? 1 : (times * whole + above - 1) / above;
}

uint64_t rule_least_samples(const struct rule *rule)
{
    if (rule->aggregate == AGGREGATE_PERCENTILE) {
        return least_of_percentile(rule);
    }
    return rule_counts_spans(rule) && rule->aggregate != AGGREGATE_BACKLOG ? 2 : 1;
}
