#include "daemon/pipeline/shard.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/cache_line.h"
#include "daemon/pipeline/meters.h"
#include "daemon/pipeline/shard_state.h"
#include "daemon/pipeline/unknown.h"

#define SCRATCH_FIRST_BYTES 16384u
/* Calls between two weighings of the tallies, which grow slowly. */
#define CALLS_PER_WEIGHING 256u

#define FIRED_AT_ONCE 16u
/* Of the memory that no trace has needed for so long some goes back to the system; after a pause
 * where that is much. */
#define CHUNKS_SETTLE_NS UINT64_C(1000000000)
#define CHUNKS_PAUSE_NS  UINT64_C(10000000)
/* Between two sweeps of expired IDs where nothing else happens. */
#define SWEEP_PAUSE_NS UINT64_C(10000000)
/* Chunks are counted as they are taken; what is free among them may be an eighth, and a slab of
 * each size, more. */
#define CHUNKS_BEYOND_BYTES ((size_t)CHUNK_SIZES * CHUNK_SLAB_BYTES)

int shard_new(struct shard **ret, const struct shard_options *options)
{
    struct shard *shard = cache_line_alloc_zeroed(sizeof *shard);
    if (shard == NULL) {
        return -ENOMEM;
    }
    shard->options = *options;
    budget_init(&shard->own_budget, options->memory_bytes);
    shard->budget = options->budget != NULL ? options->budget : &shard->own_budget;
    shard->scratch = ARENA_INIT(SCRATCH_FIRST_BYTES, 0);
    shard->out = ARENA_INIT(SCRATCH_FIRST_BYTES, 0);
    kept_traces_init(&shard->kept);
    watches_init(&shard->watches);
    wheel_init(&shard->wheel, 0);
    trace_table_init(&shard->table, &options->key);
    remembered_init(&shard->remembered, options->remember_bytes, options->remember_ns);
    shared_pool_init(&shard->pool, &options->key);
    chunk_pool_init(&shard->chunks, shard->budget->hard_bytes / 8 * 9 + CHUNKS_BEYOND_BYTES);
    shard_choose_listed(shard);
    *ret = shard;
    return 0;
}

static void tell(struct shard *shard, enum budget_owner owner, uint64_t bytes)
{
    budget_tell(shard->budget, owner, &shard->told[owner], bytes);
}

static void campaign_free(struct shard_campaign *owner)
{
    meters_free(owner->period);
    meters_free(owner->whole);
    tally_free(owner->tally);
    campaign_unref(owner->campaign);
    free(owner->none);
    free(owner->unknown);
    free(owner->families);
    free(owner);
}

void shard_free(struct shard *shard)
{
    if (shard == NULL) {
        return;
    }
    while (!list_empty(&shard->table.entries)) {
        entry_free(shard, container_of(shard->table.entries.next, struct trace_entry, link));
    }
    kept_forget(shard, NULL);
    while (shard->campaigns != NULL) {
        struct shard_campaign *next = shard->campaigns->next;
        campaign_free(shard->campaigns);
        shard->campaigns = next;
    }
    export_batch_unref(shard->batch);
    remembered_deinit(&shard->remembered);
    kept_traces_deinit(&shard->kept);
    trace_table_deinit(&shard->table);
    shared_pool_deinit(&shard->pool);
    chunk_pool_deinit(&shard->chunks);
    arena_deinit(&shard->scratch);
    arena_deinit(&shard->out);
    for (int i = 0; i < BUDGET_OWNERS; i++) {
        tell(shard, (enum budget_owner)i, 0);
    }
    free(shard);
}

/* --- what time it is, what is held --- */

void shard_set_time(struct shard *shard, uint64_t now_ns, uint64_t wall_ns)
{
    if (!shard->started) {
        wheel_init(&shard->wheel, now_ns);
        shard->started = true;
    }
    shard->now_ns = now_ns;
    shard->wall_ns = wall_ns;
}

size_t shard_free_chunks(const struct shard *shard)
{
    return chunk_pool_held(&shard->chunks) - shard->chunks.used_bytes;
}

/* Chunks that are free again serve the next traces: they are room for these, but nobody else's. */
size_t shard_memory(const struct shard *shard)
{
    return shard->memory_bytes + trace_table_held(&shard->table) + shared_pool_held(&shard->pool) +
           remembered_held(&shard->remembered) + shard->kept.index.held_bytes;
}

/* Tallies and meters grow slowly, and there is much to add up: now and then is enough. */
static uint64_t weigh_tallies(const struct shard *shard)
{
    uint64_t bytes = 0;
    for (const struct shard_campaign *at = shard->campaigns; at != NULL; at = at->next) {
        bytes += tally_held(at->tally) + meters_held(at->period) + meters_held(at->whole);
    }
    return bytes;
}

/* Once for each call from outside, however many spans it brought. */
static void tell_budget(struct shard *shard)
{
    uint64_t kept = kept_traces_bytes(&shard->kept); /* entries of the table included */
    uint64_t tables = trace_table_held(&shard->table) + shared_pool_held(&shard->pool) +
                      arena_held(&shard->scratch) + arena_held(&shard->out);
    tell(shard, BUDGET_TRACES, shard->memory_bytes + tables + shard_free_chunks(shard) - kept);
    tell(shard, BUDGET_KEPT, kept_traces_held(&shard->kept));
    tell(shard, BUDGET_REMEMBERED, remembered_held(&shard->remembered));
    if (shard->calls++ % CALLS_PER_WEIGHING == 0) {
        tell(shard, BUDGET_TALLIES, weigh_tallies(shard));
    }
}

/* Empty chunks must not cost the room of what comes: they go before anybody is refused, and before
 * evidence that is kept. */
static void give_up_chunks(struct shard *shard)
{
    uint64_t excess = budget_excess(shard->budget, shard->budget->hard_bytes / 16);
    if (excess != 0 && !chunk_pool_is_settled(&shard->chunks)) {
        chunk_pool_give_up(&shard->chunks, (size_t)excess);
        tell_budget(shard);
    }
}

static void settle_chunks(struct shard *shard)
{
    if (shard->now_ns >= shard->settle_ns) {
        bool more = chunk_pool_settle(&shard->chunks);
        shard->settle_ns = shard->now_ns + (more ? CHUNKS_PAUSE_NS : CHUNKS_SETTLE_NS);
    }
}

void shard_done(struct shard *shard)
{
    struct shard_gauges *gauges = &shard->gauges;
    export_flush(shard);
    give_up_chunks(shard);
    kept_trim(shard);
    trace_table_trim(&shard->table);
    tell_budget(shard);
    counter_set(&gauges->memory_bytes, shard_memory(shard));
    counter_set(&gauges->open_traces, shard->open_traces);
    counter_set(&gauges->closed_traces, shard->closed_traces);
    counter_set(&gauges->remembered, remembered_count(&shard->remembered));
    counter_set(&gauges->remembered_evicted, shard->remembered.evicted);
}

const struct shard_gauges *shard_gauges(const struct shard *shard)
{
    return &shard->gauges;
}

/* --- campaigns --- */

static void widen_completion(struct shard_campaign *owner, const struct suite *suite)
{
    struct completion_settings *all = &owner->completion;
    const struct completion_settings *own = &suite->completion;
    all->quiet_ns = own->quiet_ns > all->quiet_ns ? own->quiet_ns : all->quiet_ns;
    all->deadline_ns = own->deadline_ns > all->deadline_ns ? own->deadline_ns : all->deadline_ns;
    all->grace_ns = own->grace_ns > all->grace_ns ? own->grace_ns : all->grace_ns;
    owner->has_labels |= suite->label_count != 0;
}

static struct shard_campaign *campaign_take(struct campaign *campaign)
{
    struct shard_campaign *owner = calloc(1, sizeof *owner);
    if (owner == NULL) {
        return NULL;
    }
    const struct suite_set *set = campaign->set;
    campaign_ref(campaign);
    owner->campaign = campaign;
    owner->tally = tally_new(campaign);
    owner->period = meters_new(campaign);
    owner->whole = meters_new(campaign);
    owner->none = calloc((size_t)set->suite_count + 1, sizeof *owner->none);
    owner->unknown = unknown_new(set);
    owner->families = calloc((size_t)set->suite_count + 1, sizeof *owner->families);
    if (owner->tally == NULL || owner->period == NULL || owner->whole == NULL ||
        owner->none == NULL || owner->unknown == NULL || owner->families == NULL) {
        campaign_free(owner);
        return NULL;
    }
    if (set->suite_count == 0) { /* nobody judges, but somebody may look for spans */
        owner->completion = set->completion;
    }
    for (uint32_t i = 0; i < set->suite_count; i++) {
        owner->none[i].suite = &set->suites[i];
        owner->families[i] = verdict_family_of(bytes_of(campaign->key), set->suites[i].name);
        widen_completion(owner, &set->suites[i]);
    }
    return owner;
}

int shard_campaign_start(struct shard *shard, struct campaign *campaign)
{
    struct shard_campaign *owner = campaign_take(campaign);
    struct shard_campaign **at = &shard->campaigns;
    if (owner == NULL) {
        return -ENOMEM;
    }
    while (*at != NULL && (*at)->campaign->number > campaign->number) {
        at = &(*at)->next;
    }
    owner->next = *at;
    *at = owner;
    shard_choose_listed(shard);
    return 0;
}

/* No record can come any more for what nobody has claimed: it need not be waited for. */
void shard_campaign_end(struct shard *shard, struct campaign *campaign)
{
    struct shard_campaign *owner = shard_campaign_of(shard, campaign);
    if (owner == NULL || owner->ended) {
        return;
    }
    owner->ended = true;
    for (struct list *at = shard->table.entries.next; at != &shard->table.entries; at = at->next) {
        struct trace_entry *entry = container_of(at, struct trace_entry, link);
        if (entry->owner == owner && entry->state == TRACE_OPEN &&
            entry_membership(entry) == MEMBER_NO) {
            entry_arm(shard, entry);
        }
    }
}

void shard_campaign_forget(struct shard *shard, struct campaign *campaign)
{
    struct shard_campaign **at = &shard->campaigns;
    while (*at != NULL && (*at)->campaign != campaign) {
        at = &(*at)->next;
    }
    struct shard_campaign *owner = *at;
    if (owner == NULL || owner->open.traces != 0) {
        return;
    }
    kept_forget(shard, owner);
    *at = owner->next;
    campaign_free(owner);
    shard->calls = 0;
    tell_budget(shard);
}

struct shard_open shard_open(const struct shard *shard, const struct campaign *campaign)
{
    const struct shard_campaign *owner = shard_campaign_of(shard, campaign);
    return owner != NULL ? owner->open : (struct shard_open){0, 0, 0};
}

struct tally *shard_tally(const struct shard *shard, const struct campaign *campaign)
{
    const struct shard_campaign *owner = shard_campaign_of(shard, campaign);
    struct tally *copy = owner != NULL ? tally_copy(owner->tally) : NULL;
    if (copy != NULL) {
        tally_span_received(copy, owner->open.spans);
    }
    return copy;
}

static struct meters *take_period(struct shard_campaign *owner)
{
    struct meters *next = meters_new(owner->campaign);
    meters_settle(owner->period);
    if (next == NULL || meters_merge(owner->whole, owner->period) != 0) {
        meters_free(next);
        return NULL;
    }
    struct meters *taken = owner->period;
    owner->period = next;
    return taken;
}

struct meters *shard_meters(struct shard *shard, const struct campaign *campaign, bool whole)
{
    struct shard_campaign *owner = shard_campaign_of(shard, campaign);
    if (owner == NULL || !whole) {
        return owner != NULL ? take_period(owner) : NULL;
    }
    struct meters *copy = meters_new(owner->campaign);
    if (copy != NULL &&
        (meters_merge(copy, owner->whole) != 0 || meters_merge(copy, owner->period) != 0)) {
        meters_free(copy);
        return NULL;
    }
    return copy;
}

void shard_count_refused(struct shard *shard, uint64_t requests, uint64_t rejected_spans)
{
    struct shard_campaign *owner = shard_newest(shard);
    if (owner != NULL) {
        tally_requests_refused(owner->tally, requests);
        tally_spans_rejected(owner->tally, rejected_spans);
    }
    counter_add(&shard->gauges.spans_rejected, rejected_spans);
    counter_add(&shard->gauges.requests_refused, requests);
}

void shard_count_full(struct shard *shard)
{
    counter_add(&shard->gauges.refused_full, 1);
}

/* --- time --- */

/* Traces whose timers have fired: nobody has touched them for long. They are sent for, what they
 * point to one round later, and another round later they are acted on. */
struct fired {
    struct trace_entry *entries[FIRED_AT_ONCE];
    uint32_t count;
};

/* Takes up to `max` timers that are due, no more than have room. */
static void take_fired(struct shard *shard, uint32_t max, struct fired *ret)
{
    struct wheel_entry *timer;
    max = max < FIRED_AT_ONCE ? max : FIRED_AT_ONCE;
    ret->count = 0;
    while (ret->count < max && (timer = wheel_advance(&shard->wheel, shard->now_ns)) != NULL) {
        struct trace_entry *entry = trace_entry_of_timer(timer);
        ret->entries[ret->count++] = entry;
        entry_send_for(entry);
    }
}

/* Acts on up to `max` timers that are due; returns on how many. */
static uint32_t fire(struct shard *shard, uint32_t max)
{
    struct fired rounds[3];
    struct fired *taken = &rounds[0], *sent_for = &rounds[1], *at = &rounds[2];
    uint32_t left = max;
    sent_for->count = at->count = 0;
    do {
        take_fired(shard, left, taken);
        left -= taken->count;
        for (uint32_t i = 0; i < sent_for->count; i++) {
            entry_send_for_spans(shard, sent_for->entries[i]);
        }
        for (uint32_t i = 0; i < at->count; i++) {
            entry_fire(shard, at->entries[i]);
        }
        struct fired *free = at;
        at = sent_for;
        sent_for = taken;
        taken = free;
    } while (at->count + sent_for->count != 0);
    return max - left;
}

bool shard_tick(struct shard *shard, uint64_t now_ns, uint64_t wall_ns, uint32_t max_traces)
{
    shard_set_time(shard, now_ns, wall_ns);
    bool more = fire(shard, max_traces) == max_traces;
    remembered_expire(&shard->remembered, now_ns);
    settle_chunks(shard);
    shard_done(shard);
    return more;
}

uint64_t shard_next_ns(const struct shard *shard)
{
    uint64_t timer = wheel_next_ns(&shard->wheel);
    uint64_t kept = kept_next_ns(shard);
    uint64_t settle = chunk_pool_is_settled(&shard->chunks) ? UINT64_MAX : shard->settle_ns;
    uint64_t expiry = remembered_next_ns(&shard->remembered);
    uint64_t sweep = expiry != 0 ? expiry : shard->now_ns + SWEEP_PAUSE_NS;
    uint64_t first = timer < kept ? timer : kept;
    first = first < settle ? first : settle;
    return first < sweep ? first : sweep;
}

void shard_finish(struct shard *shard, bool complete, uint64_t now_ns, uint64_t wall_ns)
{
    shard_set_time(shard, now_ns, wall_ns);
    while (!list_empty(&shard->table.entries)) {
        entry_finish(shard, container_of(shard->table.entries.next, struct trace_entry, link),
                     complete);
    }
    shard_done(shard);
}

void shard_finish_campaign(struct shard *shard, const struct campaign *campaign, bool complete,
                           uint64_t now_ns, uint64_t wall_ns)
{
    shard_set_time(shard, now_ns, wall_ns);
    for (struct list *link = shard->table.entries.next; link != &shard->table.entries;) {
        struct trace_entry *entry = container_of(link, struct trace_entry, link);
        link = link->next;
        if (entry->owner != NULL && entry->owner->campaign == campaign) {
            entry_finish(shard, entry, complete);
        }
    }
    shard_done(shard);
}
