/*
 * Values. What a bare word means is told by its shape alone: a word that has the shape of a number
 * or a duration is one, and one that does not fit is a problem, never silently a text.
 */
#include "assertions/parse.h"

#include <stdio.h>

#include "daemon/core/number.h"
#include "daemon/core/units.h"

enum word_shape { SHAPE_TEXT, SHAPE_INT, SHAPE_DOUBLE, SHAPE_DURATION };

static size_t digits_at(struct bytes word, size_t at)
{
    size_t from = at;
    while (at < word.len && word.data[at] >= '0' && word.data[at] <= '9') {
        at++;
    }
    return at - from;
}

/* Length of `[+-]digits` after an e; 0: no exponent. */
static size_t exponent_at(struct bytes word, size_t at)
{
    if (at >= word.len || word.data[at] != 'e') {
        return 0;
    }
    size_t sign = at + 1 < word.len && (word.data[at + 1] == '+' || word.data[at + 1] == '-');
    size_t digits = digits_at(word, at + 1 + sign);
    return digits > 0 ? 1 + sign + digits : 0;
}

static bool is_unit(struct bytes word)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "m", "h"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (bytes_is(word, units[i])) {
            return true;
        }
    }
    return false;
}

static enum word_shape shape_of(struct bytes word)
{
    size_t at = word.len > 0 && word.data[0] == '-';
    size_t whole = digits_at(word, at);
    if (whole == 0) {
        return SHAPE_TEXT;
    }
    at += whole;
    size_t decimals = at < word.len && word.data[at] == '.' ? digits_at(word, at + 1) : 0;
    at += decimals > 0 ? decimals + 1 : 0;
    if (at == word.len) {
        return decimals > 0 ? SHAPE_DOUBLE : SHAPE_INT;
    }
    if (is_unit(bytes_from(word.data + at, word.len - at))) {
        return SHAPE_DURATION;
    }
    size_t exponent = exponent_at(word, at);
    return exponent > 0 && at + exponent == word.len ? SHAPE_DOUBLE : SHAPE_TEXT;
}

/* A word, with the `+` of an exponent, which is no sign of a word elsewhere. */
static struct bytes value_word(struct parser *parser)
{
    size_t from = parser->at;
    parser_word(parser);
    struct bytes word = bytes_from(parser->text.data + from, parser->at - from);
    int next = parser_peek(parser, 1);
    if (parser_peek(parser, 0) == '+' && next >= '0' && next <= '9' && word.len > 1 &&
        word.data[word.len - 1] == 'e') {
        enum word_shape mantissa = shape_of(bytes_from(word.data, word.len - 1));
        if (mantissa == SHAPE_INT || mantissa == SHAPE_DOUBLE) {
            parser->at++;
            parser_word(parser);
        }
    }
    return bytes_from(parser->text.data + from, parser->at - from);
}

static bool take_int(struct parser *parser, struct bytes word, struct literal *ret)
{
    ret->value.type = OPERAND_INT;
    if (number_parse_i64(word, &ret->value.integer) != 0) {
        return parser_fail(
            parser, ret->at, "%.*s is beyond 64-bit integers; write %.*s.0 for a double",
            (int)word.len, (const char *)word.data, (int)word.len, (const char *)word.data);
    }
    return true;
}

static bool take_double(struct parser *parser, struct bytes word, struct literal *ret)
{
    ret->value.type = OPERAND_DOUBLE;
    if (number_parse_double(word, &ret->value.number) != 0) {
        return parser_fail(parser, ret->at, "%.*s is beyond the range of doubles", (int)word.len,
                           (const char *)word.data);
    }
    return true;
}

static bool take_duration(struct parser *parser, struct bytes word, struct literal *ret)
{
    int64_t ns;
    int r = units_parse_duration(word, &ns);
    if (r != 0) {
        return parser_fail(parser, ret->at,
                           r == 2 ? "%.*s is beyond 64-bit nanoseconds (292 years)"
                                  : "%.*s is no whole number of nanoseconds",
                           (int)word.len, (const char *)word.data);
    }
    ret->value = (struct operand){.type = OPERAND_DURATION, .ns = ns};
    return true;
}

/* The decimal itself is moved by two places, so that 0.7% is the double nearest to 0.007. */
static bool take_percentage(struct parser *parser, struct bytes word, enum word_shape shape,
                            struct literal *ret)
{
    char text[64];
    bool decimal = shape == SHAPE_INT || shape == SHAPE_DOUBLE;
    if (!decimal || bytes_contain(word, BYTES_LITERAL("e")) || word.len > 40) {
        return parser_fail(parser, ret->at,
                           "a percentage is a decimal number and '%%'; put a text in quotes");
    }
    int len = snprintf(text, sizeof text, "%.*se-2", (int)word.len, (const char *)word.data);
    ret->value.type = OPERAND_DOUBLE;
    if (number_parse_double(bytes_from(text, (size_t)len), &ret->value.number) != 0) {
        return parser_fail(parser, ret->at, "not a percentage");
    }
    return true;
}

static bool take_text(struct parser *parser, struct bytes word, struct literal *ret)
{
    if (word.data[0] == '-') {
        return parser_fail(parser, ret->at,
                           "'%.*s' is no number and no duration (ns us ms s m h); put a text in "
                           "quotes",
                           (int)word.len, (const char *)word.data);
    }
    if (bytes_is(word, "true") || bytes_is(word, "false")) {
        ret->value = (struct operand){.type = OPERAND_BOOL, .boolean = bytes_is(word, "true")};
        return true;
    }
    ret->value = (struct operand){.type = OPERAND_TEXT, .bytes = word};
    return true;
}

static bool fail_no_value(struct parser *parser)
{
    char found[PARSER_FOUND_MAX];
    const char *advice = "write a text in quotes, a number, a duration, true or false";
    switch (parser_peek(parser, 0)) {
    case '$':
        advice =
            parser_peek(parser, 1) == '{'
                ? "write var:NAME or env:NAME for a value from outside, f'...${KEY}...' for a "
                  "text that is put together"
                : "a plain value stands here; names ($x) stand in conditions, not in selectors";
        break;
    case '{':
        advice = "JSON stands in quotes: '{...}'";
        break;
    case '[':
        advice = "a list stands in parentheses, in (a, b), and JSON in quotes";
        break;
    case '(':
        advice =
            "a list stands behind in: in (a, b); what follows a pipe has no parentheses: x | f a "
            "b";
        break;
    case '`':
        advice = "back quotes are for keys; a text stands in ' or \"";
        break;
    case '=':
    case '<':
    case '>':
        advice = "the operators are = != < <= > >= =~ !~ in contains starts-with ends-with exists "
                 "missing";
        break;
    case '+':
        advice = "a number begins with a digit or '-'";
        break;
    default:
        break;
    }
    return parser_fail(parser, parser->at, "a value is missing before %s; %s",
                       parser_found(parser, found), advice);
}

static bool parse_bare(struct parser *parser, struct literal *ret)
{
    struct bytes word = value_word(parser);
    if (word.len == 0) {
        return fail_no_value(parser);
    }
    enum word_shape shape = shape_of(word);
    if (parser_take(parser, "%")) {
        return take_percentage(parser, word, shape, ret);
    }
    switch (shape) {
    case SHAPE_INT:
        return take_int(parser, word, ret);
    case SHAPE_DOUBLE:
        return take_double(parser, word, ret);
    case SHAPE_DURATION:
        return take_duration(parser, word, ret);
    case SHAPE_TEXT:
        break;
    }
    return take_text(parser, word, ret);
}

/* What a backslash before `c` means; 0: nothing, it stays. */
static uint8_t unescape(int c)
{
    switch (c) {
    case '\\':
    case '"':
    case '\'':
        return (uint8_t)c;
    case 'n':
        return '\n';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

uint8_t literal_next_byte(struct parser *parser)
{
    uint8_t c = (uint8_t)parser_peek(parser, 0);
    uint8_t escaped = c == '\\' ? unescape(parser_peek(parser, 1)) : 0;
    parser->at += escaped != 0 ? 2 : 1;
    return escaped != 0 ? escaped : c;
}

static bool parse_quoted(struct parser *parser, struct literal *ret)
{
    size_t open = parser->at;
    int quote = parser_peek(parser, 0);
    uint8_t *text = arena_alloc(parser->context->arena, parser->text.len - open);
    if (text == NULL) {
        return parser_fail_memory(parser);
    }
    size_t len = 0;
    parser->at++;
    for (int c = parser_peek(parser, 0); c != quote; c = parser_peek(parser, 0)) {
        if (c < 0) {
            return parser_fail(parser, open, "the quote %c is not closed", quote);
        }
        text[len++] = literal_next_byte(parser);
    }
    parser->at++;
    ret->quoted = true;
    ret->value = (struct operand){.type = OPERAND_TEXT, .bytes = bytes_from(text, len)};
    return true;
}

size_t literal_byte(const struct parser *parser, const struct literal *literal, size_t decoded)
{
    size_t at = literal->at + (literal->quoted ? 1 : 0);
    for (size_t i = 0; i < decoded && at + 1 < parser->text.len; i++) {
        bool escape = literal->quoted && parser->text.data[at] == '\\' &&
                      unescape(parser->text.data[at + 1]) != 0;
        at += escape ? 2 : 1;
    }
    return at;
}

bool parse_literal(struct parser *parser, struct literal *ret)
{
    *ret = (struct literal){.at = parser->at};
    int c = parser_peek(parser, 0);
    if (parse_sees_variable(parser)) {
        return parse_variable(parser, ret);
    }
    return c == '\'' || c == '"' ? parse_quoted(parser, ret) : parse_bare(parser, ret);
}
