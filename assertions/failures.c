#include "assertions/failures.h"

#include <stdlib.h>

#include "assertions/reason.h"
#include "assertions/shown.h"

static struct failure *failures_next(struct failure_list *list)
{
    if (list->count == list->room) {
        list->omitted++;
        return NULL;
    }
    if (list->items == NULL) {
        list->items = arena_calloc(list->out, list->room, sizeof *list->items);
        if (list->items == NULL) {
            list->omitted++;
            return NULL;
        }
    }
    struct failure *failure = &list->items[list->count++];
    *failure = (struct failure){ .condition = BYTES_NULL };
    return failure;
}

static struct seen seen_bool(bool value)
{
    return (struct seen){ .type = SEEN_VALUE, .value = { .type = VALUE_BOOL, .boolean = value } };
}

/* Tests that are true or false by themselves: their expected and actual values are that truth. */
static bool asks_truth(const struct condition *condition)
{
    return condition->op == OP_EXISTS || condition->op == OP_MISSING || condition->negations != 0;
}

static struct seen expected_of(const struct condition *condition)
{
    return asks_truth(condition) ? seen_bool(true) : operand_seen(&condition->right.literal);
}

static void set_span(struct failure *failure, const struct trace *trace, uint32_t index)
{
    const struct trace_span *span = &trace->spans[index];
    failure->span_id = span->id;
    failure->service = span->resource->service;
    failure->span_name = trace_span_name(span);
}

/* The value that a condition compared on a span; nothing where it can't be told. */
static struct seen actual_on_span(const struct ruling_scene *scene, const struct condition *condition, uint32_t index,
                                  enum result result, struct arena *out)
{
    struct span span;
    struct seen nothing = { .type = SEEN_NOTHING };
    if (result == RESULT_INCONCLUSIVE) {
        return nothing;
    }
    if (asks_truth(condition)) {
        return result == RESULT_ERROR ? nothing : seen_bool(condition->quantifier == QUANTIFIER_NONE);
    }
    if (trace_span_decode(scene->look->judge->trace, index, scene->look->scratch, &span) != 0) {
        return nothing;
    }
    struct operand actual = shown_value(&condition->left.key, &span, out);
    return operand_seen(&actual);
}

static void add_span_failure(struct failure_list *list, const struct ruling_scene *scene, const struct condition *condition,
                             uint32_t number, uint32_t index, enum result result)
{
    struct failure *failure = failures_next(list);
    if (failure == NULL) {
        return;
    }
    struct ruling own = { .cause = ruling_cause_of_span(scene->look, number, index), .span = index };
    set_span(failure, scene->look->judge->trace, index);
    failure->result = result;
    failure->condition = condition->text;
    failure->condition_index = condition->index;
    failure->expected = expected_of(condition);
    failure->actual = actual_on_span(scene, condition, index, result, list->out);
    failure->reason = reason_make(scene, condition, NULL, &own, 0, list->out);
}

/* The entries of the selected spans whose own result is the condition's. Returns how many there are. */
static uint32_t add_span_failures(struct failure_list *list, const struct ruling_scene *scene,
                                  const struct condition *condition, uint32_t number, const struct selection *selected,
                                  enum result result)
{
    uint32_t *order = selection_in_order(selected, scene->look);
    uint32_t found = 0;
    for (uint32_t i = 0; order != NULL && i < selected->yes; i++) {
        if (ruling_of_span(scene->look, condition, number, order[i]) == result) {
            add_span_failure(list, scene, condition, number, order[i], result);
            found++;
        }
    }
    return found;
}

static struct seen actual_of_ruling(const struct ruling_scene *scene, const struct condition *condition,
                                    const struct ruling *ruling, enum result result, struct arena *out)
{
    bool counts = condition->left.type == TERM_COUNT || condition->left.type == TERM_NAME_COUNT;
    if (asks_truth(condition) && (result == RESULT_FAIL || counts) && ruling->cause != CAUSE_NO_SPAN &&
        ruling->cause != CAUSE_SEVERAL && ruling->cause != CAUSE_NO_RECORD && !counts) {
        return seen_bool(false);
    }
    if (counts || (ruling->actual.type != OPERAND_MISSING && result != RESULT_INCONCLUSIVE)) {
        return operand_seen(&ruling->actual);
    }
    if (condition->left.type == TERM_NAME_KEY && ruling->span != RULING_NO_SPAN && result != RESULT_INCONCLUSIVE) {
        return actual_on_span(scene, condition, ruling->span, result, out);
    }
    return (struct seen){ .type = SEEN_NOTHING };
}

static void add_single_failure(struct failure_list *list, const struct ruling_scene *scene,
                               const struct assertion *assertion, const struct condition *condition,
                               const struct ruling *ruling, enum result result, unsigned short_reasons)
{
    struct failure *failure = failures_next(list);
    if (failure == NULL) {
        return;
    }
    bool by_evidence = result == RESULT_INCONCLUSIVE && ruling->result != RESULT_INCONCLUSIVE;
    struct ruling told = *ruling;
    if (by_evidence) {
        told.cause = ruling->uncertain && short_reasons == 0 ? CAUSE_UNCERTAIN : CAUSE_SHORT;
    } else if (ruling->span != RULING_NO_SPAN) {
        set_span(failure, scene->look->judge->trace, ruling->span);
    }
    failure->result = result;
    failure->condition = condition->text;
    failure->condition_index = condition->index;
    failure->expected = expected_of(condition);
    failure->actual = actual_of_ruling(scene, condition, ruling, result, list->out);
    failure->reason = reason_make(scene, condition, assertion->select, &told, short_reasons, list->out);
}

void failures_of_condition(struct failure_list *list, const struct ruling_scene *scene, const struct assertion *assertion,
                           uint32_t index, const struct selection *selected, const struct ruling *ruling,
                           enum result result, unsigned short_reasons)
{
    const struct condition *condition = assertion->conditions[index];
    bool per_span = condition->reads_span && selected != NULL && selected->yes != 0;
    bool any_failed = condition->quantifier == QUANTIFIER_ANY && result == RESULT_FAIL;
    if (result < RESULT_INCONCLUSIVE) {
        return;
    }
    if (per_span && !any_failed &&
        add_span_failures(list, scene, condition, assertion->condition_base + index, selected, result) != 0) {
        return;
    }
    add_single_failure(list, scene, assertion, condition, ruling, result, short_reasons);
}

void failures_of_when(struct failure_list *list, const struct ruling_scene *scene, const struct assertion *assertion,
                      const struct ruling *ruling, enum result result, unsigned short_reasons)
{
    const struct when *when = assertion->when;
    if (when->condition != NULL) {
        add_single_failure(list, scene, assertion, when->condition, ruling, result, short_reasons);
        return;
    }
    struct failure *failure = failures_next(list);
    if (failure == NULL) {
        return;
    }
    struct ruling told = *ruling;
    told.cause = ruling->uncertain && short_reasons == 0 ? CAUSE_UNCERTAIN : CAUSE_SHORT;
    failure->result = result;
    failure->condition = when->selector->text;
    failure->expected = seen_bool(true);
    failure->reason = reason_make(scene, NULL, NULL, &told, short_reasons, list->out);
}
