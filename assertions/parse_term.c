/*
 * The left side of a condition, and the sample of a rule: keys of the selected span, of named
 * spans, of the injection, counts, and the difference of two times.
 */
#include "assertions/parse_whole.h"
#include "config/suggest.h"

#define SUGGESTIONS_MAX 64

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* `$name`, without the dollar sign; ends before a dot. */
static bool parse_dollar_name(struct parser *parser, struct bytes *ret)
{
    size_t from = ++parser->at;
    if (parser_peek(parser, 0) == '{') {
        return parser_fail(parser, from - 1, "${...} is not expanded in expressions");
    }
    if (!is_letter(parser_peek(parser, 0))) {
        return parser_fail(parser, from - 1,
                           "a name is missing after '$'; names stand in the suite's `spans`");
    }
    int c = parser_peek(parser, 0);
    while (is_letter(c) || (c >= '0' && c <= '9') || c == '-') {
        parser->at++;
        c = parser_peek(parser, 0);
    }
    *ret = bytes_from(parser->text.data + from, parser->at - from);
    return true;
}

static bool fail_unknown_name(struct parser *parser, size_t at, struct bytes name)
{
    const struct parse_context *context = parser->context;
    const char *known[SUGGESTIONS_MAX + 1] = {"injection"};
    size_t count = 1;
    for (uint32_t i = 0; i < context->name_count && count <= SUGGESTIONS_MAX; i++) {
        const char *copy = arena_string(context->arena, context->names[i].name);
        if (copy != NULL) {
            known[count++] = copy;
        }
    }
    const char *near = suggest(name, known, count);
    if (near != NULL) {
        return parser_fail(parser, at, "unknown name '$%.*s'; did you mean $%s?", (int)name.len,
                           (const char *)name.data, near);
    }
    return parser_fail(parser, at,
                       "unknown name '$%.*s'; define it in the suite: spans = { %.*s = "
                       "\"span[...]\"; }",
                       (int)name.len, (const char *)name.data, (int)name.len,
                       (const char *)name.data);
}

static bool find_name(struct parser *parser, size_t at, struct bytes name, uint32_t *ret)
{
    const struct parse_context *context = parser->context;
    for (uint32_t i = 0; i < context->name_count; i++) {
        if (bytes_equal(context->names[i].name, name)) {
            *ret = i;
            return true;
        }
    }
    return fail_unknown_name(parser, at, name);
}

bool parse_span_name(struct parser *parser, uint32_t *ret)
{
    size_t at = parser->at;
    struct bytes name;
    if (parser_peek(parser, 0) != '$') {
        return parser_fail(parser, at, "a name is missing here, such as $x");
    }
    if (!parse_dollar_name(parser, &name)) {
        return false;
    }
    return bytes_is(name, "injection")
               ? parser_fail(parser, at, "an injection is no span; write a name of the suite")
               : find_name(parser, at, name, ret);
}

static bool parse_injection_key(struct parser *parser, struct term *ret)
{
    size_t at = parser->at;
    ret->type = TERM_INJECTION;
    if (!parse_plain_key(parser, &ret->injection_key, &ret->injection_quoted)) {
        return false;
    }
    return ret->injection_quoted || parser_peek(parser, 0) != ':' ||
           parser_fail(parser, at,
                       "the injection's keys have no prefix: time, duration, outcome, status, "
                       "a label, or an attribute of its record");
}

/* What stands behind a name alone. */
static bool fail_no_key(struct parser *parser, struct bytes name, bool injection)
{
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    if (parser_sees_word(&ahead, "after")) {
        return parser_fail(parser, ahead.at, "there is no 'after'; write $y before $x");
    }
    if (parser_sees_word(&ahead, "within")) {
        return parser_fail(parser, ahead.at,
                           "'within' belongs to each ... followed by and no ... after; write "
                           "$x.start - $y.end <= 5s");
    }
    return parser_fail(parser, parser->at, "a key is missing after '$%.*s'; write $%.*s.KEY%s",
                       (int)name.len, (const char *)name.data, (int)name.len,
                       (const char *)name.data,
                       injection ? ""
                                 : ", or count($x) for its number; $x before (starts before, "
                                   "overlaps, apart from) $y stands alone");
}

/* `$x.KEY` */
static bool parse_name_term(struct parser *parser, struct term *ret)
{
    size_t at = parser->at;
    struct bytes name;
    if (!parse_dollar_name(parser, &name)) {
        return false;
    }
    bool injection = bytes_is(name, "injection");
    if (!injection && !find_name(parser, at, name, &ret->name)) {
        return false;
    }
    if (!parser_take(parser, ".")) {
        return fail_no_key(parser, name, injection);
    }
    if (injection) {
        return parse_injection_key(parser, ret);
    }
    ret->type = TERM_NAME_KEY;
    return parse_key(parser, &ret->key);
}

bool parse_set_name(struct parser *parser, uint32_t *ret)
{
    size_t at = parser->at;
    struct bytes name;
    if (!parse_dollar_name(parser, &name)) {
        return false;
    }
    if (bytes_is(name, "injection")) {
        return parser_fail(parser, at, "$injection is the record of the request, not a span");
    }
    return find_name(parser, at, name, ret);
}

/* After `count`: `($x)`, or nothing. */
static bool parse_count(struct parser *parser, struct term *ret)
{
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    ret->type = TERM_COUNT;
    if (parser_peek(&ahead, 0) != '(') {
        return true;
    }
    parser->at = ahead.at + 1;
    parser_skip_blanks(parser);
    size_t at = parser->at;
    struct bytes name;
    if (parser_peek(parser, 0) != '$') {
        return parser_fail(parser, at,
                           "count(...) takes a name, count($x); the number of selected spans is "
                           "count alone");
    }
    ret->type = TERM_NAME_COUNT;
    if (!parse_dollar_name(parser, &name)) {
        return false;
    }
    if (bytes_is(name, "injection")) {
        return parser_fail(parser, at, "count($x) counts spans; an injection is none");
    }
    if (!find_name(parser, at, name, &ret->name)) {
        return false;
    }
    parser_skip_blanks(parser);
    return parser_take(parser, ")") ||
           parser_fail(parser, parser->at, "')' is missing; write count($%.*s)", (int)name.len,
                       (const char *)name.data);
}

bool parse_simple_term(struct parser *parser, struct term *ret)
{
    bool whole;
    *ret = (struct term){.type = TERM_KEY};
    if (!parse_whole_term(parser, ret, &whole)) {
        return false;
    }
    if (whole) {
        return true;
    }
    if (parser_peek(parser, 0) == '$') {
        return parse_name_term(parser, ret);
    }
    if (parser_sees_word(parser, "count")) {
        struct parser ahead = *parser;
        parser_word(&ahead);
        if (parser_peek(&ahead, 0) != ':') {
            parser->at = ahead.at;
            return parse_count(parser, ret);
        }
    }
    return parse_key(parser, &ret->key);
}

/* Only times of names and of the injection may be subtracted. */
static bool check_time(struct parser *parser, size_t at, const struct term *term)
{
    bool time = class_of_term(term) == CLASS_TIME;
    if (time && term->type != TERM_KEY) {
        return true;
    }
    return parser_fail(parser, at,
                       time ? "give the span a name in the suite's `spans` and write $x.start or "
                              "$x.end in a difference"
                            : "only times can be subtracted: $x.start, $x.end, $injection.time");
}

/* Whether a `-` comes next, perhaps after blanks, that can only be meant as a subtraction.
 * *ret_blanks: as it must be. */
static bool sees_minus(const struct parser *parser, bool *ret_blanks)
{
    struct parser ahead = *parser;
    bool before = parser_skip_blanks(&ahead);
    if (parser_peek(&ahead, 0) != '-') {
        return false;
    }
    ahead.at++;
    *ret_blanks = before && parser_skip_blanks(&ahead);
    return true;
}

static const struct term *copy_term(struct parser *parser, const struct term *term)
{
    struct term *copy = arena_alloc(parser->context->arena, sizeof *copy);
    if (copy == NULL) {
        parser_fail_memory(parser);
        return NULL;
    }
    *copy = *term;
    return copy;
}

/* After a first term, at the minus sign. */
static bool parse_subtrahend(struct parser *parser, struct term *ret)
{
    struct term right;
    parser_skip_blanks(parser);
    parser->at++;
    parser_skip_blanks(parser);
    size_t at = parser->at;
    int c = parser_peek(parser, 0);
    if (c >= '0' && c <= '9') {
        return parser_fail(parser, at,
                           "a difference is between two times; compare it with the "
                           "duration on the right of the operator");
    }
    if (!parse_simple_term(parser, &right) || !check_time(parser, at, &right)) {
        return false;
    }
    const struct term *first = copy_term(parser, ret);
    const struct term *second = copy_term(parser, &right);
    *ret = (struct term){.type = TERM_DIFFERENCE, .left = first, .right = second};
    return first != NULL && second != NULL;
}

/* `$a.start-$b.end` reads as a key `start-`, as it must: keys may hold hyphens. */
bool check_no_glued_minus(struct parser *parser, const struct term *term)
{
    struct bytes name = term->type == TERM_INJECTION ? term->injection_key : term->key.name;
    bool glued = name.len > 0 && name.data[name.len - 1] == '-' && !term->key.quoted &&
                 !term->injection_quoted;
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    return !glued || parser_peek(&ahead, 0) != '$' ||
           parser_fail(parser, parser->at - 1, "a subtraction needs blanks around its '-'");
}

bool parse_term(struct parser *parser, struct term *ret)
{
    size_t at = parser->at;
    bool blanks;
    if (!parse_simple_term(parser, ret) || !check_no_glued_minus(parser, ret)) {
        return false;
    }
    if (!sees_minus(parser, &blanks)) {
        return true;
    }
    if (!blanks) {
        parser_skip_blanks(parser);
        return parser_fail(parser, parser->at, "a subtraction needs blanks around its '-'");
    }
    return check_time(parser, at, ret) && parse_subtrahend(parser, ret);
}
