/* What one shard has metered for one campaign (DESIGN 5.6): mergeable, so that all shards' together
 * make one reading.
 *
 * Only final verdicts are metered. Label combinations and services are bounded; what is over is
 * metered without labels, as service "(other)". Thread rule: confined to its shard; handed over
 * whole. */
#ifndef ASSERTD_PIPELINE_METERS_H
#define ASSERTD_PIPELINE_METERS_H

#include "assertions/judge.h"
#include "daemon/model/export_batch.h"
#include "daemon/pipeline/campaign.h"

/* Label combinations and services that have meters of their own. */
#define METERS_GROUPS_MAX   256u
#define METERS_SERVICES_MAX 256u
/* Failures told one by one in a period; further ones are in the counts only. */
#define METERS_EVENTS_MAX 100u

enum meter_correlation {
    METER_MATCHED,
    METER_MISSING,
    METER_UNEXPECTED,
    METER_LATE,
    METER_DUPLICATE
};
#define METER_CORRELATIONS 5

struct meters;

/* Empty meters of a campaign (referenced). NULL: no memory. */
struct meters *meters_new(struct campaign *campaign);
void meters_free(struct meters *meters);

/* Adds a final trace. `times` is the time to the verdict of each suite; NULL: not known. What can't
 * be kept for lack of memory is counted in meters_lost. */
void meters_add_trace(struct meters *meters, const struct trace *trace,
                      const struct judgement *judgements, const uint64_t *times);
/* Adds one injection (or, with NULL, one trace) in a state of correlation that meters_add_trace
 * does not see. */
void meters_add_correlation(struct meters *meters, const struct injection *injection,
                            enum meter_correlation state);

/* Counts for each assertion what was counted by rows, which are needed no longer. Before meters
 * leave their shard. */
void meters_settle(struct meters *meters);

/* Adds another's of the same campaign. 0, or -ENOMEM. */
int meters_merge(struct meters *into, const struct meters *from);

/* Appends the readings to a batch: assertion (by assertion and status), output (numbers and
 * durations alone: a text would be a series of its own for each trace), trace_correlation,
 * trace_completeness, span_duration, and, for a period, assertion_event. Counts of zero are left
 * out. 0, or -ENOMEM. */
int meters_write(const struct meters *meters, uint64_t time_unix_ns, bool whole_campaign,
                 struct export_batch *batch);

/* Bytes held, for the memory account; adds up all histograms. */
size_t meters_held(const struct meters *meters);

/* Traces and events that were not metered for lack of memory. */
uint64_t meters_lost(const struct meters *meters);

#endif
