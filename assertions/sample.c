/* The sample that a closed trace gives to a threshold (SEMANTICS 6, "threshold samples"). */
#include <math.h>

#include "assertions/judge.h"
#include "assertions/lookup.h"
#include "assertions/selection.h"

/* How one side of a rule's expression binds. */
enum binding {
    BINDING_NONE, /* the name matches no span */
    BINDING_ONE,
    BINDING_UNUSABLE, /* several, a clock that runs backwards, uncertain, or a record without time
                       */
};

struct bound {
    enum binding binding;
    uint32_t span;
    __int128 ns;
};

static struct bound bind_name(struct look *look, const struct suite *suite, const struct term *term)
{
    struct selection selection;
    struct bound bound = {.binding = BINDING_UNUSABLE};
    selection_make(&selection, suite->names[term->name].selector, look);
    if (look->failed || selection.maybe != 0 || selection.yes > 1) {
        return bound;
    }
    if (selection.yes == 0) {
        bound.binding = BINDING_NONE;
        return bound;
    }
    const struct trace_span *span = &look->judge->trace->spans[selection.first];
    bound.binding = span->end_ns < span->start_ns ? BINDING_UNUSABLE : BINDING_ONE;
    bound.span = selection.first;
    bound.ns = term->key.field == FIELD_END ? span->end_ns : span->start_ns;
    return bound;
}

static struct bound bind_injection(const struct look *look, const struct term *term)
{
    const struct injection *injection = look->judge->trace->injection;
    struct bound bound = {.binding = BINDING_UNUSABLE};
    if (injection != NULL) {
        struct operand time = lookup_injection_term(term, injection);
        bound.binding = time.type == OPERAND_TIME ? BINDING_ONE : BINDING_UNUSABLE;
        bound.ns = time.type == OPERAND_TIME ? time.ns : 0;
    }
    return bound;
}

static struct bound bind_side(struct look *look, const struct suite *suite, const struct term *term)
{
    return term->type == TERM_INJECTION ? bind_injection(look, term) : bind_name(look, suite, term);
}

static enum sample_outcome sample_difference(struct look *look, const struct suite *suite,
                                             const struct term *term, double *ret_value,
                                             __int128 *ret_exact)
{
    struct bound left = bind_side(look, suite, term->left);
    struct bound right = bind_side(look, suite, term->right);
    if (left.binding == BINDING_UNUSABLE || right.binding == BINDING_UNUSABLE) {
        return SAMPLE_NONE;
    }
    if (left.binding == BINDING_NONE || right.binding == BINDING_NONE) {
        return left.binding == right.binding ? SAMPLE_NONE : SAMPLE_ABSENT;
    }
    *ret_exact = left.ns - right.ns;
    *ret_value = (double)*ret_exact;
    return SAMPLE_VALUE;
}

static enum sample_outcome sample_operand(const struct operand *operand, double *ret_value,
                                          __int128 *ret_exact)
{
    switch (operand->type) {
    case OPERAND_INT:
        *ret_exact = operand->integer;
        *ret_value = (double)operand->integer;
        return SAMPLE_VALUE;
    case OPERAND_DURATION:
        *ret_exact = operand->ns;
        *ret_value = (double)operand->ns;
        return SAMPLE_VALUE;
    case OPERAND_DOUBLE:
        *ret_exact = 0;
        *ret_value = operand->number;
        return isnan(operand->number) ? SAMPLE_NONE : SAMPLE_VALUE;
    default:
        return SAMPLE_NONE;
    }
}

static enum sample_outcome sample_key(struct look *look, const struct suite *suite,
                                      const struct term *term, double *ret_value,
                                      __int128 *ret_exact, bool *ret_integer)
{
    struct bound bound = bind_name(look, suite, term);
    if (bound.binding != BINDING_ONE) {
        return SAMPLE_NONE;
    }
    const struct span *span = look_span_for_key(look, bound.span, &term->key);
    if (span == NULL) {
        return SAMPLE_LOST;
    }
    if (lookup_flags(&term->key, OP_EQUAL, span) & LOOKUP_DROPPED) {
        return SAMPLE_NONE;
    }
    struct operand operand = lookup_key(&term->key, span);
    *ret_integer = operand.type != OPERAND_DOUBLE;
    return sample_operand(&operand, ret_value, ret_exact);
}

static bool taken_for_certain(struct look *look, const struct suite *suite)
{
    struct selection taken;
    if (suite->traces == NULL) {
        return true;
    }
    selection_make(&taken, suite->traces, look);
    return taken.yes != 0;
}

static enum sample_outcome sample_of_term(struct look *look, const struct suite *suite,
                                          const struct term *term, double *ret_value,
                                          __int128 *ret_exact, bool *ret_integer)
{
    if (!taken_for_certain(look, suite)) {
        return SAMPLE_NONE;
    }
    switch (term->type) {
    case TERM_DIFFERENCE:
        return sample_difference(look, suite, term, ret_value, ret_exact);
    case TERM_NAME_KEY:
        return sample_key(look, suite, term, ret_value, ret_exact, ret_integer);
    default:
        return SAMPLE_NONE;
    }
}

enum sample_outcome judge_sample(struct judge *judge, const struct suite *suite,
                                 const struct threshold *threshold, struct arena *scratch,
                                 double *ret_value, __int128 *ret_exact, bool *ret_integer)
{
    struct arena_mark mark = arena_mark(scratch);
    struct look look;
    uint32_t parents;
    *ret_integer = true;
    if (trace_short(judge->trace, suite->lenient, &parents) != 0) {
        return SAMPLE_NONE;
    }
    look_init(&look, judge, LOOK_CLOSED, scratch);
    enum sample_outcome outcome =
        sample_of_term(&look, suite, &threshold->rule->sample, ret_value, ret_exact, ret_integer);
    look_deinit(&look);
    arena_rewind(scratch, mark);
    return look.failed ? SAMPLE_LOST : outcome;
}
