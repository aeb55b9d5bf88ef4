/*
 * The right part of a comparison: operator, value, pattern.
 */
#include <errno.h>
#include <string.h>

#include "assertions/functions.h"
#include "assertions/parse_expr.h"
#include "assertions/regex.h"
#include "assertions/shown.h"
#include "config/suggest.h"

#define REGEX_ERROR_BYTES 128

/* Longer ones first: `=` is a prefix of `=~`. */
static const struct {
    const char *symbol;
    enum compare_op op;
} symbols[] = {
    {"=~", OP_MATCHES},       {"!~", OP_NOT_MATCHES}, {"!=", OP_NOT_EQUAL}, {"<=", OP_LESS_EQUAL},
    {">=", OP_GREATER_EQUAL}, {"=", OP_EQUAL},        {"<", OP_LESS},       {">", OP_GREATER},
};

#define OPERATORS                                                                                  \
    "the operators are = != < <= > >= =~ !~ in contains starts-with ends-with exists missing"

static const struct {
    const char *word;
    enum compare_op op;
    enum compare_op negated; /* behind `not`; the same: there is none */
} words[] = {
    {"contains", OP_CONTAINS, OP_NOT_CONTAINS},
    {"in", OP_IN, OP_NOT_IN},
    {"starts-with", OP_STARTS_WITH, OP_STARTS_WITH},
    {"ends-with", OP_ENDS_WITH, OP_ENDS_WITH},
    {"exists", OP_EXISTS, OP_EXISTS},
    {"missing", OP_MISSING, OP_MISSING},
};
#define WORD_COUNT (sizeof words / sizeof words[0])

static const struct {
    const char *wrong;
    const char *right;
} habits[] = {
    {"==", "write = for equality"},
    {"<>", "write != for inequality"},
    {"~=", "write =~ for a regular expression"},
    {"=>", "write >="},
    {"=<", "write <="},
    {"~", "write =~ for a regular expression"},
};

static const struct {
    const char *word;
    const char *advice;
} foreign_words[] = {
    {"not-contains", "write not contains"},
    {"not_contains", "write not contains"},
    {"not-in", "write not in"},
    {"not_in", "write not in"},
    {"notin", "write not in"},
    {"between", "write two conditions, KEY >= A and KEY <= B"},
    {"equals", "write ="},
    {"eq", "write ="},
    {"ne", "write !="},
    {"gt", "write >"},
    {"gte", "write >="},
    {"lt", "write <"},
    {"lte", "write <="},
    {"includes", "write contains"},
    {"not", "write not in (...), not contains, or not (KEY OP VALUE) with the key inside"},
    {"matches", "write =~"},
    {"like", "write =~ with a regular expression"},
    {"startsWith", "write starts-with"},
    {"starts_with", "write starts-with"},
    {"endsWith", "write ends-with"},
    {"ends_with", "write ends-with"},
    {"is", "write =, exists or missing"},
};

/* What people write where an operator is due, told by the word before it or the sign that comes. */
static const char *advice_for_operator(struct bytes left, int next)
{
    if (bytes_is(left, "and") || bytes_is(left, "or") || bytes_is(left, "AND") ||
        bytes_is(left, "OR")) {
        return "there are no words between filters: a blank or comma means that both hold, and "
               "span[...], span[...] that one does";
    }
    if (bytes_is(left, "not")) {
        return "write not (KEY OP VALUE), with parentheses";
    }
    if (bytes_is(left, "every")) {
        return "write each $x followed by $y, or all: KEY OP VALUE";
    }
    if (bytes_is(left, "at") || bytes_is(left, "exactly")) {
        return "write at least 2: KEY OP VALUE, with digits and a colon";
    }
    if (next == ']' || bytes_is(left, "exists") || bytes_is(left, "has")) {
        return "write KEY exists, or KEY OP VALUE";
    }
    if (next >= 0x80 || (next > 0 && strchr(":@#$%*{}", next) != NULL)) {
        return "a key with other signs than _ . - / stands in back quotes: `a:b`";
    }
    return OPERATORS;
}

/* A parenthesis behind what is no function, or not at once behind it. */
static bool fail_call(struct parser *parser, struct bytes left)
{
    if (function_find(left) != NULL) {
        return parser_fail(parser, parser->at, "the '(' of %.*s(...) follows its name at once",
                           (int)left.len, (const char *)left.data);
    }
    return fail_unknown_function(parser, left);
}

static bool fail_operator(struct parser *parser, struct bytes left)
{
    if (parser_peek(parser, 0) == '(' && !bytes_is(left, "not")) {
        return fail_call(parser, left);
    }
    char found[PARSER_FOUND_MAX];
    for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
        if (parser_sees_word(parser, foreign_words[i].word)) {
            return parser_fail(parser, parser->at, "there is no operator '%s'; %s",
                               foreign_words[i].word, foreign_words[i].advice);
        }
    }
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    const char *known[WORD_COUNT];
    for (size_t i = 0; i < WORD_COUNT; i++) {
        known[i] = words[i].word;
    }
    const char *near = word.len > 0 ? suggest(word, known, WORD_COUNT) : NULL;
    if (near != NULL) {
        return parser_fail(parser, parser->at, "there is no operator '%.*s'; did you mean %s?",
                           (int)word.len, (const char *)word.data, near);
    }
    return parser_fail(parser, parser->at, "an operator is missing after '%.*s', before %s; %s",
                       (int)(left.len < 80 ? left.len : 80), (const char *)left.data,
                       parser_found(parser, found),
                       advice_for_operator(left, parser_peek(parser, 0)));
}

/* `contains`, `not contains`. */
static bool take_word(struct parser *parser, struct comparison *ret)
{
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    bool negated = bytes_is(word, "not");
    if (negated) {
        parser_skip_blanks(&ahead);
        word = parser_word(&ahead);
    }
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (bytes_is(word, words[i].word) && (!negated || words[i].negated != words[i].op)) {
            ret->op = negated ? words[i].negated : words[i].op;
            parser->at = ahead.at;
            return true;
        }
    }
    return false;
}

bool parse_operator(struct parser *parser, struct bytes left, struct comparison *ret)
{
    ret->op_at = parser->at;
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
        if (parser_take(parser, habits[i].wrong)) {
            return parser_fail(parser, ret->op_at, "there is no operator '%s'; %s", habits[i].wrong,
                               habits[i].right);
        }
    }
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (parser_take(parser, symbols[i].symbol)) {
            ret->op = symbols[i].op;
            return true;
        }
    }
    return take_word(parser, ret) || fail_operator(parser, left);
}

bool parse_pattern(struct parser *parser, struct comparison *ret)
{
    if (ret->literal.value.type != OPERAND_TEXT) {
        return parser_fail(parser, ret->literal.at,
                           "a regular expression stands in quotes, such as '^GET /'");
    }
    struct regex *regex;
    size_t byte;
    char error[REGEX_ERROR_BYTES];
    int r = regex_compile(parser->context->arena, ret->literal.value.bytes, &regex, &byte, error,
                          sizeof error);
    if (r == -ENOMEM) {
        return parser_fail_memory(parser);
    }
    if (r != 0) {
        return parser_fail(parser, literal_byte(parser, &ret->literal, byte),
                           "the regular expression is not valid: %s", error);
    }
    ret->regex = regex;
    return true;
}

/* One value of a list, which must be comparable by `=`. */
static bool parse_item(struct parser *parser, enum value_class class, struct bytes left,
                       struct operand *ret)
{
    struct comparison item = {.op = OP_EQUAL, .op_at = parser->at};
    if (!parse_literal(parser, &item.literal) || !check_comparable(parser, class, left, &item)) {
        return false;
    }
    *ret = item.literal.value;
    return true;
}

/* Between two values, or at their end. *ret_more: another one follows. */
static bool parse_item_end(struct parser *parser, uint32_t count, bool *ret_more)
{
    char found[PARSER_FOUND_MAX];
    parser_skip_blanks(parser);
    size_t at = parser->at;
    *ret_more = parser_take(parser, ",");
    if (!*ret_more && !parser_take(parser, ")")) {
        return parser_fail(parser, at,
                           "',' or ')' is missing before %s; put a text with blanks or signs in "
                           "quotes",
                           parser_found(parser, found));
    }
    if (*ret_more) {
        parser_skip_blanks(parser);
    }
    return !*ret_more || count < LIST_VALUES_MAX ||
           parser_fail(parser, at, "a list has at most %u values", LIST_VALUES_MAX);
}

static bool make_list(struct parser *parser, const struct operand *items, uint32_t count,
                      struct literal *ret)
{
    struct operand_list *list = arena_calloc(parser->context->arena, 1, sizeof *list);
    if (list == NULL) {
        return parser_fail_memory(parser);
    }
    *list = (struct operand_list){.items = items, .count = count};
    list->shown = shown_list(items, count, parser->context->arena);
    ret->value = (struct operand){.type = OPERAND_LIST, .list = list};
    return list->shown.data != NULL || parser_fail_memory(parser);
}

/* `(a, b, c)` */
static bool parse_list(struct parser *parser, enum value_class class, struct bytes left,
                       struct comparison *ret)
{
    struct operand *items = NULL;
    uint32_t count = 0;
    uint32_t room = 0;
    bool more = true;
    ret->literal = (struct literal){.at = parser->at};
    if (!parser_take(parser, "(")) {
        char found[PARSER_FOUND_MAX];
        return parser_fail(parser, parser->at, "'(' is missing before %s; write %s (a, b)",
                           parser_found(parser, found), compare_op_text(ret->op));
    }
    parser_skip_blanks(parser);
    while (more) {
        if (!parser_grow(parser, (void **)&items, count, &room, sizeof *items) ||
            !parse_item(parser, class, left, &items[count++]) ||
            !parse_item_end(parser, count, &more)) {
            return false;
        }
    }
    return make_list(parser, items, count, &ret->literal);
}

static bool is_list(enum compare_op op)
{
    return op == OP_IN || op == OP_NOT_IN;
}

bool parse_comparison(struct parser *parser, enum value_class class, struct bytes left,
                      struct comparison *ret)
{
    *ret = (struct comparison){.op = OP_EXISTS};
    parser_skip_blanks(parser);
    if (!parse_operator(parser, left, ret)) {
        return false;
    }
    if (is_list(ret->op)) {
        parser_skip_blanks(parser);
        return parse_list(parser, class, left, ret);
    }
    if (ret->op != OP_EXISTS && ret->op != OP_MISSING) {
        parser_skip_blanks(parser);
        if (!parse_literal(parser, &ret->literal)) {
            return false;
        }
        bool pattern = ret->op == OP_MATCHES || ret->op == OP_NOT_MATCHES;
        if (pattern && !parse_pattern(parser, ret)) {
            return false;
        }
    }
    return check_comparable(parser, class, left, ret);
}
