#include "daemon/analysis.h"

#include <errno.h>
#include <inttypes.h>

#include "daemon/core/number.h"
#include "daemon/core/utf8.h"
#include "daemon/model/id_json.h"

#define SHOWN_MAX 80u

/* One suite's rules on one trace. */
struct analyzed {
    const struct suite *suite;
    const struct analyzer_rules *rules;
    const struct assertion_result *results; /* of the rules */
    const struct trace *trace;
    double score, minimum;
};

static const struct suite_settings *settings_of(const struct analysis *analysis, uint32_t suite)
{
    return CONFIG_ITEM(*analysis->settings, const struct suite_settings, suite);
}

/* The rules were accepted when the set was compiled. */
static int find_rules(struct analysis *analysis)
{
    struct problems none;
    int bad = 0;
    uint32_t found = 0;
    problems_init(&none);
    for (uint32_t i = 0; i < analysis->set->suite_count && bad == 0; i++) {
        const struct analyzer_settings *analyzer = &settings_of(analysis, i)->analyzer;
        if (analyzer->set) {
            bad = analyzer_rules_make(&analysis->rules[i], analyzer, &analysis->arena, &none, "");
            found += analysis->rules[i].count != 0;
        }
    }
    problems_deinit(&none);
    return bad != 0 ? -ENOMEM : found == 0;
}

int analysis_begin(struct analysis *ret, const struct suite_set *set,
                   const struct config_list *settings, bool as_json, struct buf *out)
{
    *ret = (struct analysis){.set = set,
                             .settings = settings,
                             .arena = ARENA_INIT(4096, 0),
                             .as_json = as_json,
                             .out = out,
                             .json = JSON_INIT(out)};
    ret->rules = arena_calloc(&ret->arena, (size_t)set->suite_count + 1, sizeof *ret->rules);
    int bad = ret->rules == NULL ? -ENOMEM : find_rules(ret);
    if (bad == 0 && as_json) {
        ret->json.pretty = true;
        json_object(&ret->json);
        json_member_u64(&ret->json, "schema_version", 1);
        json_key(&ret->json, "traces");
        json_array(&ret->json);
    }
    return bad;
}

void analysis_deinit(struct analysis *analysis)
{
    arena_deinit(&analysis->arena);
}

/* --- one trace --- */

static const char *level_name(const struct analyzer_rule *rule)
{
    return rule->level == ANALYZER_ERROR ? "error" : "warning";
}

static bool is_broken(const struct assertion_result *result)
{
    return result->result != RESULT_PASS && result->result != RESULT_SKIPPED;
}

static void write_defect_json(struct json *json, const struct failure *failure)
{
    json_object(json);
    if (failure->span_id != 0) {
        json_member_span_id(json, "span_id", failure->span_id);
        json_member_text(json, "service", failure->service);
        json_member_text(json, "name", failure->span_name);
    }
    json_member_text(json, "condition", failure->condition);
    json_key(json, "actual");
    seen_write_json(json, &failure->actual);
    json_member_text(json, "reason", failure->reason);
    json_object_end(json);
}

static void write_rule_json(struct json *json, const struct analyzer_rule *rule,
                            const struct assertion_result *result)
{
    json_object(json);
    json_member_string(json, "name", rule->name);
    json_member_string(json, "level", level_name(rule));
    json_member_u64(json, "weight", rule->weight);
    json_member_string(json, "result", result_name(result->result));
    json_key(json, "defects");
    json_array(json);
    for (uint32_t i = 0; i < result->failure_count; i++) {
        write_defect_json(json, &result->failures[i]);
    }
    json_array_end(json);
    json_member_u64(json, "defects_omitted", result->failures_omitted);
    json_object_end(json);
}

static void write_score_json(struct json *json, const char *key, bool known, double score)
{
    json_key(json, key);
    if (known) {
        json_double(json, score);
    } else {
        json_null(json);
    }
}

static void write_plugin_json(struct json *json, const struct analyzed *analyzed,
                              const char *plugin)
{
    double score = 0;
    bool known = analyzer_plugin_score(analyzed->rules, analyzed->results, plugin, &score);
    json_object(json);
    json_member_string(json, "name", plugin);
    write_score_json(json, "score", known, score);
    json_key(json, "rules");
    json_array(json);
    for (uint32_t i = 0; i < analyzed->rules->count; i++) {
        if (strcmp(analyzed->rules->items[i].plugin, plugin) == 0) {
            write_rule_json(json, &analyzed->rules->items[i], &analyzed->results[i]);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_json(struct json *json, const struct analyzed *analyzed)
{
    json_object(json);
    json_member_trace_id(json, "trace_id", &analyzed->trace->id);
    json_member_text(json, "suite", analyzed->suite->name);
    json_member_u64(json, "spans", analyzed->trace->count);
    write_score_json(json, "score", true, analyzed->score);
    json_key(json, "plugins");
    json_array(json);
    for (uint32_t i = 0; i < analyzed->rules->count; i++) {
        if (analyzer_begins_plugin(analyzed->rules, i)) {
            write_plugin_json(json, analyzed, analyzed->rules->items[i].plugin);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

/* Telemetry is hostile text. */
static void append_clean(struct buf *out, struct bytes text)
{
    size_t at = out->len;
    bool clipped = text.len > SHOWN_MAX;
    text.len = clipped ? SHOWN_MAX : text.len;
    utf8_append_mended(out, text);
    for (; at < out->len; at++) {
        if (out->data[at] < ' ' || out->data[at] == 0x7F) {
            out->data[at] = '?';
        }
    }
    buf_append_text(out, clipped ? "..." : "");
}

static void append_score(struct buf *out, double score)
{
    buf_printf(out, "%.4g", score);
}

/* One of the seven says by a key what breaks it. */
static bool says_by_key(const struct failure *failure)
{
    return failure->actual.type == SEEN_VALUE &&
           bytes_start_with(failure->condition, BYTES_LITERAL("defect:"));
}

/* An own rule: its condition, the value where there is one, and why. */
static void append_own(struct buf *out, const struct failure *failure, struct bytes seen)
{
    bool told = failure->actual.type != SEEN_NOTHING &&
                !(failure->actual.type == SEEN_VALUE && failure->actual.value.type == VALUE_BOOL);
    append_clean(out, failure->condition);
    if (told) {
        buf_append_text(out, ": actual ");
        append_clean(out, seen);
    }
    buf_append_text(out, ": ");
    append_clean(out, failure->reason);
}

static void write_defect_text(struct buf *out, const struct failure *failure)
{
    struct buf seen = BUF_NULL;
    buf_append_text(out, "             ");
    if (failure->span_id != 0) {
        buf_append_char(out, '\'');
        append_clean(out, failure->span_name);
        buf_append_text(out, "' of '");
        append_clean(out, failure->service);
        buf_append_text(out, "': ");
    }
    seen_print(&seen, &failure->actual);
    if (says_by_key(failure)) {
        append_clean(out, buf_bytes(&seen));
    } else {
        append_own(out, failure, buf_bytes(&seen));
    }
    buf_append_char(out, '\n');
    out->failed |= seen.failed;
    buf_deinit(&seen);
}

static void write_rule_text(struct buf *out, const struct analyzer_rule *rule,
                            const struct assertion_result *result)
{
    const char *word = result_name(result->result);
    buf_printf(out, "  %-12s %s (%s, %s, weight %" PRIu32 ")\n",
               rule->level == ANALYZER_WARNING && result->result == RESULT_FAIL ? "warning" : word,
               rule->name, rule->plugin, level_name(rule), rule->weight);
    for (uint32_t i = 0; i < result->failure_count; i++) {
        write_defect_text(out, &result->failures[i]);
    }
    if (result->failures_omitted != 0) {
        buf_printf(out, "             and %" PRIu32 " more\n", result->failures_omitted);
    }
}

/* Traces without fault are counted only. */
static void write_text(struct buf *out, const struct analyzed *analyzed)
{
    char id[TRACE_ID_TEXT_LEN];
    bool told = false;
    for (uint32_t i = 0; i < analyzed->rules->count; i++) {
        if (!is_broken(&analyzed->results[i])) {
            continue;
        }
        if (!told) {
            trace_id_print(id, &analyzed->trace->id);
            buf_printf(out, "trace %.*s, suite '", TRACE_ID_TEXT_LEN, id);
            append_clean(out, analyzed->suite->name);
            buf_printf(out, "', %" PRIu32 " span%s: score ", analyzed->trace->count,
                       analyzed->trace->count == 1 ? "" : "s");
            append_score(out, analyzed->score);
            buf_append_char(out, '\n');
            told = true;
        }
        write_rule_text(out, &analyzed->rules->items[i], &analyzed->results[i]);
    }
}

static void count(struct analysis_totals *totals, const struct analyzed *analyzed)
{
    bool broken = false;
    for (uint32_t i = 0; i < analyzed->rules->count; i++) {
        broken |= analyzed->rules->items[i].level == ANALYZER_ERROR &&
                  analyzed->results[i].result >= RESULT_ERROR;
    }
    if (totals->traces == 0 || analyzed->score < totals->lowest) {
        totals->lowest = analyzed->score;
        totals->lowest_id = analyzed->trace->id;
    }
    totals->traces++;
    totals->rules_fail += broken;
    totals->scores_fail += analyzed->score < analyzed->minimum;
    totals->score_sum += analyzed->score;
}

static void write_suite(struct analysis *analysis, const struct trace *trace,
                        const struct judgement *judgement)
{
    const struct suite *suite = judgement->suite;
    const struct analyzer_rules *rules = &analysis->rules[suite->index];
    if (!judgement->applies || rules->count == 0) {
        return;
    }
    struct analyzed analyzed = {
        .suite = suite,
        .rules = rules,
        .results = judgement->results + (suite->assertion_count - rules->count),
        .trace = trace,
        .minimum = settings_of(analysis, suite->index)->analyzer.minimum_score,
    };
    analyzed.score = analyzer_score(rules, analyzed.results);
    count(&analysis->totals, &analyzed);
    if (analysis->as_json) {
        write_json(&analysis->json, &analyzed);
    } else {
        write_text(analysis->out, &analyzed);
    }
}

static int tell_judge(struct judge *judge, const struct trace *trace, struct arena *scratch)
{
    int bad = 0;
    for (uint32_t i = 0; i < trace->count && bad == 0; i++) {
        struct span span;
        arena_reset(scratch);
        bad = trace_span_decode(trace, i, scratch, &span) != 0 ||
              judge_add(judge, &span, i, scratch) != 0;
    }
    return bad;
}

int analysis_add(struct analysis *analysis, struct trace *trace)
{
    struct arena scratch = ARENA_INIT(65536, 0);
    struct arena out = ARENA_INIT(16384, 0);
    const struct judgement *judgements = NULL;
    struct judge judge;
    judge_init(&judge, analysis->set, trace);
    if (tell_judge(&judge, trace, &scratch) == 0) {
        judgements = judge_close(&judge, ANALYSIS_SPANS_MAX, &scratch, &out);
    }
    for (uint32_t i = 0; judgements != NULL && i < analysis->set->suite_count; i++) {
        write_suite(analysis, trace, &judgements[i]);
    }
    arena_deinit(&scratch);
    arena_deinit(&out);
    return judgements != NULL && !analysis->out->failed ? 0 : -ENOMEM;
}

/* --- the end --- */

static double mean(const struct analysis_totals *totals)
{
    return totals->traces != 0 ? totals->score_sum / (double)totals->traces : 0;
}

static void write_totals_json(struct json *json, const struct analysis_totals *totals)
{
    bool any = totals->traces != 0;
    json_array_end(json);
    json_member_u64(json, "analyzed", totals->traces);
    write_score_json(json, "mean_score", any, mean(totals));
    write_score_json(json, "lowest_score", any, totals->lowest);
    json_key(json, "gates");
    json_object(json);
    json_member_string(json, "rules", totals->rules_fail == 0 ? "pass" : "fail");
    json_member_string(json, "score", totals->scores_fail == 0 ? "pass" : "fail");
    json_object_end(json);
    json_object_end(json);
    buf_append_char(json->out, '\n');
}

static void write_totals_text(struct buf *out, const struct analysis_totals *totals)
{
    char id[TRACE_ID_TEXT_LEN];
    buf_printf(out, "%" PRIu64 " trace%s analyzed", totals->traces, totals->traces == 1 ? "" : "s");
    if (totals->traces != 0) {
        trace_id_print(id, &totals->lowest_id);
        buf_append_text(out, ": score ");
        append_score(out, mean(totals));
        buf_append_text(out, " on average, ");
        append_score(out, totals->lowest);
        buf_printf(out, " at least (trace %.*s)", TRACE_ID_TEXT_LEN, id);
    }
    buf_printf(out, "\ngate rules: %s, %" PRIu64 " trace%s a rule of level error\n",
               totals->rules_fail == 0 ? "pass" : "fail", totals->rules_fail,
               totals->rules_fail == 1 ? " breaks" : "s break");
    buf_printf(out, "gate score: %s, %" PRIu64 " trace%s below minimum_score\n",
               totals->scores_fail == 0 ? "pass" : "fail", totals->scores_fail,
               totals->scores_fail == 1 ? " is" : "s are");
}

void analysis_end(struct analysis *analysis, bool *ret_rules_hold, bool *ret_scores_hold)
{
    if (analysis->as_json) {
        write_totals_json(&analysis->json, &analysis->totals);
    } else {
        write_totals_text(analysis->out, &analysis->totals);
    }
    *ret_rules_hold = analysis->totals.rules_fail == 0;
    *ret_scores_hold = analysis->totals.scores_fail == 0;
}
