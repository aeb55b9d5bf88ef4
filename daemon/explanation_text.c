#include <inttypes.h>

#include "daemon/core/units.h"
#include "daemon/core/utf8.h"
#include "daemon/explanation.h"

#define NAME_MAX_SHOWN  60u
#define VALUE_MAX_SHOWN 120u
#define INDENT_MAX      20u

static void append_clean(struct buf *out, struct bytes text, size_t most)
{
    size_t at = out->len;
    bool clipped = text.len > most;
    text.len = clipped ? most : text.len;
    utf8_append_mended(out, text);
    for (; at < out->len; at++) {
        if (out->data[at] < ' ' || out->data[at] == 0x7F) {
            out->data[at] = '?';
        }
    }
    buf_append_text(out, clipped ? "..." : "");
}

static void append_seen(struct buf *out, const struct seen *seen)
{
    struct buf text = BUF_NULL;
    seen_print(&text, seen);
    append_clean(out, buf_bytes(&text), VALUE_MAX_SHOWN);
    out->failed |= text.failed;
    buf_deinit(&text);
}

/* The tree. */

static void append_length(struct buf *out, const struct trace_span *span)
{
    if (span->end_ns < span->start_ns) {
        buf_append_text(out, "ends before it starts");
    } else {
        units_print_duration_short(out, (__int128)(span->end_ns - span->start_ns));
    }
}

static void write_line(struct buf *out, const struct explanation *e, const struct tree_line *line)
{
    const struct trace_span *record = &e->trace->spans[line->span];
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    uint32_t indent = line->depth < INDENT_MAX ? line->depth : INDENT_MAX;
    buf_printf(out, "  #%-4" PRIu32 " %*s", e->tree->number[line->span], (int)(2 * indent), "");
    append_clean(out, trace_span_name(record), NAME_MAX_SHOWN);
    if (trace_span_decode(e->trace, line->span, &arena, &span) == 0) {
        buf_append_text(out, "  [");
        append_clean(out, span.resource->service, NAME_MAX_SHOWN);
        buf_append_text(out, "] ");
    }
    buf_printf(out, "%s, ", span_kind_name(trace_span_kind(record)));
    append_length(out, record);
    if (trace_span_status(record) != STATUS_UNSET) {
        buf_printf(out, ", %s", span_status_name(trace_span_status(record)));
    }
    buf_append_text(out, trace_span_conflicting(record) ? ", conflicting\n" : "\n");
    arena_deinit(&arena);
}

static void write_tree(struct buf *out, const struct explanation *e)
{
    char id[TRACE_ID_TEXT_LEN];
    trace_id_print(id, &e->trace->id);
    buf_printf(out, "trace %.*s: %" PRIu32 " spans\n", TRACE_ID_TEXT_LEN, id, e->trace->count);
    if (e->note != NULL) {
        buf_printf(out, "! %s\n", e->note);
    }
    for (uint32_t i = 0; i < e->tree->count && i < EXPLANATION_TREE_MAX; i++) {
        write_line(out, e, &e->tree->lines[i]);
    }
    if (e->tree->count > EXPLANATION_TREE_MAX) {
        buf_printf(out, "  and %" PRIu32 " more\n", e->tree->count - EXPLANATION_TREE_MAX);
    }
}

/* Selections. */

static void write_selection(struct buf *out, const struct explanation *e,
                            const struct explained_selection *selected)
{
    append_clean(out, selected->selector->text, VALUE_MAX_SHOWN);
    buf_append_text(out, selected->count != 0 ? ":" : ": matched no span");
    for (uint32_t i = 0; i < selected->count && i < EXPLANATION_SPANS_MAX; i++) {
        buf_printf(out, " #%" PRIu32, e->tree->number[selected->spans[i]]);
    }
    if (selected->count > EXPLANATION_SPANS_MAX) {
        buf_printf(out, " and %" PRIu32 " more", selected->count - EXPLANATION_SPANS_MAX);
    }
    if (selected->nearest.len != 0) {
        buf_append_text(out, "; ");
        append_clean(out, selected->nearest, 4 * VALUE_MAX_SHOWN);
    }
    buf_append_text(out, selected->maybe != 0 ? " (dropped attributes could add others)\n" : "\n");
}

/* Conditions. */

static void write_one_span(struct buf *out, const struct explanation *e,
                           const struct explained_span *span)
{
    buf_printf(out, "                     %-12s #%" PRIu32 ": ", result_name(span->result),
               e->tree->number[span->span]);
    append_seen(out, &span->actual);
    buf_append_char(out, '\n');
}

static void write_value(struct buf *out, const struct explanation *e,
                        const struct explained_condition *condition)
{
    if (condition->result == RESULT_SKIPPED) {
        return;
    }
    if (condition->spans == NULL && condition->actual.type != SEEN_NOTHING) {
        buf_append_text(out, "; seen ");
        append_seen(out, &condition->actual);
    }
    if (condition->span != EXPLAIN_NO_SPAN) {
        buf_printf(out, " on #%" PRIu32, e->tree->number[condition->span]);
    }
    if (condition->reason.len != 0) {
        buf_append_text(out, "; ");
        append_clean(out, condition->reason, 4 * VALUE_MAX_SHOWN);
    }
}

static void write_condition(struct buf *out, const struct explanation *e, const char *label,
                            const struct explained_condition *condition)
{
    buf_printf(out, "      %-12s %s", result_name(condition->result), label);
    append_clean(out, condition->text, VALUE_MAX_SHOWN);
    write_value(out, e, condition);
    buf_append_char(out, '\n');
    if (condition->result == RESULT_SKIPPED) {
        return;
    }
    for (uint32_t i = 0; i < condition->span_count && i < EXPLANATION_SPANS_MAX; i++) {
        write_one_span(out, e, &condition->spans[i]);
    }
    uint32_t all = condition->span_count + condition->spans_omitted;
    if (all > EXPLANATION_SPANS_MAX) {
        buf_printf(out, "                     and %" PRIu32 " more\n", all - EXPLANATION_SPANS_MAX);
    }
}

static void write_assertion(struct buf *out, const struct explanation *e,
                            const struct explained_assertion *told)
{
    const struct assertion *assertion = told->assertion;
    buf_printf(out, "  %-12s '", result_name(told->result));
    append_clean(out, assertion->name, NAME_MAX_SHOWN);
    buf_printf(out, "'%s\n", assertion->severity == SEVERITY_WARNING ? " (a warning)" : "");
    if (told->when.text.len != 0) {
        write_condition(out, e, "when ", &told->when);
    }
    if (told->selected.selector != NULL) {
        buf_append_text(out, "      select       ");
        write_selection(out, e, &told->selected);
    }
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        write_condition(out, e, "", &told->conditions[i]);
    }
    if (told->result == RESULT_SKIPPED && assertion->optional &&
        told->when.result != RESULT_SKIPPED) {
        buf_append_text(out, "      skipped because it is optional and nothing is selected\n");
    }
}

/* Suites. */

static void write_evidence(struct buf *out, const struct explanation *e,
                           const struct explained_suite *suite)
{
    uint32_t missing;
    unsigned strict = trace_short(e->trace, false, &missing);
    unsigned reasons = suite->short_reasons;
    buf_append_text(out, reasons != 0 ? "  evidence is short:" : "  evidence is whole");
    if (reasons & SHORT_PARENTS) {
        buf_printf(out, " parents of %" PRIu32 " spans never came;", missing);
    }
    if (reasons & SHORT_LOST) {
        buf_printf(out, " %" PRIu32 " spans were rejected, %" PRIu32 " cut;", e->trace->rejected,
                   e->trace->cut);
    }
    if (reasons & SHORT_UNSAMPLED) {
        buf_append_text(out, " a span says that it was not sampled;");
    }
    if (strict & ~reasons & SHORT_PARENTS) {
        buf_printf(out, " (lenient: parents of %" PRIu32 " spans never came)", missing);
    }
    buf_append_text(out,
                    reasons != 0 ? " what a further span could change is inconclusive\n" : "\n");
}

static void write_why_not(struct buf *out, const struct explained_suite *suite)
{
    buf_append_text(out, "not judged: ");
    if (suite->unfit != NULL) {
        buf_append_text(out, "the injection has no label ");
        append_clean(out, suite->unfit->name, NAME_MAX_SHOWN);
        buf_append_text(out, " = '");
        append_clean(out, suite->unfit->value, NAME_MAX_SHOWN);
        buf_append_text(out, "'\n");
    } else {
        buf_append_text(out, "its `traces` selects no span\n");
    }
}

static void write_output(struct buf *out, const struct explanation *e,
                         const struct explained_output *told)
{
    buf_append_text(out, "  output ");
    append_clean(out, told->output->name, NAME_MAX_SHOWN);
    buf_append_text(out, " = ");
    append_clean(out, told->output->text, VALUE_MAX_SHOWN);
    buf_append_text(out, ": ");
    if (told->value.type != SEEN_NOTHING) {
        append_seen(out, &told->value);
    } else {
        buf_append_text(out, "none; ");
        append_clean(out, told->reason, 4 * VALUE_MAX_SHOWN);
    }
    for (uint32_t i = 0; i < told->span_count; i++) {
        buf_printf(out, i == 0 ? "; from #%" PRIu32 : ", #%" PRIu32,
                   e->tree->number[told->spans[i]]);
    }
    buf_append_char(out, '\n');
}

static void write_judged(struct buf *out, const struct explanation *e,
                         const struct explained_suite *suite)
{
    write_evidence(out, e, suite);
    for (uint32_t i = 0; i < suite->suite->name_count; i++) {
        buf_append_text(out, "  $");
        append_clean(out, suite->suite->names[i].name, NAME_MAX_SHOWN);
        buf_append_text(out, " = ");
        write_selection(out, e, &suite->names[i]);
    }
    for (uint32_t i = 0; i < suite->output_count; i++) {
        write_output(out, e, &suite->outputs[i]);
    }
    for (uint32_t i = 0; i < suite->suite->assertion_count; i++) {
        write_assertion(out, e, &suite->assertions[i]);
    }
}

void explanation_write_text(struct buf *out, const struct explanation *explanation)
{
    write_tree(out, explanation);
    for (uint32_t i = 0; i < explanation->suite_count; i++) {
        const struct explained_suite *suite = &explanation->suites[i];
        buf_append_text(out, "\nsuite '");
        append_clean(out, suite->suite->name, NAME_MAX_SHOWN);
        buf_append_text(out, "': ");
        if (suite->applies) {
            buf_printf(out, "%s\n", result_name(suite->verdict));
        } else {
            write_why_not(out, suite);
        }
        if (suite->traces.selector != NULL) {
            buf_append_text(out, "  traces = ");
            write_selection(out, explanation, &suite->traces);
        }
        if (suite->applies) {
            write_judged(out, explanation, suite);
        }
    }
    if (explanation->suite_count == 0) {
        buf_append_text(out, "\nno suite is configured\n");
    }
}
