/* Conditions that are judged on each selected span, with how many must fulfil them; and what of a
 * span hangs on its children. */
#include "assertions/critical_path.h"
#include "assertions/interval.h"
#include "assertions/marks.h"
#include "assertions/self_time.h"
#include "assertions/whole_clocks.h"

/* --- own results --- */

/* Results of the selected spans, and the first span of each. */
struct own_results {
    const uint8_t *results;         /* enum result of each, by place */
    const struct self_times *times; /* of span:self_time */
    uint32_t count[RESULT_COUNT];
    uint32_t first[RESULT_COUNT];
};

/* The first set of the scene holds the selected spans. */
static void count_results(const struct view_set *set, struct own_results *ret)
{
    for (uint32_t r = 0; r < RESULT_COUNT; r++) {
        ret->first[r] = RULING_NO_SPAN;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        uint8_t result = ret->results[i];
        ret->first[result] = ret->count[result]++ == 0 ? i : ret->first[result];
    }
}

static enum result own_result(const struct condition *condition, const struct self_times *times,
                              uint32_t span)
{
    const struct operand least = {.type = OPERAND_DURATION, .ns = times->least[span]};
    const struct operand most = {.type = OPERAND_DURATION, .ns = times->most[span]};
    enum truth truth =
        truth_negate(compare(condition->op, &least, &condition->right.literal, condition->regex),
                     condition->negations);
    if (times->clock[span] || !interval_is_same(condition, &least, &most)) {
        return RESULT_INCONCLUSIVE;
    }
    return truth == TRUTH_TRUE           ? RESULT_PASS
           : truth == TRUTH_INCOMPARABLE ? RESULT_ERROR
                                         : RESULT_FAIL;
}

static bool judge_own_times(struct whole_scene *scene, const struct condition *condition,
                            uint8_t *results, const struct self_times **ret_times)
{
    const struct view_set *set = &scene->sets[0];
    if (!whole_stays(scene) && !whole_spend(scene, 8 * (uint64_t)scene->trace->count)) {
        return false;
    }
    *ret_times = look_self_times(scene->look, scene->at->suite, scene->at->injection);
    if (*ret_times == NULL) {
        return whole_no_memory(scene);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        results[i] = (uint8_t)own_result(condition, *ret_times, set->spans[i]);
    }
    return true;
}

static bool judge_marks(struct whole_scene *scene, const struct condition *condition,
                        uint8_t *results)
{
    const struct view_set *set = &scene->sets[0];
    const uint8_t *marks = selection_marks(scene->selected, condition, scene->look);
    if (marks == NULL) {
        return whole_no_memory(scene);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        enum mark mark = (enum mark)marks[set->spans[i]];
        results[i] = (uint8_t)mark_result(mark, QUANTIFIER_ALL, false);
    }
    return true;
}

static bool judge_each(struct whole_scene *scene, const struct condition *condition,
                       struct own_results *ret)
{
    uint8_t *results = whole_take(scene, scene->sets[0].count, 1);
    *ret = (struct own_results){.results = results};
    if (results == NULL || !whole_spend(scene, 2 * (uint64_t)scene->trace->count)) {
        return false;
    }
    bool good = condition->left.type == TERM_WHOLE
                    ? judge_own_times(scene, condition, results, &ret->times)
                    : judge_marks(scene, condition, results);
    if (good) {
        count_results(&scene->sets[0], ret);
    }
    return good;
}

/* --- exactly, at least, at most --- */

static const char *const times_words[] = {
    [TIMES_EXACTLY] = "exactly", [TIMES_AT_LEAST] = "at least", [TIMES_AT_MOST] = "at most"};

/* Whether so many of all are as many as are wanted. */
static bool is_enough(const struct whole *whole, uint64_t number, uint64_t all)
{
    __int128 have = number;
    __int128 want = whole->number;
    if (whole->percent) {
        have = have * 100 * (__int128)whole->percent_den;
        want = want * (__int128)all;
    }
    return whole->times == TIMES_EXACTLY    ? have == want
           : whole->times == TIMES_AT_LEAST ? have >= want
                                            : have <= want;
}

static void fail_number(struct whole_scene *scene, const struct own_results *own, bool stays)
{
    const struct whole *whole = scene->whole;
    const struct view_set *set = &scene->sets[0];
    bool many = whole->times != TIMES_AT_LEAST &&
                (whole->percent || own->count[RESULT_PASS] > whole->number);
    enum result decides = many ? RESULT_PASS : RESULT_FAIL;
    uint32_t place = own->first[decides];
    whole_fail(scene, stays, place != RULING_NO_SPAN ? set->spans[place] : RULING_NO_SPAN,
               "must hold for %s %.*s of the selected spans", times_words[whole->times],
               (int)scene->whole->amount.len, (const char *)scene->whole->amount.data);
    whole_see(scene, "holds for %u of %u", own->count[RESULT_PASS], set->count);
    if (place != RULING_NO_SPAN) {
        whole_see(scene, many ? ", first for " : ", not for ");
        whole_see_span(scene, 0, place);
    }
}

/* Between those that pass for certain and those that may. Each further child may take from the time
 * of a span: of that nothing lasts. */
static void rule_number(struct whole_scene *scene, const struct own_results *own)
{
    const struct whole *whole = scene->whole;
    uint32_t all = scene->sets[0].count;
    uint64_t least = own->count[RESULT_PASS];
    uint64_t most = least + own->count[RESULT_ERROR] + own->count[RESULT_INCONCLUSIVE];
    bool low = is_enough(whole, least, all);
    bool high = is_enough(whole, most, all);
    bool between = whole->times == TIMES_EXACTLY && least < whole->number && whole->number < most;
    bool lasts = !whole->percent && whole->one->left.type != TERM_WHOLE;
    bool reached = lasts && least >= whole->number;
    bool exceeded = lasts && least > whole->number;
    if (low != high || between || (low && whole->times == TIMES_EXACTLY && least != most)) {
        bool error = own->count[RESULT_ERROR] != 0;
        uint32_t place = own->first[error ? RESULT_ERROR : RESULT_INCONCLUSIVE];
        if (error) {
            whole_error(scene, scene->sets[0].spans[place],
                        "can't be compared on a span, which could change the number");
        } else {
            whole_unknown(scene, CAUSE_UNKNOWN, scene->sets[0].spans[place]);
        }
    } else if (low) {
        whole_pass(scene);
        scene->ruling.stays = whole->times == TIMES_AT_LEAST && reached && !scene->sets[0].pseudo;
    } else {
        fail_number(scene, own, whole->times != TIMES_AT_LEAST && exceeded);
    }
}

void whole_judge_quantified(struct whole_scene *scene)
{
    struct own_results own;
    if (scene->whole->percent && whole_is_empty(scene, 1)) {
        return;
    }
    if (judge_each(scene, scene->whole->one, &own)) {
        rule_number(scene, &own);
    }
}

/* --- span:self_time --- */

static void fail_time(struct whole_scene *scene, const struct own_results *own, uint32_t place,
                      const char *reason)
{
    whole_fail(scene, false, place != RULING_NO_SPAN ? scene->sets[0].spans[place] : place, "%s",
               reason);
    if (place != RULING_NO_SPAN) {
        scene->ruling.actual = (struct operand){
            .type = OPERAND_DURATION, .ns = own->times->least[scene->sets[0].spans[place]]};
    }
}

/* A span that ends before it starts, or clocks that leave it open. */
static void rule_unknown_time(struct whole_scene *scene, const struct self_times *times,
                              uint32_t span)
{
    const struct between value = {
        .least = {.type = OPERAND_DURATION, .ns = times->least[span]},
        .most = {.type = OPERAND_DURATION, .ns = times->most[span]},
        .span = span,
        .backwards = times->clock[span] ? span : RULING_NO_SPAN,
    };
    whole_rule_between(scene, &value);
}

void whole_judge_self_time(struct whole_scene *scene)
{
    struct own_results own;
    enum quantifier quantifier = scene->condition->quantifier;
    bool none = quantifier == QUANTIFIER_NONE;
    if (scene->sets[0].count == 0 && none) {
        whole_pass(scene);
        return;
    }
    if (whole_is_empty(scene, 1) || !judge_each(scene, scene->condition, &own)) {
        return;
    }
    enum result broken = none ? RESULT_PASS : RESULT_FAIL;
    bool any = quantifier == QUANTIFIER_ANY;
    uint32_t unknown = own.first[RESULT_INCONCLUSIVE];
    if (any ? own.count[RESULT_PASS] != 0
            : own.count[broken] == 0 && own.count[RESULT_INCONCLUSIVE] == 0) {
        whole_pass(scene);
    } else if (!any && own.count[broken] != 0) {
        fail_time(scene, &own, own.first[broken],
                  none ? "holds for a span, must hold for none" : "does not hold");
    } else if (unknown != RULING_NO_SPAN) {
        rule_unknown_time(scene, own.times, scene->sets[0].spans[unknown]);
    } else {
        fail_time(scene, &own, RULING_NO_SPAN, "holds for no span, must hold for one");
    }
}

/* --- critical() --- */

/* The time of the path in a service, and of the trace. False: a span ends before it starts. */
static bool measure(const struct whole_scene *scene, const uint64_t *own, uint32_t service,
                    uint64_t *ret_part, uint64_t *ret_whole, uint32_t *ret_backwards)
{
    const struct trace_view *view = look_view(scene->look);
    const struct trace *trace = scene->trace;
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    *ret_part = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        uint32_t span = view->order[i];
        if (view_is_backwards(trace, span)) {
            *ret_backwards = span;
            return false;
        }
        first = trace->spans[span].start_ns < first ? trace->spans[span].start_ns : first;
        last = trace->spans[span].end_ns > last ? trace->spans[span].end_ns : last;
        *ret_part += view->service[span] == service ? own[span] : 0;
    }
    *ret_whole = last - first;
    return true;
}

static void rule_no_time(struct whole_scene *scene)
{
    whole_error(scene, RULING_NO_SPAN, "can't be computed: the trace takes no time");
}

/* By clocks that do not agree: the share is no more than what spans of the service take at all of
 * the least that the trace does. */
static void rule_share_skewed(struct whole_scene *scene, uint64_t service_ns, double measured)
{
    struct skew_bounds whole;
    struct between value = {.measured = {.type = OPERAND_DOUBLE, .number = measured},
                            .least = {.type = OPERAND_DOUBLE, .number = 0},
                            .most = {.type = OPERAND_DOUBLE, .number = 1},
                            .span = RULING_NO_SPAN,
                            .backwards = RULING_NO_SPAN};
    if (!whole_duration_bounds(scene, &whole)) {
        return;
    }
    if (whole.most == 0) {
        rule_no_time(scene);
    } else if (whole.least == 0) {
        whole_unknown(scene, CAUSE_SKEW, RULING_NO_SPAN);
        scene->ruling.told = BYTES_LITERAL("by clocks that may be apart the trace takes no time");
    } else {
        double most = (double)service_ns / (double)whole.least;
        value.most.number = most < 1 ? most : 1;
        whole_rule_between(scene, &value);
    }
}

static void rule_share(struct whole_scene *scene, uint32_t service, uint64_t part, uint64_t whole)
{
    uint64_t service_ns;
    bool agree = true;
    double share = whole != 0 ? (double)part / (double)whole : 0;
    if (!whole_stays(scene) && !whole_service_time(scene, service, &service_ns, &agree)) {
        return;
    }
    if (!agree) {
        rule_share_skewed(scene, service_ns, share);
    } else if (whole == 0) {
        rule_no_time(scene);
    } else {
        struct operand value = {.type = OPERAND_DOUBLE, .number = share};
        whole_rule_value(scene, &value, 0, RULING_NO_SPAN);
    }
}

void whole_judge_critical(struct whole_scene *scene)
{
    struct bytes name = scene->whole->nodes[0];
    const struct trace_view *view = look_view(scene->look);
    uint64_t *own = whole_take(scene, scene->trace->count, sizeof *own);
    uint64_t part;
    uint64_t whole;
    uint32_t backwards;
    if (view == NULL || own == NULL) {
        whole_no_memory(scene);
        return;
    }
    uint32_t service = view_service(view, name);
    if (service == UINT32_MAX) {
        whole_fail(scene, false, RULING_NO_SPAN, "no span of the service '%.*s'", (int)name.len,
                   (const char *)name.data);
        return;
    }
    if (!whole_spend(scene, 4 * (uint64_t)scene->trace->count)) {
        return;
    }
    if (!critical_path(scene->look, own)) {
        whole_no_memory(scene);
    } else if (!measure(scene, own, service, &part, &whole, &backwards)) {
        whole_unknown(scene, CAUSE_CLOCK, backwards);
    } else {
        rule_share(scene, service, part, whole);
    }
}
