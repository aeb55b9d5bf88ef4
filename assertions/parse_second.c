/*
 * Arguments that are compiled: patterns and JSON paths, written as texts.
 */
#include <errno.h>

#include "assertions/functions.h"
#include "assertions/json_path.h"
#include "assertions/parse_expr.h"

static bool compile_path(struct parser *parser, struct expr *call, const struct literal *literal)
{
    size_t byte;
    const char *error;
    int r =
        json_path_compile(parser->context->arena, literal->value.bytes, &call->path, &byte, &error);
    if (r == -ENOMEM) {
        return parser_fail_memory(parser);
    }
    return r == 0 || parser_fail(parser, literal_byte(parser, literal, byte),
                                 "the JSON path is not valid: %s", error);
}

bool parse_second(struct parser *parser, struct expr *call)
{
    const struct function *function = call->function;
    if (function->second == SECOND_ANY) {
        return true;
    }
    const struct expr *second = call->args[1];
    size_t at = (size_t)(second->text.data - parser->text.data);
    int quote = parser->text.data[at];
    struct literal literal = {
        .value = second->literal, .at = at, .quoted = quote == '\'' || quote == '"'};
    if (second->type != EXPR_LITERAL) {
        return parser_fail(parser, at, "%s: the %s is written there, in quotes", function->written,
                           function->second == SECOND_PATH ? "path" : "pattern");
    }
    if (function->second == SECOND_PATH) {
        return compile_path(parser, call, &literal);
    }
    struct comparison comparison = {.literal = literal};
    if (!parse_pattern(parser, &comparison)) {
        return false;
    }
    call->regex = comparison.regex;
    return true;
}
