/* What becomes of the spans of a final trace: those that failed are kept while there is room, those
 * that passed for a time as well, where the configuration says so. */
#include "daemon/pipeline/shard_state.h"

struct trace_entry *kept_find(const struct shard *shard, const struct trace_id *id, uint64_t hash)
{
    return kept_traces_find(&shard->kept, &shard->table, id, hash);
}

/* Evidence of what is over must not cost the room of what is open: it goes before anybody is
 * refused. The budget hears of it at the end of the call, hence the share of it that counts. */
static bool is_scarce(const struct shard *shard)
{
    uint64_t told = shard->told[BUDGET_KEPT];
    uint64_t held = kept_traces_held(&shard->kept);
    uint64_t freed = told - (told < held ? told : held);
    return budget_excess(shard->budget, shard->budget->hard_bytes / 16) > freed;
}

static bool is_too_much(const struct shard *shard, enum kept_kind kind)
{
    const struct shard_options *options = &shard->options;
    uint64_t most = kind == KEPT_PASSED ? options->keep_passed_bytes : options->keep_failed_bytes;
    return shard->kept.bytes[kind] > most || is_scarce(shard);
}

static void trim_passed(struct shard *shard)
{
    struct trace_entry *entry;
    while ((entry = kept_traces_oldest(&shard->kept, KEPT_PASSED)) != NULL) {
        bool over = entry->until_ns <= shard->now_ns;
        if (!over && !is_too_much(shard, KEPT_PASSED)) {
            return;
        }
        counter_add(&shard->gauges.passed_dropped, !over);
        entry_free(shard, entry);
    }
}

void kept_trim(struct shard *shard)
{
    struct trace_entry *entry;
    trim_passed(shard);
    while ((entry = kept_traces_oldest(&shard->kept, KEPT_FAILED)) != NULL &&
           is_too_much(shard, KEPT_FAILED)) {
        entry_free(shard, entry);
    }
}

uint64_t kept_next_ns(const struct shard *shard)
{
    const struct trace_entry *entry = kept_traces_oldest(&shard->kept, KEPT_PASSED);
    return entry != NULL ? entry->until_ns : UINT64_MAX;
}

static void forget(struct shard *shard, enum kept_kind kind, const struct shard_campaign *owner)
{
    struct list *entries = &shard->kept.entries[kind];
    struct list *next;
    for (struct list *at = entries->next; at != entries; at = next) {
        struct trace_entry *entry = container_of(at, struct trace_entry, link);
        next = at->next;
        if (owner == NULL || entry->owner == owner) {
            entry_free(shard, entry);
        }
    }
}

void kept_forget(struct shard *shard, const struct shard_campaign *owner)
{
    forget(shard, KEPT_FAILED, owner);
    forget(shard, KEPT_PASSED, owner);
}

/* Until when an entry is kept; 0: it is not. */
static uint64_t kept_until(const struct shard *shard, const struct trace_entry *entry, bool failed)
{
    const struct shard_options *options = &shard->options;
    if (failed) {
        return entry->held <= options->keep_failed_bytes ? UINT64_MAX : 0;
    }
    return options->keep_passed_ns != 0 && entry->held <= options->keep_passed_bytes
               ? shard->now_ns + options->keep_passed_ns
               : 0;
}

void entry_keep_or_free(struct shard *shard, struct trace_entry *entry, bool failed)
{
    struct shard_campaign *owner = entry->owner;
    uint64_t until_ns = kept_until(shard, entry, failed);
    if (until_ns == 0) {
        entry_free(shard, entry);
        return;
    }
    entry_end_watches(shard, entry);
    wheel_cancel(&shard->wheel, trace_entry_timer(entry));
    entry_set_state(shard, entry, TRACE_OPEN);
    owner->open.traces--;
    owner->open.injections -= entry->trace.injection != NULL;
    owner->open.spans -= entry->received;
    shard->open_traces--;
    trace_table_remove(&shard->table, entry);
    if (kept_traces_add(&shard->kept, entry, until_ns) != 0) {
        entry_free_memory(shard, entry);
        return;
    }
    kept_trim(shard);
}
