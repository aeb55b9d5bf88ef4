/*
 * Rules of thresholds: MEASURE {LABEL:VALUE} TEST. What is measured stands in parse_measure.c.
 *
 * A test is an operator and a limit, the same in the words of other tools (k6 writes ==, QALIPSIS
 * isLessThan), a range, or a comparison with the baseline.
 */
#include "assertions/parse.h"
#include "assertions/parse_measure.h"
#include "assertions/rule.h"
#include "assertions/unit_words.h"
#include "config/suggest.h"

#define IF_EMPTY "write AGGREGATE(...) OP LIMIT, such as p(99)($x.duration) < 500ms"
#define TAGS_MAX 8

static const struct {
    const char *word;
    enum compare_op op;
} words[] = {
    {"isLessThan", OP_LESS},       {"isLessThanOrEqual", OP_LESS_EQUAL},
    {"isGreaterThan", OP_GREATER}, {"isGreaterThanOrEqual", OP_GREATER_EQUAL},
    {"isEqual", OP_EQUAL},
};

/* --- {scenario:checkout} --- */

/* A misspelled label would be an attribute that no record has. */
static void advise_on_label(const struct parser *parser, struct bytes key)
{
    static const char *const labels[] = {"scenario", "step",      "zone",   "tenant", "minion",
                                         "stage",    "iteration", "status", "outcome"};
    const struct parse_context *context = parser->context;
    const char *near = suggest(key, labels, sizeof labels / sizeof *labels);
    if (near != NULL && !bytes_is(key, near)) {
        problems_advise(context->problems, context->origin, context->path,
                        "the tag '%.*s' is an attribute of the record; did you mean %s?",
                        (int)key.len, (const char *)key.data, near);
    }
}

static bool parse_tag(struct parser *parser, struct rule_tag *ret)
{
    struct literal value;
    bool quoted;
    parser_skip_blanks(parser);
    size_t at = parser->at;
    if (!parse_plain_key(parser, &ret->key, &quoted)) {
        return false;
    }
    if (bytes_is(ret->key, "time") || bytes_is(ret->key, "duration")) {
        return parser_fail(parser, at,
                           "a tag is a label of the record, such as scenario, or stage");
    }
    advise_on_label(parser, ret->key);
    parser_skip_blanks(parser);
    if (!parser_take(parser, ":")) {
        return parser_fail(parser, parser->at, "':' is missing; write {scenario:checkout}");
    }
    parser_skip_blanks(parser);
    if (!parse_literal(parser, &value)) {
        return false;
    }
    char scratch[OPERAND_TEXT_MAX];
    ret->value = arena_copy(parser->context->arena, operand_text(&value.value, scratch));
    parser_skip_blanks(parser);
    return ret->value.data != NULL || value.value.bytes.len == 0 || parser_fail_memory(parser);
}

static bool parse_tags(struct parser *parser, struct rule *rule)
{
    parser_skip_blanks(parser);
    size_t open = parser->at;
    if (!parser_take(parser, "{")) {
        return true;
    }
    struct rule_tag *tags = arena_calloc(parser->context->arena, TAGS_MAX, sizeof *tags);
    if (tags == NULL) {
        return parser_fail_memory(parser);
    }
    rule->tags = tags;
    do {
        if (rule->tag_count == TAGS_MAX) {
            return parser_fail(parser, open, "at most %d tags", TAGS_MAX);
        }
        if (!parse_tag(parser, &tags[rule->tag_count++])) {
            return false;
        }
    } while (parser_take(parser, ","));
    return parser_take(parser, "}") ||
           parser_fail(parser, parser->at, "'}' is missing; write {scenario:checkout}");
}

/* An unclaimed trace has no record, and of a late span only the trace's ID is still known. */
static bool check_tags(struct parser *parser, const struct rule *rule)
{
    return rule->tag_count == 0 || !rule_counts_strangers(rule) ||
           parser_fail(parser, 0,
                       "unexpected and late can't be counted by labels: the record is "
                       "not known then");
}

/* --- limits --- */

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
    bool word = type == OPERAND_TEXT && !comparison->literal.quoted;
    const char *meant = word ? unit_words(comparison->literal.value.bytes) : NULL;
    return type == OPERAND_INT || type == OPERAND_DOUBLE ||
           parser_fail(parser, comparison->literal.at, "the limit is a number%s%s",
                       rule->aggregate == AGGREGATE_RATIO ? " or a percentage, such as 0.1%" : "",
                       meant != NULL ? meant : "");
}

static enum value_class class_of_rule(const struct rule *rule)
{
    return rule->sample_is_duration ? CLASS_DURATION : CLASS_LIMIT;
}

/* A value after one of the words. */
static bool parse_limit_value(struct parser *parser, const struct rule *rule, enum compare_op op,
                              struct operand *ret)
{
    struct comparison comparison = {.op = op, .op_at = parser->at};
    struct bytes left = parser_slice(parser, 0);
    parser_skip_blanks(parser);
    if (!parse_literal(parser, &comparison.literal) ||
        !check_comparable(parser, class_of_rule(rule), left, &comparison) ||
        !check_limit(parser, rule, &comparison)) {
        return false;
    }
    *ret = comparison.literal.value;
    return true;
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
    struct bytes left = parser_slice(parser, 0);
    if (!parse_comparison(parser, class_of_rule(rule), left, &comparison) ||
        !check_limit(parser, rule, &comparison)) {
        return false;
    }
    rule->op = comparison.op;
    rule->literal = comparison.literal.value;
    return true;
}

static bool expect_word(struct parser *parser, const char *word, const char *advice)
{
    parser_skip_blanks(parser);
    if (!parser_sees_word(parser, word)) {
        return parser_fail(parser, parser->at, "'%s' is missing; write %s", word, advice);
    }
    parser_word(parser);
    return true;
}

static bool parse_range(struct parser *parser, struct rule *rule)
{
    return parse_limit_value(parser, rule, OP_GREATER_EQUAL, &rule->literal) &&
           expect_word(parser, "and", "isBetween LEAST and GREATEST") &&
           parse_limit_value(parser, rule, OP_LESS_EQUAL, &rule->upper);
}

/* --- no worse than baseline by 10% --- */

static bool parse_no_worse(struct parser *parser, struct rule *rule)
{
    static const char *const said[] = {"no", "worse", "than", "baseline", "by"};
    size_t at = parser->at;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (!expect_word(parser, said[i], "no worse than baseline by 10%")) {
            return false;
        }
    }
    struct literal by;
    parser_skip_blanks(parser);
    if (!parse_literal(parser, &by)) {
        return false;
    }
    rule->test = RULE_NO_WORSE;
    rule->worse_by = by.value.type == OPERAND_INT ? (double)by.value.integer : by.value.number;
    if ((by.value.type != OPERAND_INT && by.value.type != OPERAND_DOUBLE) ||
        !(rule->worse_by >= 0 && rule->worse_by <= RULE_WORSE_MAX)) {
        return parser_fail(parser, by.at, "by how much is a share, such as 10%%");
    }
    if (rule->aggregate != AGGREGATE_PERCENTILE && rule->aggregate != AGGREGATE_RATIO) {
        return parser_fail(parser, at,
                           "a baseline is compared in p(N), med or ratio(...): in the "
                           "share of samples above its p(N), or in its ratio");
    }
    return true;
}

static bool parse_test(struct parser *parser, struct rule *rule)
{
    parser_skip_blanks(parser);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (parser_sees_word(parser, words[i].word)) {
            parser_word(parser);
            rule->op = words[i].op;
            return parse_limit_value(parser, rule, rule->op, &rule->literal);
        }
    }
    bool between = parser_sees_word(parser, "isBetween");
    if (between || parser_sees_word(parser, "isNotBetween")) {
        parser_word(parser);
        rule->test = between ? RULE_BETWEEN : RULE_NOT_BETWEEN;
        return parse_range(parser, rule);
    }
    if (parser_sees_word(parser, "no")) {
        return parse_no_worse(parser, rule);
    }
    if (parser_take(parser, "===") || parser_take(parser, "==")) {
        rule->op = OP_EQUAL;
        return parse_limit_value(parser, rule, rule->op, &rule->literal);
    }
    return parse_limit(parser, rule);
}

static bool parse_whole(struct parser *parser, struct rule *rule)
{
    bool tested;
    size_t subject;
    if (!parse_measure(parser, rule, &subject, &tested) || !parse_tags(parser, rule) ||
        !check_tags(parser, rule)) {
        return false;
    }
    rule->subject = parser_slice(parser, subject);
    if (!tested && !parse_test(parser, rule)) {
        return false;
    }
    advise_on_ratio(parser, rule);
    return parser_expect_end(parser);
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
    return parse_whole(&parser, rule) ? rule : NULL;
}
