/* The inside of a shard, shared by the files that bind, close and export. Nobody else includes
 * this. */
#ifndef ASSERTD_PIPELINE_SHARD_STATE_H
#define ASSERTD_PIPELINE_SHARD_STATE_H

#include "daemon/core/chunk_pool.h"
#include "daemon/model/shared_pool.h"
#include "daemon/pipeline/kept_traces.h"
#include "daemon/pipeline/remembered.h"
#include "daemon/pipeline/shard.h"
#include "daemon/pipeline/trace_table.h"
#include "daemon/pipeline/watches.h"

/* A campaign as one shard sees it. */
struct shard_campaign {
    struct shard_campaign *next; /* older */
    struct campaign *campaign;   /* referenced */
    struct tally *tally;
    struct meters *period, *whole;         /* `whole` holds the periods that are over */
    struct completion_settings completion; /* the greatest of all suites */
    bool has_labels;                 /* some suite takes only injections with certain labels */
    struct judgement *none;          /* of each suite: does not apply */
    struct judgement *unknown;       /* of each suite: nothing can be said (unknown.h) */
    struct verdict_family *families; /* of each suite */
    struct shard_open open;
    bool ended;
};

/* Spans of one trace that stand together in a batch. */
#define RUNS_AT_ONCE 512u
#define RUN_PLACES   1024u
struct run {
    const struct span *first, *end; /* behind the last; NULL: the batch's end */
    uint32_t count;
    bool joined; /* to an earlier one of the same trace */
    size_t raw_bytes;
    uint64_t hash;    /* of the trace ID */
    struct run *next; /* of the same trace */
    /* Only where it is not joined: whose it is, the last of its runs, what is in the others. */
    struct trace_entry *entry;
    struct run *last;
    uint32_t count_more;
    size_t raw_bytes_more;
};

/* Rows whose results stand in the batch that is being filled already. */
#define TOLD_ROWS 16u
struct told_row {
    const struct result_row *row;
    const struct assertion_result *results;
};

struct shard {
    struct shard_options options;
    struct shard_gauges gauges;
    struct budget *budget;
    struct budget own_budget;     /* where the process has none */
    uint64_t told[BUDGET_OWNERS]; /* what the budget knows of it */
    uint64_t promised_bytes;      /* to the batch at hand */
    uint32_t calls;               /* since the tallies were weighed */
    struct trace_table table;
    struct remembered_table remembered;
    struct shared_pool pool;  /* resources and scopes of all its traces */
    struct chunk_pool chunks; /* the memory of all traces and records */
    struct wheel wheel;
    uint64_t settle_ns; /* when the pool of chunks is settled next */
    bool started;       /* the wheel knows the time */
    uint64_t now_ns, wall_ns;
    struct shard_campaign *campaigns; /* newest first */
    struct kept_traces kept;
    struct watches watches; /* who waits for spans */
    size_t memory_bytes;    /* of entries, kept ones included */
    uint64_t open_traces, closed_traces;
    struct arena scratch;                 /* one look, one claim */
    struct arena out;                     /* judgements of one trace */
    struct export_batch *batch;           /* being filled, or NULL */
    struct told_row told_rows[TOLD_ROWS]; /* in it, by the row's number */
    uint32_t told_early;                  /* failures told since the batch at hand began */
    size_t judge_bytes;        /* what judges took of late for the first spans of a trace */
    size_t kept_span_bytes;    /* what was kept of late of a span where that is not all */
    struct listed_keys listed; /* see shard_listed */
    bool lists_more;           /* than the batch at hand was decoded with */
    uint32_t run_count;
    struct run runs[RUNS_AT_ONCE];   /* of the batch at hand */
    uint16_t run_places[RUN_PLACES]; /* by hash: its first run, + 1; all 0 between batches */
};

/* Whether a campaign judges a trace. */
enum membership { MEMBER_NO, MEMBER_UNDECIDED, MEMBER_YES };

/* --- shard.c --- */

/* What time it is: the wheel begins with the first time it hears. */
void shard_set_time(struct shard *shard, uint64_t now_ns, uint64_t wall_ns);
/* Bytes held now, without those of free chunks; these. */
size_t shard_memory(const struct shard *shard);
size_t shard_free_chunks(const struct shard *shard);
/* Publishes the gauges and hands over verdicts: the end of each call from outside. */
void shard_done(struct shard *shard);

/* --- shard_listed.c --- */

/* Settles what shard_listed says, by the campaigns that are there. */
void shard_choose_listed(struct shard *shard);

/* --- shard_bind.c: which campaign a trace belongs to, and its injection --- */

/* The shard's side of a campaign; the newest that runs. NULL: none. */
struct shard_campaign *shard_campaign_of(const struct shard *shard,
                                         const struct campaign *campaign);
struct shard_campaign *shard_newest(const struct shard *shard);
enum membership entry_membership(const struct trace_entry *entry);
/* A new entry owned by `owner` (may be NULL); NULL: no memory. */
struct trace_entry *entry_new(struct shard *shard, const struct trace_id *id, uint64_t hash,
                              struct shard_campaign *owner);
/* Gives the entry to another campaign (NULL: to none). */
void entry_own(struct shard *shard, struct trace_entry *entry, struct shard_campaign *owner);
/* Registers, moves or counts what a span claims. */
void entry_claim(struct shard *shard, struct trace_entry *entry, const struct span *span);
/* What is said of a trace that could not be judged. Valid until the next one. */
const struct judgement *entry_unknown(const struct trace_entry *entry);
/* Makes the judge know all stored spans. */
void entry_judge_all(struct shard *shard, struct trace_entry *entry);
/* The trace's arena for what must be kept whatever the shard holds: records, what was told. The
 * next batch sets its limit anew. */
struct arena *entry_arena(struct trace_entry *entry);
/* Keeps the shard's memory account in step with the entry's arena. */
void entry_account(struct shard *shard, struct trace_entry *entry);
/* How long the trace waits: the greatest completion of the suites that could apply to it. */
void entry_set_completion(struct trace_entry *entry);

/* --- shard_close.c: timers, closing, the final verdict --- */

/* Arms the entry's timer for what it waits for. Nothing happens offline. */
void entry_arm(struct shard *shard, struct trace_entry *entry);
/* Sends for the memory of an entry, then for that of its trace, some time before its timer is acted
 * on. */
void entry_send_for(const struct trace_entry *entry);
void entry_send_for_spans(const struct shard *shard, const struct trace_entry *entry);
/* Acts on a timer. */
void entry_fire(struct shard *shard, struct trace_entry *entry);
/* Closes and finalises at once. `complete` false: what is still open is short of evidence. */
void entry_finish(struct shard *shard, struct trace_entry *entry, bool complete);
/* A batch has brought spans of it: tell what has become certain, or revise. */
void entry_look(struct shard *shard, struct trace_entry *entry);
/* Frees the entry and everything in it; the second where it is in no table any more. */
void entry_free(struct shard *shard, struct trace_entry *entry);
void entry_free_memory(struct shard *shard, struct trace_entry *entry);
/* Answers who waits for spans of it: no more can come. */
void entry_end_watches(struct shard *shard, struct trace_entry *entry);
/* Sets the entry's state and the counts of states. */
void entry_set_state(struct shard *shard, struct trace_entry *entry, enum trace_state state);

/* --- shard_keep.c: final traces that are kept --- */

/* The end of a judged trace that is the table's still. */
void entry_keep_or_free(struct shard *shard, struct trace_entry *entry, bool failed);
/* The kept trace of an ID with that hash; NULL: none. */
struct trace_entry *kept_find(const struct shard *shard, const struct trace_id *id, uint64_t hash);
/* Drops those whose time is over, and the oldest until all fit; when the first one's time will be
 * over (UINT64_MAX: never). */
void kept_trim(struct shard *shard);
uint64_t kept_next_ns(const struct shard *shard);
/* Drops all of one campaign, or (NULL) all. */
void kept_forget(struct shard *shard, const struct shard_campaign *owner);

/* --- watches.c: only where there are any --- */

/* Spans of the trace have come; none can come any more. */
void watches_wake(struct shard *shard, struct trace_entry *entry);
void watches_end(struct shard *shard, struct trace_entry *entry);

/* --- shard_export.c: verdicts --- */

/* Exports the verdicts of a closed trace that are not pass and differ from what was told. */
void export_closed(struct shard *shard, struct trace_entry *entry,
                   const struct judgement *judgements);
/* Exports failures that are certain although the trace is open, once. */
void export_certain(struct shard *shard, struct trace_entry *entry,
                    const struct judgement *judgements);
/* Exports the final verdicts of all suites that apply. */
void export_final(struct shard *shard, struct trace_entry *entry,
                  const struct judgement *judgements);
/* How long the decision about a suite took, by what was told last or the closing. */
uint64_t entry_time_to_verdict(const struct trace_entry *entry, uint32_t suite);
/* Hands over what was gathered. */
void export_flush(struct shard *shard);
/* The verdict of one suite in `arena`, nothing told by it; its names are those of the campaign and
 * its set, which must live as long. `rows`: those that are in the arena; NULL: none is shared. 0,
 * or -ENOMEM. */
int verdict_build(const struct trace_entry *entry, const struct judgement *judgement,
                  struct told_row *rows, struct arena *arena, struct verdict *ret);

#endif
