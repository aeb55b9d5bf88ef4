/* A shard: the traces whose IDs fall to it, from first span or injection to the final verdict.
 *
 * Single-threaded and pure of I/O: time, batches, injections and ticks are handed in; verdicts
 * leave through a sink function. The same code serves `serve` (one shard per worker), `run` and
 * `check` (one shard, no threads). A trace: WAITING (injection only) -> OPEN -> CLOSED (grace: late
 * spans revise) -> FINAL, then its ID is remembered for ten minutes within a byte budget. Absence
 * waits for the deadline, everything else for quiet (DESIGN 4.2).
 *
 * How the spans of the ledger are told apart: spans that come within the grace are judged (and
 * revise); only those that come after the final verdict are `late` in the ledger. An injection is
 * `late` (correlation, and rules on that state) as soon as one span of it came after its trace was
 * closed, within the grace or later; copies of a stored span do not count. A trace that no record,
 * tracestate or root span claims belongs to the newest running campaign; where that judges injected
 * traces only, it is held until its deadline, for its record may still come, and is then `outside`.
 * A record that comes after that is counted as `unjudged`. A record replaces what a span's claim
 * has registered; a second record is `repeated`. Spans that come while no campaign runs are held
 * for SHARD_HOLD_NS, then counted in `gauges` only.
 *
 * Thread rule: confined to one thread, but for `gauges`, which any thread may read. */
#ifndef ASSERTD_PIPELINE_SHARD_H
#define ASSERTD_PIPELINE_SHARD_H

#include "daemon/core/budget.h"
#include "daemon/core/counter.h"
#include "daemon/core/delays.h"
#include "daemon/core/hash.h"
#include "daemon/core/stages.h"
#include "daemon/model/export_batch.h"
#include "daemon/model/span_set.h"
#include "daemon/pipeline/campaign.h"
#include "daemon/pipeline/claim.h"
#include "daemon/pipeline/tally.h"

struct meters;
struct shard;

/* How long a trace that belongs to no campaign is held for its record. */
#define SHARD_HOLD_NS UINT64_C(10000000000)

struct shard_options {
    struct hash_key key;   /* of the trace table; not the shard map's */
    struct budget *budget; /* of the process, outlives the shard; NULL: its own of memory_bytes */
    uint64_t memory_bytes;
    struct injection_attributes attributes;
    struct stages *stages; /* where the thread's time goes; NULL: nobody asks */
    uint64_t remember_ns;  /* ten minutes */
    uint64_t remember_bytes;
    uint64_t keep_failed_bytes; /* spans of final traces that failed, for who asks */
    uint64_t keep_passed_bytes; /* of those that passed, for so long; 0: not at all */
    uint64_t keep_passed_ns;
    /* Takes a sealed batch (one reference). Called on the shard's thread. NULL: nobody wants
     * verdicts or meters; none is made, and all else is as with exporters. */
    void (*export)(void *self, struct export_batch *take_batch);
    void *self;
};

/* Why a trace was closed: it had settled, its deadline had come, or it was cut short (an end, an
 * abort). */
enum close_reason { CLOSE_SETTLED, CLOSE_DEADLINE, CLOSE_FINISHED, CLOSE_REASONS };

/* What a trace may lack to be judged whole, as enum short_reason. */
#define SHORT_CAUSES 3

/* Read by anybody, written by the shard. */
struct shard_gauges {
    struct counter memory_bytes; /* held now */
    struct counter open_traces, closed_traces, remembered;
    struct counter spans_received, spans_duplicate, spans_late, spans_cut, spans_outside,
        spans_unclaimed;
    struct counter verdicts[RESULT_COUNT];
    struct counter closed_by[CLOSE_REASONS];         /* traces, when they were closed */
    struct counter short_causes[SHORT_CAUSES];       /* final traces, by bit of enum short_reason */
    struct counter refused_full;                     /* batches refused */
    struct counter spans_rejected, requests_refused; /* as shard_count_refused was told */
    struct counter revisions;
    struct delays decisions; /* of failures told while their trace was open: from the arrival of the
                                deciding span's request until the verdict was handed over */
    struct counter remembered_evicted; /* IDs forgotten for lack of space: a late span of them opens
                                          a second trace */
    struct counter
        passed_dropped;       /* kept passed traces that went before their time for lack of room */
    struct counter no_memory; /* verdicts that could not be made or exported */
};

/* 0, or -ENOMEM. What `options` points to outlives the shard; free accepts NULL and a half-built
 * one. */
int shard_new(struct shard **ret, const struct shard_options *options);
void shard_free(struct shard *shard);
const struct shard_gauges *shard_gauges(const struct shard *shard);

/* Campaigns come and go; the shard references them. The newest running campaign takes the traces
 * that nobody claims. After `end` no new trace joins; open ones go on to their verdicts. */
int shard_campaign_start(struct shard *shard, struct campaign *campaign);
void shard_campaign_end(struct shard *shard, struct campaign *campaign);
/* Forgets a campaign that has no open traces. */
void shard_campaign_forget(struct shard *shard, struct campaign *campaign);

enum shard_inject_outcome {
    SHARD_REPEATED = 1, /* counted; the first record counts */
    SHARD_ENDED = 2,    /* the campaign has ended, or is not known: not counted */
};

/* Registers an injection (deep-copied). 0; enum shard_inject_outcome; -ENOMEM. */
int shard_inject(struct shard *shard, struct campaign *campaign, const struct injection *injection,
                 uint64_t now_ns, uint64_t wall_ns);

/* What taking in a batch may cost a shard at most: the bytes of its spans, their records, their
 * share of tables, the ends of chunks. */
uint64_t shard_batch_cost(const struct span_batch *batch);

/* Which attributes anybody here may read of spans, their resources and scopes as they come: a
 * decoder may leave others unlisted. Stays where it is; says something else when
 * campaigns come and go. What a batch lacks because of that is decoded again. The shard's thread.
 */
const struct listed_keys *shard_listed(const struct shard *shard);

/* Takes in one batch; what it keeps is copied, the caller releases the batch. Verdicts that became
 * certain are exported. `promised_bytes` stand in the budget for it already (BUDGET_COMING) and are
 * given back here, when what was kept is told. What does not fit after all is counted as cut, and
 * makes its trace short of evidence. */
void shard_add(struct shard *shard, const struct span_batch *batch, uint64_t promised_bytes,
               uint64_t now_ns, uint64_t wall_ns);

/* Fires what is due: closes, finals, forgets. Call at least every 10 ms while something is armed.
 * Bounded work per call (at most `max_traces`); returns whether more may be due now. */
bool shard_tick(struct shard *shard, uint64_t now_ns, uint64_t wall_ns, uint32_t max_traces);

/* When the next tick has something to do; UINT64_MAX: nothing armed. */
uint64_t shard_next_ns(const struct shard *shard);

/* Closes and finalises everything at once: the end of `check`'s input, or a drain whose deadline
 * has come
 * (`complete` false: traces that are not complete count as short of evidence: lost). */
void shard_finish(struct shard *shard, bool complete, uint64_t now_ns, uint64_t wall_ns);

/* The same for the traces of one campaign: it is aborted, the others go on. */
void shard_finish_campaign(struct shard *shard, const struct campaign *campaign, bool complete,
                           uint64_t now_ns, uint64_t wall_ns);

/* Injections and spans of a campaign that are not final yet. */
struct shard_open {
    uint64_t traces, injections, spans;
};
struct shard_open shard_open(const struct shard *shard, const struct campaign *campaign);

/* A copy of what was counted for a campaign; NULL: unknown campaign or no memory. */
struct tally *shard_tally(const struct shard *shard, const struct campaign *campaign);

/* What was metered for a campaign since this was last asked (`whole` false; the period begins
 * anew), or from its beginning. Shards' meters are merged, then written (meters.h). The caller
 * frees it. NULL: unknown campaign or no memory. */
struct meters *shard_meters(struct shard *shard, const struct campaign *campaign, bool whole);

/* Counts what receivers refused or rejected, against the newest running campaign. */
void shard_count_refused(struct shard *shard, uint64_t requests, uint64_t rejected_spans);

/* Counts a batch that was refused for lack of room. */
void shard_count_full(struct shard *shard);

/* Verdicts and evidence of an open or remembered trace as JSON ({"trace_id", "state", "verdicts",
 * "trace"}). 0; 1: unknown. */
int shard_write_trace(struct shard *shard, const struct trace_id *id, struct json *json);

#endif
