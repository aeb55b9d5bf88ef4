/*
 * Terms of whole conditions: over the trace, over sets of spans. Whether a word begins one is told
 * by what follows it, so that attributes may be called `sum` or `critical`.
 */
#include "assertions/parse_whole.h"

#include "assertions/read_set.h"
#include "config/suggest.h"

static const struct {
    const char *word;
    enum whole_type type;
} trace_terms[] = {
    {"duration", WHOLE_DURATION}, {"spans", WHOLE_SPANS},     {"errors", WHOLE_ERRORS},
    {"services", WHOLE_SERVICES}, {"depth", WHOLE_DEPTH},     {"roots", WHOLE_ROOTS},
    {"fan_out", WHOLE_FAN_OUT},   {"repeats", WHOLE_REPEATS}, {"retries", WHOLE_RETRIES},
};
#define TRACE_TERMS (sizeof trace_terms / sizeof trace_terms[0])

static const struct {
    const char *word;
    enum whole_type type;
} functions[] = {
    {"sum", WHOLE_SUM},           {"avg", WHOLE_AVG},      {"min", WHOLE_MIN},
    {"max", WHOLE_MAX},           {"p", WHOLE_PERCENTILE}, {"distinct", WHOLE_DISTINCT},
    {"critical", WHOLE_CRITICAL}, {"gap", WHOLE_GAP},      {"concurrency", WHOLE_CONCURRENCY},
    {"lag", WHOLE_LAG},
};

struct whole *parse_whole_new(struct parser *parser, enum whole_type type)
{
    struct whole *whole = arena_calloc(parser->context->arena, 1, sizeof *whole);
    if (whole == NULL) {
        parser_fail_memory(parser);
        return NULL;
    }
    whole->type = type;
    return whole;
}

bool parse_whole_word(struct parser *parser, const char *word)
{
    if (!parser_sees_word(parser, word)) {
        return false;
    }
    parser_word(parser);
    parser_skip_blanks(parser);
    return true;
}

bool parse_whole_symbol(struct parser *parser, const char *symbol, const char *advice)
{
    char found[PARSER_FOUND_MAX];
    parser_skip_blanks(parser);
    if (!parser_take(parser, symbol)) {
        return parser_fail(parser, parser->at, "'%s' is missing before %s; %s", symbol,
                           parser_found(parser, found), advice);
    }
    parser_skip_blanks(parser);
    return true;
}

bool parse_whole_set(struct parser *parser, struct whole *whole)
{
    char found[PARSER_FOUND_MAX];
    parser_skip_blanks(parser);
    if (parser_peek(parser, 0) != '$') {
        return parser_fail(parser, parser->at,
                           "a name is missing before %s; write $x, of the suite's `spans`",
                           parser_found(parser, found));
    }
    if (whole->set_count >= WHOLE_SETS_MAX) {
        return parser_fail(parser, parser->at, "more than %u names", WHOLE_SETS_MAX);
    }
    if (!parse_set_name(parser, &whole->sets[whole->set_count])) {
        return false;
    }
    whole->set_count++;
    parser_skip_blanks(parser);
    return true;
}

bool parse_whole_sets(struct parser *parser, struct whole *whole)
{
    do {
        if (!parse_whole_set(parser, whole)) {
            return false;
        }
    } while (parser_take(parser, ","));
    return true;
}

/* --- numbers --- */

bool parse_whole_decimal(struct parser *parser, uint64_t *ret_number, uint64_t *ret_parts)
{
    size_t at = parser->at;
    size_t decimals = 0;
    bool point = false;
    *ret_number = 0;
    *ret_parts = 1;
    int c = parser_peek(parser, 0);
    for (; (c >= '0' && c <= '9') || (c == '.' && !point); c = parser_peek(parser, 0)) {
        parser->at++;
        if (c == '.') {
            point = true;
            continue;
        }
        decimals += point;
        if (*ret_number > UINT32_MAX || decimals > 9) {
            return parser_fail(parser, at, "the number has too many digits");
        }
        *ret_number = *ret_number * 10 + (uint64_t)(c - '0');
        *ret_parts *= point ? 10 : 1;
    }
    return (parser->at > at && (!point || decimals > 0)) ||
           parser_fail(parser, at, "a number is missing");
}

bool parse_whole_within(struct parser *parser, struct whole *whole)
{
    size_t at = parser->at;
    struct literal literal;
    if (!parse_literal(parser, &literal)) {
        return false;
    }
    if (literal.value.type != OPERAND_DURATION || literal.value.ns < 0) {
        return parser_fail(parser, at, "within is followed by a duration, such as 5s");
    }
    whole->has_within = true;
    whole->within_ns = (int64_t)literal.value.ns;
    parser_skip_blanks(parser);
    return true;
}

/* --- terms --- */

/* What repeated children ask for (whole_children.c), and where links lead (whole_lag.c): read
 * without a key of the suite's. */
static bool note_reads(struct parser *parser, const struct whole *whole)
{
    static const char *const texts[] = {WHOLE_TEXT_KEYS};
    struct read_set *reads = &parser->context->store->reads;
    struct arena *arena = parser->context->arena;
    bool good = true;
    bool repeats = whole->type == WHOLE_REPEATS || whole->type == WHOLE_RETRIES;
    for (size_t i = 0; repeats && i < sizeof texts / sizeof texts[0]; i++) {
        struct key key = {.space = KEY_ATTR, .name = bytes_of(texts[i])};
        good &= read_set_note(reads, &key, arena);
    }
    if (whole->type == WHOLE_LAG) {
        static const char *const ids[] = {"trace_id", "span_id"};
        for (size_t i = 0; i < 2; i++) {
            struct key key = {.space = KEY_LINK, .name = bytes_of(ids[i])};
            good &= read_set_note(reads, &key, arena);
        }
    }
    return good || parser_fail_memory(parser);
}

static bool parse_trace_term(struct parser *parser, struct term *ret)
{
    size_t at = parser->at;
    const char *known[TRACE_TERMS];
    struct bytes word = parser_word(parser);
    for (size_t i = 0; i < TRACE_TERMS; i++) {
        known[i] = trace_terms[i].word;
        if (bytes_is(word, trace_terms[i].word)) {
            ret->whole = parse_whole_new(parser, trace_terms[i].type);
            return ret->whole != NULL && note_reads(parser, ret->whole);
        }
    }
    const char *near = suggest(word, known, TRACE_TERMS);
    if (near != NULL) {
        return parser_fail(parser, at, "a trace has no '%.*s'; did you mean trace:%s?",
                           (int)word.len, (const char *)word.data, near);
    }
    return parser_fail(parser, at,
                       "a trace has duration spans errors services depth roots fan_out repeats "
                       "retries");
}

static bool parse_service(struct parser *parser, struct whole *whole)
{
    struct literal literal;
    struct bytes *node = arena_calloc(parser->context->arena, 1, sizeof *node);
    if (node == NULL) {
        return parser_fail_memory(parser);
    }
    if (!parse_literal(parser, &literal)) {
        return false;
    }
    if (literal.value.type != OPERAND_TEXT || literal.value.bytes.len == 0) {
        return parser_fail(parser, literal.at, "the name of a service stands here");
    }
    *node = literal.value.bytes;
    whole->nodes = node;
    whole->node_count = 1;
    return true;
}

/* by parent, by link, by KEY. */
static bool parse_lag_by(struct parser *parser, struct whole *whole)
{
    if (!parse_whole_word(parser, "by")) {
        return true;
    }
    if (parse_whole_word(parser, "parent")) {
        whole->lag = LAG_PARENT;
        return true;
    }
    if (parse_whole_word(parser, "link")) {
        whole->lag = LAG_LINK;
        return true;
    }
    whole->lag = LAG_KEY;
    whole->has_by = true;
    return parse_whole_value(parser, &whole->by);
}

static bool parse_two_sets(struct parser *parser, struct whole *whole)
{
    return parse_whole_set(parser, whole) &&
           parse_whole_symbol(parser, ",", "two names stand here: $a, $b") &&
           parse_whole_set(parser, whole);
}

static bool parse_arguments(struct parser *parser, struct whole *whole)
{
    switch (whole->type) {
    case WHOLE_CRITICAL:
        return parse_service(parser, whole);
    case WHOLE_GAP:
        return parse_two_sets(parser, whole);
    case WHOLE_CONCURRENCY:
        return parse_whole_set(parser, whole);
    case WHOLE_LAG:
        return parse_two_sets(parser, whole) && parse_lag_by(parser, whole);
    default:
        return parse_whole_quantity(parser, whole);
    }
}

/* The (N) of a percentile. */
static bool parse_percent(struct parser *parser, struct whole *whole)
{
    size_t at = parser->at;
    if (!parse_whole_decimal(parser, &whole->number, &whole->percent_den) ||
        !parse_whole_symbol(parser, ")", "write p(95)(KEY)") ||
        !parse_whole_symbol(parser, "(", "write p(95)(KEY)")) {
        return false;
    }
    return (whole->number > 0 && whole->number <= 100 * whole->percent_den) ||
           parser_fail(parser, at, "a percentile lies above 0 and up to 100");
}

/* Whether a comma stands between the parentheses of a call, at whose `(` the parser is: a function
 * of several values, not an aggregate. */
static bool has_several_arguments(struct parser parser)
{
    int quote = 0;
    int depth = 0;
    for (; parser_peek(&parser, 0) >= 0; parser.at++) {
        int c = parser_peek(&parser, 0);
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && --depth == 0) {
            return false;
        } else if (c == ',' && depth == 1) {
            return true;
        }
    }
    return false;
}

static bool parse_call_of_whole(struct parser *parser, enum whole_type type, struct term *ret)
{
    struct whole *whole = parse_whole_new(parser, type);
    ret->whole = whole;
    return whole != NULL && note_reads(parser, whole) &&
           parse_whole_symbol(parser, "(", "arguments stand in parentheses") &&
           (type != WHOLE_PERCENTILE || parse_percent(parser, whole)) &&
           parse_arguments(parser, whole) &&
           parse_whole_symbol(parser, ")", "the parenthesis is not closed");
}

static bool finish(struct term *ret, bool good)
{
    ret->type = TERM_WHOLE;
    return good;
}

bool parse_whole_term(struct parser *parser, struct term *ret, bool *ret_taken)
{
    struct parser ahead = *parser;
    *ret_taken = true;
    if (parse_whole_self_time(&ahead)) {
        struct whole *whole = parse_whole_new(parser, WHOLE_SELF_TIME);
        *parser = ahead;
        ret->whole = whole;
        if (whole != NULL) {
            whole->sets[whole->set_count++] = WHOLE_SELECTED;
        }
        return finish(ret, whole != NULL);
    }
    struct bytes word = parser_word(&ahead);
    parser_skip_blanks(&ahead);
    int next = parser_peek(&ahead, 0);
    if (bytes_is(word, "trace") && next == ':') {
        ahead.at++;
        parser_skip_blanks(&ahead);
        *parser = ahead;
        return finish(ret, parse_trace_term(parser, ret));
    }
    for (size_t i = 0; next == '(' && i < sizeof functions / sizeof functions[0]; i++) {
        enum whole_type type = functions[i].type;
        bool several = (type == WHOLE_MIN || type == WHOLE_MAX) && has_several_arguments(ahead);
        if (bytes_is(word, functions[i].word) && !several) {
            *parser = ahead;
            bool good = parse_call_of_whole(parser, type, ret);
            return finish(ret, good);
        }
    }
    *ret_taken = false;
    return true;
}

/* --- what is known of them --- */

bool whole_reads_selected(const struct whole *whole)
{
    return whole->type == WHOLE_QUANTIFIED ||
           (whole->set_count != 0 && whole->sets[0] == WHOLE_SELECTED);
}

bool whole_reads_trace(const struct whole *whole)
{
    return whole->type <= WHOLE_CRITICAL || whole->type == WHOLE_EDGES;
}

enum value_class class_of_whole(const struct whole *whole)
{
    bool duration = whole->self_time || class_of_read(&whole->value) == CLASS_DURATION;
    switch (whole->type) {
    case WHOLE_DURATION:
    case WHOLE_SELF_TIME:
    case WHOLE_GAP:
    case WHOLE_LAG:
        return CLASS_DURATION;
    case WHOLE_SUM:
    case WHOLE_AVG:
    case WHOLE_MIN:
    case WHOLE_MAX:
    case WHOLE_PERCENTILE:
        return duration ? CLASS_DURATION : CLASS_COUNT;
    default:
        return CLASS_COUNT;
    }
}
