/*
 * The right part of a comparison: operator, value, pattern.
 */
#include <errno.h>
#include <string.h>

#include "assertions/parse.h"
#include "assertions/regex.h"
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

static const struct {
    const char *word;
    enum compare_op op;
} words[] = {{"contains", OP_CONTAINS}, {"exists", OP_EXISTS}, {"missing", OP_MISSING}};
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
};

static const struct {
    const char *word;
    const char *advice;
} foreign_words[] = {
    {"not-contains", "write not (KEY contains VALUE)"},
    {"not_contains", "write not (KEY contains VALUE)"},
    {"not", "write not (KEY contains VALUE), with the key inside"},
    {"in", "write a regular expression, =~ '^(a|b)$', or one condition for each value"},
    {"matches", "write =~"},
    {"like", "write =~ with a regular expression"},
    {"starts-with", "write =~ '^...'"},
    {"startsWith", "write =~ '^...'"},
    {"ends-with", "write =~ '...$'"},
    {"endsWith", "write =~ '...$'"},
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
    if (next == '(') {
        return "the only things with parentheses are not (...) and count($x)";
    }
    if (next >= 0x80 || (next > 0 && strchr(":@#$%*{}", next) != NULL)) {
        return "a key with other signs than _ . - / stands in back quotes: `a:b`";
    }
    return "the operators are = != < <= > >= contains =~ !~ exists missing";
}

static bool fail_operator(struct parser *parser, struct bytes left)
{
    char found[PARSER_FOUND_MAX];
    for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
        if (parser_sees_word(parser, foreign_words[i].word)) {
            return parser_fail(parser, parser->at, "there is no operator '%s'; %s",
                               foreign_words[i].word, foreign_words[i].advice);
        }
    }
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    const char *known[WORD_COUNT] = {words[0].word, words[1].word, words[2].word};
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

static bool parse_operator(struct parser *parser, struct bytes left, struct comparison *ret)
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
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (parser_sees_word(parser, words[i].word)) {
            parser_word(parser);
            ret->op = words[i].op;
            return true;
        }
    }
    return fail_operator(parser, left);
}

static bool parse_pattern(struct parser *parser, struct comparison *ret)
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

bool parse_comparison(struct parser *parser, enum value_class class, struct bytes left,
                      struct comparison *ret)
{
    *ret = (struct comparison){.op = OP_EXISTS};
    parser_skip_blanks(parser);
    if (!parse_operator(parser, left, ret)) {
        return false;
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
