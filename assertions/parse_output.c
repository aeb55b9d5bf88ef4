/*
 * output:NAME, a value that the suite has captured.
 */
#include "assertions/outputs.h"
#include "assertions/parse_expr.h"
#include "config/suggest.h"

#define SUGGESTIONS_MAX 64

bool parse_sees_output(const struct parser *parser)
{
    struct parser ahead = *parser;
    return bytes_is(parser_word(&ahead), "output") && parser_peek(&ahead, 0) == ':';
}

static bool fail_unknown(struct parser *parser, size_t at, struct bytes name)
{
    const struct parse_context *context = parser->context;
    const char *known[SUGGESTIONS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < context->output_count && count < SUGGESTIONS_MAX; i++) {
        const char *copy = arena_string(context->arena, context->outputs[i].name);
        if (copy != NULL) {
            known[count++] = copy;
        }
    }
    const char *near = suggest(name, known, count);
    if (near != NULL) {
        return parser_fail(parser, at, "unknown output '%.*s'; did you mean output:%s?",
                           (int)name.len, (const char *)name.data, near);
    }
    return parser_fail(parser, at,
                       "unknown output '%.*s'; define it in the suite, before what reads it: "
                       "outputs = { %.*s = \"$x.KEY\"; }",
                       (int)name.len, (const char *)name.data, (int)name.len,
                       (const char *)name.data);
}

bool parse_output(struct parser *parser, const struct expr **ret)
{
    const struct parse_context *context = parser->context;
    size_t from = parser->at;
    parser->understood = true;
    if (parser->place == PARSE_FILTER) {
        return parser_fail(parser, from,
                           "outputs stand in conditions and `when`; a selector looks at one span");
    }
    parser_word(parser);
    parser_take(parser, ":");
    parser_skip_blanks(parser);
    struct bytes name = parser_word(parser);
    for (uint32_t i = 0; i < context->output_count; i++) {
        const struct output *output = &context->outputs[i];
        if (!bytes_equal(output->name, name) || output->value == NULL) {
            continue;
        }
        if (parser->inner && expr_reads_across(&output->reads)) {
            return parser_fail(parser, from,
                               "this output is one value of the trace; a value of each span "
                               "stands here");
        }
        const struct expr *value = expr_placed(output->value, context->arena, &parser->across);
        if (value == NULL) {
            return parser_fail_memory(parser);
        }
        struct expr *node = parse_node(parser, EXPR_OUTPUT, from, &value, 1);
        parser->understood = false;
        if (node != NULL) {
            node->types = output->value->types;
            *ret = node;
        }
        return node != NULL;
    }
    return fail_unknown(parser, from, name);
}
