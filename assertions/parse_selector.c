/*
 * Filters, and selectors made of them. The only recursion is a filter inside not(), bounded by
 * EXPRESSION_DEPTH_MAX.
 */
#include "assertions/parse_expr.h"
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

static bool parse_plain_filter(struct parser *parser, struct filter *ret)
{
    bool negated;
    *ret = (struct filter){.type = FILTER_COMPARE, .index = UINT32_MAX};
    if (!parse_not(parser, &negated)) {
        return false;
    }
    return negated ? parse_inner_filters(parser, ret) : parse_compare_filter(parser, ret);
}

static bool parse_expression_filter(struct parser *parser, struct filter *ret)
{
    *ret = (struct filter){.type = FILTER_EXPR, .index = UINT32_MAX};
    parser->place = PARSE_FILTER;
    return parse_truth(parser, &ret->test);
}

/* Whether a filter can end here. */
static bool sees_filter_end(const struct parser *parser)
{
    struct parser ahead = *parser;
    int c = parser_peek(parser, 0);
    return c < 0 || c == ',' || c == ']' || c == ')' || parser_skip_blanks(&ahead);
}

/* What looked like a plain filter may have been the beginning of an expression, `a = attr:b`; if
 * not, it stays one. Always true. */
static bool parse_instead(struct parser *parser, struct filter *ret, const struct attempt *plain)
{
    struct attempt wide;
    const struct parser after = *parser;
    const struct filter filter = *ret;
    *parser = plain->before;
    attempt_begin(&wide, parser);
    bool good = parse_expression_filter(parser, ret);
    attempt_end(&wide, parser, !good);
    attempt_deinit(&wide);
    if (!good) {
        *parser = after;
        *ret = filter;
    }
    return true;
}

/* What is no plain filter may be an expression. */
bool parse_filter(struct parser *parser, struct filter *ret)
{
    struct attempt plain;
    struct attempt wide;
    size_t from = parser->at;
    attempt_begin(&plain, parser);
    bool good = parse_plain_filter(parser, ret);
    bool more = good && parse_sees_more(parser);
    attempt_end(&plain, parser, !good || more);
    if (good && !more && !sees_filter_end(parser)) {
        good = parse_instead(parser, ret, &plain);
    } else if (!good || more) {
        attempt_begin(&wide, parser);
        good = !parser->context->store->no_memory && parse_expression_filter(parser, ret);
        attempt_end(&wide, parser, !good);
        good = good || attempt_tell(more ? &wide : &plain, &wide, parser);
        attempt_deinit(&wide);
    }
    attempt_deinit(&plain);
    ret->text = parser_slice(parser, from);
    return good;
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

static bool parse_chains(struct parser *parser, bool inner, const struct selector_chain **ret,
                         uint32_t *ret_count);

/* `(> span[...])`, after `:has` */
static bool parse_has(struct parser *parser, struct place_test *test)
{
    char found[PARSER_FOUND_MAX];
    parser_skip_blanks(parser);
    if (!parser_take(parser, "(")) {
        return parser_fail(parser, parser->at, "write :has(span[...]) or :has(> span[...])");
    }
    if (parser->depth >= EXPRESSION_DEPTH_MAX) {
        return parser_fail(parser, parser->at, ":has(...) is nested more than %d times",
                           EXPRESSION_DEPTH_MAX);
    }
    parser->depth++;
    if (!parse_chains(parser, true, &test->chains, &test->chain_count)) {
        return false;
    }
    parser->depth--;
    return parser_take(parser, ")") || parser_fail(parser, parser->at,
                                                   "')' is missing before %s; :has(...) is not "
                                                   "closed",
                                                   parser_found(parser, found));
}

/* The tests of a part so far. */
struct tests {
    struct place_test *items;
    uint32_t room;
};

/* A pseudo-class that tests the place of each span. */
static bool parse_place(struct parser *parser, struct selector_part *part, struct bytes word,
                        size_t at, struct tests *tests)
{
    if (part->pseudo != PSEUDO_NONE) {
        return parser_fail(parser, at, ":%.*s stands before :first, :last and :nth_child(n)",
                           (int)word.len, (const char *)word.data);
    }
    if (!parser_grow(parser, (void **)&tests->items, part->test_count, &tests->room,
                     sizeof *tests->items)) {
        return false;
    }
    struct place_test *test = &tests->items[part->test_count++];
    part->tests = tests->items;
    *test = (struct place_test){.type = bytes_is(word, "root")   ? PLACE_ROOT
                                        : bytes_is(word, "leaf") ? PLACE_LEAF
                                                                 : PLACE_HAS};
    return test->type != PLACE_HAS || parse_has(parser, test);
}

/* A pseudo-class that picks one span. */
static bool parse_pick(struct parser *parser, struct selector_part *part, struct bytes word,
                       size_t at, bool inner)
{
    if (inner) {
        return parser_fail(parser, at, ":%.*s can't stand in :has(...), which asks for any span",
                           (int)word.len, (const char *)word.data);
    }
    if (part->pseudo != PSEUDO_NONE) {
        return parser_fail(parser, at, "a part has one pseudo-class that picks");
    }
    if (bytes_is(word, "nth_child")) {
        return parse_nth(parser, part);
    }
    part->pseudo = bytes_is(word, "first") ? PSEUDO_FIRST : PSEUDO_LAST;
    return true;
}

/* After the colon at `at`. */
/* In `:last->` the hyphen is half of an arrow. */
static struct bytes pseudo_word(struct parser *parser)
{
    struct bytes word = parser_word(parser);
    if (word.len > 1 && word.data[word.len - 1] == '-' && parser_peek(parser, 0) == '>') {
        word.len--;
        parser->at--;
    }
    return word;
}

static bool parse_pseudo(struct parser *parser, struct selector_part *part, size_t at, bool inner,
                         struct tests *tests)
{
    static const char *const known[] = {"first", "last", "nth_child", "has", "root", "leaf"};
    enum { PICKS = 3, KNOWN = sizeof known / sizeof known[0] };
    parser_skip_blanks(parser);
    struct bytes word = pseudo_word(parser);
    for (size_t i = 0; i < KNOWN; i++) {
        if (bytes_is(word, known[i])) {
            return i < PICKS ? parse_pick(parser, part, word, at, inner)
                             : parse_place(parser, part, word, at, tests);
        }
    }
    const char *near = suggest(word, known, KNOWN);
    return parser_fail(parser, at, "unknown pseudo-class ':%.*s'; %s%s%s", (int)word.len,
                       (const char *)word.data, near != NULL ? "did you mean :" : "there are ",
                       near != NULL ? near
                                    : ":first, :last, :nth_child(n), :has(...), :root and :leaf",
                       near != NULL ? "?" : "");
}

/* All that stands behind `]`. */
static bool parse_pseudos(struct parser *parser, struct selector_part *part, bool inner)
{
    struct tests tests = {NULL, 0};
    parser_skip_blanks(parser);
    for (size_t at = parser->at; parser_take(parser, ":"); at = parser->at) {
        if (!parse_pseudo(parser, part, at, inner, &tests)) {
            return false;
        }
        parser_skip_blanks(parser);
    }
    return true;
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

/* `span[...]` and its pseudo-classes. */
static bool parse_part(struct parser *parser, struct selector_part *part, bool inner)
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
    part->place = parser->parts++;
    return parse_filters(parser, part) && parse_pseudos(parser, part, inner);
}

/* A sign before a part; without one it is a descendant. */
static enum relation parse_sign(struct parser *parser)
{
    static const struct {
        const char *sign;
        enum relation relation;
    } signs[] = {
        {">", RELATION_CHILD},   {"<<", RELATION_ANCESTOR}, {"<", RELATION_PARENT},
        {"~", RELATION_SIBLING}, {"->", RELATION_LINK},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (parser_take(parser, signs[i].sign)) {
            parser_skip_blanks(parser);
            parser->context->store->reads.keep.link_ids |= signs[i].relation == RELATION_LINK;
            return signs[i].relation;
        }
    }
    return RELATION_DESCENDANT;
}

/* What stands between two parts. */
static enum relation parse_relation(struct parser *parser, bool inner)
{
    int next = parser_peek(parser, 0);
    bool end = next < 0 || next == ',' || (inner && next == ')');
    return end ? RELATION_NONE : parse_sign(parser);
}

static bool parse_chain(struct parser *parser, struct selector_chain *chain, bool inner)
{
    struct selector_part *parts = NULL;
    uint32_t room = 0;
    enum relation relation = inner ? parse_sign(parser) : RELATION_NONE;
    do {
        if (!parser_grow(parser, (void **)&parts, chain->part_count, &room, sizeof *parts)) {
            return false;
        }
        struct selector_part *part = &parts[chain->part_count++];
        part->relation = relation;
        if (!parse_part(parser, part, inner)) {
            return false;
        }
        relation = parse_relation(parser, inner);
    } while (relation != RELATION_NONE);
    chain->parts = parts;
    return true;
}

/* `inner`: in :has(...). */
static bool parse_chains(struct parser *parser, bool inner, const struct selector_chain **ret,
                         uint32_t *ret_count)
{
    struct selector_chain *chains = NULL;
    uint32_t room = 0;
    do {
        parser_skip_blanks(parser);
        if (!parser_grow(parser, (void **)&chains, *ret_count, &room, sizeof *chains) ||
            !parse_chain(parser, &chains[(*ret_count)++], inner)) {
            return false;
        }
    } while (parser_take(parser, ","));
    *ret = chains;
    return true;
}

/* As deep as :has(...) is nested. */
static void note_traits(struct selector *selector, const struct selector_chain *chains,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct selector_chain *chain = &chains[i];
        selector->has_relation |= chain->part_count > 1;
        for (uint32_t j = 0; j < chain->part_count; j++) {
            const struct selector_part *part = &chain->parts[j];
            selector->has_pseudo |= part->pseudo != PSEUDO_NONE;
            for (uint32_t k = 0; k < part->test_count; k++) {
                const struct place_test *test = &part->tests[k];
                selector->has_relation = true;
                selector->has_pseudo |= test->type != PLACE_HAS;
                note_traits(selector, test->chains, test->chain_count);
            }
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
    if (!parse_chains(&parser, false, &selector->chains, &selector->chain_count) ||
        !parser_expect_end(&parser)) {
        return NULL;
    }
    selector->text = bytes_trim(parser.text);
    selector->part_count = parser.parts;
    note_traits(selector, selector->chains, selector->chain_count);
    return number_selector(&parser, selector) ? selector : NULL;
}
