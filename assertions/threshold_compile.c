#include "assertions/threshold_compile.h"

#include <errno.h>
#include <stdio.h>

#include "assertions/rule.h"
#include "assertions/second_counts.h"
#include "config/source.h"
#include "config/suggest.h"
#include "config/text_file.h"
#include "daemon/core/clock.h"
#include "daemon/core/units.h"

#define PATH_BYTES_MAX       200
#define ASSERTIONS_KNOWN_MAX 64

static int refuse(const struct threshold_scene *scene, struct config_origin origin,
                  const char *option, const char *what)
{
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%.120s.%.60s", scene->path, option);
    problems_add(scene->problems, origin, path, "%s", what);
    return 1;
}

/* --- fail of 'stored once' --- */

static int fail_unknown_assertion(const struct suite *suite, const struct threshold_settings *from,
                                  const struct rule *rule, const struct threshold_scene *scene)
{
    const char *known[ASSERTIONS_KNOWN_MAX];
    size_t count = 0;
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%.120s.rule", scene->path);
    for (uint32_t i = 0; i < suite->assertion_count && count < ASSERTIONS_KNOWN_MAX; i++) {
        const char *name = arena_string(scene->arena, suite->assertions[i].name);
        if (name != NULL) {
            known[count++] = name;
        }
    }
    const char *near = suggest(rule->of, known, count);
    problems_add_at(scene->problems, from->rule.origin, path, (int)rule->of_at + 1,
                    "the suite has no assertion '%.*s'%s%s%s", (int)rule->of.len,
                    (const char *)rule->of.data, near != NULL ? "; did you mean '" : "",
                    near != NULL ? near : "", near != NULL ? "'?" : "");
    return 1;
}

static int find_assertion(struct threshold *ret, const struct threshold_settings *from,
                          const struct suite *suite, const struct threshold_scene *scene)
{
    const struct rule *rule = ret->rule;
    ret->of_assertion = THRESHOLD_OF_NONE;
    if (rule->of.data == NULL) {
        return 0;
    }
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        if (bytes_equal(suite->assertions[i].name, rule->of)) {
            ret->of_assertion = i;
            return 0;
        }
    }
    return fail_unknown_assertion(suite, from, rule, scene);
}

/* --- labels --- */

static bool is_text_label(struct bytes label)
{
    return label.len != 0 && !bytes_is(label, "time") && !bytes_is(label, "duration");
}

static bool comes_earlier(const struct bytes *labels, size_t count, struct bytes label)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(labels[i], label)) {
            return true;
        }
    }
    return false;
}

static int compile_by(struct threshold *ret, const struct config_texts *by,
                      const struct threshold_scene *scene)
{
    if (by->count == 0) {
        return 0;
    }
    if (by->count > THRESHOLD_LABELS_MAX) {
        return refuse(scene, by->items[0].origin, "by", "write at most 4 labels");
    }
    struct bytes *labels = arena_calloc(scene->arena, by->count, sizeof *labels);
    if (labels == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < by->count; i++) {
        labels[i] = arena_copy(scene->arena, bytes_of(by->items[i].text));
        if (!is_text_label(labels[i]) || comes_earlier(labels, i, labels[i])) {
            return refuse(scene, by->items[i].origin, "by",
                          "write different labels of the record, such as \"scenario\", or "
                          "\"stage\"");
        }
    }
    ret->by = labels;
    ret->by_count = (uint32_t)by->count;
    return 0;
}

static bool reads_stage(const struct threshold *threshold)
{
    bool reads = comes_earlier(threshold->by, threshold->by_count, BYTES_LITERAL("stage"));
    for (uint32_t i = 0; i < threshold->rule->tag_count; i++) {
        reads |= bytes_is(threshold->rule->tags[i].key, "stage");
    }
    return reads;
}

/* --- the webhook --- */

static int compile_webhook(struct threshold *ret, const struct threshold_settings *from,
                           const struct threshold_scene *scene)
{
    struct bytes url = bytes_of(from->webhook.text);
    bool http = bytes_start_with(url, BYTES_LITERAL("http://")) ||
                bytes_start_with(url, BYTES_LITERAL("https://"));
    if (from->delay_ns != 0 && !from->abort_on_fail) {
        problems_advise(scene->problems, from->origin, scene->path,
                        "delay is that of abort_on_fail; without it, it does nothing");
    }
    if (from->webhook.text == NULL) {
        return 0;
    }
    if (!http || memchr(url.data, ' ', url.len) != NULL) {
        return refuse(scene, from->webhook.origin, "webhook",
                      "write a URL that begins with http:// or https://");
    }
    ret->webhook = arena_string(scene->arena, url);
    return ret->webhook != NULL ? 0 : -ENOMEM;
}

/* --- what does not go together --- */

static int check(const struct threshold *threshold, const struct threshold_settings *from,
                 const struct suite *suite, const struct threshold_scene *scene)
{
    const struct rule *rule = threshold->rule;
    bool timed = threshold->over_ns + threshold->warmup_ns != 0;
    if (rule_counts_strangers(rule) && (timed || threshold->by_count != 0)) {
        return refuse(scene, from->rule.origin, "rule",
                      "unexpected and late can't be counted by labels or windows: the record is "
                      "not known then; count them in a threshold without by, over and warmup");
    }
    if (threshold->over_ns != 0 && rule_counts_backlog(rule)) {
        bool line = rule->aggregate == AGGREGATE_SLOPE;
        uint64_t least = line ? SECOND_COUNTS_LEAST * NS_PER_S : NS_PER_S;
        if (threshold->over_ns % NS_PER_S != 0 || threshold->over_ns < least) {
            return refuse(scene, from->origin, "over",
                          line ? "a backlog is counted in whole seconds, and a slope needs three; "
                                 "write at least 3s"
                               : "a backlog is counted in whole seconds; write such a width");
        }
    }
    if (reads_stage(threshold) && suite->stage_count == 0) {
        return refuse(scene, from->origin, "rule",
                      "the suite has no stages; write stages = [ \"ramp 30s\", \"steady 5m\" ]");
    }
    return 0;
}

/* --- the baseline --- */

static int refuse_file(const struct threshold_scene *scene, const struct config_text *baseline,
                       const char *file, const char *why)
{
    char what[PATH_BYTES_MAX * 2];
    snprintf(what, sizeof what, "%.250s %.100s; write a JSON report of an earlier campaign", file,
             why);
    return refuse(scene, baseline->origin, "baseline", what);
}

static int read_baseline(struct threshold *ret, const struct threshold_settings *from,
                         const struct suite *suite, const struct config_text *baseline,
                         const struct threshold_scene *scene)
{
    struct text_file_flaw flaw;
    struct buf report = BUF_NULL;
    if (ret->rule->test != RULE_NO_WORSE) {
        return 0;
    }
    if (baseline->text == NULL) {
        return refuse(scene, from->rule.origin, "rule",
                      "the suite has no baseline; write baseline = \"report.json\"");
    }
    struct baseline *read = arena_calloc(scene->arena, 1, sizeof *read);
    const char *file =
        source_relative(scene->arena, baseline->origin.file, bytes_of(baseline->text));
    int bad = read == NULL || file == NULL ? -ENOMEM : text_file_read(file, &report, &flaw);
    if (bad > 0) {
        bad = refuse_file(scene, baseline, file, flaw.why);
    } else if (bad == 0) {
        const struct baseline_request request = {suite->name, ret->rule, ret->by, ret->by_count,
                                                 scene->arena};
        bad = baseline_read(buf_bytes(&report), &request, read);
        bad = bad > 0 ? refuse_file(scene, baseline, file, "is no report") : bad;
    }
    buf_deinit(&report);
    ret->baseline = read;
    return bad;
}

int threshold_compile(struct threshold *ret, const struct threshold_settings *settings,
                      const struct suite *suite, const struct config_text *baseline,
                      const struct threshold_scene *scene)
{
    ret->over_ns = settings->over_ns;
    ret->warmup_ns = settings->warmup_ns;
    ret->delay_ns = settings->delay_ns;
    int bad = find_assertion(ret, settings, suite, scene);
    bad = bad != 0 ? bad : compile_by(ret, &settings->by, scene);
    bad = bad != 0 ? bad : compile_webhook(ret, settings, scene);
    bad = bad != 0 ? bad : check(ret, settings, suite, scene);
    return bad != 0 ? bad : read_baseline(ret, settings, suite, baseline, scene);
}

/* --- stages --- */

/* "steady 5m": the duration stands behind the last blank. */
static int compile_stage(struct suite_stage *stages, size_t index, struct bytes text,
                         struct arena *arena)
{
    size_t blank = text.len;
    int64_t lasts;
    while (blank > 0 && text.data[blank - 1] != ' ') {
        blank--;
    }
    struct bytes name = bytes_trim(bytes_from(text.data, blank));
    struct bytes duration = bytes_from(text.data + blank, text.len - blank);
    if (name.len == 0 || units_parse_duration(duration, &lasts) != 0 || lasts <= 0) {
        return 1;
    }
    for (size_t i = 0; i < index; i++) {
        if (bytes_equal(stages[i].name, name)) {
            return 1;
        }
    }
    uint64_t start = index != 0 ? stages[index - 1].end_ns : 0;
    stages[index].end_ns = start + (uint64_t)lasts;
    stages[index].name = arena_copy(arena, name);
    return stages[index].name.data != NULL ? 0 : -ENOMEM;
}

int stages_compile(struct suite *suite, const struct config_texts *stages,
                   const struct threshold_scene *scene)
{
    if (stages->count == 0) {
        return 0;
    }
    struct suite_stage *compiled = arena_calloc(scene->arena, stages->count, sizeof *compiled);
    if (compiled == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < stages->count; i++) {
        int bad =
            compile_stage(compiled, i, bytes_trim(bytes_of(stages->items[i].text)), scene->arena);
        if (bad < 0) {
            return bad;
        }
        if (bad > 0) {
            return refuse(scene, stages->items[i].origin, "stages",
                          "a stage is a name, a blank and how long it lasts: \"steady 5m\"; names "
                          "are unique");
        }
    }
    suite->stages = compiled;
    suite->stage_count = (uint32_t)stages->count;
    return 0;
}
