#include "daemon/pipeline/watches.h"

#include "daemon/core/json.h"
#include "daemon/model/id_json.h"
#include "daemon/model/span_plain.h"
#include "daemon/pipeline/shard_state.h"

/* What frames the spans in an answer. */
#define FRAME_BYTES 1024u

void watches_init(struct watches *watches)
{
    watches->count = 0;
    for (int i = 0; i < WATCH_SLOTS; i++) {
        list_init(&watches->slots[i]);
    }
}

static struct list *slot_of(struct shard *shard, uint64_t hash)
{
    return &shard->watches.slots[hash % WATCH_SLOTS];
}

static void finish(struct shard *shard, struct watch *watch, enum watch_outcome outcome)
{
    if (watch->waits) {
        list_remove(&watch->link);
        shard->watches.count--;
        watch->waits = false;
    }
    search_deinit(&watch->search);
    watch->outcome = outcome;
    watch->done(watch);
}

/* --- the answer --- */

/* As many spans from the first on as there is room for; returns how many were left out. */
static uint32_t write_spans(struct json *json, const struct trace *trace, const uint32_t *spans,
                            uint32_t count)
{
    struct arena scratch = ARENA_INIT(16384, 0);
    struct buf *out = json->out;
    uint32_t i = 0;
    if (out->failed) {
        return count;
    }
    out->limit = WATCH_ANSWER_BYTES_MAX - FRAME_BYTES;
    for (; i < count && !out->failed; i++) {
        size_t before = out->len;
        struct span span;
        arena_reset(&scratch);
        if (trace_span_decode(trace, spans[i], &scratch, &span) == 0) {
            span_write_plain_json(json, &span, &scratch);
        } else {
            out->failed = true;
        }
        if (out->failed) {
            out->len = before;
            break;
        }
    }
    out->failed = false;
    out->limit = 0;
    arena_deinit(&scratch);
    return count - i;
}

static void write_answer(struct watch *watch, const struct trace *trace, const char *state,
                         const uint32_t *spans, uint32_t count)
{
    struct json json = JSON_INIT(&watch->body);
    json_object(&json);
    json_member_trace_id(&json, "trace_id", &watch->id);
    json_member_string(&json, "state", state);
    json_member_bool(&json, "complete", count >= watch->expected);
    json_member_u64(&json, "expected", watch->expected);
    json_member_u64(&json, "matched", count);
    json_key(&json, "spans");
    json_array(&json);
    uint32_t omitted = write_spans(&json, trace, spans, count);
    json_array_end(&json);
    json_member_u64(&json, "omitted", omitted);
    json_object_end(&json);
}

static enum watch_outcome answer(struct shard *shard, struct watch *watch,
                                 const struct trace *trace, const char *state,
                                 const uint32_t *spans, uint32_t count)
{
    if (!budget_take(shard->budget, BUDGET_ADMIN, WATCH_ANSWER_BYTES_MAX)) {
        return WATCH_NO_MEMORY;
    }
    write_answer(watch, trace, state, spans, count);
    if (watch->body.failed) {
        buf_deinit(&watch->body);
        budget_give(shard->budget, BUDGET_ADMIN, WATCH_ANSWER_BYTES_MAX);
        return WATCH_NO_MEMORY;
    }
    watch->charge = WATCH_ANSWER_BYTES_MAX;
    budget_tell(shard->budget, BUDGET_ADMIN, &watch->charge, watch->body.size);
    return WATCH_FOUND;
}

/* --- when to answer --- */

/* Looks at the trace, and answers if enough is there, or if this is the `last` look. */
static void look(struct shard *shard, struct watch *watch, const struct trace *trace,
                 const char *state, bool last)
{
    uint32_t found = 0;
    if (search_look(&watch->search, trace, last, &found) != 0) {
        finish(shard, watch, WATCH_NO_MEMORY);
        return;
    }
    if (found < watch->expected && !last) {
        return;
    }
    struct arena list = ARENA_INIT(4096, 0);
    const uint32_t *spans = finder_list(watch->finder, trace, &list, &found);
    if (spans == NULL) {
        finish(shard, watch, WATCH_NO_MEMORY);
    } else if (found >= watch->expected || last) {
        finish(shard, watch, answer(shard, watch, trace, state, spans, found));
    }
    arena_deinit(&list);
}

static const char *state_of(const struct trace_entry *entry)
{
    return trace_state_name((enum trace_state)entry->state);
}

void shard_watch(struct shard *shard, struct watch *watch)
{
    uint64_t hash = trace_table_hash(&shard->table, &watch->id);
    struct trace_entry *entry = trace_table_find(&shard->table, &watch->id, hash);
    struct trace_entry *kept = entry == NULL ? kept_find(shard, &watch->id, hash) : NULL;
    struct remembered item;
    search_init(&watch->search, watch->finder, shard->budget, WATCH_SEARCH_BYTES_MAX);
    watch->body = BUF_NULL;
    watch->charge = 0;
    watch->waits = false;
    if (kept != NULL) {
        look(shard, watch, &kept->trace, state_of(kept), true);
    } else if (entry == NULL && remembered_find(&shard->remembered, hash, shard->now_ns, &item)) {
        finish(shard, watch, WATCH_FORGOTTEN);
    } else {
        list_append(slot_of(shard, hash), &watch->link);
        shard->watches.count++;
        watch->waits = true;
        if (entry != NULL) {
            look(shard, watch, &entry->trace, state_of(entry), false);
        }
    }
}

void shard_unwatch(struct shard *shard, struct watch *watch)
{
    if (!watch->waits) {
        return;
    }
    uint64_t hash = trace_table_hash(&shard->table, &watch->id);
    struct trace_entry *entry = trace_table_find(&shard->table, &watch->id, hash);
    if (entry == NULL) {
        finish(shard, watch, WATCH_UNKNOWN);
    } else {
        look(shard, watch, &entry->trace, state_of(entry), true);
    }
}

static void look_for_all(struct shard *shard, struct trace_entry *entry, const char *state,
                         bool last)
{
    struct list *slot = slot_of(shard, entry->hash);
    struct list *next;
    for (struct list *at = slot->next; at != slot; at = next) {
        struct watch *watch = container_of(at, struct watch, link);
        next = at->next;
        if (trace_id_equal(&watch->id, &entry->trace.id)) {
            look(shard, watch, &entry->trace, state, last);
        }
    }
}

void watches_wake(struct shard *shard, struct trace_entry *entry)
{
    look_for_all(shard, entry, state_of(entry), false);
}

void watches_end(struct shard *shard, struct trace_entry *entry)
{
    look_for_all(shard, entry, trace_state_name(TRACE_KEPT), true);
}
