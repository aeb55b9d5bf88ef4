/* Random reports: every text is bytes of all kinds. */
#include <math.h>
#include <string.h>

#include "tests/exporters/sample_parts.h"

static size_t random_piece(struct random *random, uint8_t *to)
{
    static const char *const pieces[] = {
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "&#0;",
        "&lt",
        "</failure>",
        "\"",
        "'",
        "\\",
        "\r\n",
        "\033[2J",
        "{\"",
        "\xef\xbf\xbf",
        "\xef\xbf\xbe",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xe2\x80\xae",
        "\xf0\x9f\x98\x80",
        "\xc0\xaf",
    };
    if (random_one_in(random, 2)) {
        const char *piece = pieces[random_below(random, COUNT(pieces))];
        memcpy(to, piece, strlen(piece));
        return strlen(piece);
    }
    to[0] = (uint8_t)random_below(random, 256);
    return 1;
}

static struct bytes random_text(struct random *random, struct arena *arena)
{
    uint8_t text[400];
    size_t len = 0;
    size_t wanted = random_below(random, random_one_in(random, 10) ? 380 : 24);
    while (len < wanted) {
        len += random_piece(random, text + len);
    }
    return arena_copy(arena, bytes_from(text, len));
}

static struct seen random_seen(struct random *random, struct arena *arena)
{
    switch (random_below(random, 5)) {
    case 0:
        return (struct seen){.type = SEEN_NOTHING};
    case 1:
        return (struct seen){.type = SEEN_DURATION,
                             .ns = (__int128)(int64_t)random_next(random) * 3};
    case 2:
        return (struct seen){.type = SEEN_TIME, .ns = (__int128)(int64_t)random_next(random)};
    case 3:
        return (struct seen){.type = SEEN_VALUE,
                             .value = {.type = VALUE_BYTES, .bytes = random_text(random, arena)}};
    default:
        return (struct seen){.type = SEEN_VALUE,
                             .value = {.type = VALUE_TEXT, .bytes = random_text(random, arena)}};
    }
}

static struct trace_id random_trace(struct random *random)
{
    struct trace_id id;
    uint64_t halves[2] = {random_next(random), random_next(random)};
    memcpy(id.bytes, halves, sizeof halves);
    return id;
}

static void random_assertion(struct report_assertion *ret, struct random *random,
                             struct arena *arena)
{
    uint32_t count = random_below(random, 4);
    struct report_failure *failures = arena_calloc(arena, count + 1, sizeof *failures);
    struct report_group *groups = arena_calloc(arena, count + 1, sizeof *groups);
    for (uint32_t i = 0; i < count; i++) {
        failures[i] = (struct report_failure){
            random_trace(random),
            {.result = RESULT_FAIL,
             .condition = random_text(random, arena),
             .span_id = random_below(random, 2),
             .service = random_text(random, arena),
             .span_name = random_text(random, arena),
             .expected = random_seen(random, arena),
             .actual = random_seen(random, arena),
             .reason = random_text(random, arena)},
        };
        groups[i] = (struct report_group){random_text(random, arena),
                                          random_text(random, arena),
                                          random_text(random, arena),
                                          random_text(random, arena),
                                          1,
                                          random_trace(random),
                                          RESULT_FAIL};
    }
    *ret = (struct report_assertion){
        .name = random_text(random, arena),
        .severity = random_below(random, 2),
        .counts = {.judged = 10, .pass = 10 - count, .fail = count},
        .outcome = RESULT_SKIPPED + random_below(random, RESULT_COUNT - 1),
        .groups = groups,
        .group_count = count,
        .failures = failures,
        .failure_count = count,
    };
}

static void random_threshold(struct report_threshold *ret, struct random *random,
                             struct arena *arena)
{
    uint64_t bits = random_next(random);
    *ret = (struct report_threshold){
        .name = random_text(random, arena),
        .severity = random_below(random, 2),
        .rule = random_text(random, arena),
        .result = RESULT_SKIPPED + random_below(random, RESULT_COUNT - 1),
        .has_value = random_below(random, 4) != 0,
        .is_duration = random_below(random, 2) != 0,
        .value_is_integer = random_below(random, 2) != 0,
        .value_integer = (__int128)(int64_t)random_next(random) * random_below(random, 1000),
        .samples = random_below(random, 1000),
        .reason = random_text(random, arena),
    };
    memcpy(&ret->value, &bits, sizeof bits);
    if (random_one_in(random, 8)) {
        ret->value = random_one_in(random, 2) ? NAN : -INFINITY;
    }
    ret->infinite = !isfinite(ret->value);
}

static struct report_tree *random_tree(struct random *random, struct arena *arena)
{
    uint32_t count = 1 + random_below(random, 5);
    struct report_tree *tree = arena_calloc(arena, 1, sizeof *tree);
    struct report_tree_span *spans = arena_calloc(arena, count, sizeof *spans);
    for (uint32_t i = 0; i < count; i++) {
        spans[i] = (struct report_tree_span){
            .depth = random_below(random, i + 1),
            .decides = random_one_in(random, 2),
            .below_other = random_one_in(random, 2),
            .span_id = random_next(random),
            .service = random_text(random, arena),
            .name = random_text(random, arena),
            .kind = random_below(random, KIND_CONSUMER + 1),
            .status = random_below(random, STATUS_ERROR + 1),
            .duration_ns = (__int128)(int64_t)random_next(random),
        };
    }
    *tree = (struct report_tree){
        .spans = spans, .span_count = count, .omitted = random_below(random, 2)};
    return tree;
}

static void random_suite(struct report_suite *ret, struct random *random, struct arena *arena)
{
    uint32_t count = 1 + random_below(random, 3);
    struct report_assertion *assertions = arena_calloc(arena, count, sizeof *assertions);
    struct report_threshold *thresholds = arena_calloc(arena, count, sizeof *thresholds);
    struct report_label *rows = arena_calloc(arena, count, sizeof *rows);
    for (uint32_t i = 0; i < count; i++) {
        random_assertion(&assertions[i], random, arena);
        random_threshold(&thresholds[i], random, arena);
        rows[i] = (struct report_label){random_text(random, arena),
                                        random_text(random, arena),
                                        random_text(random, arena),
                                        {.judged = 3, .pass = 2, .fail = 1}};
    }
    *ret = (struct report_suite){
        .name = random_text(random, arena),
        .optional = random_below(random, 2) != 0,
        .traces = {.judged = 10 * random_below(random, 2)},
        .labels = rows,
        .label_count = count,
        .assertions = assertions,
        .assertion_count = count,
        .thresholds = thresholds,
        .threshold_count = count,
        .trees = random_tree(random, arena),
        .tree_count = random_below(random, 2),
    };
    ret->traces.fail = ret->traces.judged;
}

void sample_report_random(struct report *ret, struct random *random)
{
    *ret = (struct report){.arena = ARENA_INIT(16384, 0)};
    struct arena *arena = &ret->arena;
    uint32_t count = 1 + random_below(random, 2);
    struct report_suite *suites = arena_calloc(arena, count, sizeof *suites);
    struct bytes *findings = arena_calloc(arena, count, sizeof *findings);
    struct ledger_sink *all_sinks = arena_calloc(arena, count, sizeof *all_sinks);
    struct attr *attrs = arena_calloc(arena, count, sizeof *attrs);
    for (uint32_t i = 0; i < count; i++) {
        random_suite(&suites[i], random, arena);
        findings[i] = random_text(random, arena);
        all_sinks[i] = (struct ledger_sink){
            .name = random_text(random, arena), .required = i == 0, .produced = 3, .rejected = 3};
        attrs[i] = (struct attr){random_text(random, arena),
                                 {.type = VALUE_TEXT, .bytes = random_text(random, arena)}};
    }
    ret->key = random_text(random, arena);
    ret->status = random_below(random, CAMPAIGN_NO_DATA + 1);
    ret->start_unix_ns = START;
    ret->end_unix_ns = random_one_in(random, 2) ? 0 : START + random_below(random, 1000000000);
    ret->labels = attrs;
    ret->label_count = count;
    ret->findings = findings;
    ret->finding_count = count;
    ret->sinks = all_sinks;
    ret->sink_count = count;
    ret->suites = suites;
    ret->suite_count = count;
}
