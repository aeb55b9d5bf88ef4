/* A selector is compiled as the one assertion of a suite whose condition wants to know how many: so
 * all of the language is there, and what is found is found as for a verdict. */
#include "assertions/finder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "assertions/selection.h"

#define LARGE_TRACE_SPANS     256u
#define LOOKS_OUT_OF_TURN_MAX 64u

struct finder {
    struct suite_set *set;
};

static const struct selector *selector_of(const struct finder *finder)
{
    return finder->set->suites[0].assertions[0].select;
}

static bool walks(const struct finder *finder)
{
    return finder->set->program.plans[selector_of(finder)->number].parts != NULL;
}

static void take_problem(const struct problems *problems, struct finder_problem *ret)
{
    *ret = (struct finder_problem){.byte = 0};
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (!problem->warning) {
            ret->byte = problem->byte;
            snprintf(ret->text, sizeof ret->text, "%s", problem->text);
            return;
        }
    }
}

static int compile(struct finder *finder, const char *selector, struct problems *problems)
{
    struct config_text count[] = {{.text = "count >= 0"}};
    struct assertion_settings assertion = {
        .name = {.text = "found"}, .select = {.text = selector}, .conditions = {count, 1}};
    struct suite_settings suite = {.name = {.text = "find"}, .assertions = {&assertion, 1}};
    const struct config_list suites = {&suite, 1};
    const struct completion_settings completion = {.set = false};
    return suite_set_compile(&finder->set, &suites, &completion, problems);
}

/* The compiler reads strings. */
static int refuse_nul(struct bytes selector, struct finder_problem *ret)
{
    const uint8_t *nul = selector.len != 0 ? memchr(selector.data, 0, selector.len) : NULL;
    if (nul == NULL) {
        return 0;
    }
    *ret = (struct finder_problem){.byte = (int)(nul - selector.data) + 1,
                                   .text = "a NUL byte can't stand in a selector"};
    return FINDER_REFUSED;
}

int finder_new(struct finder **ret, struct bytes selector, struct finder_problem *ret_problem)
{
    if (refuse_nul(selector, ret_problem) != 0) {
        return FINDER_REFUSED;
    }
    struct finder *finder = calloc(1, sizeof *finder);
    struct arena scratch = ARENA_INIT(1024, 0);
    char *text = arena_string(&scratch, selector);
    struct problems problems;
    problems_init(&problems);
    int bad = finder == NULL || text == NULL ? -ENOMEM : compile(finder, text, &problems);
    if (bad > 0) {
        take_problem(&problems, ret_problem);
        bad = FINDER_REFUSED;
    }
    problems_deinit(&problems);
    arena_deinit(&scratch);
    if (bad != 0) {
        free(finder);
        return bad;
    }
    *ret = finder;
    return 0;
}

void finder_free(struct finder *finder)
{
    if (finder != NULL) {
        suite_set_unref(finder->set);
        free(finder);
    }
}

const struct keep *finder_keep(const struct finder *finder)
{
    return suite_set_keep(finder->set);
}

size_t finder_held(const struct finder *finder)
{
    return sizeof *finder + arena_held(&finder->set->arena);
}

/* --- a search --- */

void search_init(struct search *ret, const struct finder *finder, struct budget *budget,
                 size_t limit_bytes)
{
    *ret = (struct search){.finder = finder};
    ret->view.arena = ARENA_INIT(1024, limit_bytes);
    ret->view.arena.budget = budget;
    ret->view.arena.owner = BUDGET_ADMIN;
}

void search_deinit(struct search *search)
{
    arena_deinit(&search->view.arena);
}

/* What the judge keeps must not go to the trace's own memory, which outlives the search. */
static void see(struct search *search, const struct trace *trace)
{
    struct arena own = search->view.arena;
    search->view = *trace;
    search->view.arena = own;
    if (search->judge.set == NULL) {
        judge_init(&search->judge, search->finder->set, &search->view);
    }
}

static int tell(struct search *search, struct arena *scratch)
{
    for (; search->seen < search->view.count; search->seen++) {
        struct arena_mark mark = arena_mark(scratch);
        struct span span;
        if (trace_span_decode(&search->view, search->seen, scratch, &span) != 0 ||
            judge_add(&search->judge, &span, search->seen, scratch) != 0) {
            return SEARCH_NO_MEMORY;
        }
        arena_rewind(scratch, mark);
    }
    return 0;
}

/* As judge.c does for early looks. */
static bool worth_a_walk(struct search *search)
{
    uint32_t count = search->view.count;
    if (!walks(search->finder) || count <= LARGE_TRACE_SPANS ||
        count >= search->looked_at + search->looked_at / 8) {
        return true;
    }
    return search->looks_out_of_turn++ < LOOKS_OUT_OF_TURN_MAX;
}

static int count_found(struct search *search, struct arena *scratch)
{
    struct look look;
    struct selection selection;
    look_init(&look, &search->judge, LOOK_CLOSED, scratch);
    selection_make(&selection, selector_of(search->finder), &look);
    bool failed = look.failed;
    look_deinit(&look);
    search->looked_at = search->view.count;
    search->found = selection.yes;
    return failed ? SEARCH_NO_MEMORY : 0;
}

int search_look(struct search *search, const struct trace *trace, bool last, uint32_t *ret_found)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    see(search, trace);
    int bad = tell(search, &scratch);
    if (bad == 0 && (last || worth_a_walk(search))) {
        bad = count_found(search, &scratch);
    }
    arena_deinit(&scratch);
    if (bad == 0) {
        *ret_found = search->found;
    }
    return bad;
}

/* --- the spans --- */

static const uint32_t *list(struct search *search, struct arena *scratch, struct arena *out,
                            uint32_t *ret_count)
{
    struct look look;
    struct selection selection;
    look_init(&look, &search->judge, LOOK_CLOSED, scratch);
    selection_make(&selection, selector_of(search->finder), &look);
    const uint32_t *order = selection.yes != 0 ? selection_in_order(&selection, &look) : NULL;
    uint32_t *kept = arena_calloc(out, (size_t)selection.yes + 1, sizeof *kept);
    bool failed = look.failed || kept == NULL || (selection.yes != 0 && order == NULL);
    if (!failed && selection.yes != 0) {
        memcpy(kept, order, selection.yes * sizeof *kept);
    }
    look_deinit(&look);
    if (failed) {
        return NULL;
    }
    *ret_count = selection.yes;
    return kept;
}

const uint32_t *finder_list(const struct finder *finder, const struct trace *trace,
                            struct arena *out, uint32_t *ret_count)
{
    struct arena scratch = ARENA_INIT(16384, 0);
    struct search search;
    search_init(&search, finder, NULL, 0);
    see(&search, trace);
    const uint32_t *spans = NULL;
    if (tell(&search, &scratch) == 0) {
        spans = list(&search, &scratch, out, ret_count);
    }
    search_deinit(&search);
    arena_deinit(&scratch);
    return spans;
}
