/* The children of one parent: how many, how often the same one, and which are repeated because the
 * one before failed. Children belong together by the parent's ID that they name, whether it is in
 * the trace or not; a span that names itself has no parent here. */
#include <stdlib.h>

#include "assertions/lookup.h"
#include "assertions/whole_clocks.h"

/* A span that names a parent. */
struct child {
    span_id parent;
    struct bytes name;
    struct bytes text; /* what is asked of a database or over HTTP; digits count as one */
    uint32_t service, rank, index;
    bool unknown; /* its text may have been dropped */
};

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_kind(const struct child *a, const struct child *b)
{
    int order = compare_u64(a->parent, b->parent);
    order = order != 0 ? order : compare_u64(a->service, b->service);
    return order != 0 ? order : bytes_compare(a->name, b->name);
}

static int compare_children(const void *a, const void *b)
{
    const struct child *left = a;
    const struct child *right = b;
    int order = compare_kind(left, right);
    return order != 0 ? order : compare_u64(left->rank, right->rank);
}

static int compare_texts(const void *a, const void *b)
{
    const struct child *left = a;
    const struct child *right = b;
    int order = left->unknown - right->unknown;
    order = order != 0 ? order : bytes_compare(left->text, right->text);
    return order != 0 ? order : compare_u64(left->rank, right->rank);
}

/* What the judging of the runs comes to. */
struct tally {
    uint32_t most;    /* children of the greatest run */
    uint32_t first;   /* its first span in order */
    uint32_t retries; /* for certain */
    uint32_t perhaps; /* as far as the clocks tell */
    uint32_t retry;   /* the first one in order */
    uint32_t unknown; /* a span whose text may have been dropped */
    uint32_t backwards;
};

static uint32_t gather(const struct trace *trace, const struct trace_view *view,
                       struct child *children)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct trace_span *span = &trace->spans[i];
        if (span->parent != 0 && span->parent != span->id) {
            children[count++] = (struct child){.parent = span->parent,
                                               .name = trace_span_name(span),
                                               .service = view->service[i],
                                               .rank = view->rank[i],
                                               .index = i};
        }
    }
    qsort(children, count, sizeof *children, compare_children);
    return count;
}

/* Each run of decimal digits becomes a single 0: two reads by number are the same read. */
static struct bytes without_numbers(struct bytes text, struct arena *scratch)
{
    uint8_t *copy = arena_alloc(scratch, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; copy != NULL && i < text.len; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (!digit) {
            copy[len++] = text.data[i];
        } else if (len == 0 || copy[len - 1] != '0' || text.data[i - 1] < '0' ||
                   text.data[i - 1] > '9') {
            copy[len++] = '0';
        }
    }
    return bytes_from(copy, copy != NULL ? len : 0);
}

/* The first of these attributes that is a text. */
static bool read_text(struct whole_scene *scene, struct child *child, struct tally *tally)
{
    static const char *const keys[] = {WHOLE_TEXT_KEYS};
    const struct span *span = look_span(scene->look, child->index);
    if (span == NULL) {
        return whole_no_memory(scene);
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct value value = attrs_find(span->attrs, span->attr_count, bytes_of(keys[i]));
        if (value.type == VALUE_TEXT) {
            child->text = without_numbers(value.bytes, scene->look->scratch);
            return true;
        }
    }
    bool earlier = tally->unknown == RULING_NO_SPAN ||
                   trace_span_compare(scene->trace, child->index, tally->unknown) < 0;
    child->unknown = span->dropped_attrs > 0;
    tally->unknown = child->unknown && earlier ? child->index : tally->unknown;
    return true;
}

static void note_retry(struct tally *tally, const struct trace *trace, uint32_t index)
{
    bool earlier =
        tally->retry == RULING_NO_SPAN || trace_span_compare(trace, index, tally->retry) < 0;
    tally->retry = earlier ? index : tally->retry;
    tally->retries++;
}

/* The two failed ones of a clock that ended first: enough to know of each child whether another one
 * had. */
struct soonest {
    uint32_t one, two;
};

static void note_failed(const struct trace *trace, struct soonest *soonest, uint32_t index)
{
    const struct trace_span *spans = trace->spans;
    if (soonest->one == UINT32_MAX || spans[index].end_ns < spans[soonest->one].end_ns) {
        soonest->two = soonest->one;
        soonest->one = index;
    } else if (soonest->two == UINT32_MAX || spans[index].end_ns < spans[soonest->two].end_ns) {
        soonest->two = index;
    }
}

/* Spans of a run that failed, by clock. */
struct failed {
    const struct clock_set *clocks;
    struct soonest soonest[SKEW_CLOCKS_MAX];
};

static void gather_failed(const struct trace *trace, const struct child *run, uint32_t count,
                          struct failed *failed, struct tally *tally)
{
    for (uint32_t clock = 0; clock < failed->clocks->count; clock++) {
        failed->soonest[clock] = (struct soonest){UINT32_MAX, UINT32_MAX};
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = run[i].index;
        if (view_is_backwards(trace, index)) {
            bool earlier = tally->backwards == RULING_NO_SPAN ||
                           trace_span_compare(trace, index, tally->backwards) < 0;
            tally->backwards = earlier ? index : tally->backwards;
        } else if (trace_span_status(&trace->spans[index]) == STATUS_ERROR) {
            note_failed(trace, &failed->soonest[failed->clocks->of[0][index]], index);
        }
    }
}

/* Whether another one had failed before a span began: for certain, or perhaps. */
static bool had_failed(const struct trace *trace, const struct failed *failed, uint32_t index,
                       bool certain)
{
    for (uint32_t clock = 0; clock < failed->clocks->count; clock++) {
        const struct soonest *soonest = &failed->soonest[clock];
        uint32_t before = soonest->one != index ? soonest->one : soonest->two;
        if (before == UINT32_MAX) {
            continue;
        }
        struct skew_bounds shift =
            whole_clocks_shift(failed->clocks, clock, failed->clocks->of[0][index]);
        if ((__int128)trace->spans[before].end_ns + (certain ? shift.most : shift.least) <=
            (__int128)trace->spans[index].start_ns) {
            return true;
        }
    }
    return false;
}

/* Children that begin when an equal one has failed. */
static void count_retries(const struct trace *trace, const struct clock_set *clocks,
                          const struct child *run, uint32_t count, struct tally *tally)
{
    struct failed failed = {.clocks = clocks};
    gather_failed(trace, run, count, &failed, tally);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = run[i].index;
        if (view_is_backwards(trace, index)) {
            continue;
        }
        if (had_failed(trace, &failed, index, true)) {
            note_retry(tally, trace, index);
        }
        tally->perhaps += had_failed(trace, &failed, index, false);
    }
}

/* What is counted of runs, and by which clocks. */
struct count {
    struct clock_set clocks; /* of retries */
    struct tally tally;
};

static void note_run(struct whole_scene *scene, const struct child *run, uint32_t count,
                     struct count *counted)
{
    struct tally *tally = &counted->tally;
    bool first = tally->first == RULING_NO_SPAN ||
                 trace_span_compare(scene->trace, run[0].index, tally->first) < 0;
    if (count > tally->most || (count == tally->most && first)) {
        tally->most = count;
        tally->first = run[0].index;
    }
    if (scene->whole->type == WHOLE_RETRIES && count > 1) {
        count_retries(scene->trace, &counted->clocks, run, count, tally);
    }
}

/* Children of one parent with equal service and name, told apart by their text. One whose text may
 * have been dropped may belong to any: it is left out, but for a last one. */
static bool split_by_text(struct whole_scene *scene, struct child *run, uint32_t count,
                          struct count *counted)
{
    for (uint32_t i = 0; count > 1 && i < count; i++) {
        if (!read_text(scene, &run[i], &counted->tally)) {
            return false;
        }
    }
    qsort(run, count, sizeof *run, compare_texts);
    while (count > 1 && run[count - 1].unknown) {
        count--;
    }
    for (uint32_t from = 0, to = 1; from < count; from = to++) {
        while (to < count && bytes_equal(run[to].text, run[from].text)) {
            to++;
        }
        note_run(scene, run + from, to - from, counted);
    }
    return true;
}

static bool count_runs(struct whole_scene *scene, struct child *children, uint32_t count,
                       struct count *counted)
{
    bool all = scene->whole->type == WHOLE_FAN_OUT;
    for (uint32_t from = 0, to = 1; from < count; from = to++) {
        while (to < count && (all ? children[to].parent == children[from].parent
                                  : compare_kind(&children[to], &children[from]) == 0)) {
            to++;
        }
        if (all) {
            note_run(scene, children + from, to - from, counted);
        } else if (!split_by_text(scene, children + from, to - from, counted)) {
            return false;
        }
    }
    return true;
}

static void rule_tally(struct whole_scene *scene, const struct tally *tally)
{
    bool retries = scene->whole->type == WHOLE_RETRIES;
    struct between value = {
        .least = {.type = OPERAND_INT, .integer = retries ? tally->retries : tally->most},
        .most = {.type = OPERAND_INT, .integer = retries ? tally->perhaps : tally->most},
        .span = retries ? tally->retry : tally->first,
        .backwards = tally->backwards,
        .direction = 1,
    };
    bool dropped = tally->unknown != RULING_NO_SPAN;
    if (dropped && !whole_is_settled(scene, &value.least, 1)) {
        whole_unknown(scene, CAUSE_DROPPED, tally->unknown);
    } else if (retries) {
        whole_rule_between(scene, &value);
    } else {
        whole_rule_value(scene, &value.least, 1, value.span);
    }
}

void whole_judge_children(struct whole_scene *scene)
{
    const struct trace_view *view = look_view(scene->look);
    struct child *children = whole_take(scene, scene->trace->count, sizeof *children);
    struct count counted = {.tally = {.first = RULING_NO_SPAN,
                                      .retry = RULING_NO_SPAN,
                                      .unknown = RULING_NO_SPAN,
                                      .backwards = RULING_NO_SPAN}};
    bool retries = scene->whole->type == WHOLE_RETRIES;
    if (view == NULL || children == NULL) {
        whole_no_memory(scene);
        return;
    }
    if (!whole_spend(scene, 2 * (uint64_t)scene->trace->count) ||
        (retries && !whole_clocks_of_trace(scene, &counted.clocks))) {
        return;
    }
    uint32_t count = gather(scene->trace, view, children);
    if (count_runs(scene, children, count, &counted)) {
        rule_tally(scene, &counted.tally);
    }
}
