#include "assertions/sample.h"

#include <math.h>

#include "assertions/lookup.h"
#include "assertions/rule.h"
#include "assertions/ruling_expression.h"
#include "assertions/selection.h"
#include "assertions/self_time.h"
#include "assertions/whole.h"

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

/* One rule that takes its samples of one trace. */
struct taking {
    struct look *look;
    const struct suite *suite;
    const struct rule *rule;
    sample_fn take;
    void *self;
};

static void tell(const struct taking *taking, const struct sample *sample)
{
    if (sample->outcome != SAMPLE_NONE) {
        taking->take(taking->self, sample);
    }
}

static struct bound bind_name(const struct taking *taking, const struct term *term)
{
    struct look *look = taking->look;
    struct selection selection;
    struct bound bound = {.binding = BINDING_UNUSABLE};
    selection_make(&selection, taking->suite->names[term->name].selector, look);
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

static struct bound bind_side(const struct taking *taking, const struct term *term)
{
    return term->type == TERM_INJECTION ? bind_injection(taking->look, term)
                                        : bind_name(taking, term);
}

static void take_difference(const struct taking *taking, const struct term *term)
{
    struct bound left = bind_side(taking, term->left);
    struct bound right = bind_side(taking, term->right);
    struct sample sample = {.outcome = SAMPLE_VALUE, .integer = true};
    if (left.binding == BINDING_UNUSABLE || right.binding == BINDING_UNUSABLE) {
        return;
    }
    if (left.binding == BINDING_NONE || right.binding == BINDING_NONE) {
        sample.outcome = left.binding == right.binding ? SAMPLE_NONE : SAMPLE_ABSENT;
    }
    sample.exact = left.ns - right.ns;
    sample.value = (double)sample.exact;
    tell(taking, &sample);
}

/* As a number. */
static struct sample sample_of_number(const struct operand *operand)
{
    struct sample sample = {.outcome = SAMPLE_VALUE, .integer = true};
    switch (operand->type) {
    case OPERAND_INT:
        sample.exact = operand->integer;
        sample.value = (double)operand->integer;
        break;
    case OPERAND_DURATION:
        sample.exact = operand->ns;
        sample.value = (double)operand->ns;
        break;
    case OPERAND_DOUBLE:
        sample.integer = false;
        sample.value = operand->number;
        sample.outcome = isnan(operand->number) ? SAMPLE_NONE : SAMPLE_VALUE;
        break;
    default:
        sample.outcome = SAMPLE_NONE;
    }
    return sample;
}

/* As a value to be told apart from others: what `=` compares by its canonical text. */
static struct sample sample_of_value(const struct operand *operand, char scratch[OPERAND_TEXT_MAX])
{
    struct sample sample = {.outcome = SAMPLE_NONE};
    switch (operand->type) {
    case OPERAND_DOUBLE:
        sample.outcome = isnan(operand->number) ? SAMPLE_NONE : SAMPLE_VALUE;
        break;
    case OPERAND_TEXT:
    case OPERAND_BOOL:
    case OPERAND_INT:
    case OPERAND_DURATION:
        sample.outcome = SAMPLE_VALUE;
        break;
    default:
        break;
    }
    sample.text = operand_text(operand, scratch);
    return sample;
}

/* A span's own time, as it was measured; none where it or a child of it ends before it starts. */
static void take_own_time(const struct taking *taking, uint32_t index)
{
    struct look *look = taking->look;
    struct suite measured = *taking->suite;
    measured.estimates_skew = false;
    const struct self_times *times =
        look_self_times(look, &measured, look->judge->trace->injection);
    if (times != NULL && !times->clock[index]) {
        struct operand time = {.type = OPERAND_DURATION, .ns = times->least[index]};
        struct sample sample = sample_of_number(&time);
        tell(taking, &sample);
    }
}

/* The rule's key on one span. */
static void take_key(const struct taking *taking, uint32_t index)
{
    const struct key *key = &taking->rule->sample.key;
    if (key->space == KEY_FIELD && key->field == FIELD_SELF_TIME) {
        take_own_time(taking, index);
        return;
    }
    const struct span *span = look_span_for_key(taking->look, index, key);
    char scratch[OPERAND_TEXT_MAX];
    if (span == NULL) {
        tell(taking, &(struct sample){.outcome = SAMPLE_LOST});
        return;
    }
    if (lookup_flags(key, OP_EQUAL, span) & LOOKUP_DROPPED) {
        return;
    }
    struct operand operand = lookup_value(key, span, taking->look->scratch);
    struct sample sample = rule_tells_values(taking->rule) ? sample_of_value(&operand, scratch)
                                                           : sample_of_number(&operand);
    tell(taking, &sample);
}

/* The spans of a name, in their order; none where it is not certain which they are. NULL: none. */
static const uint32_t *spans_of(const struct taking *taking, uint32_t name, uint32_t *ret_count)
{
    struct selection selection;
    *ret_count = 0;
    selection_make(&selection, taking->suite->names[name].selector, taking->look);
    if (taking->look->failed || selection.maybe != 0 || selection.yes == 0) {
        return NULL;
    }
    const uint32_t *spans = selection_in_order(&selection, taking->look);
    *ret_count = spans != NULL ? selection.yes : 0;
    return spans;
}

static bool runs_backwards(const struct taking *taking, uint32_t index)
{
    const struct trace_span *span = &taking->look->judge->trace->spans[index];
    return span->end_ns < span->start_ns;
}

static void take_each_key(const struct taking *taking)
{
    uint32_t count;
    const uint32_t *spans = spans_of(taking, taking->rule->sample.name, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!runs_backwards(taking, spans[i])) {
            take_key(taking, spans[i]);
        }
    }
}

static void take_ends(const struct taking *taking, uint32_t name, bool consumed)
{
    uint32_t count;
    const uint32_t *spans = spans_of(taking, name, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!runs_backwards(taking, spans[i])) {
            tell(taking,
                 &(struct sample){.outcome = SAMPLE_VALUE,
                                  .end_ns = taking->look->judge->trace->spans[spans[i]].end_ns,
                                  .consumed = consumed});
        }
    }
}

static bool is_certain(const struct taking *taking, uint32_t name)
{
    struct selection selection;
    selection_make(&selection, taking->suite->names[name].selector, taking->look);
    return selection.maybe == 0;
}

/* One name alone would tilt the line. */
static void take_backlog(const struct taking *taking)
{
    const struct rule *rule = taking->rule;
    if (is_certain(taking, rule->sample.name) && is_certain(taking, rule->consumed)) {
        take_ends(taking, rule->sample.name, false);
        take_ends(taking, rule->consumed, true);
    }
}

static void take_one_key(const struct taking *taking)
{
    struct bound bound = bind_name(taking, &taking->rule->sample);
    if (bound.binding == BINDING_ONE) {
        take_key(taking, bound.span);
    }
}

static bool taken_for_certain(const struct taking *taking)
{
    struct selection taken;
    if (taking->suite->traces == NULL) {
        return true;
    }
    selection_make(&taken, taking->suite->traces, taking->look);
    return taken.yes != 0;
}

/* What an expression reads by names. */
struct standing {
    bool bound;   /* some name has its one span, or some set has spans */
    bool unbound; /* some name matches no span */
    bool empty;   /* some set is empty */
};

/* False: some name binds nothing of use, or it is not certain what it binds. */
static bool stand_names(const struct taking *taking, struct standing *ret)
{
    const struct expr_reads *reads = taking->rule->reads;
    for (uint32_t i = 0; i < reads->name_count; i++) {
        struct term term = {.type = TERM_NAME_KEY, .name = reads->names[i]};
        struct bound name = bind_name(taking, &term);
        if (name.binding == BINDING_UNUSABLE && !reads->counted[i]) {
            return false;
        }
        ret->bound |= name.binding == BINDING_ONE && !reads->counted[i];
        ret->unbound |= name.binding == BINDING_NONE && !reads->counted[i];
    }
    return true;
}

/* The same of the sets that terms across spans take. */
static bool stand_sets(const struct taking *taking, struct standing *ret)
{
    const struct expr_reads *reads = taking->rule->reads;
    for (uint32_t i = 0; i < reads->across_count; i++) {
        const struct whole *whole = reads->across[i]->left.whole;
        for (uint32_t k = 0; k < whole->set_count; k++) {
            struct selection set;
            selection_make(&set, taking->suite->names[whole->sets[k]].selector, taking->look);
            if (taking->look->failed || set.maybe != 0) {
                return false;
            }
            ret->bound |= set.yes != 0;
            ret->empty |= set.yes == 0;
        }
    }
    return true;
}

/* The value of an expression, where each of its names has its one span. */
static void take_value(const struct taking *taking)
{
    struct look *look = taking->look;
    const struct expr_reads *reads = taking->rule->reads;
    struct ruling_scene scene = {look, taking->suite, look->judge->trace->injection};
    struct standing standing = {.bound = false};
    const struct sample absent = {.outcome = SAMPLE_ABSENT};
    if (!stand_names(taking, &standing) || !stand_sets(taking, &standing)) {
        return;
    }
    if (standing.unbound) {
        tell(taking, standing.bound ? &absent : &(struct sample){.outcome = SAMPLE_NONE});
        return;
    }
    struct arena_mark before = arena_mark(look->scratch);
    struct evaluated value = ruling_value(&scene, taking->rule->value, reads, look->scratch);
    bool missing = value.operand.type == OPERAND_MISSING && value.culprit != NULL;
    look->failed |= value.trouble == TROUBLE_MEMORY;
    if (value.trouble == TROUBLE_NONE && missing && standing.empty && standing.bound) {
        tell(taking, &absent);
    } else if (value.trouble == TROUBLE_NONE) {
        char scratch[OPERAND_TEXT_MAX];
        struct sample sample = rule_tells_values(taking->rule)
                                   ? sample_of_value(&value.operand, scratch)
                                   : sample_of_number(&value.operand);
        tell(taking, &sample);
    }
    arena_rewind(look->scratch, before);
}

/* A further kind of term has its case here, and in check_sample of parse_measure.c. */
static void take_term(const struct taking *taking)
{
    const struct rule *rule = taking->rule;
    switch (rule->sample.type) {
    case TERM_DIFFERENCE:
        take_difference(taking, &rule->sample);
        break;
    case TERM_NAME_KEY:
        if (rule->each) {
            take_each_key(taking);
        } else {
            take_one_key(taking);
        }
        break;
    case TERM_EXPRESSION:
        take_value(taking);
        break;
    case TERM_NAME_COUNT:
        if (rule_counts_backlog(rule)) {
            take_backlog(taking);
        } else {
            take_ends(taking, rule->sample.name, false);
        }
        break;
    default:
        break;
    }
}

void judge_samples(struct judge *judge, const struct suite *suite, const struct rule *rule,
                   struct arena *scratch, sample_fn take, void *self)
{
    struct arena_mark mark = arena_mark(scratch);
    struct look look;
    struct taking taking = {&look, suite, rule, take, self};
    uint32_t parents;
    if (rule_counts_states(rule) || trace_short(judge->trace, suite->lenient, &parents) != 0) {
        return;
    }
    look_init(&look, judge, LOOK_CLOSED, scratch);
    if (taken_for_certain(&taking)) {
        take_term(&taking);
    }
    if (look.failed) {
        take(self, &(struct sample){.outcome = SAMPLE_LOST});
    }
    look_deinit(&look);
    arena_rewind(scratch, mark);
}

static void note_absent(void *self, const struct sample *sample)
{
    *(bool *)self |= sample->outcome == SAMPLE_ABSENT;
}

bool sample_is_awaited(struct look *look, const struct suite *suite, const struct rule *rule)
{
    bool awaited = false;
    struct taking taking = {look, suite, rule, note_absent, &awaited};
    struct standing standing = {.bound = false};
    if (!taken_for_certain(&taking)) {
        return false;
    }
    if (rule->sample.type == TERM_DIFFERENCE) {
        take_difference(&taking, &rule->sample);
    } else if (rule->sample.type == TERM_EXPRESSION && stand_names(&taking, &standing) &&
               stand_sets(&taking, &standing)) {
        awaited = standing.bound && (standing.unbound || standing.empty);
    }
    return awaited;
}
