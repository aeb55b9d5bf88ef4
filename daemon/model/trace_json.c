/* A trace as OTLP/JSON: grouped by resource and scope in the order in which the sorted spans first
 * name them. */
#include <stdlib.h>

#include "daemon/model/span_json.h"
#include "daemon/model/trace.h"

/* A span's place in the document: its group's first span, then its own rank. */
struct place {
    uint32_t index;
    uint32_t rank;
    uint32_t resource_rank;
    uint32_t scope_rank;
};

static int compare_spans(const void *a, const void *b, void *trace)
{
    return trace_span_compare(trace, ((const struct place *)a)->index,
                              ((const struct place *)b)->index);
}

static const struct resource *resource_at(const struct trace *trace, uint32_t index)
{
    return trace_span_resource(trace, &trace->spans[index]);
}

/* Their attributes are needed now. */
static void list_source(struct json *json, const struct trace *trace, uint32_t index)
{
    json->out->failed |= !trace_list_source(trace, &trace->spans[index]);
}

static const struct scope *scope_at(const struct trace *trace, uint32_t index)
{
    return trace_span_scope(trace, &trace->spans[index]);
}

static int compare_addresses(const void *a, const void *b)
{
    return (a > b) - (a < b);
}

/* Brings spans of one resource and scope together, within them by rank. Addresses stand for
 * identity only. */
static int compare_groups(const void *a, const void *b, void *trace)
{
    const struct place *left = a;
    const struct place *right = b;
    int order =
        compare_addresses(resource_at(trace, left->index), resource_at(trace, right->index));
    if (order == 0) {
        order = compare_addresses(scope_at(trace, left->index), scope_at(trace, right->index));
    }
    return order != 0 ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a;
    const struct place *right = b;
    if (left->resource_rank != right->resource_rank) {
        return left->resource_rank < right->resource_rank ? -1 : 1;
    }
    if (left->scope_rank != right->scope_rank) {
        return left->scope_rank < right->scope_rank ? -1 : 1;
    }
    return (left->rank > right->rank) - (left->rank < right->rank);
}

/* With spans of a group adjacent: gives each the rank of its group's first span. */
static void rank_groups(const struct trace *trace, struct place *places)
{
    for (uint32_t i = 0, end; i < trace->count; i = end) {
        const struct resource *resource = resource_at(trace, places[i].index);
        uint32_t least = UINT32_MAX;
        for (end = i; end < trace->count && resource_at(trace, places[end].index) == resource;
             end++) {
            least = places[end].rank < least ? places[end].rank : least;
        }
        for (uint32_t j = i, first = i; j < end; j++) {
            bool same = scope_at(trace, places[j].index) == scope_at(trace, places[first].index);
            first = same ? first : j;
            places[j].resource_rank = least;
            places[j].scope_rank = places[first].rank;
        }
    }
}

static struct place *places_of(const struct trace *trace, struct arena *scratch)
{
    struct place *places = arena_calloc(scratch, trace->count, sizeof *places);
    if (places == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        places[i].index = i;
    }
    qsort_r(places, trace->count, sizeof *places, compare_spans, (void *)(uintptr_t)trace);
    for (uint32_t i = 0; i < trace->count; i++) {
        places[i].rank = i;
    }
    qsort_r(places, trace->count, sizeof *places, compare_groups, (void *)(uintptr_t)trace);
    rank_groups(trace, places);
    qsort(places, trace->count, sizeof *places, compare_places);
    return places;
}

static void write_schema(struct json *json, struct bytes schema_url)
{
    if (schema_url.len != 0) {
        json_member_text(json, "schemaUrl", schema_url);
    }
}

/* Writes the spans of one scope from `from` on; returns the first that belongs to another. */
static uint32_t write_scope(struct json *json, const struct trace *trace,
                            const struct place *places, uint32_t from, struct arena *scratch)
{
    const struct resource *resource = resource_at(trace, places[from].index);
    const struct scope *scope = scope_at(trace, places[from].index);
    uint32_t i = from;
    list_source(json, trace, places[from].index);
    json_object(json);
    json_key(json, "scope");
    scope_write_otlp_json(json, scope);
    json_key(json, "spans");
    json_array(json);
    for (; i < trace->count && scope_at(trace, places[i].index) == scope &&
           resource_at(trace, places[i].index) == resource;
         i++) {
        struct span span;
        if (trace_span_decode(trace, places[i].index, scratch, &span) != 0) {
            json->out->failed = true;
            continue;
        }
        span_write_otlp_json(json, &span, scratch);
    }
    json_array_end(json);
    write_schema(json, scope->schema_url);
    json_object_end(json);
    return i;
}

/* The same for one resource. */
static uint32_t write_resource(struct json *json, const struct trace *trace,
                               const struct place *places, uint32_t from, struct arena *scratch)
{
    const struct resource *resource = resource_at(trace, places[from].index);
    uint32_t i = from;
    list_source(json, trace, places[from].index);
    json_object(json);
    json_key(json, "resource");
    resource_write_otlp_json(json, resource);
    json_key(json, "scopeSpans");
    json_array(json);
    while (i < trace->count && resource_at(trace, places[i].index) == resource) {
        i = write_scope(json, trace, places, i, scratch);
    }
    json_array_end(json);
    write_schema(json, resource->schema_url);
    json_object_end(json);
    return i;
}

void trace_write_otlp_json(struct json *json, const struct trace *trace, struct arena *scratch)
{
    struct place *places = trace->count != 0 ? places_of(trace, scratch) : NULL;
    json_object(json);
    json_key(json, "resourceSpans");
    json_array(json);
    for (uint32_t i = 0; places != NULL && i < trace->count;) {
        i = write_resource(json, trace, places, i, scratch);
    }
    json_array_end(json);
    json_object_end(json);
    json->out->failed |= places == NULL && trace->count != 0;
}
