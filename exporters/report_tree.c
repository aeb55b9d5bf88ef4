#include "exporters/report_tree.h"

#include <inttypes.h>

#include "daemon/core/units.h"
#include "daemon/model/id_json.h"
#include "exporters/report_words.h"

#define NAME_MAX_BYTES 100

void tree_title(struct buf *out, const struct report_tree *tree)
{
    uint64_t all = tree->span_count + tree->omitted;
    words_place(out, &tree->trace_id, 0);
    buf_append_text(out, ", ");
    if (tree->omitted != 0) {
        buf_printf(out, "%" PRIu32 " of ", tree->span_count);
    }
    buf_printf(out, "%" PRIu64 " span%s", all, all == 1 ? "" : "s");
    for (uint32_t i = 0; i < tree->span_count; i++) {
        if (tree->spans[i].decides) {
            buf_append_text(out, ", > decided");
            return;
        }
    }
}

void tree_line(struct buf *out, const struct report_tree_span *span)
{
    buf_append_text(out, span->decides ? "> " : "  ");
    for (uint32_t i = 0; i < span->depth; i++) {
        buf_append_text(out, "  ");
    }
    buf_append_text(out, span->below_other ? "… " : "");
    words_clipped(out, span->name, NAME_MAX_BYTES);
    buf_append_text(out, "  [");
    words_clipped(out, span->service, NAME_MAX_BYTES);
    buf_printf(out, "] %s, ", span_kind_name(span->kind));
    if (span->duration_ns < 0) {
        buf_append_text(out, "ends before it starts");
    } else {
        units_print_duration_short(out, span->duration_ns);
    }
    if (span->status != STATUS_UNSET) {
        buf_printf(out, ", %s", span_status_name(span->status));
    }
}

static void write_span(struct json *json, const struct report_tree_span *span)
{
    const struct seen duration = {.type = SEEN_DURATION, .ns = span->duration_ns};
    json_object(json);
    json_member_u64(json, "depth", span->depth);
    json_member_span_id(json, "span_id", span->span_id);
    json_member_text(json, "name", span->name);
    json_member_text(json, "service", span->service);
    json_member_string(json, "kind", span_kind_name(span->kind));
    json_member_string(json, "status", span_status_name(span->status));
    json_key(json, "duration");
    seen_write_json(json, &duration);
    json_key(json, "decides");
    json_bool(json, span->decides);
    json_object_end(json);
}

void tree_members(struct json *json, const struct report_suite *suite)
{
    if (suite->tree_count == 0) {
        return;
    }
    json_key(json, "trees");
    json_array(json);
    for (uint32_t i = 0; i < suite->tree_count; i++) {
        const struct report_tree *tree = &suite->trees[i];
        json_object(json);
        json_member_trace_id(json, "trace_id", &tree->trace_id);
        json_key(json, "spans");
        json_array(json);
        for (uint32_t k = 0; k < tree->span_count; k++) {
            write_span(json, &tree->spans[k]);
        }
        json_array_end(json);
        json_member_u64(json, "omitted", tree->omitted);
        json_object_end(json);
    }
    json_array_end(json);
}
