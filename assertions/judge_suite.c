#include "assertions/judge_suite.h"

#include <string.h>

#include "assertions/failures.h"
#include "assertions/gathering_place.h"
#include "assertions/lookup.h"
#include "assertions/rule.h"
#include "assertions/ruling_expression.h"
#include "assertions/sample.h"

bool judge_label_fits(const struct suite_label *label, const struct injection *injection)
{
    char scratch[OPERAND_TEXT_MAX];
    struct operand value = lookup_injection(label->name, injection);
    return value.type != OPERAND_MISSING &&
           bytes_equal(operand_text(&value, scratch), label->value);
}

static bool labels_fit(const struct suite *suite, const struct injection *injection)
{
    for (uint32_t i = 0; i < suite->label_count; i++) {
        if (injection == NULL || !judge_label_fits(&suite->labels[i], injection)) {
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
                                  : ruling_make(&at->scene, when->condition, NULL);
    bool reads_spans = when->selector != NULL || ruling_reads_names(when->condition);
    bool open = (at->short_evidence && !ret->stays) || ret->uncertain;
    if (ret->result == RESULT_ERROR && !open) {
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
                                    struct selection *selected, struct failure_list *list,
                                    bool *ret_absence)
{
    enum result strongest = RESULT_SKIPPED;
    bool open = false;
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        struct ruling ruling = ruling_make(&at->scene, assertion->conditions[i], selected);
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
                                  struct selection *selected, struct failure_list *list)
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
            int64_t number =
                left->type == TERM_COUNT ? 0 : ruling_binding(&at->scene, left->name).yes;
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

void judge_assertion(struct suite_look *at, const struct assertion *assertion,
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

/* SEMANTICS 6, "verdict of a trace": the strongest, while open only what is certain. */
struct standing {
    enum result strongest;
    uint32_t open_count;
};

static void note_result(struct standing *standing, const struct assertion_result *result)
{
    if (result->severity == SEVERITY_ERROR) {
        standing->open_count += result->result == RESULT_OPEN;
        standing->strongest =
            result->result > standing->strongest ? result->result : standing->strongest;
    }
}

static void judge_one(struct suite_look *at, uint32_t index, struct assertion_result *results,
                      struct standing *standing, bool *ret_absence)
{
    judge_assertion(at, &at->scene.suite->assertions[index], &results[index], ret_absence);
    note_result(standing, &results[index]);
}

/* What is no longer as in a trace that concerns nobody. */
static void forget_blank(const struct assertion_result *result, struct standing *standing)
{
    bool severe = result->severity == SEVERITY_ERROR;
    standing->open_count -= severe && result->result == RESULT_OPEN;
}

/* Those that some span concerns, beside those that are judged in every trace. */
static void judge_concerned(struct suite_look *at, const struct blank_results *blank,
                            struct assertion_result *results, struct standing *standing,
                            bool *ret_absence)
{
    const struct suite *suite = at->scene.suite;
    uint32_t first = suite->assertion_count != 0 ? suite->assertions[0].number : 0;
    uint32_t end = first + suite->assertion_count;
    uint32_t number;
    for (number = first; (number = concern_next(at->concern.passed, number, end)) != CONCERN_NONE;
         number++) {
        results[number - first].result = RESULT_PASS;
    }
    for (uint32_t i = 0; i < blank->judged_count; i++) {
        uint32_t index = blank->judged[i];
        if (!concern_has(at->concern.passed, first + index)) {
            judge_one(at, index, results, standing, ret_absence);
        }
    }
    for (number = first; (number = concern_next(at->concern.judged, number, end)) != CONCERN_NONE;
         number++) {
        uint32_t index = number - first;
        if (!blank->always[index]) {
            forget_blank(&results[index], standing);
            judge_one(at, index, results, standing, ret_absence);
        }
    }
}

/* Short of evidence, what no span concerns is inconclusive too. */
static struct standing judge_assertions(struct suite_look *at, struct assertion_result *results,
                                        bool *ret_absence)
{
    const struct suite *suite = at->scene.suite;
    bool open = at->scene.look->mode == LOOK_OPEN;
    const struct blank_results *blank = open ? &suite->blank.open : &suite->blank.closed;
    struct standing standing = {RESULT_PASS, 0};
    if (at->short_evidence) {
        for (uint32_t i = 0; i < suite->assertion_count; i++) {
            judge_one(at, i, results, &standing, ret_absence);
        }
        return standing;
    }
    memcpy(results, blank->results, suite->assertion_count * sizeof *results);
    standing = (struct standing){blank->strongest, blank->open_count};
    judge_concerned(at, blank, results, &standing, ret_absence);
    return standing;
}

/* The row that says all of the suite: where nothing is left to be judged by itself. NULL: none. */
static const struct result_row *find_row(const struct suite_look *at)
{
    const struct suite *suite = at->scene.suite;
    const struct blank_results *blank = &suite->blank.closed;
    uint32_t first = suite->assertion_count != 0 ? suite->assertions[0].number : 0;
    uint32_t end = first + suite->assertion_count;
    bool whole = at->rows != NULL && at->scene.look->mode == LOOK_CLOSED && !at->short_evidence &&
                 blank->open_count == 0 &&
                 concern_next(at->concern.judged, first, end) == CONCERN_NONE;
    for (uint32_t i = 0; whole && i < blank->judged_count; i++) {
        whole = concern_has(at->concern.passed, first + blank->judged[i]);
    }
    return whole ? result_rows_find(at->rows, suite, at->concern.passed) : NULL;
}

/* The same for all suites of a mode of evidence: worked out once in a look. */
static unsigned reasons_of(struct suite_look *at, const struct suite *suite)
{
    struct trace_evidence *evidence = &at->evidence[suite->lenient];
    uint32_t parents;
    if (at->scene.look->mode == LOOK_OPEN) {
        return 0;
    }
    if (!evidence->known) {
        evidence->reasons = trace_short(at->scene.look->judge->trace, suite->lenient, &parents);
        evidence->known = true;
    }
    return evidence->reasons;
}

/* Keeps what a value views. False: no memory. */
static bool keep_value(struct value *value, struct arena *out)
{
    if (value->type != VALUE_TEXT && value->type != VALUE_BYTES && value->type != VALUE_ARRAY &&
        value->type != VALUE_MAP) {
        return true;
    }
    if (value->bytes.len == 0) {
        value->bytes = BYTES_LITERAL("");
        return true;
    }
    value->bytes = arena_copy(out, value->bytes);
    return value->bytes.data != NULL;
}

static bool is_long(const struct operand *value)
{
    bool bytes = (type_bit(value->type) & (TYPES_TEXT | TYPES_OPAQUE)) != 0;
    return bytes && value->bytes.len > OUTPUT_BYTES_MAX;
}

/* The values that the suite captures. NULL: no memory. */
static const struct verdict_output *capture_outputs(struct suite_look *at,
                                                    const struct suite *suite)
{
    struct arena *scratch = at->scene.look->scratch;
    struct verdict_output *outputs = arena_calloc(at->out, suite->output_count, sizeof *outputs);
    for (uint32_t i = 0; outputs != NULL && i < suite->output_count; i++) {
        const struct output *output = &suite->outputs[i];
        struct arena_mark before = arena_mark(scratch);
        struct evaluated value = ruling_value(&at->scene, output->value, &output->reads, scratch);
        outputs[i] = (struct verdict_output){.name = output->name};
        if (value.trouble == TROUBLE_NONE && !is_long(&value.operand)) {
            outputs[i].value = operand_seen(&value.operand);
        }
        at->scene.look->failed |=
            value.trouble == TROUBLE_MEMORY ||
            (outputs[i].value.type == SEEN_VALUE && !keep_value(&outputs[i].value.value, at->out));
        arena_rewind(scratch, before);
    }
    at->scene.look->failed |= outputs == NULL;
    return outputs;
}

/* Results of the trace's own. */
static void judge_own(struct suite_look *at, struct judgement *ret, bool *ret_absence)
{
    size_t count = (size_t)at->scene.suite->assertion_count + 1;
    struct assertion_result *results = arena_alloc(at->out, count * sizeof *results);
    if (results == NULL) {
        at->scene.look->failed = true;
        return;
    }
    struct standing standing = judge_assertions(at, results, ret_absence);
    ret->results = results;
    ret->verdict = standing.open_count != 0 && standing.strongest != RESULT_FAIL
                       ? RESULT_OPEN
                       : standing.strongest;
}

/* Whether a threshold waits for a span of one of its names. */
static bool awaits_sample(const struct suite_look *at)
{
    const struct suite *suite = at->scene.suite;
    bool awaited = false;
    for (uint32_t i = 0; !at->short_evidence && !awaited && i < suite->threshold_count; i++) {
        const struct threshold *threshold = &suite->thresholds[i];
        awaited = rule_relates_names(threshold->rule) &&
                  gather_tags_fit(suite, threshold->rule, at->scene.injection) &&
                  sample_is_awaited(at->scene.look, suite, threshold->rule);
    }
    return awaited;
}

void judge_suite(struct suite_look *at, const struct suite *suite, struct judgement *ret,
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
    at->scene.suite = suite;
    at->short_reasons = reasons_of(at, suite);
    at->short_evidence = at->short_reasons != 0 || (look->mode != LOOK_OPEN && !certain);
    ret->short_reasons = at->short_reasons;
    ret->row = find_row(at);
    if (ret->row != NULL) {
        ret->results = ret->row->results;
        ret->verdict = ret->row->verdict;
    } else {
        judge_own(at, ret, ret_absence);
    }
    if (at->settles && !*ret_absence) {
        *ret_absence = awaits_sample(at);
    }
    if (suite->output_count != 0 && look->mode == LOOK_CLOSED && at->explains) {
        ret->outputs = capture_outputs(at, suite);
        ret->output_count = ret->outputs != NULL ? suite->output_count : 0;
    }
}
