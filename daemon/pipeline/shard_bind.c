#include <errno.h>

#include "assertions/lookup.h"
#include "assertions/operand.h"
#include "daemon/pipeline/shard_state.h"

struct shard_campaign *shard_campaign_of(const struct shard *shard, const struct campaign *campaign)
{
    struct shard_campaign *at = shard->campaigns;
    while (at != NULL && at->campaign != campaign) {
        at = at->next;
    }
    return at;
}

struct shard_campaign *shard_newest(const struct shard *shard)
{
    struct shard_campaign *at = shard->campaigns;
    while (at != NULL && at->ended) {
        at = at->next;
    }
    return at;
}

static struct shard_campaign *running_by_key(const struct shard *shard, struct bytes key)
{
    struct shard_campaign *at = shard->campaigns;
    while (at != NULL && (at->ended || !bytes_is(key, at->campaign->key))) {
        at = at->next;
    }
    return at;
}

enum membership entry_membership(const struct trace_entry *entry)
{
    if (entry->owner == NULL) {
        return MEMBER_NO;
    }
    int mode = campaign_mode(entry->owner->campaign);
    if (mode == CORRELATION_OFF || mode == CORRELATION_AUTO_ALL || entry->trace.injection != NULL) {
        return MEMBER_YES;
    }
    return mode < 0 ? MEMBER_UNDECIDED : MEMBER_NO;
}

struct arena *entry_arena(struct trace_entry *entry)
{
    entry->trace.arena.limit_bytes = 0;
    return &entry->trace.arena;
}

void entry_account(struct shard *shard, struct trace_entry *entry)
{
    size_t held = arena_held(&entry->trace.arena);
    shard->memory_bytes += held - entry->held;
    entry->held = held;
}

static void count_open(struct shard_campaign *owner, const struct trace_entry *entry, uint64_t one)
{
    if (owner != NULL) {
        owner->open.traces += one;
        owner->open.injections += entry->trace.injection != NULL ? one : 0;
        owner->open.spans += entry->received * one;
    }
}

static bool labels_fit(const struct suite *suite, const struct injection *injection)
{
    char scratch[OPERAND_TEXT_MAX];
    for (uint32_t i = 0; i < suite->label_count; i++) {
        struct operand value = lookup_injection(suite->labels[i].name, injection);
        if (value.type == OPERAND_MISSING ||
            !bytes_equal(operand_text(&value, scratch), suite->labels[i].value)) {
            return false;
        }
    }
    return true;
}

const struct judgement *entry_unknown(const struct trace_entry *entry)
{
    struct judgement *judgements = entry->owner->unknown;
    for (uint32_t i = 0; i < entry->owner->campaign->set->suite_count; i++) {
        const struct suite *suite = judgements[i].suite;
        judgements[i].applies =
            suite->label_count == 0 ||
            (entry->trace.injection != NULL && labels_fit(suite, entry->trace.injection));
    }
    return judgements;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Without memory, or without labels of its own, it waits as long as any. */
void entry_set_completion(struct trace_entry *entry)
{
    const struct completion_settings *all = &entry->owner->completion;
    const struct suite_set *set = entry->owner->campaign->set;
    struct completion_settings greatest = {.set = false};
    for (uint32_t i = 0;
         entry->owner->has_labels && entry->trace.injection != NULL && i < set->suite_count; i++) {
        if (labels_fit(&set->suites[i], entry->trace.injection)) {
            greatest.set = true;
            greatest.quiet_ns = greater(greatest.quiet_ns, set->suites[i].completion.quiet_ns);
            greatest.deadline_ns =
                greater(greatest.deadline_ns, set->suites[i].completion.deadline_ns);
            greatest.grace_ns = greater(greatest.grace_ns, set->suites[i].completion.grace_ns);
        }
    }
    struct completion_settings *own =
        greatest.set ? arena_alloc(entry_arena(entry), sizeof *own) : NULL;
    entry->waits = own != NULL ? own : all;
    if (own != NULL) {
        *own = greatest;
    }
}

/* What a span was told about under another campaign is of no use under this one. */
void entry_own(struct shard *shard, struct trace_entry *entry, struct shard_campaign *owner)
{
    if (entry->owner == owner) {
        return;
    }
    count_open(entry->owner, entry, (uint64_t)-1);
    entry->owner = owner;
    count_open(owner, entry, 1);
    entry->judging = false;
    entry->told = NULL;
    entry->note = NULL;
    entry->note_stands = false;
    entry->unsettled = false;
    if (entry->state == TRACE_CLOSED) {
        entry_set_state(shard, entry, TRACE_OPEN);
    }
    if (owner != NULL) {
        trace_change_keep(&entry->trace, campaign_keep(owner->campaign));
        entry_set_completion(entry);
    }
}

struct trace_entry *entry_new(struct shard *shard, const struct trace_id *id, uint64_t hash,
                              struct shard_campaign *owner)
{
    struct trace_entry *entry = trace_table_add(&shard->table, id, hash);
    if (entry == NULL) {
        return NULL;
    }
    trace_init(&entry->trace, id, 1);
    entry->trace.pool = &shard->pool;
    entry->trace.arena.pool = &shard->chunks;
    entry->trace.arena.pooled = true;
    entry->first_ns = entry->last_ns = shard->now_ns;
    shard->open_traces++;
    entry_own(shard, entry, owner);
    return entry;
}

/* Marks that can't be kept make the trace short of evidence: what it shows is not all that came. */
void entry_judge_all(struct shard *shard, struct trace_entry *entry)
{
    if (entry->judging) {
        return;
    }
    judge_init(&entry->judge, entry->owner->campaign->set, &entry->trace);
    entry->judging = true;
    for (uint32_t i = 0; i < entry->trace.count; i++) {
        struct span span;
        arena_reset(&shard->scratch);
        if (trace_span_decode(&entry->trace, i, &shard->scratch, &span) != 0 ||
            judge_add(&entry->judge, &span, i, &shard->scratch) != 0) {
            entry->trace.rejected++;
        }
    }
    entry_account(shard, entry);
}

static void tell_judge_injection(struct trace_entry *entry)
{
    if (entry->judging) {
        judge_injection(&entry->judge);
    }
}

/* The record is set; the entry belongs to `owner`. 0, or -ENOMEM. */
static int attach(struct shard *shard, struct trace_entry *entry, struct shard_campaign *owner,
                  const struct injection *injection, bool implicit)
{
    const struct injection *copy = injection_copy(injection, entry_arena(entry));
    if (copy == NULL) {
        return -ENOMEM;
    }
    entry_own(shard, entry, owner);
    owner->open.injections += entry->trace.injection == NULL;
    if (entry->trace.injection == NULL) {
        tally_injection(owner->tally, copy, false);
        entry->injected_ns = shard->now_ns;
    }
    entry->trace.injection = copy;
    entry->implicit = implicit;
    entry->note_stands = false;
    entry->unsettled = false;
    campaign_saw_injection(owner->campaign);
    entry_set_completion(entry);
    tell_judge_injection(entry);
    entry_account(shard, entry);
    return 0;
}

/* Offline only the campaign's own key makes a trace unexpected (there is one campaign, and records
 * come beside). */
static bool counts_at_all(const struct shard *shard, const struct claim *claim)
{
    const struct shard_campaign *newest = shard_newest(shard);
    return newest != NULL && (!newest->campaign->settings.offline ||
                              bytes_is(claim->campaign, newest->campaign->key));
}

/* A claim that no running campaign answers to makes the trace unexpected. */
static void register_claim(struct shard *shard, struct trace_entry *entry,
                           const struct claim *claim)
{
    struct shard_campaign *owner = running_by_key(shard, claim->campaign);
    struct injection injection = {
        .trace_id = entry->trace.id, .scenario = claim->scenario, .step = claim->step};
    if (owner == NULL || owner->campaign->settings.offline) {
        entry->claims = true;
    } else if (attach(shard, entry, owner, &injection, true) != 0) {
        counter_add(&shard->gauges.no_memory, 1);
    }
}

void entry_claim(struct shard *shard, struct trace_entry *entry, const struct span *span)
{
    struct claim claim;
    if (span->trace_state.len == 0 &&
        (span->parent != 0 || shard->options.attributes.campaign.len == 0)) {
        return;
    }
    arena_reset(&shard->scratch);
    if (claim_of_span(span, &shard->options.attributes, &shard->scratch, &claim) &&
        counts_at_all(shard, &claim)) {
        register_claim(shard, entry, &claim);
    }
}

/* A record of a trace that is final: too late to be judged with it, so it is counted by what the
 * trace came to without it. 0, SHARD_REPEATED, or -ENOMEM. */
static int inject_remembered(struct shard *shard, struct shard_campaign *owner,
                             const struct injection *injection, const struct remembered *item)
{
    bool repeated = item->as >= REMEMBERED_INJECTED;
    tally_injection(owner->tally, injection, repeated);
    if (repeated) {
        return SHARD_REPEATED;
    }
    bool outside = item->as == REMEMBERED_OUTSIDE;
    struct trace_account account = {.trace_id = injection->trace_id,
                                    .injection = injection,
                                    .judgements = owner->none,
                                    .came_to = outside ? RESULT_OPEN : (enum result)item->as,
                                    .scratch = &shard->scratch};
    remembered_set(&shard->remembered, item->hash,
                   outside ? REMEMBERED_STRAY : REMEMBERED_INJECTED);
    campaign_saw_injection(owner->campaign);
    return tally_trace(owner->tally, &account) != 0 ? -ENOMEM : 0;
}

static int inject_known(struct shard *shard, struct trace_entry *entry,
                        struct shard_campaign *owner, const struct injection *injection)
{
    if (entry->trace.injection != NULL && (!entry->implicit || entry->owner != owner)) {
        tally_injection(owner->tally, injection, true);
        return SHARD_REPEATED;
    }
    int outcome = attach(shard, entry, owner, injection, false);
    entry_look(shard, entry);
    entry_arm(shard, entry);
    return outcome;
}

static int inject_new(struct shard *shard, struct shard_campaign *owner,
                      const struct injection *injection, uint64_t hash)
{
    struct trace_entry *entry = entry_new(shard, &injection->trace_id, hash, owner);
    if (entry == NULL) {
        return -ENOMEM;
    }
    int outcome = attach(shard, entry, owner, injection, false);
    if (outcome != 0) {
        entry_free(shard, entry);
        return outcome;
    }
    entry_arm(shard, entry);
    return 0;
}

static int inject(struct shard *shard, struct shard_campaign *owner,
                  const struct injection *injection)
{
    uint64_t hash = trace_table_hash(&shard->table, &injection->trace_id);
    struct trace_entry *entry = trace_table_find(&shard->table, &injection->trace_id, hash);
    if (entry != NULL) {
        return inject_known(shard, entry, owner, injection);
    }
    struct remembered item;
    bool known = remembered_find(&shard->remembered, hash, shard->now_ns, &item);
    if (known && item.campaign == (uint16_t)owner->campaign->number) {
        return inject_remembered(shard, owner, injection, &item);
    }
    if (known) {
        remembered_drop(&shard->remembered, hash);
    }
    return inject_new(shard, owner, injection, hash);
}

int shard_inject(struct shard *shard, struct campaign *campaign, const struct injection *injection,
                 uint64_t now_ns, uint64_t wall_ns)
{
    struct shard_campaign *owner = shard_campaign_of(shard, campaign);
    if (owner == NULL || owner->ended) {
        return SHARD_ENDED;
    }
    shard_set_time(shard, now_ns, wall_ns);
    int outcome = inject(shard, owner, injection);
    shard_done(shard);
    return outcome;
}
