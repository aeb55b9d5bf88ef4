#include <stdio.h>

#include "daemon/explanation.h"

#define SCHEMA_VERSION 1

static void member_seen(struct json *json, const char *key, const struct seen *seen)
{
    json_key(json, key);
    seen_write_json(json, seen);
}

static void member_span_id(struct json *json, const char *key, span_id id)
{
    char text[SPAN_ID_TEXT_LEN];
    span_id_print(text, id);
    json_member_text(json, key, bytes_from(text, sizeof text));
}

static int write_span(struct json *json, const struct explanation *e, const struct tree_line *line)
{
    const struct trace_span *record = &e->trace->spans[line->span];
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    int bad = trace_span_decode(e->trace, line->span, &arena, &span) != 0;
    json_object(json);
    json_member_u64(json, "number", e->tree->number[line->span]);
    json_member_u64(json, "depth", line->depth);
    member_span_id(json, "span_id", record->id);
    if (record->parent != 0) {
        member_span_id(json, "parent_span_id", record->parent);
    }
    json_member_text(json, "name", trace_span_name(record));
    json_member_text(json, "service", bad ? BYTES_LITERAL("") : span.resource->service);
    json_member_string(json, "kind", span_kind_name(trace_span_kind(record)));
    json_member_string(json, "status", span_status_name(trace_span_status(record)));
    json_key(json, "start");
    json_i128(json, (__int128)record->start_ns);
    json_key(json, "duration");
    json_i128(json, (__int128)record->end_ns - (__int128)record->start_ns);
    json_member_bool(json, "conflicting", trace_span_conflicting(record));
    json_object_end(json);
    arena_deinit(&arena);
    return bad;
}

static void write_selection(struct json *json, const struct explanation *e, const char *key,
                            const struct explained_selection *selected)
{
    json_key(json, key);
    json_object(json);
    json_member_text(json, "selector", selected->selector->text);
    json_member_u64(json, "count", selected->count);
    json_member_bool(json, "uncertain", selected->maybe != 0);
    json_key(json, "spans");
    json_array(json);
    for (uint32_t i = 0; i < selected->count; i++) {
        json_u64(json, e->tree->number[selected->spans[i]]);
    }
    json_array_end(json);
    if (selected->nearest.len != 0) {
        json_member_text(json, "nearest", selected->nearest);
    }
    json_object_end(json);
}

static void write_spans(struct json *json, const struct explanation *e,
                        const struct explained_condition *condition)
{
    json_key(json, "spans");
    json_array(json);
    for (uint32_t i = 0; i < condition->span_count; i++) {
        const struct explained_span *span = &condition->spans[i];
        json_object(json);
        json_member_u64(json, "number", e->tree->number[span->span]);
        json_member_string(json, "result", result_name(span->result));
        member_seen(json, "actual", &span->actual);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_u64(json, "spans_omitted", condition->spans_omitted);
}

static void write_condition(struct json *json, const struct explanation *e,
                            const struct explained_condition *condition)
{
    json_object(json);
    json_member_text(json, "condition", condition->text);
    json_member_string(json, "result", result_name(condition->result));
    member_seen(json, "expected", &condition->expected);
    if (condition->spans != NULL) {
        write_spans(json, e, condition);
    } else {
        member_seen(json, "actual", &condition->actual);
        if (condition->span != EXPLAIN_NO_SPAN) {
            json_member_u64(json, "span", e->tree->number[condition->span]);
        }
    }
    if (condition->reason.len != 0) {
        json_member_text(json, "reason", condition->reason);
    }
    json_object_end(json);
}

static void write_assertion(struct json *json, const struct explanation *e,
                            const struct explained_assertion *told)
{
    json_object(json);
    json_member_text(json, "name", told->assertion->name);
    json_member_string(json, "severity", severity_name(told->assertion->severity));
    json_member_string(json, "result", result_name(told->result));
    if (told->when.text.len != 0) {
        json_key(json, "when");
        write_condition(json, e, &told->when);
    }
    if (told->selected.selector != NULL) {
        write_selection(json, e, "select", &told->selected);
    }
    json_key(json, "conditions");
    json_array(json);
    for (uint32_t i = 0; i < told->assertion->condition_count; i++) {
        write_condition(json, e, &told->conditions[i]);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_evidence(struct json *json, const struct explanation *e,
                           const struct explained_suite *suite)
{
    uint32_t missing;
    trace_short(e->trace, false, &missing);
    json_key(json, "evidence");
    json_object(json);
    json_member_bool(json, "short", suite->short_reasons != 0);
    json_member_bool(json, "parents_missing", (suite->short_reasons & SHORT_PARENTS) != 0);
    json_member_bool(json, "lost", (suite->short_reasons & SHORT_LOST) != 0);
    json_member_bool(json, "unsampled", (suite->short_reasons & SHORT_UNSAMPLED) != 0);
    json_member_u64(json, "spans_without_their_parent", missing);
    json_object_end(json);
}

static void write_output(struct json *json, const struct explanation *e,
                         const struct explained_output *told)
{
    json_object(json);
    json_member_text(json, "name", told->output->name);
    json_member_text(json, "expression", told->output->text);
    member_seen(json, "value", &told->value);
    json_key(json, "spans");
    json_array(json);
    for (uint32_t i = 0; i < told->span_count; i++) {
        json_u64(json, e->tree->number[told->spans[i]]);
    }
    json_array_end(json);
    if (told->reason.len != 0) {
        json_member_text(json, "reason", told->reason);
    }
    json_object_end(json);
}

static void write_judged(struct json *json, const struct explanation *e,
                         const struct explained_suite *suite)
{
    json_member_string(json, "verdict", result_name(suite->verdict));
    write_evidence(json, e, suite);
    json_key(json, "names");
    json_object(json);
    for (uint32_t i = 0; i < suite->suite->name_count; i++) {
        char key[256];
        struct bytes name = suite->suite->names[i].name;
        snprintf(key, sizeof key, "%.*s", (int)(name.len < 255 ? name.len : 255),
                 (const char *)name.data);
        write_selection(json, e, key, &suite->names[i]);
    }
    json_object_end(json);
    json_key(json, "outputs");
    json_array(json);
    for (uint32_t i = 0; i < suite->output_count; i++) {
        write_output(json, e, &suite->outputs[i]);
    }
    json_array_end(json);
    json_key(json, "assertions");
    json_array(json);
    for (uint32_t i = 0; i < suite->suite->assertion_count; i++) {
        write_assertion(json, e, &suite->assertions[i]);
    }
    json_array_end(json);
}

static void write_suite(struct json *json, const struct explanation *e,
                        const struct explained_suite *suite)
{
    json_object(json);
    json_member_text(json, "name", suite->suite->name);
    json_member_bool(json, "judged", suite->applies);
    if (suite->unfit != NULL) {
        json_key(json, "label_missing");
        json_object(json);
        json_key_bytes(json, suite->unfit->name);
        json_text(json, suite->unfit->value);
        json_object_end(json);
    }
    if (suite->traces.selector != NULL) {
        write_selection(json, e, "traces", &suite->traces);
    }
    if (suite->applies) {
        write_judged(json, e, suite);
    }
    json_object_end(json);
}

int explanation_write_json(struct buf *out, const struct explanation *explanation)
{
    struct json json = JSON_INIT(out);
    char id[TRACE_ID_TEXT_LEN];
    int bad = 0;
    json.pretty = true;
    trace_id_print(id, &explanation->trace->id);
    json_object(&json);
    json_member_u64(&json, "schema_version", SCHEMA_VERSION);
    json_member_text(&json, "trace_id", bytes_from(id, sizeof id));
    if (explanation->note != NULL) {
        json_member_string(&json, "note", explanation->note);
    }
    json_key(&json, "spans");
    json_array(&json);
    for (uint32_t i = 0; i < explanation->tree->count; i++) {
        bad |= write_span(&json, explanation, &explanation->tree->lines[i]);
    }
    json_array_end(&json);
    json_key(&json, "suites");
    json_array(&json);
    for (uint32_t i = 0; i < explanation->suite_count; i++) {
        write_suite(&json, explanation, &explanation->suites[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    buf_append_char(out, '\n');
    return bad || out->failed;
}
