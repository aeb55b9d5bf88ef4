#include "assertions/parse_measure.h"

#include "assertions/habits.h"
#include "assertions/parse_expr.h"
#include "assertions/parse_whole.h"
#include "config/suggest.h"

#define PERCENT_DECIMALS_MAX 9
#define EACH_KEY             "each measures one key of every span of a name: each $x.duration, each $x.KEY"

/* What stands in the parentheses. */
enum argument {
    ARGUMENT_SAMPLE, /* a number of each trace */
    ARGUMENT_VALUE,  /* any attribute, to be told apart */
    ARGUMENT_STATE,
    ARGUMENT_SPANS,
    ARGUMENT_BACKLOG,
};

static const struct {
    const char *word;
    enum aggregate aggregate;
    enum argument argument;
} aggregates[] = {
    {"p", AGGREGATE_PERCENTILE, ARGUMENT_SAMPLE},
    {"avg", AGGREGATE_AVG, ARGUMENT_SAMPLE},
    {"min", AGGREGATE_MIN, ARGUMENT_SAMPLE},
    {"max", AGGREGATE_MAX, ARGUMENT_SAMPLE},
    {"med", AGGREGATE_PERCENTILE, ARGUMENT_SAMPLE},
    {"median", AGGREGATE_PERCENTILE, ARGUMENT_SAMPLE},
    {"mean", AGGREGATE_AVG, ARGUMENT_SAMPLE},
    {"percentile", AGGREGATE_PERCENTILE, ARGUMENT_SAMPLE},
    {"count", AGGREGATE_COUNT, ARGUMENT_STATE},
    {"ratio", AGGREGATE_RATIO, ARGUMENT_STATE},
    {"duplicates", AGGREGATE_DUPLICATES, ARGUMENT_VALUE},
    {"unique", AGGREGATE_DUPLICATES, ARGUMENT_VALUE},
    {"distinct", AGGREGATE_DISTINCT, ARGUMENT_VALUE},
    {"most", AGGREGATE_MOST, ARGUMENT_VALUE},
    {"rate", AGGREGATE_RATE, ARGUMENT_SPANS},
    {"slope", AGGREGATE_SLOPE, ARGUMENT_BACKLOG},
};
#define AGGREGATE_KINDS (sizeof aggregates / sizeof aggregates[0])

static const char *const states[] = {
    [STATE_MISSING] = "missing", [STATE_UNEXPECTED] = "unexpected",
    [STATE_LATE] = "late",       [STATE_DUPLICATE] = "duplicate",
    [STATE_PASS] = "pass",       [STATE_FAIL] = "fail",
    [STATE_ERROR] = "error",     [STATE_INCONCLUSIVE] = "inconclusive",
};
#define STATE_COUNT (sizeof states / sizeof states[0])

static bool fail_unknown(struct parser *parser, size_t at, struct bytes word)
{
    const char *known[AGGREGATE_KINDS];
    for (size_t i = 0; i < AGGREGATE_KINDS; i++) {
        known[i] = aggregates[i].word;
    }
    const char *habit = habit_of_aggregate(word);
    if (habit != NULL) {
        return parser_fail(parser, at, "unknown aggregate '%.*s'; %s", (int)word.len,
                           (const char *)word.data, habit);
    }
    const char *near = word.len > 1 ? suggest(word, known, AGGREGATE_KINDS) : NULL;
    return parser_fail(parser, at, "unknown aggregate '%.*s'; %s%s%s", (int)word.len,
                       (const char *)word.data, near != NULL ? "did you mean " : "there are ",
                       near != NULL ? near
                                    : "p(N), avg, min, max, count and ratio; med, duplicates, "
                                      "unique, distinct, most, rate and slope",
                       near != NULL ? "?" : "");
}

/* The row of the aggregate; AGGREGATE_KINDS: a problem was added. */
static size_t parse_aggregate(struct parser *parser)
{
    size_t at = parser->at;
    struct bytes word = parser_word(parser);
    for (size_t i = 0; i < AGGREGATE_KINDS; i++) {
        if (bytes_is(word, aggregates[i].word)) {
            return i;
        }
    }
    fail_unknown(parser, at, word);
    return AGGREGATE_KINDS;
}

static bool expect(struct parser *parser, const char *symbol, const char *advice)
{
    char found[PARSER_FOUND_MAX];
    parser_skip_blanks(parser);
    if (!parser_take(parser, symbol)) {
        return parser_fail(parser, parser->at, "'%s' is missing before %s; %s", symbol,
                           parser_found(parser, found), advice);
    }
    parser_skip_blanks(parser);
    return true;
}

/* --- p(99.9) --- */

/* Digits, perhaps a point and up to nine more: exact, since ranks are computed from it. */
static bool read_percent(struct bytes word, struct rule *rule)
{
    uint64_t num = 0;
    uint64_t den = 1;
    bool point = false;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.data[i];
        if (c == '.' && !point && i > 0 && i + 1 < word.len) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || num > UINT64_C(100000000000) ||
            (point && den >= UINT64_C(1000000000))) {
            return false;
        }
        num = num * 10 + (c - '0');
        den *= point ? 10 : 1;
    }
    rule->percent_num = num;
    rule->percent_den = den;
    rule->percent = (double)num / (double)den;
    return num > 0 && num <= 100 * den;
}

static bool parse_percent(struct parser *parser, struct rule *rule)
{
    _Static_assert(PERCENT_DECIMALS_MAX == 9, "den stays within 10^9");
    if (!expect(parser, "(", "write p(N)(...), such as p(99)($x.duration)")) {
        return false;
    }
    size_t at = parser->at;
    if (!read_percent(parser_word(parser), rule)) {
        return parser_fail(parser, at,
                           "p(N) wants 0 < N <= 100, with at most %d decimals; write p(99)($x...)",
                           PERCENT_DECIMALS_MAX);
    }
    return expect(parser, ")", "write p(N)(...), such as p(99)($x.duration)");
}

/* --- samples --- */

static bool passes_word(struct parser *parser, const char *word)
{
    if (!parser_sees_word(parser, word)) {
        return false;
    }
    parser_word(parser);
    parser_skip_blanks(parser);
    return true;
}

static bool is_single(const struct key *key)
{
    return key->space != KEY_EVENT && key->space != KEY_LINK;
}

/* The one place that says which terms a rule can measure; sample.c takes them. */
static bool check_sample(struct parser *parser, size_t at, struct rule *rule)
{
    const struct term *sample = &rule->sample;
    rule->sample_is_duration = class_of_term(sample) == CLASS_DURATION;
    if (sample->type == TERM_DIFFERENCE && !rule->each) {
        return true;
    }
    bool attribute = is_single(&sample->key) && sample->key.space != KEY_FIELD;
    if (sample->type == TERM_NAME_KEY && (attribute || rule->sample_is_duration)) {
        return true;
    }
    return parser_fail(parser, at,
                       rule->each
                           ? EACH_KEY
                           : "a rule measures $x.duration, a difference of times such as $x.start "
                             "- $y.end, or a numeric attribute of a name, $x.KEY");
}

/* A key, or a difference of times, with nothing of an expression behind it. */
static bool parse_plain_sample(struct parser *parser, struct rule *rule)
{
    size_t at = parser->at;
    return parse_term(parser, &rule->sample) && check_sample(parser, at, rule) &&
           !parse_sees_more(parser);
}

/* An expression over names and the record, with what it reads. */
static bool parse_measured(struct parser *parser, struct rule *rule)
{
    size_t at = parser->at;
    struct expr_reads *reads = arena_calloc(parser->context->arena, 1, sizeof *reads);
    parser->place = PARSE_OUTPUT;
    if (!parse_value(parser, &rule->value) || !parse_single(parser, rule->value)) {
        return false;
    }
    if (reads == NULL || expr_reads(rule->value, parser->context->arena, reads) != 0) {
        return parser_fail_memory(parser);
    }
    rule->reads = reads;
    rule->sample = (struct term){.type = TERM_EXPRESSION};
    return reads->name_count != 0 || reads->injection || reads->across_count != 0 ||
           parser_fail(parser, at,
                       "a rule measures something of each trace, such as "
                       "$x.duration");
}

static bool parse_expression_sample(struct parser *parser, struct rule *rule)
{
    char words[TYPES_WORDS_MAX];
    size_t at = parser->at;
    if (!parse_measured(parser, rule)) {
        return false;
    }
    bool duration = (rule->value->types & TYPES_DURATION) != 0;
    bool number = (rule->value->types & TYPES_NUMBER) != 0;
    rule->sample_is_duration = duration;
    return duration != number ||
           parser_fail(parser, at, "a rule measures numbers or durations; this is %s",
                       types_words(rule->value->types, words));
}

/* $x.span:self_time, if it comes next, of each span; other terms of the trace are no key. */
static bool parse_own_times(struct parser *parser, struct rule *rule, bool *ret_taken)
{
    const struct expr *value;
    size_t at = parser->at;
    parser->place = PARSE_OUTPUT;
    if (!parse_across_value(parser, &value, ret_taken)) {
        return false;
    }
    parser->place = PARSE_CONDITION;
    if (*ret_taken) {
        rule->sample = (struct term){.type = TERM_NAME_KEY, .key = value->key, .name = value->name};
        rule->sample_is_duration = true;
    }
    return !*ret_taken || value->type == EXPR_NAME_KEY || parser_fail(parser, at, EACH_KEY);
}

static bool parse_sample(struct parser *parser, struct rule *rule)
{
    struct attempt plain;
    struct attempt wide;
    bool taken = false;
    rule->each = passes_word(parser, "each");
    if (rule->each && (!parse_own_times(parser, rule, &taken) || taken)) {
        return taken && rule->sample.key.field == FIELD_SELF_TIME;
    }
    attempt_begin(&plain, parser);
    bool good = parse_plain_sample(parser, rule);
    attempt_end(&plain, parser, !good);
    if (!good && !rule->each) {
        attempt_begin(&wide, parser);
        good = !parser->context->store->no_memory && parse_expression_sample(parser, rule);
        attempt_end(&wide, parser, !good);
        good = good || attempt_tell(&plain, &wide, parser);
        attempt_deinit(&wide);
    } else if (!good) {
        attempt_tell(&plain, &plain, parser);
    }
    attempt_deinit(&plain);
    return good;
}

/* `trace:`, as in trace:spans; `$x.span:self_time`. */
static bool sees_trace(const struct parser *parser)
{
    struct parser ahead = *parser;
    if (parse_whole_skip_name(&ahead)) {
        return parse_whole_self_time(&ahead);
    }
    bool word = bytes_is(parser_word(&ahead), "trace");
    parser_skip_blanks(&ahead);
    return word && parser_peek(&ahead, 0) == ':';
}

/* Whatever can be told apart by its canonical text. */
static bool parse_told_apart(struct parser *parser, struct rule *rule)
{
    struct bytes word;
    rule->each = passes_word(parser, "each");
    size_t at = parser->at;
    if (!rule->each &&
        (parse_sees_output(parser) || sees_trace(parser) || parse_sees_call(parser, &word))) {
        return parse_measured(parser, rule) &&
               ((rule->value->types & TYPES_PRINTED) != 0 ||
                parser_fail(parser, at, "this has no text by which it could be told apart"));
    }
    if (!parse_term(parser, &rule->sample)) {
        return false;
    }
    const struct term *sample = &rule->sample;
    if (sample->type == TERM_NAME_KEY && class_of_term(sample) == CLASS_TIME) {
        return parser_fail(parser, at,
                           "a time has no text by which it could be told apart; its nanoseconds "
                           "have: int($x.start)");
    }
    return (sample->type == TERM_NAME_KEY && is_single(&sample->key)) ||
           parser_fail(parser, at, "what is told apart is one key of a name, such as $x.order.id");
}

/* --- states --- */

static bool parse_of(struct parser *parser, struct rule *rule)
{
    struct literal name;
    parser_skip_blanks(parser);
    if (!passes_word(parser, "of")) {
        return true;
    }
    if (rule->state < STATE_PASS) {
        return parser_fail(parser, parser->at,
                           "pass, fail, error and inconclusive are counted of "
                           "an assertion; %s is a state of injections",
                           states[rule->state]);
    }
    if (!parse_literal(parser, &name)) {
        return false;
    }
    rule->of = name.value.bytes;
    rule->of_at = name.at;
    return (name.value.type == OPERAND_TEXT && name.quoted && rule->of.len != 0) ||
           parser_fail(parser, name.at, "the assertion's name stands in quotes: fail of 'stored'");
}

static bool parse_state(struct parser *parser, struct rule *rule)
{
    size_t at = parser->at;
    struct bytes word = parser_word(parser);
    for (size_t i = 0; i < STATE_COUNT; i++) {
        if (bytes_is(word, states[i])) {
            rule->state = (enum rule_state)i;
            return parse_of(parser, rule);
        }
    }
    const char *near = suggest(word, states, STATE_COUNT);
    return parser_fail(parser, at,
                       "count and ratio take one of missing, unexpected, late, duplicate, pass, "
                       "fail, error, inconclusive%s%s%s",
                       near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                       near != NULL ? "?" : "");
}

/* --- spans over time --- */

static bool parse_spans(struct parser *parser, struct rule *rule)
{
    if (parser_peek(parser, 0) != '$') {
        return parser_fail(parser, 0,
                           "rate counts the spans of a name by seconds, rate($x); for "
                           "the share of a state write ratio(...)");
    }
    rule->sample = (struct term){.type = TERM_NAME_COUNT};
    return parse_span_name(parser, &rule->sample.name);
}

/* `backlog(`, where an aggregate has its samples. */
static bool sees_backlog(const struct parser *parser)
{
    struct parser ahead = *parser;
    bool word = bytes_is(parser_word(&ahead), "backlog");
    parser_skip_blanks(&ahead);
    return word && parser_peek(&ahead, 0) == '(';
}

static bool parse_backlog(struct parser *parser, struct rule *rule)
{
    static const char advice[] = "write slope(backlog($produced, $consumed))";
    if (rule->aggregate == AGGREGATE_MAX) {
        rule->aggregate = AGGREGATE_BACKLOG;
    } else if (rule->aggregate != AGGREGATE_SLOPE) {
        return parser_fail(parser, parser->at,
                           "of a backlog there are max(backlog($produced, $consumed)) and "
                           "slope(backlog(...))");
    }
    rule->sample = (struct term){.type = TERM_NAME_COUNT};
    if (!passes_word(parser, "backlog")) {
        return parser_fail(parser, parser->at, "a slope is that of a backlog; %s", advice);
    }
    return expect(parser, "(", advice) && parse_span_name(parser, &rule->sample.name) &&
           expect(parser, ",", advice) && parse_span_name(parser, &rule->consumed) &&
           expect(parser, ")", advice);
}

static bool parse_argument(struct parser *parser, enum argument argument, struct rule *rule)
{
    switch (argument) {
    case ARGUMENT_STATE:
        return parse_state(parser, rule);
    case ARGUMENT_VALUE:
        return parse_told_apart(parser, rule);
    case ARGUMENT_SPANS:
        return parse_spans(parser, rule);
    case ARGUMENT_BACKLOG:
        return parse_backlog(parser, rule);
    default:
        return sees_backlog(parser) ? parse_backlog(parser, rule) : parse_sample(parser, rule);
    }
}

static bool sets_median(const char *word, struct rule *rule)
{
    if (word[0] != 'm') {
        return false;
    }
    rule->percent_num = 50;
    rule->percent_den = 1;
    rule->percent = 50;
    return true;
}

bool parse_measure(struct parser *parser, struct rule *rule, size_t *ret_subject, bool *ret_tested)
{
    size_t row = parse_aggregate(parser);
    if (row == AGGREGATE_KINDS) {
        return false;
    }
    const char *word = aggregates[row].word;
    rule->aggregate = aggregates[row].aggregate;
    if (rule->aggregate == AGGREGATE_PERCENTILE && !sets_median(word, rule) &&
        !parse_percent(parser, rule)) {
        return false;
    }
    parser_skip_blanks(parser);
    *ret_subject = parser->at;
    if (!expect(
            parser, "(",
            "what is measured stands in parentheses: p(95)($x.duration) < 500ms, ratio(fail) < 1%, "
            "rate($x) > 10") ||
        !parse_argument(parser, aggregates[row].argument, rule)) {
        return false;
    }
    *ret_tested = word[0] == 'u';
    if (*ret_tested) {
        rule->op = OP_EQUAL;
        rule->literal = (struct operand){.type = OPERAND_INT, .integer = 0};
    }
    return expect(parser, ")", "write AGGREGATE(...) OP LIMIT");
}
