#include "daemon/pipeline/meters.h"
#include "daemon/pipeline/shard_state.h"

/* Where no campaign has a say. */
#define SPANS_PER_TRACE_DEFAULT 100000u

#define JUDGE_BYTES_MAX 2048u

/* Room for the attributes of most spans. */
#define WHOLE_FIRST_BYTES 4096u

/* The campaign of a trace that is over. */
static struct shard_campaign *campaign_by_number(const struct shard *shard, uint16_t number)
{
    struct shard_campaign *at = shard->campaigns;
    while (at != NULL && (uint16_t)at->campaign->number != number) {
        at = at->next;
    }
    return at;
}

static void add_late(struct shard *shard, const struct remembered *item)
{
    struct shard_campaign *owner = campaign_by_number(shard, item->campaign);
    bool outside = item->as == REMEMBERED_OUTSIDE || item->as == REMEMBERED_STRAY;
    bool first = item->as == REMEMBERED_INJECTED;
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
        remembered_set(&shard->remembered, item->hash, REMEMBERED_LATE);
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

/* The span with its resource and scope as the trace has them, with all their attributes; NULL: no
 * memory. */
static const struct span *with_whole_source(const struct trace *trace, const struct span *span,
                                            uint32_t index, struct span *ret)
{
    const struct trace_span *stored = &trace->spans[index];
    *ret = *span;
    ret->resource = trace_span_resource(trace, stored);
    ret->scope = trace_span_scope(trace, stored);
    return trace_list_source(trace, stored) ? ret : NULL;
}

static void judge_span(struct shard *shard, struct trace_entry *entry, const struct span *span,
                       uint32_t index)
{
    struct span whole;
    if (shard->lists_more && (span->resource->unlisted | span->scope->unlisted) != 0) {
        span = with_whole_source(&entry->trace, span, index, &whole);
    }
    if (!entry->judging && index == 0 && entry_membership(entry) != MEMBER_NO) {
        judge_init(&entry->judge, entry->owner->campaign->set, &entry->trace);
        entry->judging = true;
    }
    if (entry->judging) {
        arena_reset(&shard->scratch);
        uint64_t sample = stages_sample(shard->options.stages);
        entry->trace.rejected +=
            span == NULL || judge_add(&entry->judge, span, index, &shard->scratch) != 0;
        stages_sampled(shard->options.stages, STAGE_JUDGING, sample);
    }
}

/* A span's share of tables and records, and of the ends of chunks. */
#define SPAN_RECORD_BYTES 160u

uint64_t shard_batch_cost(const struct span_batch *batch)
{
    return (batch->raw_bytes + (uint64_t)batch->count * SPAN_RECORD_BYTES) / 2 * 3;
}

/* What is left of the budget for this batch, as far as this shard can know: less what it took and
 * has not told; what was promised to the batch, and free chunks, are its own. */
static size_t budget_for(const struct shard *shard)
{
    uint64_t told =
        shard->told[BUDGET_TRACES] + shard->told[BUDGET_KEPT] + shard->told[BUDGET_REMEMBERED];
    uint64_t held = shard_memory(shard) + shard->scratch.held_bytes + shard->out.held_bytes;
    uint64_t others = budget_total(shard->budget);
    uint64_t own = told + shard->promised_bytes;
    others = others > own ? others - own : 0;
    uint64_t hard = shard->budget->hard_bytes;
    return hard > others + held ? (size_t)(hard - others - held) : 0;
}

/* The trace may take what is left (0 would be "no limit"), and so may what it shares with others.
 */
static void grant(struct shard *shard, struct trace_entry *entry)
{
    size_t room = budget_for(shard);
    size_t left = room != 0 ? room : 1;
    entry->trace.arena.limit_bytes = arena_held(&entry->trace.arena) + left;
    shard->pool.limit_bytes = shared_pool_held(&shard->pool) + left;
}

static void lose(struct shard *shard, struct trace_entry *entry)
{
    entry->trace.cut++;
    note_late(entry);
    counter_add(&shard->gauges.spans_cut, 1);
}

static void store(struct shard *shard, struct trace_entry *entry, const struct span *span)
{
    uint32_t cap = entry->owner != NULL ? entry->owner->campaign->settings.max_spans_per_trace
                                        : SPANS_PER_TRACE_DEFAULT;
    uint32_t index = 0;
    switch (trace_add(&entry->trace, span, cap, &index)) {
    case 0:
        note_late(entry);
        judge_span(shard, entry, span, index);
        break;
    case TRACE_DUPLICATE:
        counter_add(&shard->gauges.spans_duplicate, 1);
        break;
    case TRACE_NO_MEMORY:
        lose(shard, entry);
        break;
    default:
        note_late(entry);
        counter_add(&shard->gauges.spans_cut, 1);
    }
}

/* --- a batch, trace by trace --- */

/* Exporters group spans by scope, so that a trace's stand in several places of a batch. What stands
 * together is a run: looked up once. The runs of a trace are then added one after the other, while
 * its memory is at hand. */
static struct run run_at(const struct span *first)
{
    struct run run = {.first = first};
    for (const struct span *span = first;
         span != NULL && trace_id_equal(&span->trace_id, &first->trace_id); span = span->next) {
        run.count++;
        run.raw_bytes += span->raw.len;
        run.end = span->next;
    }
    return run;
}

/* Puts a run behind those of the same trace that stand in `first`. */
static void join(struct run *first, struct run *run)
{
    first->last->next = run;
    first->last = run->last;
    first->count_more += run->count + run->count_more;
    first->raw_bytes_more += run->raw_bytes + run->raw_bytes_more;
    run->joined = true;
}

/* Joins a run to the first one of its trace, as far as no other trace has its place. */
static void place_run(struct shard *shard, struct run *run)
{
    uint16_t *place = &shard->run_places[run->hash % RUN_PLACES];
    struct run *first = *place != 0 ? &shard->runs[*place - 1] : NULL;
    if (first == NULL) {
        *place = (uint16_t)(run - shard->runs + 1);
    } else if (first->hash == run->hash &&
               trace_id_equal(&first->first->trace_id, &run->first->trace_id)) {
        join(first, run);
    }
}

/* Sends for the memory in which the traces will be looked for: all at once, so that one does not
 * wait for the other. The places are free again. */
static void send_for_traces(struct shard *shard)
{
    for (uint32_t i = 0; i < shard->run_count; i++) {
        const struct run *run = &shard->runs[i];
        shard->run_places[run->hash % RUN_PLACES] = 0;
        if (!run->joined) {
            id_index_prefetch(&shard->table.index, run->hash);
            remembered_prefetch(&shard->remembered, run->hash);
        }
    }
}

/* Cuts the next runs. Returns where the rest begins. */
static const struct span *cut_runs(struct shard *shard, const struct span *span)
{
    for (shard->run_count = 0; span != NULL && shard->run_count < RUNS_AT_ONCE;) {
        struct run *run = &shard->runs[shard->run_count++];
        *run = run_at(span);
        run->last = run;
        run->hash = trace_table_hash(&shard->table, &span->trace_id);
        place_run(shard, run);
        span = run->end;
    }
    send_for_traces(shard);
    return span;
}

/* The trace is over of which the run is the first. */
static void end_late(struct shard *shard, const struct run *run)
{
    struct remembered item;
    for (uint32_t i = 0; i < run->count + run->count_more; i++) {
        if (remembered_find(&shard->remembered, run->hash, shard->now_ns, &item)) {
            add_late(shard, &item);
        }
    }
}

/* Its trace can't be had. */
static void end_lost(struct shard *shard, const struct run *run)
{
    for (uint32_t i = 0; i < run->count + run->count_more; i++) {
        add_lost(shard);
    }
}

/* Gives a run, with those joined to it, to its trace, behind those that it got before. */
static void assign_run(struct shard *shard, struct run *run)
{
    const struct trace_id *id = &run->first->trace_id;
    struct trace_entry *entry = trace_table_find(&shard->table, id, run->hash);
    if (entry == NULL) {
        struct remembered item;
        if (remembered_find(&shard->remembered, run->hash, shard->now_ns, &item)) {
            end_late(shard, run);
            return;
        }
        entry = entry_new(shard, id, run->hash, shard_newest(shard));
        if (entry == NULL) {
            end_lost(shard, run);
            return;
        }
    }
    if (entry->first_run == 0) {
        entry->first_run = (uint32_t)(run - shard->runs) + 1;
        run->entry = entry;
        return;
    }
    join(&shard->runs[entry->first_run - 1], run);
}

/* What a trace's first spans will take beside their bytes and records is guessed from the traces
 * before it: a rising mean, so that most need no second chunk. So is what is kept of a span where
 * that is not all. */
static void expect(struct shard *shard, struct trace_entry *entry, const struct run *first)
{
    uint32_t count = first->count + first->count_more;
    size_t raw_bytes = first->raw_bytes + first->raw_bytes_more;
    trace_expect(&entry->trace, count,
                 entry->trace.keep != NULL ? (size_t)count * shard->kept_span_bytes : raw_bytes,
                 entry->trace.count == 0 ? shard->judge_bytes : 0);
}

/* The bytes of a trace's first spans as they are stored: as they came, where all were kept whole. A
 * look at what was just stored would have to wait for it. */
static size_t stored_of(const struct trace *trace, const struct run *first)
{
    size_t stored = 0;
    if (trace->keep == NULL && trace->count == first->count + first->count_more) {
        return first->raw_bytes + first->raw_bytes_more;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        stored += trace_span_raw(&trace->spans[i]).len;
    }
    return stored;
}

static void learn(struct shard *shard, const struct trace *trace, const struct run *first)
{
    size_t used = arena_used(&trace->arena);
    size_t stored = stored_of(trace, first);
    if (trace->keep != NULL && trace->count != 0) {
        size_t mean = stored / trace->count + 1;
        size_t known = shard->kept_span_bytes;
        shard->kept_span_bytes = mean > known ? mean : known - (known - mean) / 16;
    }
    size_t known =
        stored + trace->room * sizeof *trace->spans + trace->count * TRACE_SPAN_LEN_BYTES;
    size_t beside = used > known ? used - known : 0;
    if (beside > shard->judge_bytes) {
        shard->judge_bytes = beside < JUDGE_BYTES_MAX ? beside : JUDGE_BYTES_MAX;
    } else {
        shard->judge_bytes -= (shard->judge_bytes - beside) / 16;
    }
}

/* A claim keeps a record, which is granted in any case; what comes after it is not. */
static void claim(struct shard *shard, struct trace_entry *entry, const struct span *span)
{
    entry_claim(shard, entry, span);
    if (entry->trace.arena.limit_bytes == 0) {
        grant(shard, entry);
    }
}

static void add_span(struct shard *shard, struct trace_entry *entry, const struct span *span)
{
    if (entry->trace.injection == NULL) {
        claim(shard, entry, span);
    }
    store(shard, entry, span);
}

/* A span of which more is read here than the decoder knew when it came. */
static void add_whole(struct shard *shard, struct trace_entry *entry, const struct span *span)
{
    struct arena arena = ARENA_INIT(WHOLE_FIRST_BYTES, 0);
    struct span whole;
    if (span_decode_whole(span, &arena, &whole) == 0) {
        add_span(shard, entry, &whole);
    } else {
        lose(shard, entry);
    }
    arena_deinit(&arena);
}

static void add_run(struct shard *shard, struct trace_entry *entry, const struct run *run)
{
    for (const struct span *span = run->first; span != run->end; span = span->next) {
        note_arrival(shard, entry);
        if (shard->lists_more && span->unlisted != 0) {
            add_whole(shard, entry, span);
        } else {
            add_span(shard, entry, span);
        }
    }
}

static void look(struct shard *shard, struct trace_entry *entry)
{
    entry->note_stands = false;
    entry_look(shard, entry);
    entry_arm(shard, entry);
}

static void add_runs(struct shard *shard, struct trace_entry *entry, const struct run *first)
{
    bool is_new = entry->trace.count == 0;
    entry->first_run = 0;
    grant(shard, entry);
    expect(shard, entry, first);
    for (const struct run *run = first; run != NULL; run = run->next) {
        add_run(shard, entry, run);
    }
    if (is_new) {
        learn(shard, &entry->trace, first);
    }
    entry_account(shard, entry);
    entry->note_stands = false;
}

/* A rejected span makes its trace short of evidence, also where it is the first one to come. */
static void add_rejected(struct shard *shard, const struct trace_id *id)
{
    uint64_t hash = trace_table_hash(&shard->table, id);
    struct trace_entry *entry = trace_table_find(&shard->table, id, hash);
    struct remembered item;
    if (entry == NULL && !remembered_find(&shard->remembered, hash, shard->now_ns, &item)) {
        entry = entry_new(shard, id, hash, NULL);
    }
    if (entry != NULL) {
        entry->trace.rejected++;
        look(shard, entry);
    }
}

/* Adds what was cut, then looks at each trace that got something. */
static void add_runs_at_hand(struct shard *shard)
{
    for (uint32_t i = 0; i < shard->run_count; i++) {
        if (!shard->runs[i].joined) {
            assign_run(shard, &shard->runs[i]);
        }
    }
    for (uint32_t i = 0; i < shard->run_count; i++) {
        if (shard->runs[i].entry != NULL) {
            add_runs(shard, shard->runs[i].entry, &shard->runs[i]);
        }
    }
    enum stage before = stages_enter(shard->options.stages, STAGE_JUDGING);
    for (uint32_t i = 0; i < shard->run_count; i++) {
        if (shard->runs[i].entry != NULL) {
            look(shard, shard->runs[i].entry);
        }
    }
    for (uint32_t i = 0; shard->watches.count != 0 && i < shard->run_count; i++) {
        if (shard->runs[i].entry != NULL) {
            watches_wake(shard, shard->runs[i].entry);
        }
    }
    (void)stages_enter(shard->options.stages, before);
}

/* Called when the verdicts of the batch have been handed over. */
static void note_decisions(struct shard *shard, uint64_t received_ns)
{
    const struct stages *stages = shard->options.stages;
    if (shard->told_early != 0 && received_ns != 0 && stages != NULL) {
        uint64_t now_ns = stages->clock->monotonic_ns(stages->clock);
        delays_add(&shard->gauges.decisions, now_ns > received_ns ? now_ns - received_ns : 0,
                   shard->told_early);
    }
    shard->told_early = 0;
}

void shard_add(struct shard *shard, const struct span_batch *batch, uint64_t promised_bytes,
               uint64_t now_ns, uint64_t wall_ns)
{
    struct stages *stages = shard->options.stages;
    enum stage before = stages_enter_at(stages, STAGE_GROUPING, now_ns);
    shard_set_time(shard, now_ns, wall_ns);
    shard->promised_bytes = promised_bytes;
    shard_choose_listed(shard);
    shard->lists_more = !listed_keys_cover(&batch->set->listed, &shard->listed);
    counter_add(&shard->gauges.spans_received, batch->count);
    for (const struct rejected_span *at = batch->rejected; at != NULL; at = at->next) {
        add_rejected(shard, &at->trace_id);
    }
    shared_pool_batch_begin(&shard->pool);
    for (const struct span *rest = batch->first; rest != NULL;) {
        rest = cut_runs(shard, rest);
        add_runs_at_hand(shard);
    }
    shared_pool_batch_end(&shard->pool);
    shard_done(shard);
    note_decisions(shard, batch->set->received_ns);
    shard->promised_bytes = 0;
    budget_give(shard->budget, BUDGET_COMING, promised_bytes);
    (void)stages_enter(stages, before);
}
