/*
 * States that follow each other, and services that call each other: `a -> b -> c`.
 */
#include "assertions/parse_whole.h"

/* --- nodes and arrows --- */

static bool find_node(struct parser *parser, struct whole *whole, struct bytes text,
                      struct bytes *nodes, uint32_t *ret)
{
    for (uint32_t i = 0; i < whole->node_count; i++) {
        if (bytes_equal(nodes[i], text)) {
            *ret = i;
            return true;
        }
    }
    if (whole->node_count >= WHOLE_NODES_MAX) {
        return parser_fail(parser, parser->at, "more than %u different ones", WHOLE_NODES_MAX);
    }
    nodes[whole->node_count] = text;
    *ret = whole->node_count++;
    return true;
}

/* A state or a service, as its canonical text. */
static bool parse_node(struct parser *parser, struct whole *whole, struct bytes *nodes,
                       uint32_t *ret)
{
    char scratch[OPERAND_TEXT_MAX];
    struct literal literal;
    if (!parse_literal(parser, &literal)) {
        return false;
    }
    struct bytes text = operand_text(&literal.value, scratch);
    struct bytes kept = arena_copy(parser->context->arena, text);
    bool glued = !literal.quoted && text.len > 0 && text.data[text.len - 1] == '-' &&
                 parser_peek(parser, 0) == '>';
    if (glued) {
        return parser_fail(parser, parser->at - 1, "an arrow needs blanks around it: a -> b");
    }
    if (kept.data == NULL && text.len != 0) {
        return parser_fail_memory(parser);
    }
    parser_skip_blanks(parser);
    return find_node(parser, whole, kept, nodes, ret);
}

static bool add_arrow(struct parser *parser, struct whole *whole, struct whole_arrow *arrows,
                      struct whole_arrow arrow)
{
    if (whole->arrow_count >= WHOLE_ARROWS_MAX) {
        return parser_fail(parser, parser->at, "more than %u arrows", WHOLE_ARROWS_MAX);
    }
    arrows[whole->arrow_count++] = arrow;
    return true;
}

/* A -> B -> C */
static bool parse_chain(struct parser *parser, struct whole *whole, struct bytes *nodes,
                        struct whole_arrow *arrows, bool never)
{
    uint32_t from;
    uint32_t to;
    bool first = true;
    if (!parse_node(parser, whole, nodes, &from)) {
        return false;
    }
    while (first || parser_take(parser, "->")) {
        if (first && !parse_whole_symbol(parser, "->", "write A -> B")) {
            return false;
        }
        first = false;
        parser_skip_blanks(parser);
        if (!parse_node(parser, whole, nodes, &to) ||
            !add_arrow(parser, whole, arrows, (struct whole_arrow){from, to, never})) {
            return false;
        }
        from = to;
    }
    return true;
}

/* Room for the nodes and arrows of one condition. */
struct graph_room {
    struct bytes *nodes;
    struct whole_arrow *arrows;
};

static bool take_room(struct parser *parser, struct whole *whole, struct graph_room *ret)
{
    struct arena *arena = parser->context->arena;
    ret->nodes = arena_calloc(arena, WHOLE_NODES_MAX, sizeof *ret->nodes);
    ret->arrows = arena_calloc(arena, WHOLE_ARROWS_MAX, sizeof *ret->arrows);
    if (ret->nodes == NULL || ret->arrows == NULL) {
        return parser_fail_memory(parser);
    }
    whole->nodes = ret->nodes;
    whole->arrows = ret->arrows;
    return true;
}

/* --- edges --- */

/* [no] edge A -> B, edges only A -> B, C -> D */
bool parse_whole_edges(struct parser *parser, struct whole *whole, bool never)
{
    struct graph_room room;
    if (!take_room(parser, whole, &room)) {
        return false;
    }
    do {
        parser_skip_blanks(parser);
        if (!parse_chain(parser, whole, room.nodes, room.arrows, never)) {
            return false;
        }
    } while (whole->only && parser_take(parser, ","));
    return true;
}

/* --- states --- */

/* never A -> B, any start, A -> B -> C */
static bool parse_state_item(struct parser *parser, struct whole *whole, struct graph_room *room)
{
    parser_skip_blanks(parser);
    if (parse_whole_sees(parser, "any", "start")) {
        parse_whole_word(parser, "any");
        whole->any_start = true;
        return parse_whole_word(parser, "start");
    }
    struct parser ahead = *parser;
    bool never = parse_whole_word(&ahead, "never") && !parser_take(&ahead, "->");
    if (never) {
        parse_whole_word(parser, "never");
    }
    whole->only |= !never;
    return parse_chain(parser, whole, room->nodes, room->arrows, never);
}

/* After `states`: KEY [by KEY] in $x: ITEM, ITEM */
bool parse_whole_states(struct parser *parser, struct whole *whole)
{
    struct graph_room room;
    size_t at = parser->at;
    if (!parse_whole_value(parser, &whole->value)) {
        return false;
    }
    if (class_of_read(&whole->value) == CLASS_TIME) {
        return parser_fail(parser, at, "a time is no state");
    }
    if (!parse_whole_by(parser, whole) || !parse_whole_due(parser, "in") ||
        !parse_whole_set(parser, whole) ||
        !parse_whole_symbol(parser, ":", "write states KEY in $x: a -> b") ||
        !take_room(parser, whole, &room)) {
        return false;
    }
    do {
        if (!parse_state_item(parser, whole, &room)) {
            return false;
        }
    } while (parser_take(parser, ","));
    return whole->arrow_count != 0 || parser_fail(parser, parser->at, "write a -> b");
}
