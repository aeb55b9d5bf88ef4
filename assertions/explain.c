#include "assertions/explain.h"

#include "assertions/explain_outputs.h"
#include "assertions/judge_suite.h"
#include "assertions/lookup.h"
#include "assertions/reason.h"
#include "assertions/ruling_expression.h"
#include "assertions/shown.h"

struct explainer {
    struct ruling_scene scene;
    struct look *look;
    struct arena *out;
};

static struct explained_selection explain_selection(struct explainer *explainer,
                                                    const struct selector *selector)
{
    struct explained_selection told = {.selector = selector, .nearest = BYTES_LITERAL("")};
    struct selection selected;
    if (selector == NULL) {
        return told;
    }
    selection_make(&selected, selector, explainer->look);
    told.maybe = selected.maybe;
    if (selected.yes == 0) {
        told.nearest = reason_nearest(explainer->look, selector, explainer->out);
        return told;
    }
    /* Where no condition asks for the number, only this makes it exact. */
    const uint32_t *spans = selection_in_order(&selected, explainer->look);
    uint32_t *kept = arena_calloc(explainer->out, (size_t)selected.yes + 1, sizeof *kept);
    if (spans == NULL || kept == NULL) {
        explainer->look->failed = true;
        return told;
    }
    memcpy(kept, spans, selected.yes * sizeof *kept);
    told.count = selected.yes;
    told.spans = kept;
    return told;
}

/* What stands at a key of a span, whatever the condition makes of it. */
static struct seen value_on(struct explainer *explainer, const struct key *key, uint32_t index)
{
    const struct span *span = look_span(explainer->look, index);
    if (span == NULL) {
        return (struct seen){.type = SEEN_NOTHING};
    }
    struct operand value = shown_value(key, span, explainer->out);
    return operand_seen(&value);
}

static struct seen expected_of(const struct condition *condition)
{
    bool compares = condition->test != NULL && condition->test->type == EXPR_COMPARE &&
                    condition->test->arg_count == 2;
    if (compares) { /* its right side is told with its left one */
        return (struct seen){.type = SEEN_NOTHING};
    }
    if (condition->op == OP_EXISTS || condition->op == OP_MISSING || condition->test != NULL) {
        return (struct seen){.type = SEEN_VALUE, .value = {.type = VALUE_BOOL, .boolean = true}};
    }
    return operand_seen(&condition->right.literal);
}

/* Both sides of a test on a span (or none); what was compared, or whether it holds, if that is
 * known. */
static struct seen sides_on(struct explainer *explainer, const struct condition *condition,
                            const struct selection *selected, uint32_t index,
                            struct seen *ret_expected)
{
    struct judged judged;
    struct sides sides;
    if (!ruling_evaluate(&explainer->scene, condition, selected, index, explainer->out, &judged,
                         &sides)) {
        return (struct seen){.type = SEEN_NOTHING};
    }
    bool known = judged.truth != TRUTH_INCOMPARABLE && (judged.flags & LOOKUP_UNKNOWN) == 0;
    if (!sides.compared && !known) {
        return (struct seen){.type = SEEN_NOTHING};
    }
    if (!sides.compared) {
        return (struct seen){.type = SEEN_VALUE,
                             .value = {.type = VALUE_BOOL, .boolean = judged.truth == TRUTH_TRUE}};
    }
    *ret_expected = operand_seen(&sides.right);
    return operand_seen(&sides.left);
}

static void explain_spans(struct explainer *explainer, const struct condition *condition,
                          const struct explained_selection *selected,
                          struct explained_condition *ret)
{
    uint32_t count = selected->count < EXPLAIN_SPANS_MAX ? selected->count : EXPLAIN_SPANS_MAX;
    struct explained_span *spans = arena_calloc(explainer->out, count + 1, sizeof *spans);
    if (spans == NULL) {
        explainer->look->failed = true;
        return;
    }
    struct selection again = {.yes = selected->count};
    for (uint32_t i = 0; i < count; i++) {
        enum mark mark = ruling_mark_on(&explainer->scene, condition, &again, selected->spans[i]);
        spans[i] = (struct explained_span){
            .span = selected->spans[i],
            .result = mark_result(mark, condition->quantifier, false),
        };
        spans[i].actual =
            condition->test != NULL
                ? sides_on(explainer, condition, &again, selected->spans[i], &ret->expected)
                : value_on(explainer, &condition->left.key, selected->spans[i]);
    }
    ret->spans = spans;
    ret->span_count = count;
    ret->spans_omitted = selected->count - count;
}

/* What was compared; the result is told by the judge. */
static void explain_value(struct explainer *explainer, const struct condition *condition,
                          const struct explained_selection *selected,
                          struct explained_condition *ret)
{
    struct selection again;
    ret->span = EXPLAIN_NO_SPAN;
    ret->expected = expected_of(condition);
    if (selected->selector != NULL) {
        selection_make(&again, selected->selector, explainer->look);
    }
    /* Of each span a condition also reads what the ruling has found across spans. */
    struct ruling ruling =
        ruling_make(&explainer->scene, condition, selected->selector != NULL ? &again : NULL);
    if (condition->reads_span) {
        explain_spans(explainer, condition, selected, ret);
        return;
    }
    if (ruling.actual.type == OPERAND_TEXT) {
        ruling.actual.bytes = arena_copy(explainer->out, ruling.actual.bytes);
    }
    ret->actual = operand_seen(&ruling.actual);
    ret->span = ruling.span;
    if (condition->test != NULL) {
        struct selection *counted = selected->selector != NULL ? &again : NULL;
        ret->actual = sides_on(explainer, condition, counted, ruling.span, &ret->expected);
        return;
    }
    if (condition->left.type == TERM_NAME_KEY && ruling.span != RULING_NO_SPAN) {
        ret->actual = value_on(explainer, &condition->left.key, ruling.span);
    }
}

/* The failures of one condition say its result and why; without one it passes. */
static void tell_result(const struct assertion_result *result, uint32_t index,
                        struct explained_condition *ret)
{
    ret->reason = BYTES_LITERAL("");
    ret->result = result->result == RESULT_SKIPPED ? RESULT_SKIPPED : RESULT_PASS;
    for (uint32_t i = 0; i < result->failure_count; i++) {
        const struct failure *failure = &result->failures[i];
        if (failure->condition_index == index && failure->result > ret->result) {
            ret->result = failure->result;
            ret->reason = failure->reason;
        }
    }
}

/* Whether the `when` holds. */
static bool explain_when(struct explainer *explainer, const struct when *when,
                         struct explained_condition *ret)
{
    struct explained_selection none = {.selector = NULL};
    *ret = (struct explained_condition){.reason = BYTES_LITERAL(""), .span = EXPLAIN_NO_SPAN};
    if (when->condition != NULL) {
        explain_value(explainer, when->condition, &none, ret);
        ret->text = when->condition->text;
        return ruling_make(&explainer->scene, when->condition, NULL).result == RESULT_PASS;
    }
    struct selection selected;
    selection_make(&selected, when->selector, explainer->look);
    ret->text = when->selector->text;
    return selected.yes != 0;
}

/* Whether the assertion's result is that of its `when`: none of its conditions was looked at. */
static bool when_decided(struct explainer *explainer, const struct assertion *assertion,
                         const struct assertion_result *result, struct explained_condition *ret)
{
    if (assertion->when == NULL) {
        return false;
    }
    bool holds = explain_when(explainer, assertion->when, ret);
    ret->result = RESULT_PASS;
    if (result->result == RESULT_SKIPPED) {
        ret->result = holds ? RESULT_PASS : RESULT_SKIPPED;
        return !holds;
    }
    if (result->failure_count == 1 && result->failures[0].condition.data == ret->text.data) {
        ret->result = result->failures[0].result;
        ret->reason = result->failures[0].reason;
        return true;
    }
    return false;
}

static void explain_assertion(struct explainer *explainer, const struct assertion *assertion,
                              const struct assertion_result *result,
                              struct explained_assertion *ret)
{
    *ret = (struct explained_assertion){.assertion = assertion, .result = result->result};
    bool decided = when_decided(explainer, assertion, result, &ret->when);
    ret->selected = explain_selection(explainer, assertion->select);
    struct explained_condition *conditions =
        arena_calloc(explainer->out, assertion->condition_count + 1, sizeof *conditions);
    if (conditions == NULL) {
        explainer->look->failed = true;
        return;
    }
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        conditions[i].text = assertion->conditions[i]->text;
        explain_value(explainer, assertion->conditions[i], &ret->selected, &conditions[i]);
        tell_result(result, i, &conditions[i]);
        if (decided) {
            conditions[i].result = RESULT_SKIPPED;
            conditions[i].reason = BYTES_LITERAL("");
        }
    }
    ret->conditions = conditions;
}

static const struct suite_label *unfit_label(const struct suite *suite,
                                             const struct injection *injection)
{
    for (uint32_t i = 0; i < suite->label_count; i++) {
        if (injection == NULL || !judge_label_fits(&suite->labels[i], injection)) {
            return &suite->labels[i];
        }
    }
    return NULL;
}

static void explain_suite(struct explainer *explainer, const struct judgement *judgement,
                          struct explained_suite *ret)
{
    const struct suite *suite = judgement->suite;
    *ret = (struct explained_suite){.suite = suite,
                                    .applies = judgement->applies,
                                    .short_reasons = judgement->short_reasons,
                                    .verdict = judgement->verdict};
    explainer->scene.suite = suite;
    ret->unfit = unfit_label(suite, explainer->scene.injection);
    ret->traces = explain_selection(explainer, suite->traces);
    if (!judgement->applies) {
        return;
    }
    struct explained_selection *names =
        arena_calloc(explainer->out, suite->name_count + 1, sizeof *names);
    struct explained_assertion *assertions =
        arena_calloc(explainer->out, suite->assertion_count + 1, sizeof *assertions);
    if (names == NULL || assertions == NULL) {
        explainer->look->failed = true;
        return;
    }
    for (uint32_t i = 0; i < suite->name_count; i++) {
        names[i] = explain_selection(explainer, suite->names[i].selector);
    }
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        explain_assertion(explainer, &suite->assertions[i], &judgement->results[i], &assertions[i]);
    }
    ret->outputs = explain_outputs(&explainer->scene, judgement, names, explainer->out);
    ret->output_count = judgement->output_count;
    explainer->look->failed |= ret->outputs == NULL;
    ret->names = names;
    ret->assertions = assertions;
}

const struct explained_suite *explain_trace(struct judge *judge, struct arena *out)
{
    uint32_t count = judge->set->suite_count;
    struct arena scratch = ARENA_INIT(65536, 0);
    struct explained_suite *told = arena_calloc(out, count + 1, sizeof *told);
    const struct judgement *judgements = judge_close(judge, UINT32_MAX, &scratch, out);
    if (told != NULL && judgements != NULL) {
        struct look look;
        struct explainer explainer = {
            .scene = {.look = &look, .injection = judge->trace->injection},
            .look = &look,
            .out = out};
        look_init(&look, judge, LOOK_CLOSED, &scratch);
        for (uint32_t i = 0; i < count; i++) {
            struct arena_mark mark = arena_mark(&scratch);
            explain_suite(&explainer, &judgements[i], &told[i]);
            arena_rewind(&scratch, mark);
        }
        told = look.failed ? NULL : told;
        look_deinit(&look);
    }
    arena_deinit(&scratch);
    return judgements != NULL ? told : NULL;
}
