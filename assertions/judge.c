/* A span that arrives is shown to those probes that can find it; what they find says what a look
 * has to judge, and whether an early look is worth it at all. A large trace is looked at early only
 * when it has grown by an eighth, so that all early looks together cost a small multiple of one,
 * and a bounded number of times in between. */
#include "assertions/judge.h"

#include "assertions/judge_suite.h"

#define LARGE_TRACE_SPANS     64u
#define LOOKS_OUT_OF_TURN_MAX 32u
#define FEW_LISTS             32u /* of probes for a span: need no memory */

void judge_init(struct judge *judge, const struct suite_set *set, struct trace *trace)
{
    *judge = (struct judge){.set = set, .trace = trace, .alarmed = set->alarms_at_once};
    if (trace->injection != NULL) {
        judge_injection(judge);
    }
}

/* --- spans that arrive --- */

/* One span on its way through the probes. */
struct arrival {
    struct judge *judge;
    const struct span *span;
    uint32_t index;
    struct arena *scratch;
    uint64_t *several; /* probes of several clauses that have seen it */
};

static bool clause_tests(const struct clause *clause, const struct span *span,
                         struct arena *scratch, unsigned *holds)
{
    unsigned all = HOLDS_ALL;
    for (uint32_t i = 0; i < clause->filter_count && all != 0; i++) {
        all &= mark_holds(marks_of_filter(clause->filters[i], span, scratch));
    }
    *holds |= all;
    return *holds == HOLDS_ALL;
}

static unsigned probe_span(const struct arrival *arrival, const struct probe *probe)
{
    unsigned holds = 0;
    for (uint32_t i = 0; i < probe->clause_count; i++) {
        if (clause_tests(&probe->clauses[i], arrival->span, arrival->scratch, &holds)) {
            break;
        }
    }
    return holds;
}

/* Whether the probe has had its turn: one of several clauses may stand in several lists. */
static bool had_turn(const struct arrival *arrival, const struct probe *probe)
{
    if (probe->several == 0) {
        return false;
    }
    uint64_t *word = &arrival->several[probe->several / 64];
    uint64_t bit = UINT64_C(1) << probe->several % 64;
    bool had = (*word & bit) != 0;
    *word |= bit;
    return had;
}

/* What a sighting means for early looks. */
static void hear(struct judge *judge, const struct probe *probe, unsigned holds, bool alarm)
{
    judge->walks |= probe->alarms_always || (alarm && probe->listed);
    judge->alarmed |= alarm || judge->walks;
    judge->telling |= alarm || (probe->takes && (holds & HOLDS_OPEN) != 0);
}

static int show(const struct arrival *arrival, const struct probe *probe)
{
    struct judge *judge = arrival->judge;
    bool alarm = false;
    if (had_turn(arrival, probe)) {
        return 0;
    }
    unsigned holds = probe_span(arrival, probe);
    if (holds == 0) {
        return 0;
    }
    int bad = sightings_add(&judge->sightings, probe, holds, arrival->span, arrival->index,
                            &judge->trace->arena, arrival->scratch, &alarm);
    hear(judge, probe, holds, alarm);
    return bad;
}

static int find_with_probes(struct judge *judge, const struct span *span, uint32_t index,
                            struct arena *scratch)
{
    const struct program *program = &judge->set->program;
    struct arrival arrival = {judge, span, index, scratch, NULL};
    const struct probe_list *few[FEW_LISTS];
    const struct probe_list **lists = few;
    int bad = 0;
    if (program->dispatch.list_most > FEW_LISTS) {
        lists = arena_alloc(scratch, program->dispatch.list_most * sizeof *lists);
    }
    if (lists == NULL) {
        return JUDGE_NO_MEMORY;
    }
    if (program->several_count != 0) {
        arrival.several = arena_calloc(scratch, program->several_count / 64 + 1, sizeof(uint64_t));
        if (arrival.several == NULL) {
            return JUDGE_NO_MEMORY;
        }
    }
    uint32_t count = dispatch_find(&program->dispatch, span, lists);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < lists[i]->count; k++) {
            bad |= show(&arrival, lists[i]->items[k]);
        }
    }
    return bad != 0 ? JUDGE_NO_MEMORY : 0;
}

/* False: no memory. What was not heard then makes totals smaller, and alarms fewer. */
static bool hear_totals(struct judge *judge, const struct span *span)
{
    if (judge->totals == NULL) {
        judge->totals = arena_alloc(&judge->trace->arena, sizeof *judge->totals);
        if (judge->totals == NULL) {
            return false;
        }
        *judge->totals = TOTALS_INIT;
    }
    totals_add(judge->totals, span->start_ns, span->end_ns, span->status);
    bool alarm = totals_alarm(judge->totals, &judge->set->program.totals);
    judge->alarmed |= alarm;
    judge->telling |= alarm;
    return true;
}

int judge_add(struct judge *judge, const struct span *span, uint32_t index, struct arena *scratch)
{
    struct arena_mark mark = arena_mark(scratch);
    int bad = find_with_probes(judge, span, index, scratch);
    arena_rewind(scratch, mark);
    judge->telling |= judge->walks || index == 0 || judge->set->program.walking_takes;
    if (judge->set->program.has_totals && !hear_totals(judge, span)) {
        return JUDGE_NO_MEMORY;
    }
    return bad;
}

void judge_injection(struct judge *judge)
{
    judge->alarmed |= judge->set->program.injection_alarms;
    judge->telling = true;
}

/* With the evidence of all copies: only at closing, since what could hinge on it is not told
 * before. 0; JUDGE_NO_MEMORY. */
static int find_again(struct judge *judge, struct arena *scratch)
{
    sightings_clear(&judge->sightings, judge->set->program.probes);
    for (uint32_t i = 0; i < judge->trace->count; i++) {
        struct arena_mark mark = arena_mark(scratch);
        struct span span;
        if (trace_span_decode(judge->trace, i, scratch, &span) != 0 ||
            find_with_probes(judge, &span, i, scratch) != 0) {
            return JUDGE_NO_MEMORY;
        }
        arena_rewind(scratch, mark);
    }
    judge->trace->revealed = false;
    return 0;
}

/* --- looks --- */

/* How a look is made. */
struct looking {
    enum look_mode mode;
    bool explains;
    bool settles;             /* asks whether something is awaited */
    uint32_t max_failures;    /* where it explains */
    struct result_rows *rows; /* may be NULL */
};

/* One look at the whole trace. NULL: no memory. `scratch` and `out` are two arenas. */
static struct judgement *look_at(struct judge *judge, const struct looking *looking,
                                 struct arena *scratch, struct arena *out, bool *ret_absence)
{
    const enum look_mode mode = looking->mode;
    const struct suite_set *set = judge->set;
    struct look look;
    struct suite_look at = {.scene = {.look = &look, .injection = judge->trace->injection},
                            .out = out,
                            .rows = looking->rows,
                            .explains = looking->explains,
                            .settles = looking->settles,
                            .max_failures = looking->max_failures};
    struct judgement *judgements = arena_calloc(out, set->suite_count + 1, sizeof *judgements);
    if (judgements == NULL ||
        (judge->trace->revealed && mode == LOOK_CLOSED && find_again(judge, scratch) != 0) ||
        concern_make(&at.concern, set, &judge->sightings, mode == LOOK_CLOSED, scratch) != 0) {
        return NULL;
    }
    look_init(&look, judge, mode, scratch);
    for (uint32_t i = 0; i < set->suite_count && !look.failed; i++) {
        struct arena_mark mark = arena_mark(scratch);
        judge_suite(&at, &set->suites[i], &judgements[i], ret_absence);
        arena_rewind(scratch, mark);
    }
    look_deinit(&look);
    return look.failed ? NULL : judgements;
}

static bool worth_a_look(struct judge *judge)
{
    uint32_t count = judge->trace->count;
    if (!judge->alarmed || !judge->telling) {
        return false;
    }
    if (count <= LARGE_TRACE_SPANS || count >= judge->looked_at + judge->looked_at / 8) {
        return true;
    }
    return judge->looks_out_of_turn++ < LOOKS_OUT_OF_TURN_MAX;
}

const struct judgement *judge_early(struct judge *judge, struct arena *scratch, struct arena *out)
{
    bool absence = false;
    if (!worth_a_look(judge)) {
        return NULL;
    }
    judge->telling = false;
    judge->looked_at = judge->trace->count;
    return look_at(judge, &(struct looking){.mode = LOOK_OPEN}, scratch, out, &absence);
}

const struct judgement *judge_explain(struct judge *judge, uint32_t max_failures,
                                      struct arena *scratch, struct arena *out)
{
    const struct looking looking = {LOOK_OPEN, true, false, max_failures, NULL};
    bool absence = false;
    return look_at(judge, &looking, scratch, out, &absence);
}

bool judge_waits(struct judge *judge, struct arena *scratch)
{
    bool absence = false;
    struct arena out = ARENA_INIT(1024, 0);
    const struct judgement *judgements = look_at(
        judge, &(struct looking){.mode = LOOK_CLOSED, .settles = true}, scratch, &out, &absence);
    arena_deinit(&out);
    return judgements == NULL || absence;
}

const struct judgement *judge_close(struct judge *judge, uint32_t max_failures,
                                    struct arena *scratch, struct arena *out)
{
    const struct looking looking = {LOOK_CLOSED, true, false, max_failures, NULL};
    bool absence = false;
    return look_at(judge, &looking, scratch, out, &absence);
}

const struct judgement *judge_settle(struct judge *judge, uint32_t max_failures,
                                     struct result_rows *rows, struct arena *scratch,
                                     struct arena *out)
{
    const struct looking looking = {LOOK_CLOSED, true, true, max_failures, rows};
    bool absence = false;
    const struct judgement *judgements = look_at(judge, &looking, scratch, out, &absence);
    return absence ? NULL : judgements;
}
