#include "exporters/report_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "daemon/core/number.h"
#include "daemon/core/units.h"

#define NAME_MAX_BYTES 120
#define DECIMALS_MAX   9

/* A share that rounds to 0 or 100 without being it says the opposite of what was found: give it
 * more decimals, and cut instead of round when they run out. */
void words_share(struct buf *out, uint64_t part, uint64_t whole)
{
    double percent = 100.0 * (double)part / (double)whole;
    if (part == 0 || part >= whole) {
        buf_printf(out, part == 0 || part == whole ? "%.0f %%" : "%.1f %%", percent);
        return;
    }
    int decimals = 1;
    double step = 0.1;
    while (decimals < DECIMALS_MAX && (percent < step / 2 || 100 - percent <= step / 2)) {
        decimals++;
        step /= 10;
    }
    percent = fmin(fmax(percent, step), 100 - step);
    buf_printf(out, "%.*f %%", decimals, percent);
}

void words_clipped(struct buf *out, struct bytes text, size_t max)
{
    bool cut = text.len > max;
    if (cut) {
        text.len = max;
        while (text.len != 0 && (text.data[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }
    buf_append_bytes(out, text);
    if (cut) {
        buf_append_text(out, "…");
    }
}

void words_name(struct buf *out, struct bytes name)
{
    buf_append_char(out, '\'');
    words_clipped(out, name, NAME_MAX_BYTES);
    buf_append_char(out, '\'');
}

uint64_t words_applied(const struct result_counts *counts)
{
    return counts->pass + counts->fail + counts->error + counts->inconclusive;
}

/* What a list of counts came to, where the outcome says only that it was tolerated. */
static enum result strongest(const struct result_counts *counts)
{
    return counts->fail != 0           ? RESULT_FAIL
           : counts->error != 0        ? RESULT_ERROR
           : counts->inconclusive != 0 ? RESULT_INCONCLUSIVE
           : counts->pass != 0         ? RESULT_PASS
                                       : RESULT_SKIPPED;
}

static enum result shown_result(const struct report_assertion *assertion)
{
    return assertion->outcome > RESULT_PASS ? assertion->outcome : strongest(&assertion->counts);
}

static uint64_t count_of(const struct result_counts *counts, enum result result)
{
    switch (result) {
    case RESULT_FAIL:
        return counts->fail;
    case RESULT_ERROR:
        return counts->error;
    case RESULT_INCONCLUSIVE:
        return counts->inconclusive;
    case RESULT_SKIPPED:
        return counts->skipped;
    default:
        return counts->pass;
    }
}

void words_assertion(struct buf *out, const struct report_assertion *assertion)
{
    static const char *const verbs[RESULT_COUNT] = {
        [RESULT_FAIL] = "break",
        [RESULT_ERROR] = "could not be evaluated by",
        [RESULT_INCONCLUSIVE] = "have too little evidence for",
        [RESULT_PASS] = "pass",
    };
    enum result result = shown_result(assertion);
    uint64_t applied = words_applied(&assertion->counts);
    if (applied == 0 || verbs[result] == NULL) {
        words_name(out, assertion->name);
        buf_append_text(out, " applied to no trace");
        return;
    }
    uint64_t number = count_of(&assertion->counts, result);
    words_share(out, number, applied);
    buf_printf(out, " of the judged traces (%" PRIu64 " of %" PRIu64 ") %s ", number, applied,
               verbs[result]);
    words_name(out, assertion->name);
}

static void append_number(struct buf *out, double number)
{
    char text[NUMBER_TEXT_MAX];
    buf_append(out, text, number_print_double(text, number));
}

/* "2s" beside a limit of 2s would read like a contradiction. */
static void append_duration(struct buf *out, __int128 ns, struct bytes rule)
{
    struct buf text = BUF_NULL;
    units_print_duration_short(&text, ns);
    buf_append_bytes(out, buf_bytes(&text));
    if (bytes_contain(rule, buf_bytes(&text))) {
        buf_reset(&text);
        units_print_duration(&text, ns);
        buf_append_text(out, " (");
        buf_append_bytes(out, buf_bytes(&text));
        buf_append_char(out, ')');
    }
    out->failed |= text.failed;
    buf_deinit(&text);
}

static void append_time_value(struct buf *out, const struct report_threshold *threshold)
{
    if (threshold->value_is_integer) {
        append_duration(out, threshold->value_integer, threshold->rule);
    } else if (fabs(threshold->value) < 0x1p62) {
        append_duration(out, llrint(threshold->value), threshold->rule);
    } else {
        append_number(out, threshold->value);
        buf_append_text(out, "ns");
    }
}

void words_value(struct buf *out, const struct report_threshold *threshold)
{
    if (!threshold->has_value) {
        buf_append_text(out, "no value");
    } else if (threshold->infinite || !isfinite(threshold->value)) {
        buf_append_text(out, isnan(threshold->value) ? "not a number"
                             : threshold->value < 0  ? "-infinite"
                                                     : "infinite");
    } else if (threshold->is_duration) {
        append_time_value(out, threshold);
    } else if (bytes_start_with(threshold->rule, BYTES_LITERAL("ratio(")) &&
               threshold->samples != 0) {
        uint64_t part = (uint64_t)llrint(threshold->value * (double)threshold->samples);
        words_share(out, part, threshold->samples);
    } else if (threshold->value_is_integer) {
        units_print_i128(out, threshold->value_integer);
    } else {
        append_number(out, threshold->value);
    }
}

static const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

#define RULE_MAX_BYTES 300

static void append_percent(struct buf *out, double share)
{
    buf_printf(out, "%.3g %%", share * 100);
}

/* ", 3.1 % above the baseline's 120ms, there 1 %, allowed 1.1 %, by chance 0.0003". */
static void append_comparison(struct buf *out, const struct report_threshold *threshold)
{
    const struct report_comparison *it = &threshold->comparison;
    if (it->base_samples == 0) {
        return;
    }
    buf_append_text(out, ", ");
    append_percent(out, it->share);
    if (threshold->quantile_count != 0) {
        struct report_threshold base = {
            .has_value = true, .is_duration = threshold->is_duration, .value = it->base_value};
        buf_append_text(out, " above the baseline's ");
        words_value(out, &base);
        buf_append_text(out, ", there ");
    } else {
        buf_append_text(out, ", in the baseline ");
    }
    append_percent(out, it->base_share);
    buf_append_text(out, ", allowed ");
    append_percent(out, it->allowed);
    buf_printf(out, ", by chance %.2g", it->significance);
}

void words_threshold(struct buf *out, const struct report_threshold *threshold)
{
    words_name(out, threshold->name);
    buf_append_text(out, threshold->has_value ? " is " : " has ");
    words_value(out, threshold);
    buf_append_text(out, ": ");
    words_clipped(out, threshold->rule, RULE_MAX_BYTES);
    buf_printf(out, ", %" PRIu64 " sample%s", threshold->samples, plural(threshold->samples));
    if (threshold->absent != 0) {
        buf_printf(out, ", %" PRIu64 " absent", threshold->absent);
    }
    if (threshold->estimated) {
        buf_printf(out, ", between %.15g and %.15g", threshold->low, threshold->high);
    }
    append_comparison(out, threshold);
    if (threshold->windows.width_ns != 0) {
        buf_printf(out, ", %" PRIu64 " of %" PRIu64 " windows broken", threshold->windows.broken,
                   threshold->windows.judged);
    } else if (threshold->breach_count != 0) {
        buf_printf(out, ", %" PRIu32 " breach%s during the run", threshold->breach_count,
                   threshold->breach_count == 1 ? "" : "es");
    }
    if (threshold->reason.len != 0) {
        buf_append_text(out, "; ");
        buf_append_bytes(out, threshold->reason);
    }
}

/* What was expected goes without saying where it reads like what was seen: `status != error` on an
 * error. */
static void append_exact(struct buf *out, const struct failure *failure, size_t max)
{
    struct buf actual = BUF_NULL;
    struct buf expected = BUF_NULL;
    seen_print(&actual, &failure->actual);
    seen_print(&expected, &failure->expected);
    buf_append_text(out, "actual ");
    words_clipped(out, buf_bytes(&actual), max);
    if (!bytes_equal(buf_bytes(&actual), buf_bytes(&expected))) {
        buf_append_text(out, ", expected ");
        words_clipped(out, buf_bytes(&expected), max);
    }
    out->failed |= actual.failed || expected.failed;
    buf_deinit(&actual);
    buf_deinit(&expected);
}

/* Both as durations in short form; nothing is written where they then read the same. */
static bool append_short(struct buf *out, const struct seen *actual, const struct seen *expected)
{
    struct buf left = BUF_NULL;
    struct buf right = BUF_NULL;
    units_print_duration_short(&left, actual->ns);
    units_print_duration_short(&right, expected->ns);
    bool differ = !bytes_equal(buf_bytes(&left), buf_bytes(&right));
    if (differ) {
        buf_append_text(out, "actual ");
        buf_append_bytes(out, buf_bytes(&left));
        buf_append_text(out, ", expected ");
        buf_append_bytes(out, buf_bytes(&right));
    }
    out->failed |= left.failed || right.failed;
    buf_deinit(&left);
    buf_deinit(&right);
    return differ;
}

void words_seen(struct buf *out, const struct failure *failure, size_t max)
{
    bool durations =
        failure->actual.type == SEEN_DURATION && failure->expected.type == SEEN_DURATION;
    if (durations && append_short(out, &failure->actual, &failure->expected)) {
        return;
    }
    append_exact(out, failure, max);
}

void words_failure(struct buf *out, const struct failure *failure, size_t max)
{
    words_seen(out, failure, max);
    if (failure->reason.len != 0) {
        buf_append_text(out, ": ");
        words_clipped(out, failure->reason, max);
    }
}

uint32_t words_alike(const struct report_group *groups, uint32_t count)
{
    uint32_t alike = 1;
    while (alike < count && groups[alike].count == groups[0].count &&
           groups[alike].result == groups[0].result &&
           memcmp(&groups[alike].trace_id, &groups[0].trace_id, sizeof groups[0].trace_id) == 0 &&
           bytes_equal(groups[alike].service, groups[0].service) &&
           bytes_equal(groups[alike].span, groups[0].span) &&
           bytes_equal(groups[alike].reason, groups[0].reason)) {
        alike++;
    }
    return alike;
}

void words_conditions(struct buf *out, const struct report_group *groups, uint32_t alike,
                      size_t max)
{
    words_clipped(out, groups[0].condition, max);
    if (alike > 1) {
        buf_printf(out, " and %" PRIu32 " more condition%s", alike - 1, alike == 2 ? "" : "s");
    }
}

bool words_repeats(const struct report_failure *before, const struct report_failure *failure)
{
    return failure->failure.span_id == 0 && failure->failure.actual.type == SEEN_NOTHING &&
           before->failure.span_id == 0 && before->failure.result == failure->failure.result &&
           memcmp(&before->trace_id, &failure->trace_id, sizeof before->trace_id) == 0 &&
           bytes_equal(before->failure.reason, failure->failure.reason);
}

static void append_trace_id(struct buf *out, const struct trace_id *trace)
{
    char text[TRACE_ID_TEXT_LEN];
    trace_id_print(text, trace);
    buf_append(out, text, sizeof text);
}

void words_place(struct buf *out, const struct trace_id *trace, span_id span)
{
    buf_append_text(out, "trace ");
    append_trace_id(out, trace);
    if (span != 0) {
        char text[SPAN_ID_TEXT_LEN];
        span_id_print(text, span);
        buf_append_text(out, ", span ");
        buf_append(out, text, sizeof text);
    }
}

const struct trace_id *words_example(const struct report_assertion *assertion)
{
    enum result result = shown_result(assertion);
    for (uint32_t i = 0; i < assertion->failure_count; i++) {
        if (assertion->failures[i].failure.result == result) {
            return &assertion->failures[i].trace_id;
        }
    }
    for (uint32_t i = 0; i < assertion->group_count; i++) {
        if (assertion->groups[i].result == result) {
            return &assertion->groups[i].trace_id;
        }
    }
    return NULL;
}

void words_undelivered(struct buf *out, const struct ledger_sink *sink)
{
    buf_append_text(out, "the required sink ");
    words_name(out, sink->name);
    buf_printf(out, " took %" PRIu64 " of %" PRIu64 " records", sink->acknowledged, sink->produced);
}

#define PLACE_HOLDER "{trace_id}"

void words_link(struct buf *out, const struct report *report, const struct trace_id *trace)
{
    const char *rest = report->trace_url != NULL ? report->trace_url : "";
    const char *hole;
    while ((hole = strstr(rest, PLACE_HOLDER)) != NULL) {
        buf_append(out, rest, (size_t)(hole - rest));
        append_trace_id(out, trace);
        rest = hole + strlen(PLACE_HOLDER);
    }
    buf_append_text(out, rest);
}
