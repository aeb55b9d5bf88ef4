/* The answers come from the judge itself, which judges a trace without spans. Judged in every trace
 * is what reads the record of the request or the whole trace, and what would need an explanation. */
#include "assertions/blank.h"

#include <errno.h>

#include "assertions/across.h"
#include "assertions/expr.h"
#include "assertions/judge_suite.h"
#include "assertions/whole.h"
#include "daemon/core/memory.h"

static bool reads_injection(const struct condition *condition)
{
    const struct term *left = &condition->left;
    if (condition->test != NULL) {
        return condition->reads->injection;
    }
    return left->type == TERM_INJECTION ||
           (left->type == TERM_DIFFERENCE &&
            (left->left->type == TERM_INJECTION || left->right->type == TERM_INJECTION));
}

/* Whether it reads what no probe finds. */
static bool reads_beside(const struct condition *condition)
{
    if (condition->left.type == TERM_EXPRESSION && across_reads_trace(condition->reads)) {
        return true;
    }
    return reads_injection(condition) || (condition->left.type == TERM_WHOLE &&
                                          whole_reads_trace(condition->left.whole));
}

static bool hangs_on_more(const struct assertion *assertion)
{
    bool hangs = assertion->when != NULL && assertion->when->condition != NULL &&
                 reads_beside(assertion->when->condition);
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        hangs |= reads_beside(assertion->conditions[i]);
    }
    return hangs;
}

static void note_severe(struct blank_results *blank, const struct assertion_result *result)
{
    if (result->severity != SEVERITY_ERROR) {
        return;
    }
    blank->open_count += result->result == RESULT_OPEN;
    blank->strongest = result->result > blank->strongest ? result->result : blank->strongest;
}

static bool fails(const struct blank_results *blank, uint32_t count)
{
    bool fails = false;
    for (uint32_t i = 0; i < count; i++) {
        fails |= blank->results[i].result == RESULT_FAIL;
    }
    return fails;
}

static int judge_blank(struct blank_results *ret, const struct suite *suite, struct look *look,
                       struct arena *arena)
{
    uint32_t count = suite->assertion_count;
    struct suite_look at = {.scene = {.look = look, .suite = suite}, .out = arena};
    struct assertion_result *results = arena_calloc(arena, (size_t)count + 1, sizeof *results);
    uint32_t *judged = arena_calloc(arena, (size_t)count + 1, sizeof *judged);
    bool *always = arena_calloc(arena, (size_t)count + 1, sizeof *always);
    bool absence = false;
    if (results == NULL || judged == NULL || always == NULL) {
        return -ENOMEM;
    }
    *ret = (struct blank_results){
        .results = results, .judged = judged, .always = always, .strongest = RESULT_PASS};
    for (uint32_t i = 0; i < count; i++) {
        judge_assertion(&at, &suite->assertions[i], &results[i], &absence);
        bool needs_reasons = results[i].result >= RESULT_INCONCLUSIVE;
        if (needs_reasons || hangs_on_more(&suite->assertions[i])) {
            judged[ret->judged_count++] = i;
            always[i] = true;
        } else {
            note_severe(ret, &results[i]);
        }
    }
    return look->failed ? -ENOMEM : 0;
}

static int judge_both(struct suite *suite, const struct judge *judge, struct arena *scratch,
                      struct arena *arena)
{
    struct look open;
    struct look closed;
    look_init(&open, judge, LOOK_OPEN, scratch);
    look_init(&closed, judge, LOOK_CLOSED, scratch);
    int bad = judge_blank(&suite->blank.open, suite, &open, arena);
    bad = bad != 0 ? bad : judge_blank(&suite->blank.closed, suite, &closed, arena);
    look_deinit(&open);
    look_deinit(&closed);
    return bad;
}

int blank_judge(struct suite_set *set, struct suite *suites)
{
    struct trace_id id = {{0}};
    struct trace trace;
    struct judge judge;
    struct arena scratch = ARENA_INIT(1024, 0);
    int bad = 0;
    trace_init(&trace, &id, 0);
    judge_init(&judge, set, &trace);
    for (uint32_t i = 0; bad == 0 && i < set->suite_count; i++) {
        bad = judge_both(&suites[i], &judge, &scratch, &set->arena);
        set->alarms_at_once |= bad == 0 && fails(&suites[i].blank.open, suites[i].assertion_count);
    }
    trace_deinit(&trace);
    arena_deinit(&scratch);
    return bad;
}
