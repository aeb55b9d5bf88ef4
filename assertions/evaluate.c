/*
 * "Missing" comes before "can't be computed", and that before any value, so that no result depends
 * on the order in which the parts are looked at.
 */
#include "assertions/evaluate.h"

#include "assertions/across.h"
#include "assertions/functions.h"
#include "assertions/json_match.h"
#include "assertions/lookup.h"

bool evaluation_work(struct evaluation *evaluation, size_t steps)
{
    size_t left = EXPRESSION_WORK_MAX - evaluation->work;
    evaluation->work = steps < left ? evaluation->work + (uint32_t)steps : EXPRESSION_WORK_MAX;
    return evaluation->work < EXPRESSION_WORK_MAX;
}

/* --- values --- */

static struct evaluated give(struct operand operand)
{
    return (struct evaluated){.operand = operand};
}

static struct evaluated give_int(int64_t integer)
{
    return give((struct operand){.type = OPERAND_INT, .integer = integer});
}

static struct evaluated give_trouble(enum trouble trouble, const struct expr *culprit)
{
    return (struct evaluated){.trouble = trouble, .culprit = culprit};
}

/* The rank of what stands in the way: a missing value, then one that can't be computed. */
static unsigned rank(const struct evaluated *value)
{
    return value->trouble != TROUBLE_NONE ? 1 : value->operand.type == OPERAND_MISSING ? 2 : 0;
}

/* What stands most in the way; the first of equals. NULL: all are values. */
static const struct evaluated *obstacle(const struct evaluated *values, uint32_t count)
{
    const struct evaluated *worst = NULL;
    for (uint32_t i = 0; i < count; i++) {
        unsigned here = rank(&values[i]);
        if (here != 0 && (worst == NULL || here > rank(worst))) {
            worst = &values[i];
        }
    }
    return worst;
}

static unsigned flags_of(const struct evaluated *values, uint32_t count)
{
    unsigned flags = 0;
    for (uint32_t i = 0; i < count; i++) {
        flags |= values[i].flags;
    }
    return flags;
}

static struct evaluated evaluate_key(const struct expr *expr, const struct span *span,
                                     struct arena *scratch)
{
    struct evaluated value = {.culprit = expr};
    const struct key *key = &expr->key;
    if (span == NULL) {
        return value;
    }
    if (key->space == KEY_ANY || key->space == KEY_ATTR) {
        value.operand = lookup_attr(key, span, &value.flags);
    } else {
        value.operand = lookup_value(key, span, scratch);
        value.flags = lookup_flags(key, OP_EQUAL, span);
    }
    return value;
}

static struct evaluated evaluate_injection(const struct evaluation *evaluation,
                                           const struct expr *expr)
{
    struct evaluated value = {.culprit = expr};
    if (evaluation->injection != NULL) {
        value.operand = lookup_injection_term(&expr->injection, evaluation->injection);
    }
    return value;
}

static const struct span *span_of(const struct evaluation *evaluation, const struct expr *expr)
{
    return expr->type == EXPR_NAME_KEY && evaluation->names != NULL ? evaluation->names[expr->name]
                                                                    : evaluation->span;
}

static struct evaluated evaluate_own(const struct evaluation *evaluation, const struct expr *expr)
{
    const struct span *span = span_of(evaluation, expr);
    if (span != NULL && expr->key.space == KEY_FIELD && expr->key.field == FIELD_SELF_TIME) {
        bool named = expr->type == EXPR_NAME_KEY && evaluation->name_indexes != NULL;
        return across_self_time(evaluation->across, expr,
                                named ? evaluation->name_indexes[expr->name] : evaluation->index);
    }
    return evaluate_key(expr, span, evaluation->scratch);
}

/* All arguments; NULL: no memory. */
static struct evaluated *evaluate_args(struct evaluation *evaluation, const struct expr *expr)
{
    struct evaluated *values =
        arena_alloc(evaluation->scratch, (expr->arg_count + 1) * sizeof *values);
    for (uint32_t i = 0; values != NULL && i < expr->arg_count; i++) {
        values[i] = evaluate_value(evaluation, expr->args[i]);
    }
    return values;
}

static enum trouble apply(struct evaluation *evaluation, const struct expr *expr,
                          const struct evaluated *values, struct operand *ret)
{
    switch (expr->type) {
    case EXPR_NEGATE:
        return arithmetic_negate(&values[0].operand, ret);
    case EXPR_CALL:
    case EXPR_JOIN:
        return function_apply(evaluation, expr, values, ret);
    default:
        return arithmetic_apply(expr->type, &values[0].operand, &values[1].operand, ret);
    }
}

/* What is made of the values of the arguments. */
static struct evaluated evaluate_made(struct evaluation *evaluation, const struct expr *expr)
{
    struct evaluated *values = evaluate_args(evaluation, expr);
    if (values == NULL) {
        return (struct evaluated){
            .trouble = TROUBLE_MEMORY, .culprit = expr, .flags = LOOKUP_NO_MEMORY};
    }
    struct evaluated made = {.culprit = expr};
    const struct evaluated *in_the_way = obstacle(values, expr->arg_count);
    if (in_the_way != NULL) {
        made = *in_the_way;
    } else {
        made.trouble = apply(evaluation, expr, values, &made.operand);
    }
    made.flags = flags_of(values, expr->arg_count);
    made.flags |= made.trouble == TROUBLE_MEMORY ? LOOKUP_NO_MEMORY : 0u;
    return made;
}

/* The first that is not missing; what comes after it is not looked at. */
static struct evaluated evaluate_first(struct evaluation *evaluation, const struct expr *expr)
{
    struct evaluated value = {.culprit = expr};
    unsigned flags = 0;
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        value = evaluate_value(evaluation, expr->args[i]);
        flags |= value.flags;
        if (value.trouble != TROUBLE_NONE || value.operand.type != OPERAND_MISSING) {
            break;
        }
        value.culprit = expr;
    }
    value.flags = flags;
    return value;
}

struct evaluated evaluate_value(struct evaluation *evaluation, const struct expr *expr)
{
    if (!evaluation_work(evaluation, 1)) {
        return give_trouble(TROUBLE_LIMIT, expr);
    }
    switch (expr->type) {
    case EXPR_LITERAL:
        return give(expr->literal);
    case EXPR_KEY:
    case EXPR_NAME_KEY:
        return evaluate_own(evaluation, expr);
    case EXPR_ACROSS:
        return across_value(evaluation->across, expr);
    case EXPR_COUNT:
        return give_int(evaluation->selected);
    case EXPR_NAME_COUNT:
        return give_int(evaluation->counts != NULL ? evaluation->counts[expr->name] : 0);
    case EXPR_INJECTION:
        return evaluate_injection(evaluation, expr);
    case EXPR_OUTPUT:
        return evaluate_value(evaluation, expr->args[0]);
    default:
        return expr->type == EXPR_CALL && function_takes_missing(expr->function)
                   ? evaluate_first(evaluation, expr)
                   : evaluate_made(evaluation, expr);
    }
}

/* --- truths --- */

static struct judged judge_presence(const struct expr *expr, const struct evaluated *value)
{
    bool there = value->operand.type != OPERAND_MISSING;
    bool key = expr->args[0]->type == EXPR_KEY || expr->args[0]->type == EXPR_NAME_KEY;
    struct judged judged = {.flags = value->flags, .culprit = value->culprit};
    if (value->trouble != TROUBLE_NONE) {
        judged.truth = TRUTH_INCOMPARABLE;
        judged.trouble = value->trouble;
        return judged;
    }
    if (key) {
        judged.flags &= ~(unsigned)(LOOKUP_CLOCK | LOOKUP_SKEW);
    }
    judged.truth = there == (expr->op == OP_EXISTS) ? TRUTH_TRUE : TRUTH_FALSE;
    return judged;
}

/* Of texts that have one; compare() takes a literal on the right. */
static bool fits_right(enum compare_op op, const struct operand *left, const struct operand *right)
{
    return op == OP_EQUAL || op == OP_NOT_EQUAL || op == OP_LESS || op == OP_LESS_EQUAL ||
           op == OP_GREATER || op == OP_GREATER_EQUAL || left->type == OPERAND_ARRAY ||
           (type_bit(right->type) & TYPES_PRINTED) != 0;
}

static enum truth compare_values(struct evaluation *evaluation, const struct expr *expr,
                                 const struct evaluated *values, enum trouble *ret_trouble)
{
    const struct operand *left = &values[0].operand;
    const struct operand *right = &values[1].operand;
    if (expr->op == OP_JSON_CONTAINS) {
        enum truth truth = TRUTH_FALSE;
        *ret_trouble = json_match(evaluation, left, right, &truth);
        truth = *ret_trouble != TROUBLE_NONE ? TRUTH_INCOMPARABLE : truth;
        return expr->negated ? truth_opposite(truth) : truth;
    }
    return fits_right(expr->op, left, right) ? compare(expr->op, left, right, expr->regex)
                                             : TRUTH_INCOMPARABLE;
}

/* One of them equals; `not in`: each is unequal, which NaN is to nothing. */
static enum truth compare_one_of(const struct expr *expr, const struct evaluated *values)
{
    enum truth truth = TRUTH_FALSE;
    bool nan = false;
    if (operand_is_nan(&values[0].operand)) {
        return TRUTH_FALSE;
    }
    for (uint32_t i = 1; i < expr->arg_count; i++) {
        enum truth here = compare(OP_EQUAL, &values[0].operand, &values[i].operand, NULL);
        truth = here == TRUTH_TRUE || (here == TRUTH_INCOMPARABLE && truth == TRUTH_FALSE) ? here
                                                                                           : truth;
        if (truth == TRUTH_TRUE) {
            break;
        }
        nan |= operand_is_nan(&values[i].operand);
    }
    if (!expr->negated || (nan && truth == TRUTH_FALSE)) {
        return truth;
    }
    return truth_opposite(truth);
}

static struct judged judge_comparison(struct evaluation *evaluation, const struct expr *expr)
{
    struct evaluated *values = evaluate_args(evaluation, expr);
    if (values == NULL) {
        return (struct judged){TRUTH_INCOMPARABLE, LOOKUP_NO_MEMORY, TROUBLE_MEMORY, expr};
    }
    if (expr->type == EXPR_COMPARE && (expr->op == OP_EXISTS || expr->op == OP_MISSING)) {
        return judge_presence(expr, &values[0]);
    }
    struct judged judged = {.flags = flags_of(values, expr->arg_count), .culprit = expr};
    const struct evaluated *in_the_way = obstacle(values, expr->arg_count);
    if (in_the_way != NULL) {
        judged.truth = rank(in_the_way) == 2 ? TRUTH_ABSENT : TRUTH_INCOMPARABLE;
        judged.trouble = in_the_way->trouble;
        judged.culprit = in_the_way->culprit;
    } else if (expr->type == EXPR_IN) {
        judged.truth = compare_one_of(expr, values);
    } else {
        judged.truth = compare_values(evaluation, expr, values, &judged.trouble);
    }
    judged.flags |= judged.trouble == TROUBLE_MEMORY ? LOOKUP_NO_MEMORY : 0u;
    return judged;
}

/* An event: or link: key against a literal. */
static struct judged judge_test(struct evaluation *evaluation, const struct expr *expr)
{
    struct judged judged = {.truth = TRUTH_ABSENT, .culprit = expr->args[0]};
    const struct span *span = span_of(evaluation, expr->args[0]);
    if (span != NULL) {
        judged.truth = lookup_compare(&expr->args[0]->key, expr->op, &expr->literal, expr->regex,
                                      span, evaluation->scratch, &judged.flags);
    }
    return judged;
}

/* Parts of a conjunction (`settles` is false) or a disjunction (true) seen so far. */
struct joining {
    enum truth settles;
    bool settled;        /* by a part that is so for certain */
    unsigned settled_by; /* the flags of such a part, one that further spans leave alone if any */
    struct judged all;
};

static void join(struct joining *joining, const struct judged *part)
{
    enum truth truth = part->truth == TRUTH_ABSENT ? TRUTH_FALSE : part->truth;
    if (truth == joining->settles && (part->flags & LOOKUP_UNKNOWN) == 0) {
        bool better = !joining->settled || part->flags < joining->settled_by;
        joining->settled_by = better ? part->flags : joining->settled_by;
        joining->settled = true;
    }
    joining->all.flags |= part->flags;
    if (truth == joining->settles) {
        joining->all.truth = truth;
    } else if (truth == TRUTH_INCOMPARABLE && joining->all.truth != joining->settles) {
        joining->all.truth = truth;
        joining->all.trouble = part->trouble;
        joining->all.culprit = part->culprit;
    }
}

static struct judged judge_joined(struct evaluation *evaluation, const struct expr *expr)
{
    bool all = expr->type == EXPR_AND;
    struct joining joining = {.settles = all ? TRUTH_FALSE : TRUTH_TRUE,
                              .all = {.truth = all ? TRUTH_TRUE : TRUTH_FALSE, .culprit = expr}};
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        struct judged part = evaluate_truth(evaluation, expr->args[i]);
        join(&joining, &part);
    }
    if (joining.settled) {
        joining.all.flags = joining.settled_by | (joining.all.flags & LOOKUP_NO_MEMORY);
    }
    return joining.all;
}

struct judged evaluate_truth(struct evaluation *evaluation, const struct expr *expr)
{
    struct judged judged;
    if (!evaluation_work(evaluation, 1)) {
        return (struct judged){TRUTH_INCOMPARABLE, 0, TROUBLE_LIMIT, expr};
    }
    switch (expr->type) {
    case EXPR_NOT:
        judged = evaluate_truth(evaluation, expr->args[0]);
        judged.truth = truth_negate(judged.truth, 1);
        return judged;
    case EXPR_AND:
    case EXPR_OR:
        return judge_joined(evaluation, expr);
    case EXPR_TEST:
        return judge_test(evaluation, expr);
    case EXPR_ACROSS_TRUTH:
        return across_truth(evaluation->across, expr);
    default:
        return judge_comparison(evaluation, expr);
    }
}
