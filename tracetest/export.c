/* A suite becomes a test: each assertion a spec, its conditions on the injection one more, of the
 * trigger's span. */
#include "tracetest/export.h"

#include <errno.h>

#include "tracetest/analyzer_document.h"
#include "tracetest/export_text.h"

#define TRIGGER "span[tracetest.span.type=\"general\" name=\"Tracetest trigger\"]"

struct exporting {
    struct buf *out;
    struct messages *messages;
    const struct suite *suite;
    const struct suite_settings *settings;
    bool no_memory;
};

static void tell(struct exporting *exporting, struct config_origin origin, struct bytes what,
                 const char *why)
{
    struct buf text = BUF_NULL;
    messages_append_clean(&text, what);
    buf_append_text(&text, ": ");
    buf_append_text(&text, why);
    messages_add(exporting->messages, origin.file != NULL ? origin.file : "", origin.line,
                 "not carried over: %.*s", (int)text.len, (const char *)text.data);
    buf_append_text(exporting->out, "  # not carried over: ");
    messages_append_clean(exporting->out, buf_bytes(&text));
    buf_append_char(exporting->out, '\n');
    exporting->no_memory |= text.failed;
    buf_deinit(&text);
}

/* What a test has no words for at all. */
static void tell_settings(struct exporting *exporting)
{
    const struct suite_settings *settings = exporting->settings;
    if (settings->traces.text != NULL) {
        tell(exporting, settings->traces.origin, bytes_of("traces"),
             "a test has one trace, that of its trigger");
    }
    if (settings->labels.count > 0) {
        tell(exporting, settings->origin, bytes_of("labels"),
             "a test has one trace, that of its trigger");
    }
    for (size_t i = 0; i < settings->thresholds.count; i++) {
        const struct threshold_settings *threshold =
            CONFIG_ITEM(settings->thresholds, const struct threshold_settings, i);
        tell(exporting, threshold->origin, bytes_of(threshold->rule.text),
             "it has no rules over many traces");
    }
}

static void put_spec(struct exporting *exporting, const struct assertion *assertion,
                     struct bytes selector, struct bytes lines)
{
    buf_append_text(exporting->out, "  - name: ");
    export_scalar(exporting->out, assertion->name);
    buf_append_text(exporting->out, "\n    selector: ");
    export_scalar(exporting->out, selector);
    buf_append_text(exporting->out, "\n    assertions:\n");
    buf_append_bytes(exporting->out, lines);
}

static void add_line(struct buf *lines, struct bytes text)
{
    buf_append_text(lines, "    - ");
    export_scalar(lines, text);
    buf_append_char(lines, '\n');
}

static bool selects_all(const struct selector *selector)
{
    return selector != NULL && selector->chain_count == 1 && selector->chains[0].part_count == 1 &&
           selector->chains[0].parts[0].filter_count == 0 &&
           selector->chains[0].parts[0].test_count == 0 &&
           selector->chains[0].parts[0].pseudo == PSEUDO_NONE;
}

/* `when` is understood where it only asks for what the conditions read of the injection. */
static bool is_guard(const struct when *when)
{
    return when->condition != NULL && when->condition->left.type == TERM_INJECTION &&
           when->condition->op == OP_EXISTS && when->condition->negations == 0;
}

static void put_conditions(struct exporting *exporting, const struct assertion *assertion,
                           const struct assertion_settings *settings, struct bytes selector)
{
    struct buf of_spans = BUF_NULL;
    struct buf of_trigger = BUF_NULL;
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        struct buf text = BUF_NULL;
        bool on_injection;
        const struct condition *condition = assertion->conditions[i];
        const char *why =
            export_condition(&text, condition, selects_all(assertion->select), &on_injection);
        if (why != NULL) {
            tell(exporting, settings->conditions.items[i].origin, condition->text, why);
        } else {
            add_line(on_injection ? &of_trigger : &of_spans, buf_bytes(&text));
        }
        exporting->no_memory |= text.failed;
        buf_deinit(&text);
    }
    if (of_spans.len > 0) {
        put_spec(exporting, assertion, selector, buf_bytes(&of_spans));
    }
    if (of_trigger.len > 0) {
        put_spec(exporting, assertion, BYTES_LITERAL(TRIGGER), buf_bytes(&of_trigger));
    }
    exporting->no_memory |= of_spans.failed || of_trigger.failed;
    buf_deinit(&of_spans);
    buf_deinit(&of_trigger);
}

static void put_assertion(struct exporting *exporting, uint32_t index)
{
    const struct assertion *assertion = &exporting->suite->assertions[index];
    const struct assertion_settings *settings =
        CONFIG_ITEM(exporting->settings->assertions, const struct assertion_settings, index);
    struct buf selector = BUF_NULL;
    const char *why = NULL;
    if (assertion->when != NULL && !is_guard(assertion->when)) {
        why = "it has no conditions under which a spec counts";
    } else if (assertion->optional) {
        why = "a spec that selects nothing is never left out there";
    } else if (assertion->severity != SEVERITY_ERROR) {
        why = "there every spec that fails makes the test fail";
    } else if (assertion->select != NULL) {
        why = export_selector(&selector, assertion->select);
    }
    if (why != NULL) {
        tell(exporting, settings->origin, assertion->name, why);
    } else {
        put_conditions(exporting, assertion, settings, buf_bytes(&selector));
    }
    exporting->no_memory |= selector.failed;
    buf_deinit(&selector);
}

static void put_output(struct exporting *exporting, uint32_t index, bool *any)
{
    const struct output *output = &exporting->suite->outputs[index];
    struct buf value = BUF_NULL;
    struct buf selector = BUF_NULL;
    uint32_t name = 0;
    const char *why = export_output(&value, output, &name);
    if (why == NULL && name == 0) {
        buf_append_text(&selector, TRIGGER);
    } else if (why == NULL) {
        why = export_selector(&selector, exporting->suite->names[name - 1].selector);
    }
    if (why != NULL) {
        tell(exporting, exporting->settings->outputs.items[index].value.origin, output->name, why);
    } else {
        buf_append_text(exporting->out, *any ? "" : "  outputs:\n");
        *any = true;
        buf_append_text(exporting->out, "  - name: ");
        export_scalar(exporting->out, output->name);
        buf_append_text(exporting->out, "\n    selector: ");
        export_scalar(exporting->out, buf_bytes(&selector));
        buf_append_text(exporting->out, "\n    value: ");
        export_scalar(exporting->out, buf_bytes(&value));
        buf_append_char(exporting->out, '\n');
    }
    exporting->no_memory |= value.failed || selector.failed;
    buf_deinit(&value);
    buf_deinit(&selector);
}

/* Its own rules have no place there. */
static void put_analyzer(struct exporting *exporting)
{
    const struct analyzer_settings *settings = &exporting->settings->analyzer;
    struct analyzer_document document;
    analyzer_document_of(&document, settings);
    analyzer_document_write_yaml(&document, exporting->out);
    if (document.score > (double)(unsigned)document.score) {
        tell(exporting, exporting->settings->origin, bytes_of("minimum_score"),
             "its analyzer has whole numbers, and takes the one below");
    }
    for (size_t i = 0; i < settings->rules.count; i++) {
        const struct analyzer_rule_settings *rule =
            CONFIG_ITEM(settings->rules, const struct analyzer_rule_settings, i);
        if (rule->conditions.count != 0) {
            tell(exporting, rule->origin, bytes_of(rule->name.text),
                 "its analyzer has the seven rules alone");
        }
    }
}

/* The assertions that are written, before those of the analyzer. */
static void put_test(struct exporting *exporting)
{
    struct buf *out = exporting->out;
    size_t count = exporting->settings->assertions.count;
    bool any = false;
    buf_append_text(out, "type: Test\nspec:\n  name: ");
    export_scalar(out, exporting->suite->name);
    buf_append_text(out, "\n  trigger: # yours: this one looks at a trace that is there\n"
                         "    type: traceid\n    traceid:\n      id: ${var:TRACE_ID}\n");
    tell_settings(exporting);
    buf_append_text(out, count > 0 ? "  specs:\n" : "  specs: []\n");
    for (uint32_t i = 0; i < count; i++) {
        put_assertion(exporting, i);
    }
    for (uint32_t i = 0; i < exporting->suite->output_count; i++) {
        put_output(exporting, i, &any);
    }
}

int export_suite(struct buf *out, struct messages *messages, const struct suite *suite,
                 const struct suite_settings *settings)
{
    struct exporting exporting = {
        .out = out, .messages = messages, .suite = suite, .settings = settings};
    bool alone = settings->analyzer.set && settings->assertions.count == 0 &&
                 settings->thresholds.count == 0 && suite->output_count == 0;
    buf_append_text(out,
                    "# Made from a suite by `assertd export tracetest`; see docs/import.md.\n");
    if (!alone) {
        put_test(&exporting);
    }
    if (settings->analyzer.set) {
        buf_append_text(out, alone ? "" : "---\n");
        put_analyzer(&exporting);
    }
    return exporting.no_memory || out->failed || messages->text.failed ? -ENOMEM : 0;
}
