/*
 * Calls: a function and its arguments in parentheses, or behind a pipe, where they stand apart by
 * blanks.
 */
#include "assertions/functions.h"
#include "assertions/habits.h"
#include "assertions/parse_expr.h"
#include "config/suggest.h"
#include "daemon/core/number.h"

bool parse_single(struct parser *parser, const struct expr *value)
{
    bool many = (value->type == EXPR_KEY || value->type == EXPR_NAME_KEY) &&
                (value->key.space == KEY_EVENT || value->key.space == KEY_LINK);
    size_t at = (size_t)(value->text.data - parser->text.data);
    return !many || parser_fail(parser, at,
                                "event: and link: keys have several values: they stand "
                                "alone on the left of an operator, with a plain value "
                                "on its right");
}

static bool check_arguments(struct parser *parser, const struct function *function,
                            const struct expr *const *args, uint32_t count)
{
    char words[2][TYPES_WORDS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        unsigned types = function_arg_types(function, i);
        size_t at = (size_t)(args[i]->text.data - parser->text.data);
        if (!parse_single(parser, args[i])) {
            return false;
        }
        if ((args[i]->types & types) == 0) {
            return parser_fail(parser, at, "%s takes %s here; this is %s", function->written,
                               types_words(types, words[0]), types_words(args[i]->types, words[1]));
        }
    }
    return true;
}

/* Of numbers, durations and times those that every argument may be. */
static unsigned common_kinds(const struct expr *const *args, uint32_t count)
{
    static const unsigned kinds[] = {TYPES_NUMBER, TYPES_DURATION, TYPES_TIME};
    unsigned common = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool all = true;
        for (uint32_t k = 0; k < count; k++) {
            all &= (args[k]->types & kinds[i]) != 0;
        }
        common |= all ? kinds[i] : 0;
    }
    return common;
}

/* What the function can give; 0: its arguments are never of one kind, which it wants. */
static unsigned result_types(const struct function *function, const struct expr *const *args,
                             uint32_t count)
{
    unsigned types = function->result;
    if (function_wants_one_kind(function)) {
        unsigned common = common_kinds(args, count);
        for (uint32_t i = 0; i < count; i++) {
            types |= args[i]->types & common;
        }
        return types;
    }
    for (uint32_t i = 0; i < count && function->result == 0; i++) {
        types |= args[i]->types & function_arg_types(function, i);
    }
    return types;
}

bool parse_call(struct parser *parser, const struct function *function, size_t from,
                const struct expr *const *args, uint32_t count, const struct expr **ret)
{
    if (count < function->least || count > function->most) {
        return parser_fail(parser, from, "%s has %u argument%s here; write %s", function->name,
                           (unsigned)count, count == 1 ? "" : "s", function->written);
    }
    if (!check_arguments(parser, function, args, count)) {
        return false;
    }
    struct expr *call = parse_node(parser, EXPR_CALL, from, args, count);
    if (call == NULL) {
        return false;
    }
    call->function = function;
    call->types = result_types(function, args, count);
    *ret = call;
    if (call->types == 0) {
        return parser_fail(parser, from, "%s takes values of one kind: numbers, durations or times",
                           function->written);
    }
    return parse_second(parser, call);
}

/* Arguments after `(`, up to the `)`. */
static bool parse_arguments(struct parser *parser, const struct expr ***ret, uint32_t *ret_count)
{
    uint32_t room = 0;
    *ret = NULL;
    *ret_count = 0;
    parser_skip_blanks(parser);
    if (parser_take(parser, ")")) {
        return true;
    }
    for (;;) {
        if (!parser_grow(parser, (void **)ret, *ret_count, &room, sizeof **ret) ||
            !parse_value(parser, &(*ret)[(*ret_count)++])) {
            return false;
        }
        parser_skip_blanks(parser);
        if (parser_take(parser, ")")) {
            return true;
        }
        char found[PARSER_FOUND_MAX];
        if (!parser_take(parser, ",")) {
            return parser_fail(parser, parser->at, "',' or ')' is missing before %s",
                               parser_found(parser, found));
        }
        parser_skip_blanks(parser);
    }
}

/* Whether `word(` comes next, which is a call. */
bool parse_sees_call(const struct parser *parser, struct bytes *ret_word)
{
    struct parser ahead = *parser;
    *ret_word = parser_word(&ahead);
    return ret_word->len != 0 && parser_peek(&ahead, 0) == '(' && !bytes_is(*ret_word, "count") &&
           !bytes_is(*ret_word, "not");
}

bool fail_unknown_function(struct parser *parser, struct bytes word)
{
    const char *known[64];
    uint32_t count = 0;
    for (; count < function_count && count < 64; count++) {
        known[count] = functions[count].name;
    }
    const char *habit = habit_of_function(word);
    const char *near = habit == NULL ? suggest(word, known, count) : NULL;
    bool percentile = word.len > 1 && word.data[0] == 'p' &&
                      number_is_canonical(bytes_from(word.data + 1, word.len - 1));
    const char *advice = habit != NULL  ? habit
                         : near != NULL ? near
                         : percentile   ? "write p(N)(KEY), such as p(95)(duration)"
                                        : NULL;
    return parser_fail(parser, parser->at, "there is no function '%.*s'%s%s%s%s",
                       (int)(word.len < 80 ? word.len : 80), (const char *)word.data,
                       advice != NULL ? "; " : "", near != NULL ? "did you mean " : "",
                       advice != NULL ? advice : "", near != NULL ? "?" : "");
}

bool parse_function(struct parser *parser, struct bytes word, const struct expr **ret)
{
    size_t from = parser->at;
    const struct function *function = function_find(word);
    const struct expr **args;
    uint32_t count;
    if (function == NULL) {
        return fail_unknown_function(parser, word);
    }
    parser_word(parser);
    parser_take(parser, "(");
    if (!parse_enter(parser) || !parse_arguments(parser, &args, &count)) {
        return false;
    }
    parser->depth--;
    return parse_call(parser, function, from, args, count, ret);
}

/* An argument of a pipe that need not be there is told by its shape. */
static bool sees_optional(const struct parser *parser)
{
    int c = parser_peek(parser, 0);
    return c == '\'' || c == '"' || c == '$' || (c >= '0' && c <= '9') || c == '-';
}

/* `| function args`, after the sign. */
bool parse_piped(struct parser *parser, size_t from, const struct expr **value)
{
    const struct expr **args = NULL;
    uint32_t room = 0;
    uint32_t count = 0;
    parser_skip_blanks(parser);
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    const struct function *function = function_find(word);
    if (function == NULL) {
        return fail_unknown_function(parser, word);
    }
    parser->at = ahead.at;
    if (!parser_grow(parser, (void **)&args, count, &room, sizeof *args)) {
        return false;
    }
    args[count++] = *value;
    bool words = parser->words;
    parser->words = true;
    for (;;) {
        struct parser before = *parser;
        parser_skip_blanks(parser);
        bool more = count < function->least || (count < function->most && sees_optional(parser));
        if (!more) {
            *parser = before;
            break;
        }
        if (!parser_grow(parser, (void **)&args, count, &room, sizeof *args) ||
            !parse_leaf(parser, &args[count++])) {
            return false;
        }
    }
    parser->words = words;
    return parse_call(parser, function, from, args, count, value);
}
