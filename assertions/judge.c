/* Every look evaluates all suites on the marks: cheap for the small traces that are the rule. A
 * large trace is looked at early only when it has grown by an eighth, so that all early looks
 * together cost a small multiple of one, and a bounded number of times when a span seems to decide
 * something. */
#include "assertions/judge.h"

#include "assertions/failures.h"
#include "assertions/lookup.h"
#include "assertions/marks.h"
#include "assertions/ruling.h"

#define LARGE_TRACE_SPANS     64u
#define LOOKS_OUT_OF_TURN_MAX 32u

void judge_init(struct judge *judge, const struct suite_set *set, struct trace *trace)
{
    *judge = (struct judge){.set = set, .trace = trace};
}

int judge_add(struct judge *judge, const struct span *span, uint32_t index, struct arena *scratch)
{
    judge->fresh = true;
    return marks_make(judge, span, index, scratch);
}

void judge_evidence(struct judge *judge, uint32_t index)
{
    (void)index;
    judge->stale = true;
    judge->fresh = true;
}

void judge_injection(struct judge *judge)
{
    judge->fresh = true;
}

/* Everything about one suite during one look. */
struct suite_look {
    struct ruling_scene scene;
    unsigned short_reasons; /* as the suite's evidence mode sees them */
    bool
        short_evidence; /* these, or the suite took the trace by a key that may have been dropped */
    bool explains;      /* failures are listed, up to max_failures, and counted by kind */
    uint32_t max_failures;
    struct arena *out;
};

static bool label_fits(const struct suite_label *label, const struct injection *injection)
{
    char scratch[OPERAND_TEXT_MAX];
    struct operand value = lookup_injection(label->name, injection);
    return value.type != OPERAND_MISSING &&
           bytes_equal(operand_text(&value, scratch), label->value);
}

static bool labels_fit(const struct suite *suite, const struct injection *injection)
{
    for (uint32_t i = 0; i < suite->label_count; i++) {
        if (injection == NULL || !label_fits(&suite->labels[i], injection)) {
            return false;
        }
    }
    return true;
}

/* Whether the suite takes the trace; *ret_certain: whether that hinges on nothing that was dropped
 * (closed) or may still come (open). */
static bool suite_applies(const struct suite *suite, struct look *look,
                          const struct injection *injection, bool *ret_certain)
{
    struct selection certain;
    struct selection received;
    *ret_certain = true;
    if (!labels_fit(suite, injection)) {
        return false;
    }
    if (suite->traces == NULL) {
        return look->judge->trace->count != 0;
    }
    selection_make(&certain, suite->traces, look);
    if (certain.yes != 0 && (look->mode != LOOK_OPEN || !certain.pseudo)) {
        return true;
    }
    *ret_certain = false;
    enum look_mode mode = look->mode;
    look->mode = LOOK_RECEIVED;
    selection_make(&received, suite->traces, look);
    look->mode = mode;
    return received.yes != 0;
}

static bool bind_names(struct suite_look *at, const struct suite *suite)
{
    struct look *look = at->scene.look;
    struct selection *names = arena_calloc(look->scratch, suite->name_count + 1, sizeof *names);
    if (names == NULL) {
        look->failed = true;
        return false;
    }
    for (uint32_t i = 0; i < suite->name_count; i++) {
        selection_make(&names[i], suite->names[i].selector, look);
    }
    at->scene.names = names;
    return !look->failed;
}

/* A ruling as a result: while open only what stays is known; short of evidence, what does not stay
 * is inconclusive. */
static enum result settle(const struct suite_look *at, const struct ruling *ruling)
{
    if (at->scene.look->mode == LOOK_OPEN) {
        bool told =
            ruling->stays && (ruling->result == RESULT_PASS || ruling->result == RESULT_FAIL);
        return told ? ruling->result : RESULT_OPEN;
    }
    if ((at->short_evidence && !ruling->stays) || ruling->uncertain) {
        return RESULT_INCONCLUSIVE;
    }
    return ruling->result;
}

static struct ruling rule_when_selector(struct suite_look *at, const struct selector *selector)
{
    struct selection selected;
    selection_make(&selected, selector, at->scene.look);
    return (struct ruling){
        .result = selected.yes != 0 ? RESULT_PASS : RESULT_FAIL,
        .hinges = selected.maybe != 0,
        .span = RULING_NO_SPAN,
    };
}

/* PASS: the assertion applies; SKIPPED; ERROR or INCONCLUSIVE are the assertion's. */
static enum result judge_when(struct suite_look *at, const struct when *when, struct ruling *ret)
{
    *ret = when->selector != NULL ? rule_when_selector(at, when->selector)
                                  : ruling_make(&at->scene, when->condition, 0, NULL);
    bool reads_spans = when->selector != NULL || ruling_reads_names(when->condition);
    if (ret->result == RESULT_ERROR) {
        return RESULT_ERROR;
    }
    if (reads_spans && (at->short_evidence || ret->hinges)) {
        ret->uncertain = ret->hinges;
        ret->result = RESULT_PASS;
        return RESULT_INCONCLUSIVE;
    }
    return ret->result == RESULT_FAIL ? RESULT_SKIPPED : ret->result;
}

static void close_when(struct suite_look *at, const struct assertion *assertion,
                       const struct ruling *ruling, struct failure_list *list,
                       struct assertion_result *ret)
{
    if (ret->result >= RESULT_INCONCLUSIVE && at->explains) {
        failures_of_when(list, &at->scene, assertion, ruling, ret->result, at->short_reasons);
    }
}

/* The strongest result of the conditions; while open PASS only if all have passed for certain. */
static enum result judge_conditions(struct suite_look *at, const struct assertion *assertion,
                                    const struct selection *selected, struct failure_list *list,
                                    bool *ret_absence)
{
    enum result strongest = RESULT_SKIPPED;
    bool open = false;
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        struct ruling ruling = ruling_make(&at->scene, assertion->conditions[i],
                                           assertion->condition_base + i, selected);
        enum result result = settle(at, &ruling);
        *ret_absence |= ruling.absence;
        open |= result == RESULT_OPEN;
        strongest = result > strongest ? result : strongest;
        if (at->explains) {
            failures_of_condition(list, &at->scene, assertion, i, selected, &ruling, result,
                                  at->short_reasons);
        }
    }
    return open && strongest != RESULT_FAIL ? RESULT_OPEN : strongest;
}

/* With `optional` and nothing selected the conditions do not matter: skipped, or, where a span may
 * yet be selected, each of them inconclusive. */
static enum result judge_optional(struct suite_look *at, const struct assertion *assertion,
                                  const struct selection *selected, struct failure_list *list)
{
    if (at->scene.look->mode == LOOK_OPEN) {
        return RESULT_OPEN;
    }
    if (!at->short_evidence && selected->maybe == 0) {
        return RESULT_SKIPPED;
    }
    for (uint32_t i = 0; i < assertion->condition_count && at->explains; i++) {
        struct ruling ruling = {
            .result = RESULT_PASS, .uncertain = selected->maybe != 0, .span = RULING_NO_SPAN};
        const struct term *left = &assertion->conditions[i]->left;
        if (left->type == TERM_COUNT || left->type == TERM_NAME_COUNT) {
            int64_t number = left->type == TERM_COUNT ? 0 : at->scene.names[left->name].yes;
            ruling.actual = (struct operand){.type = OPERAND_INT, .integer = number};
        }
        failures_of_condition(list, &at->scene, assertion, i, selected, &ruling,
                              RESULT_INCONCLUSIVE, at->short_reasons);
    }
    return RESULT_INCONCLUSIVE;
}

/* Whether nothing is selected, or (while open, by a pseudo-class) nothing may be selected in the
 * end. */
static bool may_be_empty(const struct suite_look *at, const struct selection *selected)
{
    return selected->yes == 0 || (at->scene.look->mode == LOOK_OPEN && selected->pseudo);
}

static enum result judge_selected(struct suite_look *at, const struct assertion *assertion,
                                  struct failure_list *list, bool *ret_absence)
{
    struct selection selected;
    if (assertion->select == NULL) {
        return judge_conditions(at, assertion, NULL, list, ret_absence);
    }
    selection_make(&selected, assertion->select, at->scene.look);
    if (assertion->optional && may_be_empty(at, &selected)) {
        return judge_optional(at, assertion, &selected, list);
    }
    return judge_conditions(at, assertion, &selected, list, ret_absence);
}

static void judge_assertion(struct suite_look *at, const struct assertion *assertion,
                            struct assertion_result *ret, bool *ret_absence)
{
    struct failure_list list = {.most = at->max_failures, .out = at->out};
    struct arena_mark mark = arena_mark(at->scene.look->scratch);
    struct ruling when = {.result = RESULT_OPEN};
    *ret = (struct assertion_result){.name = assertion->name,
                                     .index = assertion->index,
                                     .severity = assertion->severity,
                                     .result = RESULT_PASS};
    if (assertion->when != NULL) {
        ret->result = at->scene.look->mode == LOOK_OPEN ? RESULT_OPEN
                                                        : judge_when(at, assertion->when, &when);
        close_when(at, assertion, &when, &list, ret);
    }
    if (ret->result == RESULT_PASS) {
        ret->result = judge_selected(at, assertion, &list, ret_absence);
    }
    ret->failures = list.items;
    ret->failure_count = list.count;
    ret->failures_omitted = list.omitted;
    ret->omitted_groups = list.groups;
    ret->omitted_group_count = list.group_count;
    arena_rewind(at->scene.look->scratch, mark);
}

/* SEMANTICS 6, "verdict of a trace". */
static enum result suite_verdict(const struct suite *suite, const struct assertion_result *results)
{
    enum result strongest = RESULT_PASS;
    bool open = false;
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        if (results[i].severity == SEVERITY_ERROR) {
            open |= results[i].result == RESULT_OPEN;
            strongest = results[i].result > strongest ? results[i].result : strongest;
        }
    }
    return open && strongest != RESULT_FAIL ? RESULT_OPEN : strongest;
}

static unsigned reasons_of(const struct look *look, const struct suite *suite)
{
    uint32_t parents;
    return look->mode == LOOK_OPEN ? 0 : trace_short(look->judge->trace, suite->lenient, &parents);
}

static void judge_suite(struct suite_look *at, const struct suite *suite, struct judgement *ret,
                        bool *ret_absence)
{
    struct look *look = at->scene.look;
    bool certain;
    *ret = (struct judgement){.suite = suite, .verdict = RESULT_OPEN};
    ret->applies = suite_applies(suite, look, at->scene.injection, &certain);
    ret->applies_for_certain = ret->applies && certain;
    if (!ret->applies) {
        return;
    }
    struct assertion_result *results =
        arena_calloc(at->out, suite->assertion_count + 1, sizeof *results);
    if (results == NULL) {
        look->failed = true;
        return;
    }
    at->scene.suite = suite;
    at->short_reasons = reasons_of(look, suite);
    at->short_evidence = at->short_reasons != 0 || (look->mode != LOOK_OPEN && !certain);
    ret->short_reasons = at->short_reasons;
    if (!bind_names(at, suite)) {
        return;
    }
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        judge_assertion(at, &suite->assertions[i], &results[i], ret_absence);
    }
    ret->results = results;
    ret->verdict = suite_verdict(suite, results);
}

/* One look at the whole trace; `max_failures` NULL: nothing is explained. NULL: no memory.
 * `scratch` and `out` are two arenas. */
static struct judgement *look_at(struct judge *judge, enum look_mode mode,
                                 const uint32_t *max_failures, struct arena *scratch,
                                 struct arena *out, bool *ret_absence)
{
    struct look look;
    struct suite_look at = {.scene = {.look = &look, .injection = judge->trace->injection},
                            .out = out,
                            .explains = max_failures != NULL,
                            .max_failures = max_failures != NULL ? *max_failures : 0};
    struct judgement *judgements =
        arena_calloc(out, judge->set->suite_count + 1, sizeof *judgements);
    if (judgements == NULL || (judge->stale && marks_remake(judge, scratch) != 0)) {
        return NULL;
    }
    judge->stale = false;
    look_init(&look, judge, mode, scratch);
    for (uint32_t i = 0; i < judge->set->suite_count && !look.failed; i++) {
        struct arena_mark mark = arena_mark(scratch);
        judge_suite(&at, &judge->set->suites[i], &judgements[i], ret_absence);
        arena_rewind(scratch, mark);
    }
    look_deinit(&look);
    return look.failed ? NULL : judgements;
}

static bool worth_a_look(struct judge *judge)
{
    uint32_t count = judge->trace->count;
    if (!judge->fresh) {
        return false;
    }
    if (count <= LARGE_TRACE_SPANS || count >= judge->looked_at + judge->looked_at / 8) {
        return true;
    }
    return judge->telling && judge->looks_out_of_turn++ < LOOKS_OUT_OF_TURN_MAX;
}

const struct judgement *judge_early(struct judge *judge, struct arena *scratch, struct arena *out)
{
    bool absence = false;
    if (!worth_a_look(judge)) {
        return NULL;
    }
    judge->fresh = judge->telling = false;
    judge->looked_at = judge->trace->count;
    return look_at(judge, LOOK_OPEN, NULL, scratch, out, &absence);
}

const struct judgement *judge_explain(struct judge *judge, uint32_t max_failures,
                                      struct arena *scratch, struct arena *out)
{
    bool absence = false;
    return look_at(judge, LOOK_OPEN, &max_failures, scratch, out, &absence);
}

bool judge_waits(struct judge *judge, struct arena *scratch)
{
    bool absence = false;
    struct arena out = ARENA_INIT(1024, 0);
    const struct judgement *judgements = look_at(judge, LOOK_CLOSED, NULL, scratch, &out, &absence);
    arena_deinit(&out);
    return judgements == NULL || absence;
}

const struct judgement *judge_close(struct judge *judge, uint32_t max_failures,
                                    struct arena *scratch, struct arena *out)
{
    bool absence = false;
    return look_at(judge, LOOK_CLOSED, &max_failures, scratch, out, &absence);
}

const struct judgement *judge_settle(struct judge *judge, uint32_t max_failures,
                                     struct arena *scratch, struct arena *out)
{
    bool absence = false;
    const struct judgement *judgements =
        look_at(judge, LOOK_CLOSED, &max_failures, scratch, out, &absence);
    return absence ? NULL : judgements;
}
