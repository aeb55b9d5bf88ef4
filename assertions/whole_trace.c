/* Conditions over the whole trace that need no set: how long, how many, how deep, which services
 * call which. */
#include <string.h>

#include "assertions/whole_clocks.h"

static struct operand integer_of(uint64_t number)
{
    return (struct operand){.type = OPERAND_INT, .integer = (int64_t)number};
}

/* --- duration --- */

/* Over the spans that do not end before they start; where some do, only what no further span could
 * change is known. */
static void judge_duration(struct whole_scene *scene)
{
    const struct totals *totals = look_totals(scene->look);
    struct operand duration = {.type = OPERAND_DURATION, .ns = totals_duration_ns(totals)};
    struct between value = {.measured = duration,
                            .least = duration,
                            .most = duration,
                            .span = RULING_NO_SPAN,
                            .backwards = totals->backwards,
                            .direction = 1};
    struct skew_bounds bounds;
    if (scene->at->suite->estimates_skew) {
        if (!whole_duration_bounds(scene, &bounds)) {
            return;
        }
        value.least.ns = bounds.least;
        value.most.ns = bounds.most;
    }
    whole_rule_between(scene, &value);
}

/* --- numbers --- */

static uint32_t count_roots(const struct trace *trace, const struct family *family)
{
    uint32_t roots = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        roots += family->parent_group[i] == FAMILY_NO_GROUP;
    }
    return roots;
}

static uint32_t count_services(const struct trace_view *view)
{
    bool unnamed = view->service_count != 0 && view->services[0].len == 0;
    return view->service_count - unnamed;
}

/* A component is one level: spans of one ID, and spans that are each other's ancestors. Those above
 * come first. */
static uint32_t find_depth(const struct family *family, uint32_t *depth)
{
    uint32_t deepest = 0;
    for (uint32_t g = 0; g < family->group_count; g++) {
        uint32_t group = family->by_component[g];
        uint32_t own = family->component[group];
        for (uint32_t i = family->member_start[group]; i < family->member_start[group + 1]; i++) {
            uint32_t parent = family->parent_group[family->members[i]];
            uint32_t above = parent != FAMILY_NO_GROUP && family->component[parent] != own
                                 ? depth[family->component[parent]]
                                 : 0;
            depth[own] = above + 1 > depth[own] ? above + 1 : depth[own];
        }
        deepest = depth[own] > deepest ? depth[own] : deepest;
    }
    return deepest;
}

static void judge_family(struct whole_scene *scene)
{
    const struct family *family = look_family(scene->look);
    uint32_t *depth = whole_take(scene, scene->trace->count, sizeof *depth);
    if (family == NULL || depth == NULL) {
        whole_no_memory(scene);
        return;
    }
    bool roots = scene->whole->type == WHOLE_ROOTS;
    uint32_t number = roots ? count_roots(scene->trace, family) : find_depth(family, depth);
    struct operand value = integer_of(number);
    whole_rule_value(scene, &value, 0, RULING_NO_SPAN);
}

/* --- edges --- */

/* An edge of the trace: a span of one service whose parent is of another. */
struct edges {
    const struct trace_view *view;
    const uint32_t *node; /* of each service of the trace: its node; UINT32_MAX: none */
    uint32_t *found;      /* by from * nodes + to: a child, plus 1; the first in order */
    bool *allowed;        /* likewise: an arrow allows it */
    uint32_t stray;       /* the first child in order on an edge that no arrow allows */
    uint32_t stray_parent;
};

static void note_edge(const struct whole *whole, struct edges *edges, uint32_t parent,
                      uint32_t child)
{
    const struct trace_view *view = edges->view;
    uint32_t from = view->service[parent];
    uint32_t to = view->service[child];
    uint32_t a = edges->node[from];
    uint32_t b = edges->node[to];
    bool named = view->services[from].len != 0 && view->services[to].len != 0;
    bool known = a != UINT32_MAX && b != UINT32_MAX;
    if (known) {
        uint32_t *slot = &edges->found[a * whole->node_count + b];
        bool earlier = *slot == 0 || view->rank[child] < view->rank[*slot - 1];
        *slot = earlier ? child + 1 : *slot;
    }
    if (whole->only && named && from != to &&
        !(known && edges->allowed[a * whole->node_count + b]) &&
        (edges->stray == RULING_NO_SPAN || view->rank[child] < view->rank[edges->stray] ||
         (child == edges->stray && view->rank[parent] < view->rank[edges->stray_parent]))) {
        edges->stray = child;
        edges->stray_parent = parent;
    }
}

static bool find_edges(struct whole_scene *scene, struct edges *edges)
{
    const struct family *family = look_family(scene->look);
    if (family == NULL) {
        return whole_no_memory(scene);
    }
    for (uint32_t child = 0; child < family->count; child++) {
        uint32_t group = family->parent_group[child];
        if (group == FAMILY_NO_GROUP) {
            continue;
        }
        uint32_t end = family->member_start[group + 1];
        for (uint32_t i = family->member_start[group]; i < end; i++) {
            if (family->members[i] != child) {
                note_edge(scene->whole, edges, family->members[i], child);
            }
        }
    }
    return true;
}

static void fail_stray(struct whole_scene *scene, const struct edges *edges)
{
    const struct trace_view *view = edges->view;
    struct bytes from = view->services[view->service[edges->stray_parent]];
    struct bytes to = view->services[view->service[edges->stray]];
    whole_fail(scene, true, edges->stray, "an edge that is not listed: %.*s -> %.*s",
               (int)(from.len < 80 ? from.len : 80), (const char *)from.data,
               (int)(to.len < 80 ? to.len : 80), (const char *)to.data);
    whole_see(scene, "span %016llx below span %016llx",
              (unsigned long long)scene->trace->spans[edges->stray].id,
              (unsigned long long)scene->trace->spans[edges->stray_parent].id);
}

/* The arrows one by one: each expected, or each forbidden. */
static void rule_edges(struct whole_scene *scene, const struct edges *edges)
{
    const struct whole *whole = scene->whole;
    for (uint32_t i = 0; !whole->only && i < whole->arrow_count; i++) {
        const struct whole_arrow *arrow = &whole->arrows[i];
        uint32_t child = edges->found[arrow->from * whole->node_count + arrow->to];
        struct bytes from = whole->nodes[arrow->from];
        struct bytes to = whole->nodes[arrow->to];
        if (arrow->never && child != 0) {
            whole_fail(scene, true, child - 1, "%.*s calls %.*s", (int)from.len,
                       (const char *)from.data, (int)to.len, (const char *)to.data);
            return;
        }
        if (!arrow->never && child == 0) {
            whole_fail(scene, false, RULING_NO_SPAN, "no span of %.*s has a parent of %.*s",
                       (int)to.len, (const char *)to.data, (int)from.len, (const char *)from.data);
            return;
        }
    }
    whole_pass(scene);
    scene->ruling.stays = whole->times == TIMES_AT_LEAST;
}

static void judge_edges(struct whole_scene *scene)
{
    const struct whole *whole = scene->whole;
    struct edges edges = {.view = look_view(scene->look), .stray = RULING_NO_SPAN};
    if (edges.view == NULL) {
        whole_no_memory(scene);
        return;
    }
    uint32_t *node = whole_take(scene, edges.view->service_count, sizeof *node);
    edges.found =
        whole_take(scene, (size_t)whole->node_count * whole->node_count, sizeof *edges.found);
    edges.allowed =
        whole_take(scene, (size_t)whole->node_count * whole->node_count, sizeof *edges.allowed);
    if (node == NULL || edges.found == NULL || edges.allowed == NULL) {
        return;
    }
    for (uint32_t i = 0; i < whole->arrow_count; i++) {
        edges.allowed[whole->arrows[i].from * whole->node_count + whole->arrows[i].to] = true;
    }
    memset(node, 0xff, edges.view->service_count * sizeof *node);
    for (uint32_t i = 0; i < whole->node_count; i++) {
        uint32_t service = view_service(edges.view, whole->nodes[i]);
        if (service != UINT32_MAX) {
            node[service] = i;
        }
    }
    edges.node = node;
    if (!find_edges(scene, &edges)) {
        return;
    }
    if (edges.stray != RULING_NO_SPAN) {
        fail_stray(scene, &edges);
    } else {
        rule_edges(scene, &edges);
    }
}

/* --- all --- */

static void judge_number(struct whole_scene *scene)
{
    uint32_t number = scene->trace->count;
    if (scene->whole->type == WHOLE_ERRORS) {
        number = look_totals(scene->look)->errors;
    } else if (scene->whole->type == WHOLE_SERVICES) {
        const struct trace_view *view = look_view(scene->look);
        if (view == NULL) {
            whole_no_memory(scene);
            return;
        }
        number = count_services(view);
    }
    struct operand value = integer_of(number);
    whole_rule_value(scene, &value, 1, RULING_NO_SPAN);
}

void whole_judge_trace(struct whole_scene *scene)
{
    if (!totals_tell(scene->whole) && !whole_spend(scene, scene->trace->count)) {
        return;
    }
    switch (scene->whole->type) {
    case WHOLE_DURATION:
        judge_duration(scene);
        break;
    case WHOLE_DEPTH:
    case WHOLE_ROOTS:
        judge_family(scene);
        break;
    case WHOLE_EDGES:
        judge_edges(scene);
        break;
    default:
        judge_number(scene);
        break;
    }
}
