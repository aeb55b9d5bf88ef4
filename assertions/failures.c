#include "assertions/failures.h"

#include <string.h>

#include "assertions/reason.h"
#include "assertions/ruling_expression.h"
#include "assertions/shown.h"
#include "assertions/whole.h"

static bool is_of_group(const struct failure_group *group, const struct failure *failure)
{
    return group->result == failure->result && bytes_equal(group->condition, failure->condition) &&
           bytes_equal(group->service, failure->service) &&
           bytes_equal(group->span_name, failure->span_name) &&
           bytes_equal(group->reason, failure->reason);
}

/* Counts an omitted failure in its group. Whether it made a new one, which keeps the failure's
 * texts. */
static bool count_omitted(struct failure_list *list, const struct failure *failure)
{
    list->omitted++;
    for (uint32_t i = 0; i < list->group_count; i++) {
        if (is_of_group(&list->groups[i], failure)) {
            list->groups[i].count++;
            return false;
        }
    }
    if (list->groups == NULL) {
        list->groups = arena_calloc(list->out, FAILURE_GROUPS_MAX, sizeof *list->groups);
    }
    if (list->groups == NULL) {
        return false;
    }
    struct failure_group *group = &list->groups[list->group_count];
    if (list->group_count + 1 >= FAILURE_GROUPS_MAX) {
        group->reason = BYTES_LITERAL(FAILURE_GROUP_OTHER);
        group->condition = failure->condition;
        group->result = failure->result;
        group->count++;
        return false;
    }
    *group = (struct failure_group){failure->result,    failure->condition, failure->service,
                                    failure->span_name, failure->reason,    1};
    list->group_count++;
    return true;
}

/* Whether one more may be listed; the list grows by doubling. */
static bool has_room(struct failure_list *list)
{
    if (list->count >= list->most) {
        return false;
    }
    if (list->count < list->room) {
        return true;
    }
    uint32_t room = list->room != 0 ? list->room * 2 : 4;
    struct failure *items = arena_alloc(list->out, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (list->count != 0) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    list->items = items;
    list->room = room;
    return true;
}

static struct seen seen_bool(bool value)
{
    return (struct seen){.type = SEEN_VALUE, .value = {.type = VALUE_BOOL, .boolean = value}};
}

/* Tests that are true or false by themselves: their expected and actual values are that truth. Of
 * the analyzer's rules what breaks them is told. */
static bool asks_truth(const struct condition *condition)
{
    if (condition->test != NULL) {
        return condition->test->type != EXPR_COMPARE || condition->test->arg_count != 2;
    }
    bool presence = condition->op == OP_EXISTS || condition->op == OP_MISSING;
    return (presence && condition->left.key.space != KEY_DEFECT) || condition->negations != 0;
}

/* A condition across spans is true or false by itself, but for its terms. */
static bool is_statement(const struct condition *condition)
{
    return condition->left.type == TERM_WHOLE && whole_is_statement(condition->left.whole);
}

/* Of a comparison of values it is told with what was seen. */
static struct seen expected_of(const struct condition *condition)
{
    if (is_statement(condition)) {
        return seen_bool(true);
    }
    if (condition->test != NULL && !asks_truth(condition)) {
        return (struct seen){.type = SEEN_NOTHING};
    }
    return asks_truth(condition) ? seen_bool(true) : operand_seen(&condition->right.literal);
}

/* A failure but for what was seen: only those that are listed pay for that. */
static struct failure failure_of(const struct condition *condition, enum result result)
{
    return (struct failure){.result = result,
                            .condition = condition->text,
                            .condition_index = condition->index,
                            .expected = expected_of(condition)};
}

static void set_span(struct failure *failure, const struct trace *trace, uint32_t index)
{
    const struct trace_span *span = &trace->spans[index];
    failure->span_id = span->id;
    failure->service = trace_span_resource(trace, span)->service;
    failure->span_name = trace_span_name(span);
}

/* Both sides of a test that compares values; `index` as in ruling_evaluate. */
static void set_sides(struct failure *failure, const struct ruling_scene *scene,
                      const struct condition *condition, const struct selection *selected,
                      uint32_t index, struct arena *out)
{
    struct judged judged;
    struct sides sides;
    if (condition->test == NULL || asks_truth(condition) ||
        !ruling_evaluate(scene, condition, selected, index, out, &judged, &sides)) {
        return;
    }
    failure->expected = operand_seen(&sides.right);
    if (failure->result != RESULT_INCONCLUSIVE) {
        failure->actual = operand_seen(&sides.left);
    }
}

/* The value that a condition compared on a span; nothing where it can't be told. */
static struct seen actual_on_span(const struct ruling_scene *scene,
                                  const struct condition *condition, uint32_t index,
                                  enum result result, struct arena *out)
{
    struct seen nothing = {.type = SEEN_NOTHING};
    if (result == RESULT_INCONCLUSIVE) {
        return nothing;
    }
    if (asks_truth(condition)) {
        return result == RESULT_ERROR ? nothing
                                      : seen_bool(condition->quantifier == QUANTIFIER_NONE);
    }
    const struct span *span = condition->test == NULL
                                  ? look_span_for_key(scene->look, index, &condition->left.key)
                                  : NULL;
    if (span == NULL) {
        return nothing;
    }
    struct operand actual = shown_value(&condition->left.key, span, out);
    return operand_seen(&actual);
}

static void add_span_failure(struct failure_list *list, const struct ruling_scene *scene,
                             const struct condition *condition, const struct selection *selected,
                             uint32_t index, enum mark mark, enum result result)
{
    struct ruling own = {.cause = ruling_cause(mark), .span = index};
    struct failure failure = failure_of(condition, result);
    struct arena_mark before = arena_mark(list->out);
    set_span(&failure, scene->look->judge->trace, index);
    failure.reason = reason_make(scene, condition, NULL, &own, 0, list->out);
    if (has_room(list)) {
        failure.actual = actual_on_span(scene, condition, index, result, list->out);
        set_sides(&failure, scene, condition, selected, index, list->out);
        list->items[list->count++] = failure;
    } else if (!count_omitted(list, &failure)) {
        arena_rewind(list->out, before);
    }
}

/* The entries of the selected spans whose own result is the condition's. Returns how many there
 * are. */
static uint32_t add_span_failures(struct failure_list *list, const struct ruling_scene *scene,
                                  const struct condition *condition, struct selection *selected,
                                  enum result result)
{
    uint32_t *order = selection_in_order(selected, scene->look);
    bool open = scene->look->mode == LOOK_OPEN;
    uint32_t found = 0;
    for (uint32_t i = 0; order != NULL && i < selected->yes; i++) {
        enum mark mark = ruling_mark_on(scene, condition, selected, order[i]);
        if (mark_result(mark, condition->quantifier, open) == result) {
            add_span_failure(list, scene, condition, selected, order[i], mark, result);
            found++;
        }
    }
    return found;
}

/* Its text goes with the look. */
static struct seen seen_across(const struct ruling *ruling, struct arena *out)
{
    struct operand actual = ruling->actual;
    if (actual.type == OPERAND_TEXT) {
        actual.bytes = arena_copy(out, actual.bytes);
    }
    return operand_seen(&actual);
}

static struct seen actual_of_ruling(const struct ruling_scene *scene,
                                    const struct condition *condition, const struct ruling *ruling,
                                    enum result result, struct arena *out)
{
    struct seen nothing = {.type = SEEN_NOTHING};
    bool across = condition->left.type == TERM_WHOLE ||
                  (condition->test != NULL && ruling->cause == CAUSE_WHOLE &&
                   ruling->actual.type != OPERAND_MISSING);
    if (across && result != RESULT_INCONCLUSIVE) {
        return seen_across(ruling, out);
    }
    if (condition->left.type == TERM_COUNT || condition->left.type == TERM_NAME_COUNT) {
        return operand_seen(&ruling->actual);
    }
    if (result == RESULT_INCONCLUSIVE || ruling->cause == CAUSE_NO_SPAN ||
        ruling->cause == CAUSE_SEVERAL || ruling->cause == CAUSE_NO_RECORD ||
        ruling->cause == CAUSE_NOTHING ||
        (ruling->cause == CAUSE_ABSENT && condition->left.type == TERM_DIFFERENCE)) {
        return nothing; /* no value was there to be compared */
    }
    if (condition->left.type == TERM_NAME_KEY) {
        return actual_on_span(scene, condition, ruling->span, result, out);
    }
    if (asks_truth(condition)) {
        return result == RESULT_FAIL && condition->quantifier != QUANTIFIER_ANY ? seen_bool(false)
                                                                                : nothing;
    }
    return operand_seen(&ruling->actual);
}

/* What the evidence has made of a ruling is told instead of what it was. */
static struct ruling told_ruling(const struct ruling *ruling, enum result result,
                                 unsigned short_reasons)
{
    struct ruling told = *ruling;
    if (result == RESULT_INCONCLUSIVE && ruling->result != RESULT_INCONCLUSIVE) {
        told.cause = ruling->uncertain && short_reasons == 0 ? CAUSE_UNCERTAIN : CAUSE_SHORT;
        told.span = RULING_NO_SPAN;
    }
    return told;
}

static void add_failure(struct failure_list *list, const struct failure *failure)
{
    if (has_room(list)) {
        list->items[list->count++] = *failure;
    } else {
        count_omitted(list, failure);
    }
}

static void add_single_failure(struct failure_list *list, const struct ruling_scene *scene,
                               const struct assertion *assertion, const struct condition *condition,
                               const struct selection *selected, const struct ruling *ruling,
                               enum result result, unsigned short_reasons)
{
    struct ruling told = told_ruling(ruling, result, short_reasons);
    struct failure failure = failure_of(condition, result);
    if (told.span != RULING_NO_SPAN) {
        set_span(&failure, scene->look->judge->trace, told.span);
    }
    failure.actual = actual_of_ruling(scene, condition, ruling, result, list->out);
    set_sides(&failure, scene, condition, selected, ruling->span, list->out);
    failure.reason =
        reason_make(scene, condition, assertion->select, &told, short_reasons, list->out);
    add_failure(list, &failure);
}

void failures_of_condition(struct failure_list *list, const struct ruling_scene *scene,
                           const struct assertion *assertion, uint32_t index,
                           struct selection *selected, const struct ruling *ruling,
                           enum result result, unsigned short_reasons)
{
    const struct condition *condition = assertion->conditions[index];
    bool per_span =
        condition->reads_span && selected != NULL && selected->yes != 0 && ruling->result == result;
    bool any_failed = condition->quantifier == QUANTIFIER_ANY && result == RESULT_FAIL;
    if (result < RESULT_INCONCLUSIVE) {
        return;
    }
    if (per_span && !any_failed &&
        add_span_failures(list, scene, condition, selected, result) != 0) {
        return;
    }
    add_single_failure(list, scene, assertion, condition, selected, ruling, result, short_reasons);
}

void failures_of_when(struct failure_list *list, const struct ruling_scene *scene,
                      const struct assertion *assertion, const struct ruling *ruling,
                      enum result result, unsigned short_reasons)
{
    const struct when *when = assertion->when;
    if (when->condition != NULL) {
        add_single_failure(list, scene, assertion, when->condition, NULL, ruling, result,
                           short_reasons);
        return;
    }
    struct ruling told = told_ruling(ruling, result, short_reasons);
    struct failure failure = {
        .result = result, .condition = when->selector->text, .expected = seen_bool(true)};
    failure.reason = reason_make(scene, NULL, NULL, &told, short_reasons, list->out);
    add_failure(list, &failure);
}
