/*
 * Interpolated texts: f'order ${attr:order.id} of ${$request.user}'. What stands in ${...} is read
 * where it stands, so that quotes inside it are its own.
 */
#include "assertions/parse_expr.h"

/* A piece of plain text from `from` to here, its escapes undone. */
static bool add_piece(struct parser *parser, size_t from, struct bytes piece,
                      const struct expr ***parts, uint32_t *count, uint32_t *room)
{
    if (piece.len == 0) {
        return true;
    }
    if (!parser_grow(parser, (void **)parts, *count, room, sizeof **parts)) {
        return false;
    }
    struct expr *node = parse_node(parser, EXPR_LITERAL, from, NULL, 0);
    if (node == NULL) {
        return false;
    }
    node->types = TYPES_TEXT;
    node->literal = (struct operand){.type = OPERAND_TEXT, .bytes = piece};
    (*parts)[(*count)++] = node;
    return true;
}

/* After `${`, up to the `}`. */
static bool parse_inserted(struct parser *parser, const struct expr **ret)
{
    char words[TYPES_WORDS_MAX];
    char found[PARSER_FOUND_MAX];
    bool right = parser->words;
    if (parser->depth++ >= EXPRESSION_DEPTH_MAX) {
        return parser_fail(parser, parser->at, "the expression is nested more than %d deep",
                           EXPRESSION_DEPTH_MAX);
    }
    parser->words = false;
    parser_skip_blanks(parser);
    size_t at = parser->at;
    if (!parse_value(parser, ret)) {
        return false;
    }
    parser->words = right;
    parser->depth--;
    if (((*ret)->types & TYPES_PRINTED) == 0) {
        return parser_fail(parser, at, "%s has no text; take a part of it",
                           types_words((*ret)->types, words));
    }
    parser_skip_blanks(parser);
    return parser_take(parser, "}") ||
           parser_fail(parser, parser->at, "'}' is missing before %s", parser_found(parser, found));
}

bool parse_join(struct parser *parser, const struct expr **ret)
{
    size_t open = parser->at++;
    int quote = parser_peek(parser, 0);
    uint8_t *text = arena_alloc(parser->context->arena, parser->text.len - open);
    const struct expr **parts = NULL;
    uint32_t count = 0;
    uint32_t room = 0;
    size_t len = 0;
    size_t begin = 0;
    if (text == NULL) {
        return parser_fail_memory(parser);
    }
    parser->at++;
    for (int c = parser_peek(parser, 0); c != quote; c = parser_peek(parser, 0)) {
        if (c < 0) {
            return parser_fail(parser, open, "the quote %c is not closed", quote);
        }
        if (c != '$' || parser_peek(parser, 1) != '{') {
            text[len++] = literal_next_byte(parser);
            continue;
        }
        size_t at = parser->at;
        parser->at += 2;
        if (!add_piece(parser, at, bytes_from(text + begin, len - begin), &parts, &count, &room) ||
            !parser_grow(parser, (void **)&parts, count, &room, sizeof *parts) ||
            !parse_inserted(parser, &parts[count++])) {
            return false;
        }
        begin = len;
    }
    parser->at++;
    if (!add_piece(parser, open, bytes_from(text + begin, len - begin), &parts, &count, &room)) {
        return false;
    }
    struct expr *node = parse_node(parser, EXPR_JOIN, open, parts, count);
    if (node != NULL) {
        node->types = TYPES_TEXT;
        *ret = node;
    }
    return node != NULL;
}
