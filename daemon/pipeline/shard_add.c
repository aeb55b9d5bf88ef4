#include "daemon/pipeline/meters.h"
#include "daemon/pipeline/shard_state.h"

/* Where no campaign has a say. */
#define SPANS_PER_TRACE_DEFAULT 100000u

static void touch(struct shard *shard, struct trace_entry *entry)
{
    entry->note_stands = false;
    if (!entry->touched) {
        entry->touched = true;
        entry->next_touched = shard->touched;
        shard->touched = entry;
    }
}

/* The campaign of a trace that is over. */
static struct shard_campaign *campaign_by_number(const struct shard *shard, uint32_t number)
{
    struct shard_campaign *at = shard->campaigns;
    while (at != NULL && (uint32_t)at->campaign->number != number) {
        at = at->next;
    }
    return at;
}

static void add_late(struct shard *shard, struct remembered *item)
{
    struct shard_campaign *owner = campaign_by_number(shard, item->campaign);
    bool outside = (item->flags & REMEMBERED_OUTSIDE) != 0;
    bool first = (item->flags & (REMEMBERED_INJECTED | REMEMBERED_LATE)) == REMEMBERED_INJECTED;
    counter_add(outside ? &shard->gauges.spans_outside : &shard->gauges.spans_late, 1);
    if (owner == NULL) {
        return;
    }
    tally_span_received(owner->tally, 1);
    if (outside) {
        tally_spans_outside(owner->tally, 1);
        return;
    }
    tally_spans_late(owner->tally, 1, first);
    if (first) {
        item->flags |= REMEMBERED_LATE;
        meters_add_correlation(owner->period, NULL, METER_LATE);
    }
}

/* Not even an entry could be had: the span is counted as cut, and nothing is known of its trace. */
static void add_lost(struct shard *shard)
{
    struct shard_campaign *owner = shard_newest(shard);
    struct trace_account account = {.cut = 1, .outside = true, .scratch = &shard->scratch};
    counter_add(&shard->gauges.spans_cut, 1);
    if (owner != NULL) {
        tally_span_received(owner->tally, 1);
        tally_trace(owner->tally, &account);
    }
}

/* A span came for a closed trace: its injection is late. */
static void note_late(struct trace_entry *entry)
{
    if (entry->state == TRACE_CLOSED && entry->trace.injection != NULL && !entry->late) {
        entry->late = true;
        tally_spans_late(entry->owner->tally, 0, true);
    }
}

static void note_arrival(struct shard *shard, struct trace_entry *entry)
{
    if (entry->received == 0) {
        entry->first_ns = shard->now_ns;
    }
    if (entry->state == TRACE_WAITING) {
        entry->state = TRACE_OPEN;
    }
    entry->last_ns = shard->now_ns;
    entry->unsettled = false;
    entry->received++;
    if (entry->owner != NULL) {
        entry->owner->open.spans++;
    } else {
        entry_own(shard, entry, shard_newest(shard));
    }
}

static void judge_span(struct shard *shard, struct trace_entry *entry, const struct span *span,
                       uint32_t index)
{
    if (!entry->judging && index == 0 && entry_membership(entry) != MEMBER_NO) {
        judge_init(&entry->judge, entry->owner->campaign->set, &entry->trace);
        entry->judging = true;
    }
    if (entry->judging) {
        arena_reset(&shard->scratch);
        uint64_t sample = stages_sample(shard->options.stages);
        entry->trace.rejected += judge_add(&entry->judge, span, index, &shard->scratch) != 0;
        stages_sampled(shard->options.stages, STAGE_JUDGING, sample);
    }
}

/* The trace may take what is left of the budget (0 would be "no limit"), and so may what it shares
 * with others. */
static void grant(struct shard *shard, struct trace_entry *entry)
{
    size_t held = shard_memory(shard);
    size_t budget = shard->options.memory_bytes;
    size_t left = held < budget ? budget - held : 1;
    entry->trace.arena.limit_bytes = arena_held(&entry->trace.arena) + left;
    shard->pool.limit_bytes = shared_pool_held(&shard->pool) + left;
}

/* Copies may change the evidence of the span that is kept. */
static void merge_copy(struct shard *shard, struct trace_entry *entry, const struct span *span,
                       uint32_t index)
{
    counter_add(&shard->gauges.spans_duplicate, 1);
    if (entry->judging && (span->dropped_attrs | span->dropped_events | span->dropped_links) != 0) {
        judge_evidence(&entry->judge, index);
    }
}

static void store(struct shard *shard, struct trace_entry *entry, const struct span *span)
{
    uint32_t cap = entry->owner != NULL ? entry->owner->campaign->settings.max_spans_per_trace
                                        : SPANS_PER_TRACE_DEFAULT;
    uint32_t index = 0;
    grant(shard, entry);
    switch (trace_add(&entry->trace, span, cap, &index)) {
    case 0:
        note_late(entry);
        judge_span(shard, entry, span, index);
        break;
    case TRACE_DUPLICATE:
        merge_copy(shard, entry, span, index);
        break;
    case TRACE_NO_MEMORY:
        entry->trace.cut++;
        __attribute__((fallthrough));
    default:
        note_late(entry);
        counter_add(&shard->gauges.spans_cut, 1);
    }
    entry_account(shard, entry);
}

static void add_span(struct shard *shard, const struct span *span)
{
    counter_add(&shard->gauges.spans_received, 1);
    struct trace_entry *entry = trace_table_find(&shard->table, &span->trace_id);
    if (entry == NULL) {
        struct remembered *item =
            remembered_find(&shard->remembered, &span->trace_id, shard->now_ns);
        if (item != NULL) {
            add_late(shard, item);
            return;
        }
        entry = entry_new(shard, &span->trace_id, shard_newest(shard));
    }
    if (entry == NULL) {
        add_lost(shard);
        return;
    }
    note_arrival(shard, entry);
    if (entry->trace.injection == NULL) {
        entry_claim(shard, entry, span);
    }
    store(shard, entry, span);
    touch(shard, entry);
}

/* A rejected span makes its trace short of evidence, also where it is the first one to come. */
static void add_rejected(struct shard *shard, const struct trace_id *id)
{
    struct trace_entry *entry = trace_table_find(&shard->table, id);
    if (entry == NULL && remembered_find(&shard->remembered, id, shard->now_ns) == NULL) {
        entry = entry_new(shard, id, NULL);
    }
    if (entry != NULL) {
        entry->trace.rejected++;
        touch(shard, entry);
    }
}

static void look_at_touched(struct shard *shard)
{
    while (shard->touched != NULL) {
        struct trace_entry *entry = shard->touched;
        shard->touched = entry->next_touched;
        entry->touched = false;
        entry_look(shard, entry);
        entry_arm(shard, entry);
    }
}

void shard_add(struct shard *shard, const struct span_batch *batch, uint64_t now_ns,
               uint64_t wall_ns)
{
    struct stages *stages = shard->options.stages;
    enum stage before = stages_enter_at(stages, STAGE_GROUPING, now_ns);
    shard_set_time(shard, now_ns, wall_ns);
    for (const struct rejected_span *at = batch->rejected; at != NULL; at = at->next) {
        add_rejected(shard, &at->trace_id);
    }
    for (const struct span *span = batch->first; span != NULL; span = span->next) {
        add_span(shard, span);
    }
    (void)stages_enter(stages, STAGE_JUDGING);
    look_at_touched(shard);
    shard_done(shard);
    (void)stages_enter(stages, before);
}
