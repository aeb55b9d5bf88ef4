#include "daemon/pipeline/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"
#include "daemon/model/injection.h"
#include "daemon/pipeline/tally_state.h"

static int suite_alloc(struct tally *tally, struct tally_suite *to, const struct suite *suite)
{
    to->assertions =
        arena_calloc(&tally->arena, suite->assertion_count + 1, sizeof *to->assertions);
    to->gatherings =
        arena_calloc(&tally->arena, suite->threshold_count + 1, sizeof *to->gatherings);
    to->by_row = arena_calloc(&tally->arena, RESULT_ROWS_MAX, sizeof *to->by_row);
    if (to->assertions == NULL || to->gatherings == NULL || to->by_row == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        to->assertions[i].failures.max = tally->campaign->settings.max_failures;
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        gathering_init(&to->gatherings[i]);
    }
    return 0;
}

struct tally *tally_new(struct campaign *campaign)
{
    struct tally *tally = memory_alloc(sizeof *tally);
    if (tally == NULL) {
        return NULL;
    }
    *tally = (struct tally){.campaign = NULL};
    const struct suite_set *set = campaign->set;
    campaign_ref(campaign);
    tally->campaign = campaign;
    tally->arena = ARENA_INIT(4096, 0);
    result_rows_init(&tally->rows, set);
    tally->suites = arena_calloc(&tally->arena, set->suite_count + 1, sizeof *tally->suites);
    if (tally->suites == NULL) {
        tally_free(tally);
        return NULL;
    }
    for (uint32_t i = 0; i < set->suite_count; i++) {
        if (suite_alloc(tally, &tally->suites[i], &set->suites[i]) != 0) {
            tally_free(tally);
            return NULL;
        }
    }
    return tally;
}

static void suite_deinit(struct tally_suite *of, const struct suite *suite)
{
    for (uint32_t i = 0; of->assertions != NULL && i < suite->assertion_count; i++) {
        tally_groups_deinit(&of->assertions[i].groups);
        kept_failures_deinit(&of->assertions[i].failures);
    }
    for (uint32_t i = 0; of->gatherings != NULL && i < suite->threshold_count; i++) {
        gathering_deinit(&of->gatherings[i]);
    }
    kept_trees_deinit(&of->trees);
    free(of->labels);
}

void tally_free(struct tally *tally)
{
    if (tally == NULL) {
        return;
    }
    for (uint32_t i = 0; tally->suites != NULL && i < tally->campaign->set->suite_count; i++) {
        suite_deinit(&tally->suites[i], &tally->campaign->set->suites[i]);
    }
    result_rows_deinit(&tally->rows);
    arena_deinit(&tally->arena);
    campaign_unref(tally->campaign);
    free(tally);
}

static size_t assertion_held(const struct tally_assertion *of)
{
    return of->groups.room * sizeof *of->groups.items +
           of->groups.slot_count * sizeof *of->groups.slots + of->failures.held_bytes +
           of->failures.room * sizeof(struct kept_failure *);
}

static size_t suite_held(const struct tally_suite *of, const struct suite *suite)
{
    size_t held = of->label_room * sizeof *of->labels + kept_trees_held(&of->trees);
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        held += assertion_held(&of->assertions[i]);
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        held += gathering_held(&of->gatherings[i]);
    }
    return held;
}

size_t tally_held(const struct tally *tally)
{
    const struct suite_set *set = tally->campaign->set;
    size_t held = sizeof *tally + arena_held(&tally->arena) + result_rows_held(&tally->rows);
    for (uint32_t i = 0; i < set->suite_count; i++) {
        held += suite_held(&tally->suites[i], &set->suites[i]);
    }
    return held;
}

struct result_rows *tally_rows(struct tally *tally)
{
    return &tally->rows;
}

struct campaign *tally_campaign(const struct tally *tally)
{
    return tally->campaign;
}

void tally_injection(struct tally *tally, const struct injection *injection, bool repeated)
{
    (void)injection;
    if (repeated) {
        tally->injections.repeated++;
    } else {
        tally->injections.total++;
    }
}

void tally_span_received(struct tally *tally, uint64_t spans)
{
    tally->spans.received += spans;
}

void tally_spans_outside(struct tally *tally, uint64_t spans)
{
    tally->spans.outside += spans;
}

void tally_spans_rejected(struct tally *tally, uint64_t spans)
{
    tally->spans.received += spans;
    tally->spans.rejected += spans;
}

void tally_spans_late(struct tally *tally, uint64_t spans, bool first_of_injection)
{
    tally->spans.late += spans;
    tally->correlated.late += first_of_injection;
}

void tally_requests_refused(struct tally *tally, uint64_t requests)
{
    tally->requests_refused += requests;
}

static void count_result(struct result_counts *counts, enum result result)
{
    counts->pass += result == RESULT_PASS;
    counts->fail += result == RESULT_FAIL;
    counts->error += result == RESULT_ERROR;
    counts->inconclusive += result == RESULT_INCONCLUSIVE;
    counts->skipped += result == RESULT_SKIPPED;
}

/* What can't be kept for lack of memory is left out of the lists, never out of the counts. */
static int add_failures(struct tally *tally, struct tally_assertion *to,
                        const struct trace_id *trace, const struct assertion_result *result)
{
    int bad = 0;
    for (uint32_t i = 0; i < result->failure_count; i++) {
        const struct failure *failure = &result->failures[i];
        struct report_group group = {.condition = failure->condition,
                                     .service = failure->service,
                                     .span = failure->span_name,
                                     .reason = failure->reason,
                                     .count = 1,
                                     .trace_id = *trace,
                                     .result = failure->result};
        bad |= tally_groups_add(&to->groups, &group, &tally->arena);
        bad |= kept_failures_add(&to->failures, trace, failure, i);
    }
    for (uint32_t i = 0; i < result->omitted_group_count; i++) {
        const struct failure_group *omitted = &result->omitted_groups[i];
        struct report_group group = {.condition = omitted->condition,
                                     .service = omitted->service,
                                     .span = omitted->span_name,
                                     .reason = omitted->reason,
                                     .count = omitted->count,
                                     .trace_id = *trace,
                                     .result = omitted->result};
        bad |= tally_groups_add(&to->groups, &group, &tally->arena);
    }
    to->failures.total += result->failures_omitted;
    return bad != 0 ? -ENOMEM : 0;
}

static struct bytes label_text(struct bytes label)
{
    return label.data != NULL ? label : BYTES_NULL;
}

static struct tally_label *find_label(struct tally *tally, struct tally_suite *suite,
                                      struct bytes scenario, struct bytes step, struct bytes zone)
{
    for (uint32_t i = 0; i < suite->label_count; i++) {
        struct tally_label *label = &suite->labels[i];
        if (bytes_equal(label->scenario, scenario) && bytes_equal(label->step, step) &&
            bytes_equal(label->zone, zone)) {
            return label;
        }
    }
    if (suite->label_count >= TALLY_LABELS_MAX && scenario.len + step.len + zone.len != 0) {
        return find_label(tally, suite, BYTES_NULL, BYTES_NULL, BYTES_NULL);
    }
    if (suite->label_count == suite->label_room) {
        uint32_t room = suite->label_room != 0 ? suite->label_room * 2 : 4;
        struct tally_label *labels =
            memory_resize(suite->labels, suite->label_room * sizeof *labels, room * sizeof *labels);
        if (labels == NULL) {
            return NULL;
        }
        suite->labels = labels;
        suite->label_room = room;
    }
    struct tally_label label = {.scenario = arena_copy(&tally->arena, scenario),
                                .step = arena_copy(&tally->arena, step),
                                .zone = arena_copy(&tally->arena, zone)};
    if (label.scenario.data == NULL || label.step.data == NULL || label.zone.data == NULL) {
        return NULL;
    }
    suite->labels[suite->label_count] = label;
    return &suite->labels[suite->label_count++];
}

static int count_label(struct tally *tally, struct tally_suite *suite,
                       const struct injection *injection, enum result result)
{
    struct tally_label *label =
        injection == NULL ? find_label(tally, suite, BYTES_NULL, BYTES_NULL, BYTES_NULL)
                          : find_label(tally, suite, label_text(injection->scenario),
                                       label_text(injection->step), label_text(injection->zone));
    if (label == NULL) {
        return -ENOMEM;
    }
    label->counts.judged++;
    count_result(&label->counts, result);
    return 0;
}

static struct gather_place place_of(const struct tally *tally, const struct suite *suite,
                                    uint32_t threshold, const struct injection *injection)
{
    return (struct gather_place){suite, &suite->thresholds[threshold], injection,
                                 tally->campaign->origin_unix_ns};
}

static void gather_trace(struct tally *tally, const struct trace_account *account,
                         const struct judgement *judgement)
{
    const struct suite *suite = judgement->suite;
    struct tally_suite *to = &tally->suites[suite->index];
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        struct gather_place place = place_of(tally, suite, i, account->injection);
        gathering_add_trace(&to->gatherings[i], &place, account->judge, judgement,
                            account->scratch);
    }
}

static void gather_injection(struct tally *tally, const struct trace_account *account)
{
    const struct suite_set *set = tally->campaign->set;
    for (uint32_t s = 0; s < set->suite_count; s++) {
        const struct suite *suite = &set->suites[s];
        for (uint32_t i = 0; i < suite->threshold_count; i++) {
            struct gather_place place = place_of(tally, suite, i, account->injection);
            gathering_add_injection(&tally->suites[s].gatherings[i], &place, account->missing,
                                    account->duplicates != 0);
        }
    }
}

static void merge_counts(struct result_counts *into, const struct result_counts *from)
{
    into->judged += from->judged;
    into->pass += from->pass;
    into->fail += from->fail;
    into->error += from->error;
    into->inconclusive += from->inconclusive;
    into->skipped += from->skipped;
}

/* Counts in `into` what the traces of all rows of `from`, of the same campaign, come to. */
static void add_rows(struct tally *into, const struct tally *from)
{
    for (uint32_t s = 0; s < from->rows.set->suite_count; s++) {
        struct tally_assertion *to = into->suites[s].assertions;
        for (uint32_t r = 0; r < result_rows_count(&from->rows, s); r++) {
            const struct result_row *row = from->rows.suites[s].rows[r];
            uint64_t traces = from->suites[s].by_row[r];
            for (uint32_t i = 0; traces != 0 && i < from->rows.set->suites[s].assertion_count;
                 i++) {
                bool pass = row->results[i].result == RESULT_PASS;
                merge_counts(&to[i].counts, &(struct result_counts){.judged = traces,
                                                                    .pass = pass ? traces : 0,
                                                                    .skipped = pass ? 0 : traces});
            }
        }
    }
}

void tally_settle(struct tally *tally)
{
    add_rows(tally, tally);
    for (uint32_t i = 0; i < tally->rows.set->suite_count; i++) {
        memset(tally->suites[i].by_row, 0, RESULT_ROWS_MAX * sizeof *tally->suites[i].by_row);
    }
}

/* What the assertions came to, one by one. */
static int add_results(struct tally *tally, const struct trace_account *account,
                       const struct judgement *judgement)
{
    struct tally_assertion *to = tally->suites[judgement->suite->index].assertions;
    int bad = 0;
    for (uint32_t i = 0; i < judgement->suite->assertion_count; i++) {
        to[i].counts.judged++;
        count_result(&to[i].counts, judgement->results[i].result);
        bad |= add_failures(tally, &to[i], &account->trace_id, &judgement->results[i]);
    }
    return bad;
}

static int add_judgement(struct tally *tally, const struct trace_account *account,
                         const struct judgement *judgement)
{
    const struct suite *suite = judgement->suite;
    struct tally_suite *to = &tally->suites[suite->index];
    int bad = 0;
    to->traces.judged++;
    count_result(&to->traces, judgement->verdict);
    if (judgement->row != NULL) {
        to->by_row[judgement->row->number]++;
    } else {
        bad = add_results(tally, account, judgement);
        bad |=
            tally->campaign->settings.max_failures != 0 && tally_add_tree(to, account, judgement);
    }
    gather_trace(tally, account, judgement);
    bad |= count_label(tally, to, account->injection, judgement->verdict);
    return bad != 0 ? -ENOMEM : 0;
}

/* `strongest`: of its verdicts; RESULT_OPEN: it was not judged. */
static void count_injection(struct tally *tally, const struct trace_account *account,
                            enum result strongest)
{
    struct ledger_injections *ledger = &tally->injections;
    if (account->judgements == NULL) {
        ledger->missing += account->missing;
        ledger->not_sent += !account->missing && account->injection->outcome == INJECTION_NOT_SENT;
        ledger->unsampled += !account->missing && account->injection->outcome != INJECTION_NOT_SENT;
        tally->correlated.missing += account->missing;
        return;
    }
    tally->correlated.matched++;
    tally->expecting_none_seen += !injection_expects_trace(account->injection);
    tally->correlated.duplicate += account->duplicates != 0;
    ledger->unjudged += strongest == RESULT_OPEN;
    ledger->pass += strongest == RESULT_SKIPPED || strongest == RESULT_PASS;
    ledger->fail += strongest == RESULT_FAIL;
    ledger->error += strongest == RESULT_ERROR;
    ledger->inconclusive += strongest == RESULT_INCONCLUSIVE;
}

static void count_spans(struct tally *tally, const struct trace_account *account, bool judged)
{
    struct ledger_spans *ledger = &tally->spans;
    *(account->outside || account->unexpected ? &ledger->outside
      : judged                                ? &ledger->judged
                                              : &ledger->unjudged) += account->spans;
    ledger->duplicate += account->duplicates;
    ledger->conflicting += account->conflicting;
    ledger->late += account->late;
    ledger->cut += account->cut;
}

int tally_trace(struct tally *tally, const struct trace_account *account)
{
    bool judged = false;
    enum result strongest = account->came_to;
    int bad = 0;
    if (account->outside || account->unexpected) {
        tally->correlated.unexpected += account->unexpected;
        count_spans(tally, account, false);
        return 0;
    }
    for (uint32_t i = 0; account->judgements != NULL && i < tally->campaign->set->suite_count;
         i++) {
        const struct judgement *judgement = &account->judgements[i];
        if (judgement->applies) {
            judged = true;
            strongest = judgement->verdict > strongest ? judgement->verdict : strongest;
            bad = add_judgement(tally, account, judgement) != 0 ? -ENOMEM : bad;
        }
    }
    tally->judged_traces += judged;
    if (account->injection != NULL) {
        count_injection(tally, account, strongest);
        gather_injection(tally, account);
    }
    count_spans(tally, account, judged);
    return bad;
}

static int merge_suite(struct tally *into, uint32_t index, const struct tally_suite *from)
{
    const struct suite *suite = &into->campaign->set->suites[index];
    struct tally_suite *to = &into->suites[index];
    int bad = 0;
    merge_counts(&to->traces, &from->traces);
    bad |= kept_trees_merge(&to->trees, &from->trees);
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        merge_counts(&to->assertions[i].counts, &from->assertions[i].counts);
        bad |= tally_groups_merge(&to->assertions[i].groups, &from->assertions[i].groups,
                                  &into->arena);
        bad |= kept_failures_merge(&to->assertions[i].failures, &from->assertions[i].failures);
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        bad |= gathering_merge(&to->gatherings[i], &suite->thresholds[i], &from->gatherings[i]);
    }
    for (uint32_t i = 0; i < from->label_count; i++) {
        const struct tally_label *label = &from->labels[i];
        struct tally_label *own = find_label(into, to, label->scenario, label->step, label->zone);
        if (own != NULL) {
            merge_counts(&own->counts, &label->counts);
        }
        bad |= own == NULL;
    }
    return bad ? -ENOMEM : 0;
}

static void merge_ledger(struct tally *into, const struct tally *from)
{
    struct ledger_injections *injections = &into->injections;
    injections->total += from->injections.total;
    injections->repeated += from->injections.repeated;
    injections->pass += from->injections.pass;
    injections->fail += from->injections.fail;
    injections->error += from->injections.error;
    injections->inconclusive += from->injections.inconclusive;
    injections->missing += from->injections.missing;
    injections->unsampled += from->injections.unsampled;
    injections->not_sent += from->injections.not_sent;
    injections->unjudged += from->injections.unjudged;
    struct ledger_spans *spans = &into->spans;
    spans->received += from->spans.received;
    spans->judged += from->spans.judged;
    spans->unjudged += from->spans.unjudged;
    spans->outside += from->spans.outside;
    spans->duplicate += from->spans.duplicate;
    spans->late += from->spans.late;
    spans->cut += from->spans.cut;
    spans->rejected += from->spans.rejected;
    spans->conflicting += from->spans.conflicting;
}

int tally_merge(struct tally *into, const struct tally *from)
{
    int bad = 0;
    for (uint32_t i = 0; i < into->campaign->set->suite_count; i++) {
        bad |= merge_suite(into, i, &from->suites[i]);
    }
    add_rows(into, from);
    merge_ledger(into, from);
    into->correlated.matched += from->correlated.matched;
    into->correlated.missing += from->correlated.missing;
    into->correlated.unexpected += from->correlated.unexpected;
    into->correlated.late += from->correlated.late;
    into->correlated.duplicate += from->correlated.duplicate;
    into->judged_traces += from->judged_traces;
    into->expecting_none_seen += from->expecting_none_seen;
    into->requests_refused += from->requests_refused;
    return bad ? -ENOMEM : 0;
}

struct tally *tally_copy(const struct tally *tally)
{
    struct tally *copy = tally_new(tally->campaign);
    if (copy != NULL && tally_merge(copy, tally) != 0) {
        tally_free(copy);
        return NULL;
    }
    return copy;
}
