#include <errno.h>

#include "daemon/pipeline/shard_state.h"

#define FLUSH_VERDICTS 256u

static uint64_t mix(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_bytes(uint64_t hash, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ text.data[i]) * UINT64_C(0x100000001b3);
    }
    return mix(hash, text.len);
}

static uint64_t mix_seen(uint64_t hash, const struct seen *seen)
{
    uint64_t number;
    hash = mix(hash, (uint64_t)seen->type * 16 + seen->value.type);
    if (seen->type != SEEN_VALUE) {
        return seen->type == SEEN_NOTHING ? hash : mix(hash, (uint64_t)seen->ns);
    }
    switch (seen->value.type) {
    case VALUE_BOOL:
        return mix(hash, seen->value.boolean);
    case VALUE_INT:
        return mix(hash, (uint64_t)seen->value.integer);
    case VALUE_DOUBLE:
        memcpy(&number, &seen->value.number, sizeof number);
        return mix(hash, number);
    case VALUE_MISSING:
        return hash;
    default:
        return mix_bytes(hash, seen->value.bytes);
    }
}

/* What makes two verdicts say the same: the results and outputs, not their evidence. */
static uint64_t results_of(const struct judgement *judgement)
{
    uint64_t hash = mix(1, judgement->verdict);
    for (uint32_t i = 0; i < judgement->suite->assertion_count; i++) {
        hash = mix(hash, judgement->results[i].result);
    }
    for (uint32_t i = 0; i < judgement->output_count; i++) {
        hash = mix_seen(hash, &judgement->outputs[i].value);
    }
    return hash;
}

static uint32_t failed_in(const struct judgement *judgement)
{
    uint32_t failed = 0;
    for (uint32_t i = 0; i < judgement->suite->assertion_count; i++) {
        failed += judgement->results[i].result == RESULT_FAIL;
    }
    return failed;
}

/* --- copies that live as long as the batch; names and conditions are the set's --- */

static bool copy_text(struct bytes *text, struct arena *arena)
{
    *text = arena_copy(arena, *text);
    return text->data != NULL;
}

static bool copy_seen(struct seen *seen, struct arena *arena)
{
    enum value_type type = seen->value.type;
    bool is_view =
        type == VALUE_TEXT || type == VALUE_BYTES || type == VALUE_ARRAY || type == VALUE_MAP;
    return seen->type != SEEN_VALUE || !is_view || copy_text(&seen->value.bytes, arena);
}

static bool copy_failure(struct failure *failure, struct arena *arena)
{
    return copy_text(&failure->service, arena) && copy_text(&failure->span_name, arena) &&
           copy_text(&failure->reason, arena) && copy_seen(&failure->expected, arena) &&
           copy_seen(&failure->actual, arena);
}

static bool copy_failures(struct assertion_result *result, struct arena *arena)
{
    struct failure *failures = arena_alloc(arena, result->failure_count * sizeof *failures);
    if (failures == NULL) {
        return false;
    }
    memcpy(failures, result->failures, result->failure_count * sizeof *failures);
    for (uint32_t i = 0; i < result->failure_count; i++) {
        if (!copy_failure(&failures[i], arena)) {
            return false;
        }
    }
    result->failures = failures;
    return true;
}

/* NULL: no memory. */
static const struct assertion_result *copy_results(const struct judgement *judgement,
                                                   struct arena *arena)
{
    uint32_t count = judgement->suite->assertion_count;
    struct assertion_result *results = arena_alloc(arena, ((size_t)count + 1) * sizeof *results);
    if (results == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        results[i] = judgement->results[i];
        results[i].omitted_groups = NULL;
        results[i].omitted_group_count = 0;
        if (results[i].failure_count != 0 && !copy_failures(&results[i], arena)) {
            return NULL;
        }
    }
    return results;
}

/* Of a row, one copy for all verdicts that came to it. */
static const struct assertion_result *share_results(const struct judgement *judgement,
                                                    struct told_row *rows, struct arena *arena)
{
    if (rows == NULL || judgement->row == NULL) {
        return copy_results(judgement, arena);
    }
    struct told_row *at = &rows[(judgement->row->number + judgement->suite->index) % TOLD_ROWS];
    if (at->row != judgement->row) {
        *at = (struct told_row){judgement->row, copy_results(judgement, arena)};
        at->row = at->results != NULL ? at->row : NULL;
    }
    return at->results;
}

static bool copy_outputs(const struct judgement *judgement, struct arena *arena,
                         struct verdict *ret)
{
    uint32_t count = judgement->output_count;
    struct verdict_output *outputs = arena_calloc(arena, (size_t)count + 1, sizeof *outputs);
    for (uint32_t i = 0; outputs != NULL && i < count; i++) {
        outputs[i] = judgement->outputs[i];
        if (!copy_seen(&outputs[i].value, arena)) {
            return false;
        }
    }
    ret->outputs = outputs;
    ret->output_count = count;
    return outputs != NULL;
}

static struct bytes copy_label(struct bytes label, struct arena *arena)
{
    return label.len != 0 ? arena_copy(arena, label) : BYTES_NULL;
}

static void copy_labels(const struct injection *injection, struct arena *arena,
                        struct verdict_labels *ret)
{
    *ret = (struct verdict_labels){
        .scenario = copy_label(injection->scenario, arena),
        .step = copy_label(injection->step, arena),
        .zone = copy_label(injection->zone, arena),
        .tenant = copy_label(injection->tenant, arena),
        .minion = copy_label(injection->minion, arena),
        .has_iteration = injection->has_iteration,
        .iteration = injection->iteration,
    };
}

int verdict_build(const struct trace_entry *entry, const struct judgement *judgement,
                  struct told_row *rows, struct arena *arena, struct verdict *ret)
{
    *ret = (struct verdict){
        .revision = 1,
        .campaign = bytes_of(entry->owner->campaign->key),
        .suite = judgement->suite->name,
        .suite_index = judgement->suite->index,
        .trace_id = entry->trace.id,
        .result = judgement->verdict,
        .span_count = entry->trace.count,
        .short_reasons = judgement->short_reasons,
        .results = share_results(judgement, rows, arena),
        .result_count = judgement->suite->assertion_count,
    };
    verdict_id_in(ret->id, &entry->owner->families[ret->suite_index], &entry->trace.id);
    if (entry->trace.injection != NULL) {
        copy_labels(entry->trace.injection, arena, &ret->labels);
    }
    return ret->results != NULL && copy_outputs(judgement, arena, ret) ? 0 : -ENOMEM;
}

/* --- telling --- */

void export_flush(struct shard *shard)
{
    struct export_batch *batch = shard->batch;
    if (batch == NULL) {
        return;
    }
    shard->batch = NULL;
    if (batch->verdict_count + batch->meter_count == 0) {
        export_batch_unref(batch);
    } else {
        shard->options.export(shard->options.self, batch);
    }
}

static void hold(void *campaign)
{
    campaign_ref(campaign);
}

static void let_go(void *campaign)
{
    campaign_unref(campaign);
}

/* The next place in the batch at hand, which holds the campaign. NULL: no memory. */
static struct verdict *next_verdict(struct shard *shard, struct campaign *campaign)
{
    if (shard->batch == NULL) {
        shard->batch = export_batch_new_counted(shard->budget);
        memset(shard->told_rows, 0, sizeof shard->told_rows);
    }
    return shard->batch != NULL && export_batch_hold(shard->batch, campaign, hold, let_go) == 0
               ? export_batch_verdict(shard->batch)
               : NULL;
}

/* A verdict that could not be copied is taken back and counted: no sink may get half of one. */
static void tell(struct shard *shard, const struct trace_entry *entry,
                 const struct judgement *judgement, const struct told *told, bool final)
{
    if (shard->options.export == NULL) {
        return;
    }
    struct verdict *verdict = next_verdict(shard, entry->owner->campaign);
    if (verdict == NULL ||
        verdict_build(entry, judgement, shard->told_rows, &shard->batch->arena, verdict) != 0) {
        counter_add(&shard->gauges.no_memory, 1);
        if (verdict != NULL) {
            shard->batch->verdict_count--;
        }
        return;
    }
    bool online = !entry->owner->campaign->settings.offline;
    verdict->revision = told->revision;
    verdict->final = final;
    verdict->time_unix_ns = told->decided_wall_ns;
    verdict->time_to_verdict_ns =
        online && told->decided_ns > entry->first_ns ? told->decided_ns - entry->first_ns : 0;
    if (shard->batch->verdict_count >= FLUSH_VERDICTS) {
        export_flush(shard);
    }
}

/* What was told about the suites; NULL: no memory. */
static struct told *told_of(struct trace_entry *entry)
{
    if (entry->told == NULL) {
        entry->told =
            arena_calloc(entry_arena(entry), (size_t)entry->owner->campaign->set->suite_count + 1,
                         sizeof *entry->told);
    }
    return entry->told;
}

static void tell_anew(struct shard *shard, struct trace_entry *entry,
                      const struct judgement *judgement)
{
    struct told *all = told_of(entry);
    struct told *told = all != NULL ? &all[judgement->suite->index] : NULL;
    uint64_t results = results_of(judgement);
    if (told == NULL || (told->revision != 0 && told->results == results)) {
        return;
    }
    if (told->revision != 0) {
        counter_add(&shard->gauges.revisions, 1);
    }
    *told = (struct told){results, told->revision + 1, failed_in(judgement), shard->now_ns,
                          shard->wall_ns};
    tell(shard, entry, judgement, told, false);
}

static bool was_told(const struct trace_entry *entry, uint32_t suite)
{
    return entry->told != NULL && entry->told[suite].revision != 0;
}

/* A pass is told when it is final, unless something else was told before. */
void export_closed(struct shard *shard, struct trace_entry *entry,
                   const struct judgement *judgements)
{
    uint32_t count = entry->owner->campaign->set->suite_count;
    for (uint32_t i = 0; i < count; i++) {
        if (judgements[i].applies &&
            (judgements[i].verdict >= RESULT_INCONCLUSIVE || was_told(entry, i))) {
            tell_anew(shard, entry, &judgements[i]);
        }
    }
}

/* Each further assertion that fails for certain is a revision. What has failed for certain goes on
 * to fail, so that more can only come by a further one. */
static bool is_certain_failure(const struct trace_entry *entry, const struct judgement *judgement)
{
    uint32_t index = judgement->suite->index;
    return judgement->applies_for_certain && judgement->verdict == RESULT_FAIL &&
           (!was_told(entry, index) || failed_in(judgement) > entry->told[index].failed);
}

/* The proof is asked for only where there is something to prove. */
void export_certain(struct shard *shard, struct trace_entry *entry,
                    const struct judgement *judgements)
{
    uint32_t count = entry->owner->campaign->set->suite_count;
    uint32_t max = entry->owner->campaign->settings.max_failures;
    const struct judgement *proofs = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_certain_failure(entry, &judgements[i])) {
            continue;
        }
        arena_reset(&shard->scratch);
        if (proofs == NULL && shard->options.export != NULL) {
            proofs = judge_explain(&entry->judge, max, &shard->scratch, &shard->out);
        }
        tell_anew(shard, entry, proofs != NULL ? &proofs[i] : &judgements[i]);
        shard->told_early++;
    }
}

void export_final(struct shard *shard, struct trace_entry *entry,
                  const struct judgement *judgements)
{
    uint32_t count = entry->owner->campaign->set->suite_count;
    for (uint32_t i = 0; shard->options.export != NULL && i < count; i++) {
        if (!judgements[i].applies) {
            continue;
        }
        struct told told = {0, 0, 0, entry->closed_ns, entry->closed_wall_ns};
        if (was_told(entry, i)) {
            uint64_t results = results_of(&judgements[i]);
            bool same = entry->told[i].results == results;
            told = (struct told){results, entry->told[i].revision, 0,
                                 same ? entry->told[i].decided_ns : shard->now_ns,
                                 same ? entry->told[i].decided_wall_ns : shard->wall_ns};
        }
        told.revision++;
        tell(shard, entry, &judgements[i], &told, true);
    }
}

uint64_t entry_time_to_verdict(const struct trace_entry *entry, uint32_t suite)
{
    uint64_t decided = was_told(entry, suite) ? entry->told[suite].decided_ns : entry->closed_ns;
    bool online = !entry->owner->campaign->settings.offline;
    return online && decided > entry->first_ns ? decided - entry->first_ns : 0;
}
