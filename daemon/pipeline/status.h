/* The status of a campaign: the first that applies of FAILED, ABORTED, NO_DATA, INCONCLUSIVE,
 * WARNING, SUCCESSFUL, and the sentences that say why (SEMANTICS 6, "status"). Works on a built
 * report. */
#ifndef ASSERTD_PIPELINE_STATUS_H
#define ASSERTD_PIPELINE_STATUS_H

#include "daemon/pipeline/tally.h"

/* What an assertion's counts mean for the campaign, given its tolerance: equal is within;
 * inconclusive ones are counted both ways, or left out where they are no greater share than
 * `max_inconclusive`. */
enum result status_of_assertion(const struct result_counts *counts, double tolerance,
                                double max_inconclusive);

/* What the status needs beside the report. */
struct status_facts {
    const struct campaign *campaign;
    enum campaign_status forced;
    uint64_t judged_traces;
    uint64_t requests_refused;
    bool injected;        /* the campaign judges injected traces */
    bool missing_is_read; /* some threshold reads `missing` */
    const char *no_data_hint;
};

/* Sets report->status and its findings (in the report's arena). */
void status_find(struct report *report, const struct status_facts *facts);

#endif
