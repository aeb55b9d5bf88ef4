/* What one shard has counted for one campaign: the raw material of its report. Mergeable: the order
 * of adding and merging changes nothing, bounded lists included (the smallest trace IDs stay).
 *
 * Only final verdicts are added. Thread rule: confined to its shard; handed over as a copy
 * (tally_copy) for reports. */
#ifndef ASSERTD_PIPELINE_TALLY_H
#define ASSERTD_PIPELINE_TALLY_H

#include "assertions/judge.h"
#include "assertions/threshold.h"
#include "daemon/pipeline/campaign.h"

struct tally;

/* How one trace of a campaign ended, once it is final. */
struct trace_account {
    struct trace_id trace_id;
    const struct injection *injection;  /* NULL: none */
    const struct judgement *judgements; /* one for each suite of the set; NULL: no span ever came */
    struct judge *judge;                /* for threshold samples; NULL with judgements */
    struct arena *scratch;
    uint64_t spans, duplicates, conflicting, late,
        cut;             /* of this trace; `spans` are the stored ones */
    enum result came_to; /* with judgements of which none applies: what the trace came to before its
                            record came; RESULT_OPEN: nothing */
    bool missing;        /* injected, expected, never seen */
    bool unexpected;     /* claims a campaign that knows no such injection */
    bool outside; /* none of the campaign's traces (unexpected or not): its spans are `outside` */
};

/* An empty tally for a campaign (referenced). NULL: no memory. */
struct tally *tally_new(struct campaign *campaign);
void tally_free(struct tally *tally);
struct campaign *tally_campaign(const struct tally *tally);

/* The rows that the tally counts traces by; they live as long as it. */
struct result_rows *tally_rows(struct tally *tally);

/* Bytes held, for the memory account; adds up all lists. */
size_t tally_held(const struct tally *tally);

/* Counts an injection when it is registered; `repeated`: the trace ID was there already. */
void tally_injection(struct tally *tally, const struct injection *injection, bool repeated);

/* Counts spans that belong to no trace of the campaign, or came too late for it. */
void tally_spans_outside(struct tally *tally, uint64_t spans);
/* Rejected spans count as received too; the others must be counted as received by
 * tally_span_received. */
void tally_spans_rejected(struct tally *tally, uint64_t spans);
void tally_spans_late(struct tally *tally, uint64_t spans, bool first_of_injection);
void tally_span_received(struct tally *tally, uint64_t spans);
/* Requests refused for good before they could be read (malformed, too large). */
void tally_requests_refused(struct tally *tally, uint64_t requests);

/* Adds a final trace: suites, assertions, groups, failures, samples, labels, ledger, correlation.
 * 0, or -ENOMEM. */
int tally_trace(struct tally *tally, const struct trace_account *account);

/* A copy to hand to another thread; NULL: no memory. Open traces and injections are counted by the
 * caller in `open`. */
struct tally *tally_copy(const struct tally *tally);

/* Adds another shard's tally of the same campaign. 0, or -ENOMEM. */
int tally_merge(struct tally *into, const struct tally *from);

/* What the report needs beside the tally. */
struct report_facts {
    enum campaign_status
        forced; /* CAMPAIGN_ABORTED or CAMPAIGN_IN_PROGRESS; CAMPAIGN_SUCCESSFUL: computed */
    uint64_t end_unix_ns;
    uint64_t open_injections, open_spans;
    const struct ledger_sink *sinks;
    uint32_t sink_count;
    const char *trace_url;
    const char *no_data_hint; /* why nothing was judged: what was listening, what came (SEMANTICS 6,
                                 NO_DATA) */
    const struct breach_record *breaches; /* recorded during the run */
    uint32_t breach_count;
};

/* A threshold's breach seen at a tick. */
struct breach_record {
    uint32_t suite, threshold;
    struct report_breach breach;
};

/* Builds the report: thresholds judged, tolerance applied, status found (SEMANTICS 6). 0, or
 * -ENOMEM. */
int tally_report(struct tally *merged, const struct report_facts *facts, struct report *ret);

/* Whether the ledger balances (DESIGN 4.5). */
bool ledger_balances(const struct report *report);

#endif
