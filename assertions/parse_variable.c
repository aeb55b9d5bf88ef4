/*
 * var:NAME and env:NAME: values that the suite or the environment gives, known when the
 * configuration is read. Their text is read as a value where it has the form of one, else it is a
 * text; so what comes from the environment is never parsed as an expression.
 */
#include <stdlib.h>

#include "assertions/parse.h"
#include "config/suggest.h"

#define SUGGESTIONS_MAX 64

/* `var:` or `env:`. */
static bool sees_prefix(const struct parser *parser, bool *ret_environment)
{
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    *ret_environment = bytes_is(word, "env");
    return parser_peek(&ahead, 0) == ':' && (*ret_environment || bytes_is(word, "var"));
}

bool parse_sees_variable(const struct parser *parser)
{
    bool environment;
    return sees_prefix(parser, &environment);
}

static bool fail_unknown(struct parser *parser, size_t at, struct bytes name)
{
    const struct config_pairs *variables = parser->context->variables;
    const char *known[SUGGESTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; variables != NULL && i < variables->count && count < SUGGESTIONS_MAX; i++) {
        known[count++] = variables->items[i].name;
    }
    const char *near = suggest(name, known, count);
    if (near != NULL) {
        return parser_fail(parser, at, "unknown variable '%.*s'; did you mean var:%s?",
                           (int)name.len, (const char *)name.data, near);
    }
    return parser_fail(parser, at,
                       "unknown variable '%.*s'; define it in the suite: variables = { %.*s = "
                       "\"...\"; }",
                       (int)name.len, (const char *)name.data, (int)name.len,
                       (const char *)name.data);
}

static bool find_variable(struct parser *parser, size_t at, struct bytes name, struct bytes *ret)
{
    const struct config_pairs *variables = parser->context->variables;
    for (size_t i = 0; variables != NULL && i < variables->count; i++) {
        if (bytes_is(name, variables->items[i].name)) {
            *ret = bytes_of(variables->items[i].value.text);
            return true;
        }
    }
    return fail_unknown(parser, at, name);
}

static bool find_environment(struct parser *parser, size_t at, struct bytes name, struct bytes *ret)
{
    const struct parse_context *context = parser->context;
    const char *text = arena_string(context->arena, name);
    if (text == NULL) {
        return parser_fail_memory(parser);
    }
    const char *value = context->getenv != NULL ? context->getenv(text) : getenv(text);
    *ret = bytes_of(value);
    return value != NULL || parser_fail(parser, at, "the environment variable %s is not set", text);
}

/* The value that the text writes; a text that writes none is a text. */
static bool read_value(struct parser *parser, struct bytes text, struct operand *ret)
{
    struct parse_context context = *parser->context;
    struct problems problems;
    struct parser inside = {.context = &context, .text = arena_copy(context.arena, text)};
    struct literal literal;
    if (inside.text.data == NULL && text.len != 0) {
        return parser_fail_memory(parser);
    }
    problems_init(&problems);
    context.problems = &problems;
    bool reads = text.len != 0 && !parse_sees_variable(&inside) &&
                 parse_literal(&inside, &literal) && inside.at == inside.text.len;
    problems_deinit(&problems);
    struct bytes kept = text.len != 0 ? inside.text : BYTES_LITERAL("");
    *ret = reads ? literal.value : (struct operand){.type = OPERAND_TEXT, .bytes = kept};
    return !context.store->no_memory;
}

bool parse_variable(struct parser *parser, struct literal *ret)
{
    bool environment;
    struct bytes text;
    size_t at = parser->at;
    *ret = (struct literal){.at = at};
    sees_prefix(parser, &environment);
    parser_word(parser);
    parser_take(parser, ":");
    parser_skip_blanks(parser);
    struct bytes name = parser_word(parser);
    if (name.len == 0) {
        return parser_fail(parser, parser->at, "a name is missing after '%s'",
                           environment ? "env:" : "var:");
    }
    bool found = environment ? find_environment(parser, at, name, &text)
                             : find_variable(parser, at, name, &text);
    return found && read_value(parser, text, &ret->value);
}
