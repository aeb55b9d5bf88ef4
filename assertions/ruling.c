/* "Stays" follows from two facts: further spans only add to a selection (unless it has a
 * pseudo-class), and a copy of a span can only make a missing key unknown. So a broken `all` or
 * `none`, a fulfilled `any`, a name bound to several, a count past its limit stay; whatever holds
 * because nothing else came does not. */
#include "assertions/ruling.h"

#include <math.h>

#include "assertions/difference.h"
#include "assertions/lookup.h"
#include "assertions/marks.h"
#include "assertions/ruling_expression.h"
#include "assertions/whole_ruling.h"
#include "daemon/core/number.h"

enum cause ruling_cause(enum mark mark)
{
    switch (mark) {
    case MARK_ERROR:
        return CAUSE_INCOMPARABLE;
    case MARK_CLOCK:
        return CAUSE_CLOCK;
    case MARK_SKEW:
        return CAUSE_SKEW;
    case MARK_LOST:
        return CAUSE_DROPPED;
    case MARK_ABSENT:
        return CAUSE_ABSENT;
    case MARK_NONE:
        return CAUSE_NO_MEMORY;
    default:
        return CAUSE_COMPARED;
    }
}

enum mark ruling_mark(struct look *look, const struct condition *condition, uint32_t index)
{
    const struct span *span = condition->test != NULL
                                  ? look_span(look, index)
                                  : look_span_for_key(look, index, &condition->left.key);
    struct arena_mark mark = arena_mark(look->scratch);
    enum mark made = span != NULL ? marks_of_condition(condition, span, look->scratch) : MARK_NONE;
    arena_rewind(look->scratch, mark);
    return made;
}

struct selection ruling_binding(const struct ruling_scene *scene, uint32_t name)
{
    struct selection binding;
    selection_make(&binding, scene->suite->names[name].selector, scene->look);
    return binding;
}

struct ruling ruling_of_nothing(enum quantifier quantifier)
{
    if (quantifier == QUANTIFIER_NONE) {
        return (struct ruling){.result = RESULT_PASS, .span = RULING_NO_SPAN};
    }
    return (struct ruling){
        .result = RESULT_FAIL, .cause = CAUSE_NOTHING, .absence = true, .span = RULING_NO_SPAN};
}

static struct ruling rule_any(unsigned seen, bool pseudo)
{
    struct ruling ruling = {.result = RESULT_FAIL, .cause = CAUSE_COMPARED, .span = RULING_NO_SPAN};
    if (seen & result_bit(RESULT_PASS)) {
        ruling.result = RESULT_PASS;
        ruling.stays = !pseudo;
    } else if (seen & result_bit(RESULT_ERROR)) {
        ruling.result = RESULT_ERROR;
    } else if (seen & result_bit(RESULT_INCONCLUSIVE)) {
        ruling.result = RESULT_INCONCLUSIVE;
    }
    ruling.absence = ruling.result != RESULT_PASS;
    return ruling;
}

static struct ruling rule_all_or_none(unsigned seen, bool pseudo)
{
    struct ruling ruling = {.result = RESULT_PASS, .cause = CAUSE_COMPARED, .span = RULING_NO_SPAN};
    if (seen & result_bit(RESULT_FAIL)) {
        ruling.result = RESULT_FAIL;
        ruling.stays = !pseudo;
    } else if (seen & result_bit(RESULT_ERROR)) {
        ruling.result = RESULT_ERROR;
        ruling.stays = true;
    } else if (seen & result_bit(RESULT_INCONCLUSIVE)) {
        ruling.result = RESULT_INCONCLUSIVE;
    }
    return ruling;
}

struct ruling ruling_of_results(unsigned results, enum quantifier quantifier, bool pseudo)
{
    return quantifier == QUANTIFIER_ANY ? rule_any(results, pseudo)
                                        : rule_all_or_none(results, pseudo);
}

static struct ruling rule_spans(const struct look *look, const struct condition *condition,
                                const struct selection *selected)
{
    struct ruling ruling;
    if (selected->yes == 0) {
        ruling = ruling_of_nothing(condition->quantifier);
    } else {
        unsigned seen = selection_results(selected, condition, look);
        ruling = ruling_of_results(seen, condition->quantifier, selected->pseudo);
    }
    ruling.hinges = selected->maybe != 0;
    ruling.uncertain = ruling.hinges && !ruling.stays;
    return ruling;
}

static enum truth compare_count(const struct condition *condition, int64_t count)
{
    struct operand left = {.type = OPERAND_INT, .integer = count};
    return truth_negate(compare(condition->op, &left, &condition->right.literal, condition->regex),
                        condition->negations);
}

/* The number at and around which a comparison of a count with the literal can change its answer. */
static int64_t literal_floor(const struct operand *literal)
{
    double number = 0;
    if (literal->type == OPERAND_INT) {
        return literal->integer;
    }
    if (literal->type == OPERAND_DOUBLE) {
        number = literal->number;
    } else if (literal->type == OPERAND_TEXT && number_parse_double(literal->bytes, &number) != 0) {
        number = 0;
    }
    number = floor(number);
    return number < 0 || isnan(number) ? 0
           : number > 9e15             ? INT64_C(9000000000000000)
                                       : (int64_t)number;
}

/* The numbers that a count is compared with: one, or those of a list. */
static const struct operand *counted_with(const struct condition *condition, uint32_t *ret_count)
{
    const struct operand *literal = &condition->right.literal;
    bool list = literal->type == OPERAND_LIST;
    *ret_count = list ? literal->list->count : 1;
    return list ? literal->list->items : literal;
}

/* Whether the comparison gives `now` also where it can change its answer above `from`. */
static bool count_stays(const struct condition *condition, int64_t from, enum truth now,
                        int64_t turn)
{
    int64_t probes[] = {turn > INT64_MAX - 4 ? turn : turn + 1, turn, turn > 0 ? turn - 1 : 0,
                        INT64_MAX};
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        if (probes[i] > from && compare_count(condition, probes[i]) != now) {
            return false;
        }
    }
    return true;
}

/* Whether the comparison gives the same for every number from `from` up. */
static bool count_is_settled(const struct condition *condition, int64_t from)
{
    enum truth now = compare_count(condition, from);
    uint32_t count;
    const struct operand *numbers = counted_with(condition, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!count_stays(condition, from, now, literal_floor(&numbers[i]))) {
            return false;
        }
    }
    return true;
}

bool ruling_counts(const struct condition *condition, uint32_t count)
{
    return compare_count(condition, count) == TRUTH_TRUE;
}

/* The same for the places at and around one of the numbers. */
static uint32_t fails_around(const struct condition *condition, int64_t turn)
{
    int64_t places[] = {0, turn > 0 ? turn - 1 : 0, turn, turn + 1};
    for (size_t i = 0; i < sizeof places / sizeof *places && places[i] < UINT32_MAX; i++) {
        if (compare_count(condition, places[i]) == TRUTH_FALSE &&
            count_is_settled(condition, places[i])) {
            return places[i] > 0 ? (uint32_t)places[i] : 1;
        }
    }
    return UINT32_MAX;
}

uint32_t ruling_fails_from(const struct condition *condition)
{
    uint32_t least = UINT32_MAX;
    uint32_t count;
    const struct operand *numbers = counted_with(condition, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = fails_around(condition, literal_floor(&numbers[i]));
        least = from < least ? from : least;
    }
    return least;
}

static struct ruling rule_count(const struct condition *condition, const struct selection *selected)
{
    struct ruling ruling = {
        .span = RULING_NO_SPAN, .cause = CAUSE_COMPARED, .number = selected->yes};
    enum truth truth = compare_count(condition, selected->yes);
    ruling.result = truth == TRUTH_TRUE           ? RESULT_PASS
                    : truth == TRUTH_INCOMPARABLE ? RESULT_ERROR
                                                  : RESULT_FAIL;
    ruling.stays = count_is_settled(condition, selected->pseudo ? 0 : (int64_t)selected->yes);
    ruling.absence = ruling.result == RESULT_FAIL && !count_is_settled(condition, selected->yes);
    ruling.hinges = selected->maybe != 0;
    ruling.uncertain = ruling.hinges && !ruling.stays;
    ruling.actual = (struct operand){.type = OPERAND_INT, .integer = selected->yes};
    return ruling;
}

/* A condition on a name that does not bind to exactly one span. */
static struct ruling rule_unbound(const struct selection *binding, uint32_t name)
{
    bool none = binding->yes == 0;
    bool stays = !none && !binding->pseudo;
    return (struct ruling){
        .result = RESULT_FAIL,
        .cause = none ? CAUSE_NO_SPAN : CAUSE_SEVERAL,
        .stays = stays,
        .absence = none,
        .hinges = binding->maybe != 0,
        .uncertain = binding->maybe != 0 && !stays,
        .name = name,
        .span = RULING_NO_SPAN,
        .number = binding->yes,
    };
}

/* The own result of the one span, as it was found; its cause only where it is of use. */
static void rule_bound(const struct ruling_scene *scene, const struct condition *condition,
                       const struct selection *binding, struct ruling *ruling)
{
    bool open = scene->look->mode == LOOK_OPEN;
    unsigned seen = selection_results(binding, condition, scene->look);
    if (seen == result_bit(RESULT_PASS) || (open && seen == result_bit(RESULT_INCONCLUSIVE))) {
        ruling->result = seen == result_bit(RESULT_PASS) ? RESULT_PASS : RESULT_INCONCLUSIVE;
        ruling->cause = CAUSE_COMPARED;
        return;
    }
    enum mark mark = ruling_mark(scene->look, condition, binding->first);
    ruling->result = mark_result(mark, QUANTIFIER_ALL, open);
    ruling->cause = ruling_cause(mark);
}

static struct ruling rule_name(const struct ruling_scene *scene, const struct condition *condition)
{
    const struct term *term = &condition->left;
    struct selection binding = ruling_binding(scene, term->name);
    if (binding.yes != 1) {
        return rule_unbound(&binding, term->name);
    }
    struct ruling ruling = {.name = term->name, .span = binding.first};
    rule_bound(scene, condition, &binding, &ruling);
    ruling.stays =
        ruling.result == RESULT_ERROR || (ruling.result == RESULT_FAIL && !binding.pseudo);
    ruling.hinges = binding.maybe != 0;
    ruling.uncertain = ruling.hinges && !ruling.stays;
    return ruling;
}

struct ruling ruling_of_truth(enum truth truth)
{
    struct ruling ruling = {.span = RULING_NO_SPAN};
    ruling.result = truth == TRUTH_TRUE           ? RESULT_PASS
                    : truth == TRUTH_INCOMPARABLE ? RESULT_ERROR
                                                  : RESULT_FAIL;
    ruling.cause = truth == TRUTH_ABSENT         ? CAUSE_ABSENT
                   : truth == TRUTH_INCOMPARABLE ? CAUSE_INCOMPARABLE
                                                 : CAUSE_COMPARED;
    return ruling;
}

/* A record never changes once it is there; while the trace is open it may still come. */
static struct ruling rule_injection(const struct ruling_scene *scene,
                                    const struct condition *condition)
{
    if (scene->injection == NULL) {
        return (struct ruling){.result = RESULT_FAIL,
                               .cause = CAUSE_NO_RECORD,
                               .span = RULING_NO_SPAN,
                               .stays = scene->look->mode != LOOK_OPEN,
                               .absence = true};
    }
    struct operand actual = lookup_injection_term(&condition->left, scene->injection);
    enum truth truth = compare(condition->op, &actual, &condition->right.literal, condition->regex);
    struct ruling ruling = ruling_of_truth(truth_negate(truth, condition->negations));
    ruling.actual = actual;
    ruling.stays = true;
    return ruling;
}

bool ruling_reads_names(const struct condition *condition)
{
    const struct term *term = &condition->left;
    if (term->type == TERM_DIFFERENCE) {
        return term->left->type != TERM_INJECTION || term->right->type != TERM_INJECTION;
    }
    if (term->type == TERM_EXPRESSION) {
        return condition->reads->name_count != 0 || condition->reads->across_count != 0;
    }
    return term->type == TERM_NAME_KEY || term->type == TERM_NAME_COUNT || term->type == TERM_WHOLE;
}

struct ruling ruling_make(const struct ruling_scene *scene, const struct condition *condition,
                          const struct selection *selected)
{
    struct selection counted;
    switch (condition->left.type) {
    case TERM_COUNT:
        return rule_count(condition, selected);
    case TERM_NAME_COUNT:
        counted = ruling_binding(scene, condition->left.name);
        return rule_count(condition, &counted);
    case TERM_NAME_KEY:
        return rule_name(scene, condition);
    case TERM_INJECTION:
        return rule_injection(scene, condition);
    case TERM_DIFFERENCE:
        return difference_rule(scene, condition);
    case TERM_WHOLE:
        return whole_rule(scene, condition, selected);
    case TERM_EXPRESSION:
        return ruling_expression(scene, condition, selected);
    default:
        return rule_spans(scene->look, condition, selected);
    }
}
