#include "assertions/deciding.h"

#include "assertions/expr.h"
#include "assertions/ruling.h"
#include "assertions/whole.h"

struct deciding {
    struct look *look;
    struct ruling_scene scene;
    uint32_t *spans;
    uint32_t count, most;
};

static void add(struct deciding *deciding, uint32_t index)
{
    for (uint32_t i = 0; i < deciding->count; i++) {
        if (deciding->spans[i] == index) {
            return;
        }
    }
    if (deciding->count < deciding->most) {
        deciding->spans[deciding->count++] = index;
    }
}

static void add_selected(struct deciding *deciding, struct selection *selected)
{
    const uint32_t *spans =
        selected->yes != 0 ? selection_in_order(selected, deciding->look) : NULL;
    for (uint32_t i = 0; spans != NULL && i < selected->yes && i < deciding->most; i++) {
        add(deciding, spans[i]);
    }
}

static void add_name(struct deciding *deciding, uint32_t name)
{
    struct selection bound = ruling_binding(&deciding->scene, name);
    add_selected(deciding, &bound);
}

static void add_selection(struct deciding *deciding, const struct assertion *assertion)
{
    struct selection selected;
    if (assertion->select != NULL) {
        selection_make(&selected, assertion->select, deciding->look);
        add_selected(deciding, &selected);
    }
}

static void add_term(struct deciding *deciding, const struct term *term)
{
    if (term->type == TERM_NAME_KEY || term->type == TERM_NAME_COUNT) {
        add_name(deciding, term->name);
    }
}

static void add_whole(struct deciding *deciding, const struct whole *whole,
                      const struct assertion *assertion)
{
    for (uint32_t i = 0; i < whole->set_count; i++) {
        if (whole->sets[i] == WHOLE_SELECTED) {
            add_selection(deciding, assertion);
        } else {
            add_name(deciding, whole->sets[i]);
        }
    }
}

/* What a test reads, also across spans. */
static void add_reads(struct deciding *deciding, const struct expr_reads *reads,
                      const struct assertion *assertion)
{
    for (uint32_t i = 0; i < reads->name_count; i++) {
        add_name(deciding, reads->names[i]);
    }
    for (uint32_t i = 0; i < reads->across_count; i++) {
        if (reads->across[i]->left.type == TERM_WHOLE) {
            add_whole(deciding, reads->across[i]->left.whole, assertion);
        }
    }
    if (reads->selected) {
        add_selection(deciding, assertion);
    }
}

/* Of a failure for which no single span stands. */
static void add_condition(struct deciding *deciding, const struct condition *condition,
                          const struct assertion *assertion)
{
    const struct term *left = &condition->left;
    if (condition->test != NULL) {
        add_reads(deciding, condition->reads, assertion);
    } else if (left->type == TERM_COUNT) {
        add_selection(deciding, assertion);
    } else if (left->type == TERM_WHOLE) {
        add_whole(deciding, left->whole, assertion);
    } else if (left->type == TERM_DIFFERENCE) {
        add_term(deciding, left->left);
        add_term(deciding, left->right);
    } else {
        add_term(deciding, left);
    }
}

/* The first in order of those that have this ID and name: a failure says no more of its span. */
static void add_failed(struct deciding *deciding, const struct failure *failure)
{
    const struct trace *trace = deciding->look->judge->trace;
    uint32_t found = UINT32_MAX;
    for (uint32_t at = trace_find(trace, failure->span_id, 0); at != UINT32_MAX;
         at = trace_find(trace, failure->span_id, at + 1)) {
        bool fits = bytes_equal(trace_span_name(&trace->spans[at]), failure->span_name);
        if (fits && (found == UINT32_MAX || trace_span_compare(trace, at, found) < 0)) {
            found = at;
        }
    }
    if (found != UINT32_MAX) {
        add(deciding, found);
    }
}

static void add_failure(struct deciding *deciding, const struct failure *failure,
                        const struct assertion *assertion)
{
    if (failure->span_id != 0) {
        add_failed(deciding, failure);
        return;
    }
    bool large = deciding->look->judge->trace->count > DECIDING_TRACE_MAX;
    for (uint32_t i = 0; !large && i < assertion->condition_count; i++) {
        if (assertion->conditions[i]->index == failure->condition_index) {
            add_condition(deciding, assertion->conditions[i], assertion);
        }
    }
}

uint32_t deciding_spans(struct judge *judge, const struct judgement *judgement, uint32_t *ret,
                        uint32_t most, struct arena *scratch)
{
    const struct suite *suite = judgement->suite;
    struct look look;
    look_init(&look, judge, LOOK_CLOSED, scratch);
    struct deciding deciding = {.look = &look, .spans = ret, .most = most};
    deciding.scene = (struct ruling_scene){&look, suite, judge->trace->injection};
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        const struct assertion_result *result = &judgement->results[i];
        struct arena_mark mark = arena_mark(scratch);
        for (uint32_t k = 0; k < result->failure_count && deciding.count < most; k++) {
            add_failure(&deciding, &result->failures[k], &suite->assertions[i]);
        }
        arena_rewind(scratch, mark);
    }
    look_deinit(&look);
    return deciding.count;
}
