#include <errno.h>

#include "daemon/core/cache_line.h"
#include "daemon/pipeline/meters.h"
#include "daemon/pipeline/results_note.h"
#include "daemon/pipeline/shard_state.h"

/* Of a trace that fires, what is sent for: more is rare. */
#define SENT_FOR_MAX             32u
#define SIGHTINGS_SENT_FOR_BYTES 512u

static uint64_t later(uint64_t time_ns, uint64_t wait_ns)
{
    return time_ns > UINT64_MAX - wait_ns ? UINT64_MAX : time_ns + wait_ns;
}

void entry_set_state(struct shard *shard, struct trace_entry *entry, enum trace_state state)
{
    bool was_closed = entry->state == TRACE_CLOSED;
    bool is_closed = state == TRACE_CLOSED;
    shard->closed_traces += (uint64_t)is_closed - (uint64_t)was_closed;
    shard->open_traces += (uint64_t)was_closed - (uint64_t)is_closed;
    entry->state = state;
}

void entry_end_watches(struct shard *shard, struct trace_entry *entry)
{
    if (shard->watches.count != 0 && entry->state != TRACE_KEPT) {
        watches_end(shard, entry);
    }
}

void entry_free_memory(struct shard *shard, struct trace_entry *entry)
{
    shard->memory_bytes -= entry->held;
    trace_deinit(&entry->trace);
    trace_table_recycle(&shard->table, entry);
}

void entry_free(struct shard *shard, struct trace_entry *entry)
{
    entry_end_watches(shard, entry);
    wheel_cancel(&shard->wheel, trace_entry_timer(entry));
    if (entry->state == TRACE_KEPT) {
        kept_traces_remove(&shard->kept, entry);
    } else {
        entry_own(shard, entry, NULL);
        shard->open_traces--;
        trace_table_remove(&shard->table, entry);
    }
    entry_free_memory(shard, entry);
}

/* --- timers --- */

static uint64_t deadline_of(const struct trace_entry *entry)
{
    uint64_t from = entry->trace.injection != NULL ? entry->injected_ns : entry->first_ns;
    return later(from, entry->owner != NULL ? entry->waits->deadline_ns : SHARD_HOLD_NS);
}

/* When something is to be done about the entry. A trace that is not (yet) the campaign's waits for
 * its record: until its deadline, or, where the campaign has ended, not at all. */
static uint64_t due_of(const struct trace_entry *entry)
{
    if (entry->state == TRACE_CLOSED) {
        return later(entry->closed_ns, entry->waits->grace_ns);
    }
    uint64_t deadline = deadline_of(entry);
    if (entry->state == TRACE_WAITING || entry->owner == NULL || entry->unsettled) {
        return deadline;
    }
    if (entry_membership(entry) == MEMBER_NO) {
        return entry->owner->ended ? 0 : deadline;
    }
    uint64_t quiet = later(entry->last_ns, entry->waits->quiet_ns);
    return quiet < deadline ? quiet : deadline;
}

static bool offline(const struct trace_entry *entry)
{
    return entry->owner != NULL && entry->owner->campaign->settings.offline;
}

/* An entry that is due later than it is armed for is left alone: it is armed anew when it fires. */
void entry_arm(struct shard *shard, struct trace_entry *entry)
{
    uint64_t due = due_of(entry);
    if (offline(entry) || wheel_entry_covers(trace_entry_timer(entry), due)) {
        return;
    }
    wheel_set(&shard->wheel, trace_entry_timer(entry), due);
}

/* DESIGN 4.2: a top span is there and at most one parent ID is missing. */
static bool is_rounded(const struct trace *trace)
{
    bool top = false;
    span_id missing = 0;
    span_id found = 0; /* the latest parent that is there: siblings come together */
    for (uint32_t i = 0; i < trace->count; i++) {
        span_id parent = trace->spans[i].parent;
        if (parent == 0 || parent == missing) {
            top = true;
        } else if (parent == found || trace_find(trace, parent, 0) != UINT32_MAX) {
            found = parent;
        } else if (missing != 0) {
            return false;
        } else {
            missing = parent;
            top = true;
        }
    }
    return top;
}

/* What is to be said of a trace that waits for nothing more; NULL: it waits. */
static const struct judgement *settle(struct shard *shard, struct trace_entry *entry)
{
    if (!is_rounded(&entry->trace)) {
        return NULL;
    }
    entry_judge_all(shard, entry);
    arena_reset(&shard->scratch);
    arena_reset(&shard->out);
    uint32_t max_failures = entry->owner->campaign->settings.max_failures;
    struct result_rows *rows = tally_rows(entry->owner->tally);
    return judge_settle(&entry->judge, max_failures, rows, &shard->scratch, &shard->out);
}

/* --- the end --- */

/* Without memory to judge it nobody can say anything of the trace: inconclusive, not unjudged. */
static const struct judgement *judgements_of(struct shard *shard, struct trace_entry *entry)
{
    const struct campaign *campaign = entry->owner->campaign;
    entry_judge_all(shard, entry);
    arena_reset(&shard->scratch);
    arena_reset(&shard->out);
    const struct judgement *judgements =
        judge_close(&entry->judge, campaign->settings.max_failures, &shard->scratch, &shard->out);
    if (judgements == NULL) {
        counter_add(&shard->gauges.no_memory, 1);
    }
    return judgements != NULL ? judgements : entry_unknown(entry);
}

/* Notes what a trace in its grace came to, as far as there is room for it. */
static void take_note(struct trace_entry *entry, const struct judgement *judgements)
{
    const struct suite_set *set = entry->owner->campaign->set;
    if (entry->note == NULL) {
        entry->note = results_note_new(set, &entry->trace.arena);
    }
    entry->note_stands = entry->note != NULL && judgements != entry->owner->unknown &&
                         results_note_write(entry->note, set, judgements, &entry->trace.arena);
}

/* What is to be said at the end of the grace: judged again only where something came. */
static const struct judgement *final_judgements(struct shard *shard, struct trace_entry *entry)
{
    const struct judgement *judgements = NULL;
    if (entry->note_stands) {
        arena_reset(&shard->out);
        judgements = results_note_read(entry->note, entry->owner->campaign->set, &shard->out);
    }
    return judgements != NULL ? judgements : judgements_of(shard, entry);
}

/* `as`: what it came to, had it no injection. */
static void remember(struct shard *shard, const struct trace_entry *entry, unsigned as)
{
    if (entry->trace.injection != NULL) {
        as = entry->late ? REMEMBERED_LATE : REMEMBERED_INJECTED;
    }
    struct remembered item = {.hash = entry->hash,
                              .campaign = (uint16_t)entry->owner->campaign->number,
                              .as = (uint16_t)as};
    remembered_add(&shard->remembered, &item, later(shard->now_ns, shard->options.remember_ns));
}

static void count(struct shard *shard, struct trace_entry *entry, struct trace_account *account)
{
    account->trace_id = entry->trace.id;
    account->injection = entry->trace.injection;
    account->scratch = &shard->scratch;
    account->spans = entry->trace.count;
    account->duplicates = entry->trace.duplicates;
    account->conflicting = entry->trace.conflicting;
    account->cut = entry->trace.cut;
    arena_reset(&shard->scratch);
    tally_span_received(entry->owner->tally, entry->received);
    if (tally_trace(entry->owner->tally, account) != 0) {
        counter_add(&shard->gauges.no_memory, 1);
    }
}

/* None of the campaign's: `unexpected` where a span claims otherwise. */
static void end_outside(struct shard *shard, struct trace_entry *entry)
{
    struct trace_account account = {.unexpected = entry->claims, .outside = true};
    count(shard, entry, &account);
    counter_add(&shard->gauges.spans_outside, entry->trace.count);
    if (entry->claims) {
        meters_add_correlation(entry->owner->period, NULL, METER_UNEXPECTED);
    }
    remember(shard, entry, REMEMBERED_OUTSIDE);
    entry_free(shard, entry);
}

/* A record without spans: missing, or it expected none. */
static void end_waiting(struct shard *shard, struct trace_entry *entry)
{
    struct trace_account account = {.missing = injection_expects_trace(entry->trace.injection)};
    count(shard, entry, &account);
    if (account.missing) {
        meters_add_correlation(entry->owner->period, entry->trace.injection, METER_MISSING);
    }
    remember(shard, entry, REMEMBERED_INJECTED);
    entry_free(shard, entry);
}

/* Spans that came while no campaign ran, or nothing but rejected ones. */
static void end_unclaimed(struct shard *shard, struct trace_entry *entry)
{
    counter_add(&shard->gauges.spans_unclaimed, entry->received);
    entry_free(shard, entry);
}

/* The strongest of its verdicts; RESULT_OPEN: no suite selected it. */
static enum result strongest_of(const struct judgement *judgements, uint32_t count)
{
    enum result strongest = RESULT_OPEN;
    for (uint32_t i = 0; i < count; i++) {
        if (judgements[i].applies && judgements[i].verdict > strongest) {
            strongest = judgements[i].verdict;
        }
    }
    return strongest;
}

static void meter(struct shard *shard, struct trace_entry *entry,
                  const struct judgement *judgements)
{
    uint32_t suites = entry->owner->campaign->set->suite_count;
    if (shard->options.export == NULL) {
        return;
    }
    arena_reset(&shard->scratch);
    uint64_t *times = arena_calloc(&shard->scratch, (size_t)suites + 1, sizeof *times);
    for (uint32_t i = 0; times != NULL && i < suites; i++) {
        times[i] = entry_time_to_verdict(entry, i);
    }
    meters_add_trace(entry->owner->period, &entry->trace, judgements, times);
    if (entry->late) {
        meters_add_correlation(entry->owner->period, entry->trace.injection, METER_LATE);
    }
}

/* Each cause once for a trace, whichever suites it concerns. */
static void count_short(struct shard *shard, const struct judgement *judgements, uint32_t count)
{
    unsigned causes = 0;
    for (uint32_t i = 0; i < count; i++) {
        causes |= judgements[i].applies ? judgements[i].short_reasons : 0;
    }
    for (unsigned i = 0; i < SHORT_CAUSES; i++) {
        counter_add(&shard->gauges.short_causes[i], causes >> i & 1);
    }
}

static void end_judged(struct shard *shard, struct trace_entry *entry,
                       const struct judgement *judgements)
{
    uint32_t suites = entry->owner->campaign->set->suite_count;
    struct trace_account account = {.judgements = judgements, .judge = &entry->judge};
    export_final(shard, entry, judgements);
    count(shard, entry, &account);
    meter(shard, entry, judgements);
    for (uint32_t i = 0; i < suites; i++) {
        if (judgements[i].applies) {
            counter_add(&shard->gauges.verdicts[judgements[i].verdict], 1);
        }
    }
    count_short(shard, judgements, suites);
    enum result strongest = strongest_of(judgements, suites);
    remember(shard, entry, strongest);
    entry_keep_or_free(shard, entry, strongest >= RESULT_INCONCLUSIVE);
}

static void count_closed(struct shard *shard, const struct trace_entry *entry, bool finished)
{
    bool overdue = shard->now_ns >= deadline_of(entry);
    enum close_reason reason = finished ? CLOSE_FINISHED : overdue ? CLOSE_DEADLINE : CLOSE_SETTLED;
    counter_add(&shard->gauges.closed_by[reason], 1);
}

/* Closes what is due, with judgements that are there already or NULL; with grace its verdicts may
 * still be revised. */
static void close_open(struct shard *shard, struct trace_entry *entry,
                       const struct judgement *judgements, bool grace)
{
    campaign_saw_close(entry->owner->campaign);
    if (entry_membership(entry) != MEMBER_YES) {
        entry_arm(shard, entry);
        return;
    }
    judgements = judgements != NULL ? judgements : judgements_of(shard, entry);
    count_closed(shard, entry, !grace);
    entry->closed_ns = shard->now_ns;
    entry->closed_wall_ns = shard->wall_ns;
    entry_set_state(shard, entry, TRACE_CLOSED);
    if (!grace || entry->waits->grace_ns == 0) {
        end_judged(shard, entry, judgements);
        return;
    }
    export_closed(shard, entry, judgements);
    take_note(entry, judgements);
    entry_account(shard, entry);
    entry_arm(shard, entry);
}

static void fire_open(struct shard *shard, struct trace_entry *entry)
{
    const struct judgement *judgements = NULL;
    bool overdue = shard->now_ns >= deadline_of(entry);
    if (entry_membership(entry) == MEMBER_NO) {
        end_outside(shard, entry);
    } else if (overdue || (judgements = settle(shard, entry)) != NULL) {
        close_open(shard, entry, judgements, true);
    } else {
        entry->unsettled = true;
        entry_arm(shard, entry);
    }
}

static void prefetch(const void *memory, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += CACHE_LINE) {
        __builtin_prefetch((const char *)memory + i);
    }
}

void entry_send_for(const struct trace_entry *entry)
{
    prefetch(entry, sizeof *entry);
}

/* What closing reads first, or what the end of the grace does. */
void entry_send_for_spans(const struct shard *shard, const struct trace_entry *entry)
{
    uint32_t spans = entry->trace.count < SENT_FOR_MAX ? entry->trace.count : SENT_FOR_MAX;
    prefetch(entry->trace.spans, spans * sizeof *entry->trace.spans);
    if (entry->state == TRACE_CLOSED) {
        id_index_prefetch(&shard->table.index, entry->hash);
        remembered_prefetch(&shard->remembered, entry->hash);
        prefetch(entry->note, entry->note != NULL);
    } else {
        prefetch(entry->judge.sightings.blocks, SIGHTINGS_SENT_FOR_BYTES);
        __builtin_prefetch(entry->trace.arena.next, 1); /* where the note will stand */
    }
}

void entry_fire(struct shard *shard, struct trace_entry *entry)
{
    if (due_of(entry) > shard->now_ns) {
        entry_arm(shard, entry);
    } else if (entry->owner == NULL ||
               (entry->state == TRACE_WAITING && entry->trace.injection == NULL)) {
        end_unclaimed(shard, entry);
    } else if (entry->state == TRACE_WAITING) {
        end_waiting(shard, entry);
    } else if (entry->state == TRACE_CLOSED) {
        end_judged(shard, entry, final_judgements(shard, entry));
    } else {
        fire_open(shard, entry);
    }
}

void entry_finish(struct shard *shard, struct trace_entry *entry, bool complete)
{
    if (entry->owner == NULL || (entry->state == TRACE_WAITING && entry->trace.injection == NULL)) {
        end_unclaimed(shard, entry);
        return;
    }
    if (entry->state == TRACE_WAITING) {
        end_waiting(shard, entry);
        return;
    }
    if (entry->state == TRACE_CLOSED) {
        end_judged(shard, entry, final_judgements(shard, entry));
        return;
    }
    campaign_saw_close(entry->owner->campaign);
    if (entry_membership(entry) == MEMBER_NO) {
        end_outside(shard, entry);
        return;
    }
    entry->trace.rejected += complete ? 0 : 1;
    close_open(shard, entry, NULL, false);
}

/* --- looks at a trace that got spans --- */

static void revise(struct shard *shard, struct trace_entry *entry)
{
    const struct judgement *judgements = judgements_of(shard, entry);
    export_closed(shard, entry, judgements);
    take_note(entry, judgements);
}

void entry_look(struct shard *shard, struct trace_entry *entry)
{
    if (entry->state == TRACE_WAITING || offline(entry) || entry_membership(entry) != MEMBER_YES) {
        return;
    }
    if (entry->state == TRACE_CLOSED) {
        revise(shard, entry);
    } else {
        entry_judge_all(shard, entry);
        arena_reset(&shard->scratch);
        arena_reset(&shard->out);
        const struct judgement *judgements =
            judge_early(&entry->judge, &shard->scratch, &shard->out);
        if (judgements != NULL) {
            export_certain(shard, entry, judgements);
        }
    }
    entry_account(shard, entry);
}
