/*
 * Rules of thresholds: AGGREGATE(WHAT) OP LIMIT.
 */
#include "assertions/parse.h"
#include "config/suggest.h"

#define IF_EMPTY             "write AGGREGATE(...) OP LIMIT, such as p(99)($x.duration) < 500ms"
#define PERCENT_DECIMALS_MAX 9

static const struct {
    const char *word;
    enum aggregate aggregate;
} aggregates[] = {
    {"p", AGGREGATE_PERCENTILE}, {"avg", AGGREGATE_AVG},     {"min", AGGREGATE_MIN},
    {"max", AGGREGATE_MAX},      {"count", AGGREGATE_COUNT}, {"ratio", AGGREGATE_RATIO},
};
#define AGGREGATE_KINDS (sizeof aggregates / sizeof aggregates[0])

static const char *const states[] = {
    [STATE_MISSING] = "missing", [STATE_UNEXPECTED] = "unexpected",
    [STATE_LATE] = "late",       [STATE_DUPLICATE] = "duplicate",
    [STATE_PASS] = "pass",       [STATE_FAIL] = "fail",
    [STATE_ERROR] = "error",     [STATE_INCONCLUSIVE] = "inconclusive",
};
#define STATE_COUNT (sizeof states / sizeof states[0])

static const struct {
    const char *word;
    const char *right;
} habits[] = {
    {"med", "p(50)"}, {"median", "p(50)"}, {"p50", "p(50)"}, {"p90", "p(90)"},
    {"p95", "p(95)"}, {"p99", "p(99)"},    {"mean", "avg"},  {"rate", "ratio"},
};

static bool parse_aggregate(struct parser *parser, struct rule *rule)
{
    size_t at = parser->at;
    struct bytes word = parser_word(parser);
    const char *known[AGGREGATE_KINDS];
    for (size_t i = 0; i < AGGREGATE_KINDS; i++) {
        known[i] = aggregates[i].word;
        if (bytes_is(word, aggregates[i].word)) {
            rule->aggregate = aggregates[i].aggregate;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
        if (bytes_is(word, habits[i].word)) {
            return parser_fail(parser, at, "unknown aggregate '%s'; write %s(...)", habits[i].word,
                               habits[i].right);
        }
    }
    const char *near = word.len > 1 ? suggest(word, known, AGGREGATE_KINDS) : NULL;
    return parser_fail(parser, at, "unknown aggregate '%.*s'; %s%s%s", (int)word.len,
                       (const char *)word.data, near != NULL ? "did you mean " : "there are ",
                       near != NULL ? near : "p(N), avg, min, max, count and ratio",
                       near != NULL ? "?" : "");
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

static bool check_sample(struct parser *parser, size_t at, struct rule *rule)
{
    const struct term *sample = &rule->sample;
    rule->sample_is_duration = class_of_term(sample) == CLASS_DURATION;
    if (sample->type == TERM_DIFFERENCE) {
        return true;
    }
    bool attribute = sample->key.space == KEY_ANY || sample->key.space == KEY_ATTR ||
                     sample->key.space == KEY_RESOURCE || sample->key.space == KEY_SCOPE;
    if (sample->type == TERM_NAME_KEY && (attribute || rule->sample_is_duration)) {
        return true;
    }
    return parser_fail(parser, at,
                       "a rule measures $x.duration, a difference of times such as $x.start - "
                       "$y.end, or a numeric attribute of a name, $x.KEY");
}

static bool parse_sample(struct parser *parser, struct rule *rule)
{
    size_t at = parser->at;
    return parse_term(parser, &rule->sample) && check_sample(parser, at, rule);
}

static bool parse_state(struct parser *parser, struct rule *rule)
{
    size_t at = parser->at;
    struct bytes word = parser_word(parser);
    for (size_t i = 0; i < STATE_COUNT; i++) {
        if (bytes_is(word, states[i])) {
            rule->state = (enum rule_state)i;
            return true;
        }
    }
    const char *near = suggest(word, states, STATE_COUNT);
    return parser_fail(parser, at,
                       "count and ratio take one of missing, unexpected, late, duplicate, pass, "
                       "fail, error, inconclusive%s%s%s",
                       near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                       near != NULL ? "?" : "");
}

static bool is_state_rule(const struct rule *rule)
{
    return rule->aggregate == AGGREGATE_COUNT || rule->aggregate == AGGREGATE_RATIO;
}

static bool parse_measured(struct parser *parser, struct rule *rule)
{
    if (!parse_aggregate(parser, rule)) {
        return false;
    }
    if (rule->aggregate == AGGREGATE_PERCENTILE && !parse_percent(parser, rule)) {
        return false;
    }
    if (!expect(parser, "(", "what is measured stands in parentheses")) {
        return false;
    }
    if (!(is_state_rule(rule) ? parse_state(parser, rule) : parse_sample(parser, rule))) {
        return false;
    }
    return expect(parser, ")", "write AGGREGATE(...) OP LIMIT");
}

static bool check_limit(struct parser *parser, const struct rule *rule,
                        const struct comparison *comparison)
{
    enum operand_type type = comparison->literal.value.type;
    if (comparison->op > OP_GREATER_EQUAL) {
        return parser_fail(parser, comparison->op_at,
                           "a rule compares with = != < <= > >=, not with '%s'",
                           compare_op_text(comparison->op));
    }
    if (rule->sample_is_duration) {
        return type == OPERAND_DURATION || parser_fail(parser, comparison->literal.at,
                                                       "the limit is a duration, such as 500ms");
    }
    return type == OPERAND_INT || type == OPERAND_DOUBLE ||
           parser_fail(parser, comparison->literal.at, "the limit is a number%s",
                       rule->aggregate == AGGREGATE_RATIO ? " or a percentage, such as 0.1%" : "");
}

/* A ratio above 1 is nearly always a forgotten percent sign; it is a fraction all the same. */
static void advise_on_ratio(const struct parser *parser, const struct rule *rule)
{
    const struct parse_context *context = parser->context;
    bool above =
        rule->literal.type == OPERAND_INT ? rule->literal.integer > 1 : rule->literal.number > 1.0;
    if (rule->aggregate == AGGREGATE_RATIO && above) {
        problems_advise(context->problems, context->origin, context->path,
                        "a ratio is a fraction and never above 1; write 5%% for five in a hundred");
    }
}

static bool parse_limit(struct parser *parser, struct rule *rule)
{
    struct comparison comparison;
    enum value_class class = rule->sample_is_duration ? CLASS_DURATION : CLASS_ANY;
    struct bytes left = parser_slice(parser, 0);
    if (!parse_comparison(parser, class, left, &comparison) ||
        !check_limit(parser, rule, &comparison) || !parser_expect_end(parser)) {
        return false;
    }
    rule->op = comparison.op;
    rule->literal = comparison.literal.value;
    advise_on_ratio(parser, rule);
    return true;
}

const struct rule *parse_rule(const struct parse_context *context, struct bytes text)
{
    struct parser parser;
    if (!parser_begin(&parser, context, text, IF_EMPTY)) {
        return NULL;
    }
    struct rule *rule = arena_calloc(context->arena, 1, sizeof *rule);
    if (rule == NULL) {
        parser_fail_memory(&parser);
        return NULL;
    }
    rule->text = bytes_trim(parser.text);
    return parse_measured(&parser, rule) && parse_limit(&parser, rule) ? rule : NULL;
}
