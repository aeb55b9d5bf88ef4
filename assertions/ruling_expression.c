/*
 * As for a difference of times: each name needs exactly one span, what is missing comes first, then
 * several, then what the evaluation says. All of it is worked out at a look, and told when the
 * trace closes, or early where it is about names alone.
 */
#include "assertions/ruling_expression.h"

#include "assertions/blame.h"
#include "assertions/lookup.h"
#include "assertions/marks.h"

/* One name that the test reads. */
struct bound {
    uint32_t name;
    bool counted; /* its number is all that is read */
    struct selection binding;
};

/* Everything that a test reads beside the selected span. */
struct reading {
    const struct ruling_scene *scene;
    const struct condition *condition;
    struct bound *bounds;
    uint32_t count;
    const struct selection *selected; /* NULL: no key of the selected span, no count */
    bool waits;                       /* it reads a record that is not there */
    const struct span **names;        /* decoded, by the suite's index */
    uint32_t *name_indexes;           /* of these spans */
    uint32_t *counts;
    const struct across *across; /* NULL: it reads nothing across spans */
};

static bool reading_make(struct reading *ret, const struct ruling_scene *scene,
                         const struct condition *condition, const struct selection *selected,
                         struct arena *memory)
{
    const struct expr_reads *reads = condition->reads;
    uint32_t names = scene->suite->name_count;
    *ret = (struct reading){
        .scene = scene,
        .condition = condition,
        .bounds = arena_calloc(memory, (size_t)reads->name_count + 1, sizeof *ret->bounds),
        .count = reads->name_count,
        .selected = reads->span || reads->selected ? selected : NULL,
        .waits = reads->injection && scene->injection == NULL,
        .names = arena_calloc(memory, (size_t)names + 1, sizeof(*ret->names)),
        .name_indexes = arena_calloc(memory, (size_t)names + 1, sizeof *ret->name_indexes),
        .counts = arena_calloc(memory, (size_t)names + 1, sizeof *ret->counts),
    };
    if (ret->bounds == NULL || ret->names == NULL || ret->name_indexes == NULL ||
        ret->counts == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < ret->count; i++) {
        struct bound *bound = &ret->bounds[i];
        *bound = (struct bound){reads->names[i], reads->counted[i],
                                ruling_binding(scene, reads->names[i])};
        ret->counts[bound->name] = bound->binding.yes;
    }
    return true;
}

/* --- whether more spans could change it --- */

static bool is_broken(const struct bound *bound, bool soft)
{
    uint32_t number = bound->binding.yes;
    return !bound->counted && number != 1 && !(soft && (number == 0 || bound->binding.pseudo));
}

typedef bool (*soft_fn)(const struct selection *selection);

static bool grows(const struct selection *selection)
{
    (void)selection;
    return true;
}

static bool is_uncertain(const struct selection *selection)
{
    return selection->maybe != 0;
}

/* Of the spans that are selected themselves. */
static bool selected_may_change(const struct reading *reading, enum result result)
{
    const struct selection *selected = reading->selected;
    bool any = reading->condition->quantifier == QUANTIFIER_ANY;
    if (reading->condition->reads->selected || (selected->pseudo && result != RESULT_ERROR)) {
        return true;
    }
    return any ? result != RESULT_PASS : result == RESULT_PASS || result == RESULT_INCONCLUSIVE;
}

/* Whether the result could change if more came to the soft selections; `record`: or the record. */
static bool may_change(const struct reading *reading, enum result result, soft_fn soft, bool record)
{
    bool any_soft = false;
    if (reading->waits) {
        return record;
    }
    for (uint32_t i = 0; i < reading->count; i++) {
        if (is_broken(&reading->bounds[i], soft(&reading->bounds[i].binding))) {
            return false;
        }
    }
    for (uint32_t i = 0; i < reading->count; i++) {
        const struct bound *bound = &reading->bounds[i];
        bool is_soft = soft(&bound->binding);
        any_soft |= is_soft;
        if ((!bound->counted && bound->binding.yes != 1) || (is_soft && bound->counted) ||
            (is_soft && bound->binding.pseudo && result != RESULT_ERROR)) {
            return true;
        }
    }
    if (reading->selected != NULL && soft(reading->selected) &&
        selected_may_change(reading, result)) {
        return true;
    }
    return any_soft && (result == RESULT_PASS || result == RESULT_INCONCLUSIVE);
}

static bool is_there(const struct reading *reading)
{
    bool there = !reading->waits;
    for (uint32_t i = 0; i < reading->count; i++) {
        there &= reading->bounds[i].counted || reading->bounds[i].binding.yes != 0;
    }
    return there;
}

/* --- evaluating --- */

static const struct span *decode(const struct ruling_scene *scene, uint32_t index,
                                 struct arena *memory)
{
    struct look *look = scene->look;
    struct span *span = arena_alloc(memory, sizeof *span);
    if (span == NULL || trace_span_decode(look->judge->trace, index, memory, span) != 0) {
        look->failed = true;
        return NULL;
    }
    return span;
}

/* The spans of the names. False: some name has none or several, or no memory. */
static bool decode_names(struct reading *reading, struct arena *memory)
{
    for (uint32_t i = 0; i < reading->count; i++) {
        const struct bound *bound = &reading->bounds[i];
        if (bound->counted) {
            continue;
        }
        if (bound->binding.yes != 1) {
            return false;
        }
        reading->name_indexes[bound->name] = bound->binding.first;
        reading->names[bound->name] = decode(reading->scene, bound->binding.first, memory);
        if (reading->names[bound->name] == NULL) {
            return false;
        }
    }
    return !reading->waits;
}

/* `index`: of the span. */
static struct evaluation evaluation_of(const struct reading *reading, const struct span *span,
                                       uint32_t index, struct arena *memory)
{
    return (struct evaluation){
        .span = span,
        .index = index,
        .names = reading->names,
        .name_indexes = reading->name_indexes,
        .across = reading->across,
        .counts = reading->counts,
        .selected = reading->selected != NULL ? reading->selected->yes : 0,
        .injection = reading->scene->injection,
        .scratch = memory,
    };
}

static enum mark mark_on(const struct reading *reading, uint32_t index, struct arena *memory,
                         bool *ret_settled)
{
    struct arena_mark before = arena_mark(memory);
    const struct span *span = decode(reading->scene, index, memory);
    struct judged judged = {.flags = LOOKUP_NO_MEMORY};
    if (span != NULL) {
        struct evaluation evaluation = evaluation_of(reading, span, index, memory);
        judged = evaluate_truth(&evaluation, reading->condition->test);
    }
    arena_rewind(memory, before);
    *ret_settled = (judged.flags & LOOKUP_UNSETTLED) == 0;
    return mark_of_truth(judged.truth, judged.flags);
}

/* The own results of all selected spans; those among them that no further span of the trace could
 * change. */
static unsigned results_of_selected(const struct reading *reading, struct selection *selected,
                                    struct arena *memory, unsigned *ret_settled)
{
    struct look *look = reading->scene->look;
    const uint32_t *order = selection_in_order(selected, look);
    unsigned results = 0;
    *ret_settled = 0;
    for (uint32_t i = 0; order != NULL && i < selected->yes; i++) {
        bool settled;
        enum mark mark = mark_on(reading, order[i], memory, &settled);
        unsigned result =
            result_bit(mark_result(mark, reading->condition->quantifier, look->mode == LOOK_OPEN));
        results |= result;
        *ret_settled |= settled ? result : 0;
    }
    return results;
}

/* --- the ruling --- */

/* A name without exactly one span, or no record: what is missing comes first. False: all are
 * there. */
static bool rule_unbound(const struct reading *reading, struct ruling *ret)
{
    *ret = (struct ruling){.result = RESULT_FAIL, .span = RULING_NO_SPAN};
    if (reading->waits) {
        ret->cause = CAUSE_NO_RECORD;
        return true;
    }
    for (uint32_t i = 0; i < reading->count; i++) {
        const struct bound *bound = &reading->bounds[i];
        bool none = bound->binding.yes == 0;
        if (bound->counted || bound->binding.yes == 1 || (ret->cause == CAUSE_SEVERAL && !none)) {
            continue;
        }
        ret->cause = none ? CAUSE_NO_SPAN : CAUSE_SEVERAL;
        ret->name = bound->name;
        ret->number = bound->binding.yes;
        if (none) {
            return true;
        }
    }
    return ret->cause != CAUSE_NONE;
}

static struct ruling rule_selected(const struct reading *reading, struct arena *memory,
                                   bool *ret_settled)
{
    struct selection selected = *reading->selected;
    unsigned settled;
    unsigned results = results_of_selected(reading, &selected, memory, &settled);
    struct ruling ruling =
        ruling_of_results(results, reading->condition->quantifier, selected.pseudo);
    *ret_settled = (settled & result_bit(ruling.result)) != 0;
    return ruling;
}

/* The one span that it is about; RULING_NO_SPAN: there are several. */
static uint32_t only_span(const struct reading *reading)
{
    uint32_t span = RULING_NO_SPAN;
    uint32_t found = 0;
    for (uint32_t i = 0; i < reading->count; i++) {
        if (!reading->bounds[i].counted) {
            span = reading->bounds[i].binding.first;
            found++;
        }
    }
    return found == 1 ? span : RULING_NO_SPAN;
}

static struct ruling rule_once(const struct reading *reading, struct arena *memory,
                               bool *ret_settled)
{
    bool open = reading->scene->look->mode == LOOK_OPEN;
    struct evaluation evaluation = evaluation_of(reading, NULL, 0, memory);
    struct judged judged = evaluate_truth(&evaluation, reading->condition->test);
    *ret_settled = (judged.flags & LOOKUP_UNSETTLED) == 0;
    enum mark mark = mark_of_truth(judged.truth, judged.flags);
    /* What no copy of a span can bring is missing for good. */
    bool for_good = mark == MARK_ABSENT && (judged.flags & LOOKUP_MISSED) == 0;
    struct ruling ruling = {.result = mark_result(mark, QUANTIFIER_ALL, open && !for_good),
                            .cause = ruling_cause(mark),
                            .span = only_span(reading)};
    bool joined = reading->condition->test->type != EXPR_COMPARE;
    if (reading->across != NULL && joined && ruling.cause == CAUSE_COMPARED &&
        ruling.result == RESULT_FAIL) {
        blame_tell(reading->scene, &evaluation, reading->condition->test, &ruling);
    }
    return ruling;
}

static bool has_uncertain(const struct reading *reading)
{
    bool uncertain = reading->selected != NULL && reading->selected->maybe != 0;
    for (uint32_t i = 0; i < reading->count; i++) {
        uncertain |= reading->bounds[i].binding.maybe != 0;
    }
    return uncertain;
}

/* Whether times by more than one clock are computed with. */
static bool has_clocks_apart(const struct reading *reading)
{
    const struct expr_reads *reads = reading->condition->reads;
    const struct resource *clock = NULL;
    bool apart = false;
    uint32_t others = reads->injection_timed + (reads->span_timed ? 1u : 0u);
    for (uint32_t i = 0; i < reading->count; i++) {
        if (!reads->timed[i]) {
            continue;
        }
        const struct resource *here = reading->names[reads->names[i]]->resource;
        apart |= (clock != NULL && clock != here) || others != 0;
        clock = here;
    }
    return apart || others > 1;
}

/* What clocks allow is worked out for a plain difference of two times only. */
static void rule_clocks(const struct reading *reading, struct ruling *ruling)
{
    if (reading->scene->suite->estimates_skew && has_clocks_apart(reading)) {
        ruling->result = RESULT_INCONCLUSIVE;
        ruling->cause = CAUSE_WHOLE;
        ruling->told = BYTES_LITERAL(
            "it computes with times of several clocks: compare two times, or $x.start - $y.end "
            "with a duration, which is judged within what the clocks allow");
    }
}

/* What keeps a part from being known is told, not that something does. */
static void tell_unknown(const struct reading *reading, struct ruling *ruling)
{
    const struct ruling *unknown = across_unknown(reading->across);
    if (unknown == NULL || ruling->result != RESULT_INCONCLUSIVE) {
        return;
    }
    ruling->cause = unknown->uncertain ? CAUSE_UNCERTAIN : unknown->cause;
    ruling->span = unknown->span;
    ruling->bounds = unknown->bounds;
    ruling->actual = unknown->actual;
    ruling->told = unknown->told;
}

static struct ruling rule_read(struct reading *reading, struct arena *memory)
{
    const struct expr_reads *reads = reading->condition->reads;
    bool open = reading->scene->look->mode == LOOK_OPEN;
    bool settled = true;
    struct ruling ruling;
    if (reads->span && reading->selected->yes == 0) {
        ruling = ruling_of_nothing(reading->condition->quantifier);
        ruling.hinges = ruling.uncertain = reading->selected->maybe != 0;
        return ruling;
    }
    if (!rule_unbound(reading, &ruling)) {
        if (!decode_names(reading, memory)) {
            ruling.cause = CAUSE_NO_MEMORY;
            return ruling;
        }
        ruling = reads->span ? rule_selected(reading, memory, &settled)
                             : rule_once(reading, memory, &settled);
        tell_unknown(reading, &ruling);
        rule_clocks(reading, &ruling);
    }
    bool changes = may_change(reading, ruling.result, grows, open);
    ruling.stays = !changes && settled && !(open && (reads->span || reads->selected));
    ruling.hinges = has_uncertain(reading);
    ruling.uncertain = ruling.hinges && may_change(reading, ruling.result, is_uncertain, false);
    bool any_failed = reading->condition->quantifier == QUANTIFIER_ANY &&
                      ruling.result != RESULT_PASS && reads->span;
    ruling.absence = ruling.result != RESULT_PASS &&
                     may_change(reading, ruling.result, grows, true) &&
                     (!is_there(reading) || any_failed);
    for (uint32_t i = 0; i < reading->count && ruling.result == RESULT_FAIL; i++) {
        ruling.absence |= reading->bounds[i].counted;
    }
    ruling.absence |= ruling.result == RESULT_FAIL && !settled;
    ruling.hinges |= across_hinges(reading->across);
    return ruling;
}

struct ruling ruling_expression(const struct ruling_scene *scene, const struct condition *condition,
                                const struct selection *selected)
{
    struct arena *memory = scene->look->scratch;
    struct arena_mark before = arena_mark(memory);
    struct ruling ruling = {.result = RESULT_INCONCLUSIVE, .cause = CAUSE_NO_MEMORY};
    struct reading reading;
    const struct across *across = NULL;
    bool good = !expr_reads_across(condition->reads) ||
                (across = across_make(scene, condition, selected)) != NULL;
    if (good && reading_make(&reading, scene, condition, selected, memory)) {
        reading.across = across;
        ruling = rule_read(&reading, memory);
    } else {
        scene->look->failed = true;
    }
    arena_rewind(memory, before);
    return ruling;
}

/* --- again, to explain --- */

static void take_sides(struct evaluation *evaluation, const struct expr *test, struct sides *ret)
{
    bool compares = test->type == EXPR_COMPARE && test->arg_count == 2;
    if (compares) {
        ret->compared = true;
        ret->left = evaluate_value(evaluation, test->args[0]).operand;
        ret->right = evaluate_value(evaluation, test->args[1]).operand;
    }
}

bool ruling_evaluate(const struct ruling_scene *scene, const struct condition *condition,
                     const struct selection *selected, uint32_t index, struct arena *memory,
                     struct judged *ret, struct sides *ret_sides)
{
    struct reading reading;
    const struct span *span = NULL;
    *ret_sides = (struct sides){.compared = false};
    bool general = condition->left.type == TERM_EXPRESSION;
    if (!reading_make(&reading, scene, condition, selected, memory)) {
        return false;
    }
    reading.across = general ? across_again(scene->look, condition) : NULL;
    if (general && !decode_names(&reading, memory)) {
        return false;
    }
    if (index != RULING_NO_SPAN && (!general || condition->reads->span)) {
        span = decode(scene, index, memory);
    }
    struct evaluation evaluation = evaluation_of(&reading, span, index, memory);
    if (!general) {
        evaluation.names = NULL;
    }
    *ret = evaluate_truth(&evaluation, condition->test);
    take_sides(&evaluation, condition->test, ret_sides);
    return true;
}

enum mark ruling_mark_on(const struct ruling_scene *scene, const struct condition *condition,
                         const struct selection *selected, uint32_t index)
{
    struct arena *memory = scene->look->scratch;
    struct arena_mark before = arena_mark(memory);
    enum mark mark = MARK_NONE;
    struct judged judged;
    struct sides sides;
    if (condition->left.type != TERM_EXPRESSION) {
        return ruling_mark(scene->look, condition, index);
    }
    if (ruling_evaluate(scene, condition, selected, index, memory, &judged, &sides)) {
        mark = mark_of_truth(judged.truth, judged.flags);
    }
    arena_rewind(memory, before);
    return mark;
}

/* Of a value that no condition has; `suite`: whose clocks are as they were measured. What the look
 * remembers of the latest condition is left to it. */
static struct evaluated value_read(struct reading *reading, const struct expr *value,
                                   struct arena *memory)
{
    const struct condition *condition = reading->condition;
    struct look *look = reading->scene->look;
    const struct evaluated none = {.culprit = NULL};
    if (expr_reads_across(condition->reads)) {
        const struct across *latest = look->across;
        reading->across = across_make(reading->scene, condition, NULL);
        look->across = latest;
        if (reading->across == NULL) {
            return (struct evaluated){.trouble = TROUBLE_MEMORY, .culprit = value};
        }
    }
    if (has_uncertain(reading) || across_hinges(reading->across) ||
        !decode_names(reading, memory)) {
        return none;
    }
    struct evaluation evaluation = evaluation_of(reading, NULL, 0, memory);
    struct evaluated made = evaluate_value(&evaluation, value);
    return (made.flags & LOOKUP_UNKNOWN) != 0 ? none : made;
}

struct evaluated ruling_value(const struct ruling_scene *scene, const struct expr *value,
                              const struct expr_reads *reads, struct arena *memory)
{
    const struct condition condition = {.left = {.type = TERM_EXPRESSION}, .reads = reads};
    struct suite measured = *scene->suite;
    struct ruling_scene exact = {scene->look, &measured, scene->injection};
    struct reading reading;
    measured.estimates_skew = false;
    if (!reading_make(&reading, &exact, &condition, NULL, memory)) {
        return (struct evaluated){.trouble = TROUBLE_MEMORY, .culprit = value};
    }
    return value_read(&reading, value, memory);
}
