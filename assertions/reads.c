/* An alarm may be false, it must not be missing: an early look then finds whether it was. What can
 * fail for certain is a broken `all` or `none`, a count past its limit, a name that binds to
 * several or whose one span breaks a condition, a difference of times. Pseudo-classes, `when` and
 * warnings decide nothing early (SEMANTICS 4). */
#include "assertions/reads.h"

#include <errno.h>

#include "assertions/expr.h"
#include "assertions/own_results.h"
#include "assertions/rule.h"
#include "assertions/ruling.h"
#include "assertions/suite.h"
#include "assertions/whole.h"

/* Goes over the set twice: to count, then to fill. */
struct reading {
    struct program *program;
    const struct suite *suite;
    const struct assertion *assertion; /* NULL: what is read is no assertion's */
    bool decides;                      /* the assertion may fail early, and with it its suite */
    bool filling;
};

static struct selector_plan *plan_of(const struct reading *reading, const struct selector *selector)
{
    return &reading->program->plans[selector->number];
}

/* Whether the assertion hangs on nothing but the spans that its selector finds one by one. */
static bool is_plain(const struct program *program, const struct assertion *assertion)
{
    bool plain = assertion->when == NULL && assertion->select != NULL &&
                 program->plans[assertion->select->number].parts == NULL;
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        enum term_type type = assertion->conditions[i]->left.type;
        plain &= type == TERM_KEY || type == TERM_COUNT;
    }
    return plain;
}

/* `alarms_from`: so many selected spans may make the assertion fail. */
static void read_selector(const struct reading *reading, const struct selector *selector,
                          uint32_t alarms_from)
{
    struct probe *probe = plan_of(reading, selector)->probe;
    if (reading->filling) {
        probe->readers[probe->reader_count] = (struct probe_reader){
            reading->assertion, is_plain(reading->program, reading->assertion)};
    }
    probe->reader_count++;
    if (!reading->decides || selector->has_pseudo) {
        return;
    }
    probe->alarms_always |= probe->listed && alarms_from != UINT32_MAX;
    probe->alarms_from = alarms_from < probe->alarms_from ? alarms_from : probe->alarms_from;
}

/* The same where it must be known how many are selected, or which. */
static void read_number(const struct reading *reading, const struct selector *selector,
                        uint32_t alarms_from)
{
    plan_of(reading, selector)->probe->exact = true;
    read_selector(reading, selector, alarms_from);
}

/* A condition that is judged on each span that the selector selects. */
static void read_keys(const struct reading *reading, const struct selector *selector,
                      const struct condition *condition)
{
    struct probe *probe = plan_of(reading, selector)->probe;
    bool alarms =
        reading->decides && !selector->has_pseudo && condition->quantifier != QUANTIFIER_ANY;
    if (reading->filling) {
        probe->conditions[probe->condition_count] = (struct probe_condition){
            .condition = condition, .shortcut = shortcut_of(condition), .alarms = alarms};
    }
    probe->condition_count++;
}

static const struct selector *selector_of(const struct reading *reading, const struct term *term)
{
    return reading->suite->names[term->name].selector;
}

static void read_side(const struct reading *reading, const struct term *term)
{
    if (term->type == TERM_INJECTION) {
        reading->program->injection_alarms |= reading->decides;
    } else {
        read_number(reading, selector_of(reading, term), 1);
    }
}

/* Decided at close, but for totals: nothing else of it is an alarm. `part`: of an expression. */
static void read_whole(const struct reading *reading, const struct condition *condition, bool part)
{
    const struct whole *whole = condition->left.whole;
    if (reading->decides) {
        totals_alarms_add(&reading->program->totals, condition, part);
    }
    for (uint32_t i = 0; i < whole->set_count; i++) {
        uint32_t set = whole->sets[i];
        read_number(reading,
                    set == WHOLE_SELECTED ? reading->assertion->select
                                          : reading->suite->names[set].selector,
                    UINT32_MAX);
    }
    if (whole->one != NULL && whole->one->left.type == TERM_KEY) {
        read_keys(reading, reading->assertion->select, whole->one);
    }
}

/* As many sides as there are names; what reads the selection too is told when the trace closes. */
static void read_expression(const struct reading *reading, const struct expr_reads *reads)
{
    for (uint32_t i = 0; i < reads->name_count; i++) {
        read_number(reading, reading->suite->names[reads->names[i]].selector, 1);
    }
    for (uint32_t i = 0; i < reads->across_count; i++) {
        read_whole(reading, reads->across[i], true);
    }
    if (reads->span || reads->selected) {
        read_number(reading, reading->assertion->select, UINT32_MAX);
    }
    reading->program->injection_alarms |= reads->injection && reading->decides;
}

static void read_condition(const struct reading *reading, const struct condition *condition)
{
    const struct term *left = &condition->left;
    switch (left->type) {
    case TERM_KEY:
        read_keys(reading, reading->assertion->select, condition);
        break;
    case TERM_COUNT:
        read_number(reading, reading->assertion->select, ruling_fails_from(condition));
        break;
    case TERM_NAME_COUNT:
        read_number(reading, selector_of(reading, left), ruling_fails_from(condition));
        break;
    case TERM_NAME_KEY:
        read_number(reading, selector_of(reading, left), 2);
        read_keys(reading, selector_of(reading, left), condition);
        break;
    case TERM_DIFFERENCE:
        read_side(reading, left->left);
        read_side(reading, left->right);
        break;
    case TERM_WHOLE:
        read_whole(reading, condition, false);
        break;
    case TERM_EXPRESSION:
        read_expression(reading, condition->reads);
        break;
    default:
        reading->program->injection_alarms |= reading->decides;
        break;
    }
}

static void read_when(const struct reading *reading, const struct when *when)
{
    if (when->selector != NULL) {
        read_selector(reading, when->selector, UINT32_MAX);
    } else {
        read_condition(reading, when->condition);
    }
}

/* Whether a condition may fail without a span being selected: an optional assertion then fails when
 * the first one comes. */
static bool is_beside_selection(const struct condition *condition)
{
    return condition->left.type != TERM_KEY && condition->left.type != TERM_COUNT;
}

static void read_assertion(struct reading *reading, const struct assertion *assertion)
{
    bool beside = false;
    reading->assertion = assertion;
    reading->decides = assertion->severity == SEVERITY_ERROR && assertion->when == NULL;
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        read_condition(reading, assertion->conditions[i]);
        beside |= is_beside_selection(assertion->conditions[i]);
    }
    if (assertion->select != NULL) {
        read_selector(reading, assertion->select, assertion->optional && beside ? 1 : UINT32_MAX);
    }
    if (assertion->when != NULL) {
        read_when(reading, assertion->when);
    }
}

/* A threshold reads the spans that its names bind to. */
static void read_term(const struct reading *reading, const struct term *term)
{
    if (term->type == TERM_DIFFERENCE) {
        read_term(reading, term->left);
        read_term(reading, term->right);
    } else if (term->type == TERM_NAME_KEY || term->type == TERM_NAME_COUNT) {
        plan_of(reading, selector_of(reading, term))->probe->exact = true;
    }
}

/* What a threshold or an output reads: the spans of its names, which must be known one by one. */
static void read_value(const struct reading *reading, const struct expr_reads *reads)
{
    for (uint32_t i = 0; reads != NULL && i < reads->name_count; i++) {
        plan_of(reading, reading->suite->names[reads->names[i]].selector)->probe->exact = true;
    }
    for (uint32_t i = 0; reads != NULL && i < reads->across_count; i++) {
        const struct whole *whole = reads->across[i]->left.whole;
        for (uint32_t k = 0; k < whole->set_count; k++) {
            plan_of(reading, reading->suite->names[whole->sets[k]].selector)->probe->exact = true;
        }
    }
}

static void read_rule(const struct reading *reading, const struct rule *rule)
{
    read_term(reading, &rule->sample);
    read_value(reading, rule->reads);
    if (rule_counts_backlog(rule)) {
        struct term consumed = {.type = TERM_NAME_COUNT, .name = rule->consumed};
        read_term(reading, &consumed);
    }
}

static void read_all(struct reading *reading, const struct suite *suites, uint32_t suite_count)
{
    for (uint32_t i = 0; i < suite_count; i++) {
        reading->suite = &suites[i];
        if (suites[i].traces != NULL) {
            struct selector_plan *plan = plan_of(reading, suites[i].traces);
            plan->probe->takes = true;
            reading->program->walking_takes |= plan->parts != NULL;
        }
        for (uint32_t k = 0; k < suites[i].output_count; k++) {
            read_value(reading, &suites[i].outputs[k].reads);
        }
        for (uint32_t k = 0; k < suites[i].assertion_count; k++) {
            read_assertion(reading, &suites[i].assertions[k]);
        }
        for (uint32_t k = 0; k < suites[i].threshold_count; k++) {
            read_rule(reading, suites[i].thresholds[k].rule);
        }
    }
}

static int make_room(struct program *program, struct arena *arena)
{
    for (uint32_t i = 0; i < program->probe_count; i++) {
        struct probe *probe = &program->probes[i];
        if (probe->condition_count > PROBE_CONDITIONS_MAX) {
            return PROGRAM_TOO_MANY;
        }
        probe->readers = arena_calloc(arena, probe->reader_count + 1, sizeof *probe->readers);
        probe->conditions =
            arena_calloc(arena, probe->condition_count + 1, sizeof *probe->conditions);
        if (probe->readers == NULL || probe->conditions == NULL) {
            return -ENOMEM;
        }
        probe->reader_count = probe->condition_count = 0;
    }
    return 0;
}

static int settle_places(struct program *program, struct arena *arena)
{
    for (uint32_t i = 0; i < program->probe_count; i++) {
        struct probe *probe = &program->probes[i];
        if (own_results_prepare(probe, arena) != 0) {
            return -ENOMEM;
        }
        for (uint32_t k = 0; k < probe->condition_count; k++) {
            program->condition_places[probe->conditions[k].condition->number] = k;
        }
    }
    return 0;
}

int reads_note(struct program *program, const struct suite *suites, uint32_t suite_count,
               uint32_t condition_count, struct arena *arena)
{
    struct reading reading = {.program = program};
    program->condition_places =
        arena_calloc(arena, condition_count + 1, sizeof *program->condition_places);
    if (program->condition_places == NULL) {
        return -ENOMEM;
    }
    read_all(&reading, suites, suite_count);
    int bad = make_room(program, arena);
    if (bad != 0) {
        return bad;
    }
    reading.filling = true;
    read_all(&reading, suites, suite_count);
    program->has_totals = totals_alarms_any(&program->totals);
    return settle_places(program, arena);
}
