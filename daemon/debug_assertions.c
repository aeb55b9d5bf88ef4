#include "daemon/debug_assertions.h"

#include "assertions/baseline.h"
#include "daemon/core/number.h"

static void write_origin(struct outline *outline, const struct config_origin *origin)
{
    struct buf text = BUF_NULL;
    if (origin == NULL || origin->file == NULL) {
        return;
    }
    buf_printf(&text, "%s:%u", origin->file, origin->line);
    outline_text(outline, "source", buf_bytes(&text));
    buf_deinit(&text);
}

static void write_selector(struct outline *outline, const char *name,
                           const struct selector *selector)
{
    if (selector != NULL) {
        outline_text(outline, name, selector->text);
    }
}

static void write_filters(struct outline *outline, const struct selector_part *part)
{
    for (uint32_t i = 0; i < part->filter_count; i++) {
        outline_text(outline, NULL, part->filters[i].text);
    }
}

/* What a span must have for the selector to look at it: one line for each chain. */
static void write_dispatch(struct outline *outline, const struct selector_part *part)
{
    struct demand demand = demand_of(part->filters, part->filter_count);
    struct buf text = BUF_NULL;
    if (demand.service != NULL) {
        buf_append_bytes(&text, demand.service->text);
    }
    if (demand.name != NULL) {
        buf_append_text(&text, text.len != 0 ? " " : "");
        buf_append_bytes(&text, demand.name->text);
    }
    buf_append_text(&text, text.len == 0 ? "every span" : "");
    outline_text(outline, NULL, buf_bytes(&text));
    buf_deinit(&text);
}

/* The last part of each chain: what it selects. */
static void write_select(struct outline *outline, const struct selector *selector)
{
    if (selector == NULL) {
        return;
    }
    write_selector(outline, "select", selector);
    outline_list(outline, "filters");
    for (uint32_t i = 0; i < selector->chain_count; i++) {
        write_filters(outline, &selector->chains[i].parts[selector->chains[i].part_count - 1]);
    }
    outline_list_end(outline);
    outline_list(outline, "dispatch");
    for (uint32_t i = 0; i < selector->chain_count; i++) {
        write_dispatch(outline, &selector->chains[i].parts[selector->chains[i].part_count - 1]);
    }
    outline_list_end(outline);
}

static void write_assertion(struct outline *outline, const struct assertion *assertion,
                            const struct assertion_settings *settings)
{
    outline_group(outline, NULL);
    outline_text(outline, "name", assertion->name);
    write_origin(outline, settings != NULL ? &settings->origin : NULL);
    outline_string(outline, "severity", severity_name(assertion->severity));
    outline_bool(outline, "optional", assertion->optional);
    write_select(outline, assertion->select);
    outline_list(outline, "conditions");
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        outline_text(outline, NULL, assertion->conditions[i]->text);
    }
    outline_list_end(outline);
    if (assertion->when != NULL) {
        outline_text(outline, "when",
                     assertion->when->condition != NULL ? assertion->when->condition->text
                                                        : assertion->when->selector->text);
    }
    outline_group_end(outline);
}

/* What it takes, and apart by what; settings that say nothing are left out. */
static void write_parts(struct outline *outline, const struct threshold *threshold)
{
    const struct rule *rule = threshold->rule;
    if (rule->tag_count != 0) {
        outline_list(outline, "tags");
        for (uint32_t i = 0; i < rule->tag_count; i++) {
            outline_group(outline, NULL);
            outline_text(outline, "name", rule->tags[i].key);
            outline_text(outline, "value", rule->tags[i].value);
            outline_group_end(outline);
        }
        outline_list_end(outline);
    }
    if (threshold->by_count != 0) {
        outline_list(outline, "by");
        for (uint32_t i = 0; i < threshold->by_count; i++) {
            outline_text(outline, NULL, threshold->by[i]);
        }
        outline_list_end(outline);
    }
    if (threshold->over_ns != 0) {
        outline_seconds(outline, "over", threshold->over_ns);
    }
    if (threshold->warmup_ns != 0) {
        outline_seconds(outline, "warmup", threshold->warmup_ns);
    }
}

static void write_number(struct outline *outline, const char *name, double number)
{
    char text[NUMBER_TEXT_MAX];
    outline_text(outline, name, bytes_from(text, number_print_double(text, number)));
}

/* What the report of the earlier campaign says, or why it says nothing. */
static void write_baseline(struct outline *outline, const struct baseline *baseline)
{
    outline_group(outline, "baseline");
    if (baseline->why != NULL) {
        outline_string(outline, "why_not", baseline->why);
    } else {
        write_number(outline, "value", baseline->value);
        outline_number(outline, "above", baseline->above);
        outline_number(outline, "samples", baseline->samples);
    }
    outline_group_end(outline);
}

static void write_threshold(struct outline *outline, const struct threshold *threshold)
{
    outline_group(outline, NULL);
    outline_text(outline, "name", threshold->name);
    outline_text(outline, "rule", threshold->rule->text);
    outline_string(outline, "severity", severity_name(threshold->severity));
    outline_number(outline, "min_samples", threshold->min_samples);
    write_parts(outline, threshold);
    outline_bool(outline, "sticky", threshold->sticky);
    outline_bool(outline, "abort_on_fail", threshold->abort_on_fail);
    if (threshold->abort_on_fail) {
        outline_seconds(outline, "delay", threshold->delay_ns);
    }
    outline_bool(outline, "webhook", threshold->webhook != NULL); /* a secret */
    if (threshold->baseline != NULL) {
        write_baseline(outline, threshold->baseline);
    }
    outline_group_end(outline);
}

static void write_stages(struct outline *outline, const struct suite *suite)
{
    outline_list(outline, "stages");
    for (uint32_t i = 0; i < suite->stage_count; i++) {
        outline_group(outline, NULL);
        outline_text(outline, "name", suite->stages[i].name);
        outline_seconds(outline, "until", suite->stages[i].end_ns);
        outline_group_end(outline);
    }
    outline_list_end(outline);
}

static void write_names(struct outline *outline, const struct suite *suite)
{
    outline_list(outline, "spans");
    for (uint32_t i = 0; i < suite->name_count; i++) {
        outline_group(outline, NULL);
        outline_text(outline, "name", suite->names[i].name);
        write_selector(outline, "select", suite->names[i].selector);
        outline_group_end(outline);
    }
    outline_list_end(outline);
}

static void write_suite(struct outline *outline, const struct suite *suite,
                        const struct suite_settings *settings)
{
    outline_group(outline, NULL);
    outline_text(outline, "name", suite->name);
    write_origin(outline, settings != NULL ? &settings->origin : NULL);
    write_selector(outline, "traces", suite->traces);
    outline_list(outline, "labels");
    for (uint32_t i = 0; i < suite->label_count; i++) {
        outline_group(outline, NULL);
        outline_text(outline, "name", suite->labels[i].name);
        outline_text(outline, "value", suite->labels[i].value);
        outline_group_end(outline);
    }
    outline_list_end(outline);
    outline_seconds(outline, "quiet", suite->completion.quiet_ns);
    outline_seconds(outline, "deadline", suite->completion.deadline_ns);
    outline_seconds(outline, "grace", suite->completion.grace_ns);
    write_names(outline, suite);
    outline_list(outline, "assertions");
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        bool known = settings != NULL && i < settings->assertions.count;
        write_assertion(outline, &suite->assertions[i],
                        known ? CONFIG_ITEM(settings->assertions, struct assertion_settings, i)
                              : NULL);
    }
    outline_list_end(outline);
    if (suite->stage_count != 0) {
        write_stages(outline, suite);
    }
    outline_list(outline, "thresholds");
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        write_threshold(outline, &suite->thresholds[i]);
    }
    outline_list_end(outline);
    outline_group_end(outline);
}

static void write_keys(struct outline *outline, const char *name, const struct keep_keys *keys)
{
    outline_list(outline, name);
    for (uint32_t i = 0; i < keys->count; i++) {
        outline_text(outline, NULL, keys->items[i]);
    }
    outline_list_end(outline);
}

/* What evidence.keep = "read" keeps of a span beside its own fields. */
static void write_keep(struct outline *outline, const struct keep *keep)
{
    outline_group(outline, "reads");
    outline_bool(outline, "everything", keep == NULL);
    if (keep != NULL) {
        write_keys(outline, "attributes", &keep->attrs);
        outline_bool(outline, "event_names", keep->event_names);
        write_keys(outline, "event_attributes", &keep->event_attrs);
        outline_bool(outline, "link_ids", keep->link_ids);
        write_keys(outline, "link_attributes", &keep->link_attrs);
        outline_bool(outline, "event_and_link_counts", keep->part_counts);
        outline_bool(outline, "status_message", keep->status_message);
        outline_bool(outline, "trace_state", keep->trace_state);
    }
    outline_group_end(outline);
}

void debug_assertions_write(struct outline *outline, const struct suite_set *set,
                            const struct config_list *settings)
{
    outline_number(outline, "probes", set->program.probe_count);
    write_keep(outline, suite_set_keep(set));
    outline_list(outline, "suites");
    for (uint32_t i = 0; i < set->suite_count; i++) {
        bool known = settings != NULL && i < settings->count;
        write_suite(outline, &set->suites[i],
                    known ? CONFIG_ITEM(*settings, struct suite_settings, i) : NULL);
    }
    outline_list_end(outline);
}
