#include "assertions/program.h"

#include <errno.h>
#include <string.h>

#include "assertions/reads.h"
#include "assertions/suite.h"
#include "assertions/whole.h"

/* A program under construction. */
struct builder {
    struct program *program;
    struct arena *arena;
    struct dispatched *clauses; /* of all probes */
    uint32_t clause_count, clause_room;
    bool *listed; /* selectors whose spans someone must know one by one */
};

static bool walks(const struct selector *selector)
{
    return selector->has_relation || selector->has_pseudo;
}

/* Puts a clause where each combination of values that it demands leads to its probe. What demands
 * several values of an attribute may be led to twice by one value. */
static int dispatch_clause(struct builder *builder, struct probe *probe,
                           const struct demand *demand)
{
    const struct demand *single;
    uint32_t count = demand_single(demand, builder->arena, &single);
    if (count > builder->clause_room - builder->clause_count) {
        uint32_t room = 2 * builder->clause_room + count;
        struct dispatched *grown = arena_calloc(builder->arena, room, sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        memcpy(grown, builder->clauses, builder->clause_count * sizeof *grown);
        builder->clauses = grown;
        builder->clause_room = room;
    }
    for (uint32_t i = 0; i < count; i++) {
        builder->clauses[builder->clause_count++] = (struct dispatched){probe, single[i], i != 0};
    }
    if (demand->attr != NULL && count > 1 && probe->several == 0) {
        probe->several = ++builder->program->several_count;
    }
    return count != 0 ? 0 : -ENOMEM;
}

/* The filters that the dispatch does not test; with several clauses the one that led to the probe
 * is not known, so all are tested. */
static int make_clause(struct builder *builder, struct clause *clause, struct probe *probe,
                       const struct selector_part *part)
{
    struct demand demand = demand_of(part->filters, part->filter_count);
    const struct filter **filters =
        arena_calloc(builder->arena, part->filter_count + 1, sizeof *filters);
    if (filters == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < part->filter_count; i++) {
        const struct filter *filter = &part->filters[i];
        bool tested = filter == demand.service || filter == demand.name;
        if (!tested || probe->several != 0) {
            filters[clause->filter_count++] = filter;
        }
    }
    clause->filters = filters;
    return dispatch_clause(builder, probe, &demand);
}

/* A probe for spans that one of the parts selects. NULL: no memory. */
static struct probe *make_probe(struct builder *builder, const struct selector_part *const *parts,
                                uint32_t count, bool listed)
{
    struct program *program = builder->program;
    struct probe *probe = &program->probes[program->probe_count];
    struct clause *clauses = arena_calloc(builder->arena, count, sizeof *clauses);
    if (clauses == NULL) {
        return NULL;
    }
    *probe = (struct probe){.number = program->probe_count++,
                            .several = count > 1 ? ++program->several_count : 0,
                            .clauses = clauses,
                            .clause_count = count,
                            .listed = listed,
                            .alarms_from = UINT32_MAX};
    for (uint32_t i = 0; i < count; i++) {
        if (make_clause(builder, &clauses[i], probe, parts[i]) != 0) {
            return NULL;
        }
    }
    return probe;
}

/* The probe that tells which spans the selector may select by themselves: by the last parts. */
static struct probe *probe_last_parts(struct builder *builder, const struct selector *selector)
{
    const struct selector_part **parts =
        arena_calloc(builder->arena, selector->chain_count, sizeof *parts);
    if (parts == NULL) {
        return NULL;
    }
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        const struct selector_chain *chain = &selector->chains[c];
        parts[c] = &chain->parts[chain->part_count - 1];
    }
    bool listed = walks(selector) || builder->listed[selector->number];
    return make_probe(builder, parts, selector->chain_count, listed);
}

/* One for each part that has none yet; as deep as :has(...) is nested. */
static int probe_chains(struct builder *builder, const struct selector_chain *chains,
                        uint32_t count, struct probe **probes)
{
    int bad = 0;
    for (uint32_t c = 0; c < count; c++) {
        for (uint32_t p = 0; p < chains[c].part_count && bad == 0; p++) {
            const struct selector_part *part = &chains[c].parts[p];
            struct probe **probe = &probes[part->place];
            *probe = *probe != NULL ? *probe : make_probe(builder, &part, 1, true);
            bad = *probe == NULL ? -ENOMEM : 0;
            for (uint32_t i = 0; i < part->test_count && bad == 0; i++) {
                const struct place_test *test = &part->tests[i];
                bad = probe_chains(builder, test->chains, test->chain_count, probes);
            }
        }
    }
    return bad;
}

/* Of a single chain the last part is what the selector's own probe finds. */
static int probe_parts(struct builder *builder, struct selector_plan *plan)
{
    const struct selector *selector = plan->selector;
    struct probe **probes = arena_calloc(builder->arena, selector->part_count, sizeof *probes);
    if (probes == NULL) {
        return -ENOMEM;
    }
    if (selector->chain_count == 1) {
        const struct selector_chain *chain = &selector->chains[0];
        probes[chain->parts[chain->part_count - 1].place] = plan->probe;
    }
    plan->parts = probes;
    plan->walking = builder->program->walking_count++;
    return probe_chains(builder, selector->chains, selector->chain_count, probes);
}

static int make_plan(struct builder *builder, struct selector_plan *plan,
                     const struct selector *selector)
{
    *plan =
        (struct selector_plan){.selector = selector, .probe = probe_last_parts(builder, selector)};
    if (plan->probe == NULL) {
        return -ENOMEM;
    }
    return walks(selector) || builder->listed[selector->number] ? probe_parts(builder, plan) : 0;
}

/* Room for as many probes and clauses as there can be: one for each selector and part. */
static int make_room(struct builder *builder, const struct expression_store *store)
{
    struct program *program = builder->program;
    uint32_t most = 1;
    for (uint32_t i = 0; i < store->selector_count; i++) {
        most += 1 + 2 * store->selectors[i]->part_count;
    }
    program->plan_count = store->selector_count;
    program->plans =
        arena_calloc(builder->arena, store->selector_count + 1, sizeof *program->plans);
    program->probes = arena_calloc(builder->arena, most, sizeof *program->probes);
    builder->clauses = arena_calloc(builder->arena, most, sizeof *builder->clauses);
    builder->clause_room = most;
    builder->listed =
        arena_calloc(builder->arena, store->selector_count + 1, sizeof *builder->listed);
    bool none = program->plans == NULL || program->probes == NULL || builder->clauses == NULL ||
                builder->listed == NULL;
    return none ? -ENOMEM : 0;
}

/* `assertion`: NULL where nothing is selected. */
static void list_sets(struct builder *builder, const struct suite *suite,
                      const struct assertion *assertion, const struct whole *whole)
{
    for (uint32_t i = 0; i < whole->set_count; i++) {
        uint32_t set = whole->sets[i];
        const struct selector *selector =
            set == WHOLE_SELECTED ? assertion->select : suite->names[set].selector;
        builder->listed[selector->number] = true;
    }
}

static void list_read(struct builder *builder, const struct suite *suite,
                      const struct assertion *assertion, const struct expr_reads *reads)
{
    for (uint32_t i = 0; i < reads->across_count; i++) {
        list_sets(builder, suite, assertion, reads->across[i]->left.whole);
    }
}

/* Conditions across spans look at the spans themselves. */
static void list_spans(struct builder *builder, const struct suite *suite,
                       const struct assertion *assertion, const struct condition *condition)
{
    if (condition == NULL) {
        return;
    }
    if (condition->left.type == TERM_WHOLE) {
        list_sets(builder, suite, assertion, condition->left.whole);
    }
    if (condition->left.type == TERM_EXPRESSION) {
        list_read(builder, suite, assertion, condition->reads);
    }
}

/* What a suite takes of a closed trace. */
static void list_taken(struct builder *builder, const struct suite *suite)
{
    for (uint32_t i = 0; i < suite->output_count; i++) {
        list_read(builder, suite, NULL, &suite->outputs[i].reads);
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        if (suite->thresholds[i].rule->reads != NULL) {
            list_read(builder, suite, NULL, suite->thresholds[i].rule->reads);
        }
    }
}

static void list_all(struct builder *builder, const struct suite *suites, uint32_t suite_count)
{
    for (uint32_t i = 0; i < suite_count; i++) {
        list_taken(builder, &suites[i]);
        for (uint32_t k = 0; k < suites[i].assertion_count; k++) {
            const struct assertion *assertion = &suites[i].assertions[k];
            for (uint32_t c = 0; c < assertion->condition_count; c++) {
                list_spans(builder, &suites[i], assertion, assertion->conditions[c]);
            }
            list_spans(builder, &suites[i], assertion,
                       assertion->when != NULL ? assertion->when->condition : NULL);
        }
    }
}

int program_compile(struct program *ret, const struct suite *suites, uint32_t suite_count,
                    const struct expression_store *store, struct arena *arena)
{
    struct builder builder = {.program = ret, .arena = arena};
    *ret = (struct program){.totals = TOTALS_ALARMS_NONE};
    int bad = make_room(&builder, store);
    if (bad == 0) {
        list_all(&builder, suites, suite_count);
    }
    for (uint32_t i = 0; bad == 0 && i < store->selector_count; i++) {
        bad = make_plan(&builder, &ret->plans[i], store->selectors[i]);
    }
    bad = bad != 0 ? bad : reads_note(ret, suites, suite_count, store->condition_count, arena);
    return bad != 0 ? bad
                    : dispatch_build(&ret->dispatch, builder.clauses, builder.clause_count, arena);
}
