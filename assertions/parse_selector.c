/*
 * Filters, and selectors made of them. The only recursion is a filter inside not(), bounded by
 * EXPRESSION_DEPTH_MAX.
 */
#include "assertions/parse.h"
#include "config/suggest.h"
#include "daemon/core/number.h"

#define IF_EMPTY "all spans are span[]"

bool parse_not(struct parser *parser, bool *ret_negated)
{
    struct parser ahead = *parser;
    *ret_negated = false;
    if (!bytes_is(parser_word(&ahead), "not")) {
        return true;
    }
    parser_skip_blanks(&ahead);
    if (parser_peek(&ahead, 0) != '(') {
        return true;
    }
    if (parser->depth >= EXPRESSION_DEPTH_MAX) {
        return parser_fail(parser, parser->at, "not (...) is nested more than %d times",
                           EXPRESSION_DEPTH_MAX);
    }
    parser->depth++;
    parser->at = ahead.at + 1;
    parser_skip_blanks(parser);
    *ret_negated = true;
    return true;
}

bool parse_not_end(struct parser *parser)
{
    parser_skip_blanks(parser);
    parser->depth--;
    if (parser_take(parser, ")")) {
        return true;
    }
    char found[PARSER_FOUND_MAX];
    return parser_fail(parser, parser->at,
                       "')' is missing before %s; one comparison stands in not (...), and a text "
                       "with blanks or signs in quotes",
                       parser_found(parser, found));
}

static bool parse_compare_filter(struct parser *parser, struct filter *ret)
{
    struct comparison comparison;
    size_t from = parser->at;
    if (!parse_key(parser, &ret->key) ||
        !parse_comparison(parser, class_of_key(&ret->key), parser_slice(parser, from),
                          &comparison)) {
        return false;
    }
    ret->op = comparison.op;
    ret->literal = comparison.literal.value;
    ret->regex = comparison.regex;
    return true;
}

/* Between two filters of not (...), or at the end of them. *ret_more: another one follows. */
static bool parse_inner_end(struct parser *parser, bool *ret_more)
{
    bool apart = parser_skip_blanks(parser);
    bool comma = parser_take(parser, ",");
    parser_skip_blanks(parser);
    int next = parser_peek(parser, 0);
    *ret_more = false;
    if (next == ')' && comma) {
        return parser_fail(parser, parser->at, "a filter is missing after the comma");
    }
    if (next < 0 || next == ')' || next == ']') {
        return parse_not_end(parser);
    }
    *ret_more = apart || comma;
    char found[PARSER_FOUND_MAX];
    return *ret_more || parser_fail(parser, parser->at,
                                    "unexpected %s; filters stand apart by a blank or a comma, and "
                                    "a text with blanks or signs in quotes",
                                    parser_found(parser, found));
}

static bool parse_inner_filters(struct parser *parser, struct filter *ret)
{
    struct filter *inner = NULL;
    uint32_t room = 0;
    bool more = true;
    ret->type = FILTER_NOT;
    while (more) {
        if (!parser_grow(parser, (void **)&inner, ret->inner_count, &room, sizeof *inner) ||
            !parse_filter(parser, &inner[ret->inner_count++]) || !parse_inner_end(parser, &more)) {
            return false;
        }
    }
    ret->inner = inner;
    return true;
}

bool parse_filter(struct parser *parser, struct filter *ret)
{
    size_t from = parser->at;
    bool negated;
    *ret = (struct filter){.type = FILTER_COMPARE, .index = UINT32_MAX};
    if (!parse_not(parser, &negated)) {
        return false;
    }
    if (!(negated ? parse_inner_filters(parser, ret) : parse_compare_filter(parser, ret))) {
        return false;
    }
    ret->text = parser_slice(parser, from);
    return true;
}

/* Between two filters, or at the end of them. *ret_more: another one follows. */
static bool parse_filter_end(struct parser *parser, size_t open, bool *ret_more)
{
    bool apart = parser_skip_blanks(parser);
    bool comma = parser_take(parser, ",");
    if (comma) {
        parser_skip_blanks(parser);
    }
    *ret_more = false;
    char found[PARSER_FOUND_MAX];
    if (parser_peek(parser, 0) < 0) {
        return parser_fail(parser, open, "the '[' is not closed by ']'");
    }
    if (parser_take(parser, "]")) {
        return !comma || parser_fail(parser, parser->at - 1, "a filter is missing after the comma");
    }
    *ret_more = apart || comma;
    return *ret_more || parser_fail(parser, parser->at,
                                    "unexpected %s; filters stand apart by a blank or a comma, and "
                                    "a text with blanks or signs in quotes",
                                    parser_found(parser, found));
}

static bool parse_filters(struct parser *parser, struct selector_part *part)
{
    size_t open = parser->at - 1;
    struct filter *filters = NULL;
    uint32_t count = 0;
    uint32_t room = 0;
    parser_skip_blanks(parser);
    bool more = !parser_take(parser, "]");
    while (more) {
        if (parser_peek(parser, 0) < 0) {
            return parser_fail(parser, open, "the '[' is not closed by ']'");
        }
        if (!parser_grow(parser, (void **)&filters, count, &room, sizeof *filters) ||
            !parse_filter(parser, &filters[count++]) || !parse_filter_end(parser, open, &more)) {
            return false;
        }
    }
    part->filters = filters;
    part->filter_count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (!number_filter(parser, &filters[i])) {
            return false;
        }
    }
    return true;
}

static bool parse_nth(struct parser *parser, struct selector_part *part)
{
    parser_skip_blanks(parser);
    bool open = parser_take(parser, "(");
    parser_skip_blanks(parser);
    size_t at = parser->at;
    int64_t nth;
    struct bytes word = parser_word(parser);
    if (!open || number_parse_i64(word, &nth) != 0 || nth < 1 || nth > UINT32_MAX) {
        return parser_fail(parser, at, "write :nth_child(n) with n from 1");
    }
    parser_skip_blanks(parser);
    if (!parser_take(parser, ")")) {
        return parser_fail(parser, parser->at, "')' is missing after :nth_child(%u", (unsigned)nth);
    }
    part->pseudo = PSEUDO_NTH;
    part->nth = (uint32_t)nth;
    return true;
}

static bool parse_pseudo(struct parser *parser, struct selector_part *part)
{
    static const char *const known[] = {"first", "last", "nth_child"};
    size_t at = parser->at - 1;
    parser_skip_blanks(parser);
    struct bytes word = parser_word(parser);
    if (bytes_is(word, "first") || bytes_is(word, "last")) {
        part->pseudo = bytes_is(word, "first") ? PSEUDO_FIRST : PSEUDO_LAST;
        return true;
    }
    if (bytes_is(word, "nth_child")) {
        return parse_nth(parser, part);
    }
    const char *near = suggest(word, known, sizeof known / sizeof known[0]);
    return parser_fail(parser, at, "unknown pseudo-class ':%.*s'; %s%s%s", (int)word.len,
                       (const char *)word.data, near != NULL ? "did you mean :" : "there are ",
                       near != NULL ? near : ":first, :last and :nth_child(n)",
                       near != NULL ? "?" : "");
}

bool parse_sees_selector(const struct parser *parser)
{
    struct parser ahead = *parser;
    if (!bytes_is(parser_word(&ahead), "span")) {
        return false;
    }
    parser_skip_blanks(&ahead);
    return parser_peek(&ahead, 0) == '[';
}

/* `span[...]` and its pseudo-class. */
static bool parse_part(struct parser *parser, struct selector_part *part)
{
    char found[PARSER_FOUND_MAX];
    if (!parse_sees_selector(parser)) {
        return parser_fail(
            parser, parser->at,
            "span[...] is missing before %s; a selector is span[FILTER FILTER], and " IF_EMPTY,
            parser_found(parser, found));
    }
    parser_word(parser);
    parser_skip_blanks(parser);
    parser_take(parser, "[");
    if (!parse_filters(parser, part)) {
        return false;
    }
    parser_skip_blanks(parser);
    if (parser_take(parser, ":") && !parse_pseudo(parser, part)) {
        return false;
    }
    parser_skip_blanks(parser);
    return parser_peek(parser, 0) != ':' ||
           parser_fail(parser, parser->at, "a part has one pseudo-class");
}

/* What stands between two parts. */
static enum relation parse_relation(struct parser *parser)
{
    if (parser_peek(parser, 0) < 0 || parser_peek(parser, 0) == ',') {
        return RELATION_NONE;
    }
    if (parser_take(parser, ">")) {
        parser_skip_blanks(parser);
        return RELATION_CHILD;
    }
    return RELATION_DESCENDANT;
}

static bool parse_chain(struct parser *parser, struct selector_chain *chain)
{
    struct selector_part *parts = NULL;
    uint32_t room = 0;
    enum relation relation = RELATION_NONE;
    do {
        if (!parser_grow(parser, (void **)&parts, chain->part_count, &room, sizeof *parts)) {
            return false;
        }
        struct selector_part *part = &parts[chain->part_count++];
        part->relation = relation;
        if (!parse_part(parser, part)) {
            return false;
        }
        relation = parse_relation(parser);
    } while (relation != RELATION_NONE);
    chain->parts = parts;
    return true;
}

static bool parse_chains(struct parser *parser, struct selector *selector)
{
    struct selector_chain *chains = NULL;
    uint32_t room = 0;
    do {
        parser_skip_blanks(parser);
        if (!parser_grow(parser, (void **)&chains, selector->chain_count, &room, sizeof *chains) ||
            !parse_chain(parser, &chains[selector->chain_count++])) {
            return false;
        }
    } while (parser_take(parser, ","));
    selector->chains = chains;
    return true;
}

static void note_traits(struct selector *selector)
{
    for (uint32_t i = 0; i < selector->chain_count; i++) {
        const struct selector_chain *chain = &selector->chains[i];
        selector->has_relation |= chain->part_count > 1;
        for (uint32_t j = 0; j < chain->part_count; j++) {
            selector->has_pseudo |= chain->parts[j].pseudo != PSEUDO_NONE;
        }
    }
}

const struct selector *parse_selector(const struct parse_context *context, struct bytes text)
{
    struct parser parser;
    if (!parser_begin(&parser, context, text, IF_EMPTY)) {
        return NULL;
    }
    struct selector *selector = arena_calloc(context->arena, 1, sizeof *selector);
    if (selector == NULL) {
        parser_fail_memory(&parser);
        return NULL;
    }
    if (!parse_chains(&parser, selector) || !parser_expect_end(&parser)) {
        return NULL;
    }
    selector->text = bytes_trim(parser.text);
    note_traits(selector);
    return number_selector(&parser, selector) ? selector : NULL;
}
