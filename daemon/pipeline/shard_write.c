#include "daemon/model/id_json.h"
#include "daemon/pipeline/shard_state.h"

static void write_head(struct json *json, const struct trace_id *id, const char *state)
{
    json_object(json);
    json_member_trace_id(json, "trace_id", id);
    json_member_string(json, "state", state);
}

/* An open trace shows what is certain, a closed one what it has come to. */
static const struct judgement *judgements_now(struct shard *shard, struct trace_entry *entry)
{
    uint32_t max = entry->owner->campaign->settings.max_failures;
    entry_judge_all(shard, entry);
    arena_reset(&shard->scratch);
    arena_reset(&shard->out);
    return entry->state == TRACE_OPEN
               ? judge_explain(&entry->judge, max, &shard->scratch, &shard->out)
               : judge_close(&entry->judge, max, &shard->scratch, &shard->out);
}

static void write_verdict(struct json *json, const struct trace_entry *entry,
                          const struct judgement *judgement, struct arena *arena)
{
    struct verdict verdict;
    if (!judgement->applies || judgement->results == NULL ||
        verdict_build(entry, judgement, NULL, arena, &verdict) != 0) {
        return;
    }
    const struct told *told = entry->told != NULL ? &entry->told[judgement->suite->index] : NULL;
    bool was_told = told != NULL && told->revision != 0;
    verdict.final = entry->state == TRACE_KEPT;
    verdict.revision = (was_told ? told->revision : 0) + (verdict.final || !was_told);
    verdict.time_unix_ns = was_told ? told->decided_wall_ns : entry->closed_wall_ns;
    verdict_write_json(json, &verdict);
}

static void write_verdicts(struct shard *shard, struct trace_entry *entry, struct json *json)
{
    json_key(json, "verdicts");
    json_array(json);
    if (entry->owner != NULL && entry->trace.count != 0 &&
        (entry->state == TRACE_KEPT || entry_membership(entry) == MEMBER_YES)) {
        const struct judgement *judgements = judgements_now(shard, entry);
        for (uint32_t i = 0; judgements != NULL && i < entry->owner->campaign->set->suite_count;
             i++) {
            write_verdict(json, entry, &judgements[i], &shard->scratch);
        }
    }
    json_array_end(json);
}

static void write_entry(struct shard *shard, struct trace_entry *entry, struct json *json)
{
    write_head(json, &entry->trace.id, trace_state_name((enum trace_state)entry->state));
    if (entry->owner != NULL) {
        json_member_string(json, "campaign", entry->owner->campaign->key);
    }
    write_verdicts(shard, entry, json);
    json_key(json, "trace");
    arena_reset(&shard->scratch);
    trace_write_otlp_json(json, &entry->trace, &shard->scratch);
    json_object_end(json);
}

int shard_write_trace(struct shard *shard, const struct trace_id *id, struct json *json)
{
    uint64_t hash = trace_table_hash(&shard->table, id);
    struct trace_entry *entry = trace_table_find(&shard->table, id, hash);
    if (entry == NULL) {
        entry = kept_find(shard, id, hash);
    }
    if (entry != NULL) {
        write_entry(shard, entry, json);
        return 0;
    }
    struct remembered item;
    if (!remembered_find(&shard->remembered, hash, shard->now_ns, &item)) {
        return 1;
    }
    write_head(json, id, "remembered");
    json_key(json, "verdicts");
    json_array(json);
    json_array_end(json);
    json_key(json, "trace");
    json_null(json);
    json_object_end(json);
    return 0;
}
