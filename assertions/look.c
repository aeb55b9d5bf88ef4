#include "assertions/look.h"

#include "daemon/model/attr_search.h"

#define SMALL_TRACE_SPANS 64u
/* To search a span for an attribute takes a quarter of what it takes to decode it. */
#define SEARCHES_A_SPAN 3u

void look_init(struct look *ret, const struct judge *judge, enum look_mode mode,
               struct arena *scratch)
{
    *ret = (struct look){.judge = judge,
                         .mode = mode,
                         .scratch = scratch,
                         .shared = ARENA_INIT(4096, 0),
                         .one_span = ARENA_INIT(4096, 0)};
}

void look_deinit(struct look *look)
{
    arena_deinit(&look->shared);
    arena_deinit(&look->one_span);
}

static const struct span *decode(struct look *look, uint32_t index, struct arena *arena,
                                 struct span *span)
{
    if (span == NULL || trace_span_decode(look->judge->trace, index, arena, span) != 0) {
        look->failed = true;
        return NULL;
    }
    return span;
}

const struct span *look_span(struct look *look, uint32_t index)
{
    uint32_t count = look->judge->trace->count;
    if (count > SMALL_TRACE_SPANS) {
        arena_reset(&look->one_span);
        return decode(look, index, &look->one_span, &look->latest);
    }
    if (look->spans == NULL) {
        look->spans = arena_calloc(&look->shared, count + 1, sizeof *look->spans);
    }
    if (look->spans == NULL) {
        look->failed = true;
        return NULL;
    }
    if (look->spans[index] == NULL) {
        struct span *span = arena_alloc(&look->shared, sizeof *span);
        look->spans[index] = decode(look, index, &look->shared, span);
    }
    return look->spans[index];
}

/* Whether the compact record of a span tells what a key reads. */
static bool is_compact(const struct key *key)
{
    bool field = key->space == KEY_FIELD && (key->field <= FIELD_END || key->field == FIELD_ID ||
                                             key->field == FIELD_PARENT_ID);
    return field || key->space == KEY_RESOURCE || key->space == KEY_SCOPE;
}

/* Whether it is read of the span's resource or scope. */
static bool reads_source(const struct key *key)
{
    return key->space == KEY_RESOURCE || key->space == KEY_SCOPE || key->space == KEY_ANY;
}

static bool are_compact(const struct filter *filters, uint32_t count)
{
    bool compact = true;
    for (uint32_t i = 0; compact && i < count; i++) {
        compact = filters[i].type == FILTER_NOT
                      ? are_compact(filters[i].inner, filters[i].inner_count)
                      : filters[i].type == FILTER_COMPARE && is_compact(&filters[i].key);
    }
    return compact;
}

static bool read_source(const struct filter *filters, uint32_t count)
{
    bool read = false;
    for (uint32_t i = 0; !read && i < count; i++) {
        read = filters[i].type == FILTER_NOT ? read_source(filters[i].inner, filters[i].inner_count)
                                             : reads_source(&filters[i].key);
    }
    return read;
}

/* The fields of the record, with the attributes of its resource and scope where these are read; no
 * attributes, events, links of its own. */
static const struct span *compact_span(struct look *look, uint32_t index, bool with_source)
{
    const struct trace *trace = look->judge->trace;
    const struct trace_span *kept = &trace->spans[index];
    if (with_source && !trace_list_source(trace, kept)) {
        look->failed = true;
        return NULL;
    }
    look->latest = (struct span){
        .id = kept->id,
        .parent = kept->parent,
        .start_ns = kept->start_ns,
        .end_ns = kept->end_ns,
        .kind = trace_span_kind(kept),
        .status = trace_span_status(kept),
        .name = trace_span_name(kept),
        .resource = trace_span_resource(trace, kept),
        .scope = trace_span_scope(trace, kept),
    };
    return &look->latest;
}

/* Whether a span is to be searched for this attribute alone. */
static bool is_searched(const struct look *look, const struct key *key)
{
    const struct trace *trace = look->judge->trace;
    return (key->space == KEY_ATTR || key->space == KEY_ANY) && !key->aliased &&
           trace->keep == NULL && trace->rejected == 0 &&
           look->searches < (uint64_t)SEARCHES_A_SPAN * trace->count;
}

/* The fields of the record and, if it is there, the attribute. */
static const struct span *searched_span(struct look *look, uint32_t index, const struct key *key)
{
    const struct trace *trace = look->judge->trace;
    const struct trace_span *kept = &trace->spans[index];
    const struct trace_span_rare *rare = trace_rare(trace);
    if (compact_span(look, index, reads_source(key)) == NULL) {
        return NULL;
    }
    look->searches++;
    look->latest.dropped_attrs = rare != NULL ? rare[index].dropped_attrs : 0;
    if (attr_search(trace_span_raw(kept), key->name, &look->latest_attr)) {
        look->latest.attrs = &look->latest_attr;
        look->latest.attr_count = 1;
    }
    return &look->latest;
}

/* What has been decoded is not asked of the record. */
static bool is_decoded(const struct look *look, uint32_t index)
{
    return look->spans != NULL && look->spans[index] != NULL;
}

const struct span *look_span_for(struct look *look, uint32_t index, const struct filter *filters,
                                 uint32_t count)
{
    return !is_decoded(look, index) && are_compact(filters, count)
               ? compact_span(look, index, read_source(filters, count))
               : look_span(look, index);
}

const struct span *look_span_for_key(struct look *look, uint32_t index, const struct key *key)
{
    if (is_decoded(look, index)) {
        return look_span(look, index);
    }
    if (is_searched(look, key)) {
        return searched_span(look, index, key);
    }
    return is_compact(key) ? compact_span(look, index, reads_source(key)) : look_span(look, index);
}

const struct totals *look_totals(struct look *look)
{
    if (!look->has_totals) {
        look->totals = totals_of(look->judge->trace);
        look->has_totals = true;
    }
    return &look->totals;
}

const struct family *look_family(struct look *look)
{
    if (!look->has_family && !look->failed) {
        look->failed = family_make(&look->family, look->judge->trace, &look->shared) != 0;
        look->has_family = !look->failed;
    }
    return look->has_family ? &look->family : NULL;
}

const struct skew *look_skew(struct look *look, const struct suite *suite,
                             const struct injection *injection)
{
    const struct family *family = look_family(look);
    if (family != NULL && look->skew_suite != suite) {
        look->skew = skew_make(look->judge->trace, family, injection, suite->max_clock_skew_ns,
                               &look->shared);
        look->skew_suite = suite;
    }
    look->failed |= look->skew == NULL;
    return family != NULL ? look->skew : NULL;
}
