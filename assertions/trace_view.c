#include "assertions/trace_view.h"

#include <stdlib.h>

#include "assertions/evaluate.h"
#include "assertions/lookup.h"

static int compare_in_order(const void *a, const void *b, void *trace)
{
    return trace_span_compare(trace, *(const uint32_t *)a, *(const uint32_t *)b);
}

/* --- services --- */

/* A resource that some span has; equal ones have the same address. */
struct place {
    const struct resource *resource;
    uint32_t span;
};

static int compare_resources(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct place *)a)->resource;
    uintptr_t right = (uintptr_t)((const struct place *)b)->resource;
    return left < right ? -1 : left > right;
}

static int compare_texts(const void *a, const void *b)
{
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

uint32_t view_service(const struct trace_view *view, struct bytes name)
{
    const struct bytes *found =
        bsearch(&name, view->services, view->service_count, sizeof *view->services, compare_texts);
    return found != NULL ? (uint32_t)(found - view->services) : UINT32_MAX;
}

/* The services of the places, sorted, each once. */
static void gather_services(struct trace_view *view, const struct place *places)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < view->count; i++) {
        if (i == 0 || places[i].resource != places[i - 1].resource) {
            view->services[found++] = places[i].resource->service;
        }
    }
    qsort(view->services, found, sizeof *view->services, compare_texts);
    for (uint32_t i = 0; i < found; i++) {
        if (i == 0 || !bytes_equal(view->services[i], view->services[view->service_count - 1])) {
            view->services[view->service_count++] = view->services[i];
        }
    }
}

static bool number_services(struct trace_view *view, struct look *look)
{
    const struct trace *trace = look->judge->trace;
    struct arena_mark mark = arena_mark(look->scratch);
    struct place *places = arena_alloc(look->scratch, ((size_t)view->count + 1) * sizeof *places);
    if (places == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < view->count; i++) {
        places[i] = (struct place){trace_span_resource(trace, &trace->spans[i]), i};
    }
    qsort(places, view->count, sizeof *places, compare_resources);
    gather_services(view, places);
    uint32_t number = 0;
    for (uint32_t i = 0; i < view->count; i++) {
        if (i == 0 || places[i].resource != places[i - 1].resource) {
            number = view_service(view, places[i].resource->service);
        }
        view->service[places[i].span] = number;
    }
    arena_rewind(look->scratch, mark);
    return true;
}

/* --- the view --- */

static bool make_view(struct trace_view *view, struct look *look)
{
    struct trace *trace = look->judge->trace;
    size_t room = (size_t)trace->count + 1;
    *view = (struct trace_view){.count = trace->count};
    view->order = arena_alloc(&look->shared, room * sizeof *view->order);
    view->rank = arena_alloc(&look->shared, room * sizeof *view->rank);
    view->service = arena_alloc(&look->shared, room * sizeof *view->service);
    view->services = arena_alloc(&look->shared, room * sizeof *view->services);
    if (view->order == NULL || view->rank == NULL || view->service == NULL ||
        view->services == NULL || !number_services(view, look)) {
        return false;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        view->order[i] = i;
    }
    qsort_r(view->order, trace->count, sizeof *view->order, compare_in_order, trace);
    for (uint32_t i = 0; i < trace->count; i++) {
        view->rank[view->order[i]] = i;
    }
    return true;
}

const struct trace_view *look_view(struct look *look)
{
    if (look->view == NULL && !look->failed) {
        struct trace_view *view = arena_alloc(&look->shared, sizeof *view);
        look->failed = view == NULL || !make_view(view, look);
        look->view = look->failed ? NULL : view;
    }
    return look->view;
}

bool view_walk(struct look *look, uint64_t n)
{
    look->steps += n + 1;
    return look->steps <= VIEW_STEPS_MAX;
}

bool view_spend(struct look *look, uint64_t n)
{
    uint64_t bits = 64 - (uint64_t)__builtin_clzll(n | 1);
    return view_walk(look, n * bits);
}

/* --- sets --- */

bool view_set_make(struct view_set *ret, struct selection *selection, struct look *look)
{
    const struct trace_view *view = look_view(look);
    *ret = (struct view_set){.maybe = selection->maybe != 0, .pseudo = selection->pseudo};
    uint32_t *spans =
        view != NULL ? arena_alloc(look->scratch, ((size_t)view->count + 1) * sizeof *spans) : NULL;
    if (spans == NULL) {
        look->failed = true;
        return false;
    }
    ret->spans = spans;
    if (selection->yes == 0) {
        return true;
    }
    if (selection->members == NULL && selection_in_order(selection, look) == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < view->count; i++) {
        uint32_t index = view->order[i];
        if (selection->members[index] == MEMBER_YES) {
            spans[ret->count++] = index;
        }
    }
    arena_trim(look->scratch, spans, ((size_t)view->count + 1) * sizeof *spans,
               ((size_t)ret->count + 1) * sizeof *spans);
    return true;
}

/* --- values --- */

static struct view_value known_as(const struct operand *value, unsigned flags)
{
    struct view_value known = {.value = *value, .state = VALUE_KNOWN};
    if (flags & LOOKUP_DROPPED) {
        known.state = VALUE_DROPPED;
    } else if (flags & LOOKUP_CLOCK) {
        known.state = VALUE_CLOCK;
    } else if (value->type == OPERAND_MISSING) {
        known.state = VALUE_ABSENT;
    }
    return known;
}

static struct view_value value_of_key(const struct key *key, const struct span *span,
                                      struct arena *scratch)
{
    unsigned flags = 0;
    if (key->space == KEY_ANY || key->space == KEY_ATTR) {
        struct operand value = lookup_attr(key, span, &flags);
        return known_as(&value, flags);
    }
    struct operand value = lookup_value(key, span, scratch);
    flags = lookup_flags(key, OP_EQUAL, span);
    return known_as(&value, flags);
}

/* False: no memory. */
static bool compute_value(const struct expr *expr, const struct span *span, struct look *look,
                          struct arena *made, struct view_value *ret)
{
    struct evaluation evaluation = {.span = span, .scratch = made};
    struct evaluated value = evaluate_value(&evaluation, expr);
    view_walk(look, evaluation.work);
    *ret = known_as(&value.operand, value.flags);
    if (value.trouble != TROUBLE_NONE) {
        ret->value = (struct operand){.type = OPERAND_BYTES};
        ret->state = VALUE_KNOWN;
    }
    return value.trouble != TROUBLE_MEMORY;
}

/* What the span holds, or was made for it, may go: texts are copied. */
static bool keep_text(struct view_value *value, struct arena *scratch)
{
    if (value->value.type != OPERAND_TEXT || value->value.bytes.len == 0) {
        return true;
    }
    value->value.bytes = arena_copy_packed(scratch, value->value.bytes);
    return value->value.bytes.data != NULL;
}

static bool read_value(const struct whole_value *read, uint32_t index, struct look *look,
                       struct arena *made, struct view_value *ret)
{
    const struct span *span =
        read->expr != NULL ? look_span(look, index) : look_span_for_key(look, index, &read->key);
    if (span == NULL) {
        return false;
    }
    arena_reset(made);
    if (read->expr == NULL) {
        *ret = value_of_key(&read->key, span, made);
    } else if (!compute_value(read->expr, span, look, made, ret)) {
        return false;
    }
    return keep_text(ret, look->scratch);
}

struct view_value *view_values(const struct view_set *set, const struct whole_value *read,
                               struct look *look)
{
    struct arena made = ARENA_INIT(1024, 0);
    struct view_value *values =
        arena_alloc(look->scratch, ((size_t)set->count + 1) * sizeof *values);
    for (uint32_t i = 0; values != NULL && i < set->count; i++) {
        if (!read_value(read, set->spans[i], look, &made, &values[i])) {
            values = NULL;
        }
    }
    arena_deinit(&made);
    look->failed |= values == NULL;
    return values;
}
