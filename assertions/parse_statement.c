/*
 * Statements: whole conditions that are true or false by themselves. Each begins with words that no
 * comparison can begin with, so attributes may be called `each` or `no`.
 */
#include "assertions/parse_whole.h"

#define WHAT_IS_DUE                                                                                \
    "after a name comes .KEY, before, starts before, overlaps or apart from; count($x) is its "    \
    "number"

/* --- words ahead --- */

/* Passes `first` and blanks, then tells whether `second` comes next. */
bool parse_whole_sees(const struct parser *parser, const char *first, const char *second)
{
    struct parser ahead = *parser;
    return parse_whole_word(&ahead, first) && parser_sees_word(&ahead, second);
}

static bool sees_then(const struct parser *parser, const char *first, int symbol)
{
    struct parser ahead = *parser;
    return parse_whole_word(&ahead, first) && parser_peek(&ahead, 0) == symbol;
}

/* Whether a key comes after the word, where a comparison has its operator. */
bool parse_whole_sees_key(const struct parser *parser, const char *first)
{
    static const char *const operators[] = {"contains",    "exists",    "missing",      "in", "not",
                                            "starts-with", "ends-with", "json-contains"};
    struct parser ahead = *parser;
    if (!parse_whole_word(&ahead, first)) {
        return false;
    }
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (parser_sees_word(&ahead, operators[i])) {
            return false;
        }
    }
    int c = parser_peek(&ahead, 0);
    return c == '`' || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A service or state comes after the word: a word that is no operator, or a quoted text. */
bool parse_whole_sees_node(const struct parser *parser, const char *first)
{
    struct parser ahead = *parser;
    if (!parse_whole_word(&ahead, first)) {
        return false;
    }
    int c = parser_peek(&ahead, 0);
    return c == '\'' || c == '"' || (c >= '0' && c <= '9') || parse_whole_sees_key(parser, first);
}

/* --- pieces --- */

/* by KEY, if it comes next. */
bool parse_whole_by(struct parser *parser, struct whole *whole)
{
    if (!parse_whole_word(parser, "by")) {
        return true;
    }
    size_t at = parser->at;
    whole->has_by = true;
    if (!parse_whole_value(parser, &whole->by)) {
        return false;
    }
    return class_of_read(&whole->by) != CLASS_TIME ||
           parser_fail(parser, at, "spans do not belong together by a time; write a key");
}

/* once, a, one: after a multiplicity. */
bool parse_whole_due(struct parser *parser, const char *word)
{
    char found[PARSER_FOUND_MAX];
    return parse_whole_word(parser, word) ||
           parser_fail(parser, parser->at, "'%s' is missing before %s", word,
                       parser_found(parser, found));
}

/* exactly, at least, at most; *ret_any: one came. */
static bool parse_times(struct parser *parser, struct whole *whole, bool *ret_any)
{
    *ret_any = true;
    if (parse_whole_word(parser, "exactly")) {
        whole->times = TIMES_EXACTLY;
        return true;
    }
    *ret_any = parse_whole_sees(parser, "at", "least") || parse_whole_sees(parser, "at", "most");
    if (*ret_any) {
        parse_whole_word(parser, "at");
        whole->times = parse_whole_word(parser, "least") ? TIMES_AT_LEAST : TIMES_AT_MOST;
        parse_whole_word(parser, "most");
    }
    return true;
}

/* --- each, no --- */

/* After `each $a`: followed by $b [within D] [by KEY] [TIMES once] */
static bool parse_followed(struct parser *parser, struct whole *whole)
{
    bool any;
    whole->type = WHOLE_FOLLOWED;
    whole->times = TIMES_AT_LEAST;
    if (!parse_whole_due(parser, "by") || !parse_whole_set(parser, whole) ||
        (parse_whole_word(parser, "within") && !parse_whole_within(parser, whole)) ||
        !parse_whole_by(parser, whole) || !parse_times(parser, whole, &any)) {
        return false;
    }
    whole->number = 1;
    return !any || parse_whole_due(parser, "once");
}

/* After `each $a has`: [TIMES one | a] $b by KEY */
static bool parse_has(struct parser *parser, struct whole *whole)
{
    bool any;
    whole->type = WHOLE_HAS;
    whole->times = TIMES_AT_LEAST;
    whole->number = 1;
    if (!parse_times(parser, whole, &any) || !parse_whole_due(parser, any ? "one" : "a") ||
        !parse_whole_set(parser, whole) || !parse_whole_by(parser, whole)) {
        return false;
    }
    return whole->has_by || parser_fail(parser, parser->at, "by KEY is missing: what they share");
}

static bool parse_each(struct parser *parser, struct whole *whole)
{
    char found[PARSER_FOUND_MAX];
    if (!parse_whole_set(parser, whole)) {
        return false;
    }
    if (parse_whole_word(parser, "followed")) {
        return parse_followed(parser, whole);
    }
    if (parse_whole_word(parser, "has")) {
        return parse_has(parser, whole);
    }
    return parser_fail(parser, parser->at,
                       "after each $x comes 'followed by $y' or 'has a $y by KEY', not %s",
                       parser_found(parser, found));
}

/* After `no`: $b [within D] after $a [by KEY]; the first set is the one that must be there. */
static bool parse_none_after(struct parser *parser, struct whole *whole)
{
    if (!parse_whole_set(parser, whole) ||
        (parse_whole_word(parser, "within") && !parse_whole_within(parser, whole)) ||
        !parse_whole_due(parser, "after") || !parse_whole_set(parser, whole) ||
        !parse_whole_by(parser, whole)) {
        return false;
    }
    uint32_t absent = whole->sets[0];
    whole->sets[0] = whole->sets[1];
    whole->sets[1] = absent;
    return true;
}

/* --- $a before $b --- */

static bool parse_pair(struct parser *parser, struct whole *whole)
{
    if (!parse_whole_set(parser, whole)) {
        return false;
    }
    if (parse_whole_word(parser, "before")) {
        whole->type = WHOLE_BEFORE;
    } else if (parse_whole_sees(parser, "starts", "before")) {
        parse_whole_word(parser, "starts");
        parse_whole_word(parser, "before");
        whole->type = WHOLE_STARTS_BEFORE;
    } else if (parse_whole_word(parser, "overlaps")) {
        whole->type = WHOLE_OVERLAPS;
    } else if (parse_whole_sees(parser, "apart", "from")) {
        parse_whole_word(parser, "apart");
        parse_whole_word(parser, "from");
        whole->type = WHOLE_APART;
    } else {
        return parser_fail(parser, parser->at, WHAT_IS_DUE);
    }
    return parse_whole_set(parser, whole);
}

/* Whether `$x` comes next with a word after it. */
static bool sees_pair(const struct parser *parser)
{
    static const char *const words[] = {"before", "starts", "overlaps", "apart"};
    struct parser ahead = *parser;
    if (parser_peek(&ahead, 0) != '$') {
        return false;
    }
    ahead.at++;
    for (int c = parser_peek(&ahead, 0); c == '-' || c == '_' || (c >= '0' && c <= '9') ||
                                         (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         c = parser_peek(&ahead, 0)) {
        ahead.at++;
    }
    bool blanks = parser_skip_blanks(&ahead);
    for (size_t i = 0; blanks && i < sizeof words / sizeof words[0]; i++) {
        if (parser_sees_word(&ahead, words[i])) {
            return true;
        }
    }
    return false;
}

/* --- same, unique --- */

static bool parse_values(struct parser *parser, struct whole *whole)
{
    size_t at = parser->at;
    if (!parse_whole_value(parser, &whole->value)) {
        return false;
    }
    if (class_of_read(&whole->value) == CLASS_TIME) {
        return parser_fail(parser, at, "two times are compared with $x.start - $y.start");
    }
    return parse_whole_due(parser, "in") && parse_whole_sets(parser, whole);
}

/* --- quantifiers --- */

static bool check_quantified(struct parser *parser, size_t at, const struct whole *whole,
                             bool has_select)
{
    if (!has_select) {
        return parser_fail(parser, at,
                           "without `select` nothing is selected that could be counted; write "
                           "count($x) for the number of a name's spans");
    }
    if (whole->percent && whole->times == TIMES_EXACTLY) {
        return parser_fail(parser, at, "a share is at least or at most so much");
    }
    return !whole->percent || whole->number <= 100 * whole->percent_den ||
           parser_fail(parser, at, "a share is at most 100%%");
}

/* After at least, ..: N: CONDITION, or N%: CONDITION */
static bool parse_quantified(struct parser *parser, struct whole *whole, bool has_select)
{
    size_t at = parser->at;
    if (!parse_whole_decimal(parser, &whole->number, &whole->percent_den)) {
        return false;
    }
    whole->percent = parser_take(parser, "%");
    whole->amount = parser_slice(parser, at);
    if (!whole->percent && whole->percent_den != 1) {
        return parser_fail(parser, at, "a number of spans is whole; write %% for a share");
    }
    if (!check_quantified(parser, at, whole, has_select) ||
        !parse_whole_symbol(parser, ":", "write at least 2: KEY OP VALUE")) {
        return false;
    }
    whole->sets[whole->set_count++] = WHOLE_SELECTED;
    whole->one = parse_one_condition(parser);
    return whole->one != NULL;
}

static bool sees_quantified(const struct parser *parser)
{
    struct parser ahead = *parser;
    struct whole none = {.type = WHOLE_QUANTIFIED};
    bool any;
    parse_times(&ahead, &none, &any);
    int c = parser_peek(&ahead, 0);
    return any && c >= '0' && c <= '9';
}

/* --- all of them --- */

/* What comes next, with the words that tell it passed. */
static bool take_beginning(struct parser *parser, struct whole *whole)
{
    if (sees_quantified(parser)) {
        bool any;
        whole->type = WHOLE_QUANTIFIED;
        return parse_times(parser, whole, &any);
    }
    if (sees_then(parser, "each", '$')) {
        whole->type = WHOLE_FOLLOWED;
        return parse_whole_word(parser, "each");
    }
    if (sees_then(parser, "no", '$')) {
        whole->type = WHOLE_NONE_AFTER;
        return parse_whole_word(parser, "no");
    }
    if (parse_whole_sees(parser, "no", "edge")) {
        whole->type = WHOLE_EDGES;
        whole->times = TIMES_AT_MOST;
        return parse_whole_word(parser, "no") && parse_whole_word(parser, "edge");
    }
    if (parse_whole_sees(parser, "edges", "only")) {
        whole->type = WHOLE_EDGES;
        whole->only = true;
        return parse_whole_word(parser, "edges") && parse_whole_word(parser, "only");
    }
    if (parse_whole_sees_node(parser, "edge")) {
        whole->type = WHOLE_EDGES;
        whole->times = TIMES_AT_LEAST;
        return parse_whole_word(parser, "edge");
    }
    static const struct {
        const char *word;
        enum whole_type type;
    } keyed[] = {{"same", WHOLE_SAME}, {"unique", WHOLE_UNIQUE}, {"states", WHOLE_STATES}};
    for (size_t i = 0; i < sizeof keyed / sizeof keyed[0]; i++) {
        if (parse_whole_sees_key(parser, keyed[i].word)) {
            whole->type = keyed[i].type;
            return parse_whole_word(parser, keyed[i].word);
        }
    }
    whole->type = WHOLE_BEFORE;
    return sees_pair(parser);
}

static bool parse_rest(struct parser *parser, struct whole *whole, bool has_select)
{
    switch (whole->type) {
    case WHOLE_QUANTIFIED:
        return parse_quantified(parser, whole, has_select);
    case WHOLE_FOLLOWED:
        return parse_each(parser, whole);
    case WHOLE_NONE_AFTER:
        return parse_none_after(parser, whole);
    case WHOLE_EDGES:
        return parse_whole_edges(parser, whole, whole->times == TIMES_AT_MOST);
    case WHOLE_SAME:
    case WHOLE_UNIQUE:
        return parse_values(parser, whole);
    case WHOLE_STATES:
        return parse_whole_states(parser, whole);
    default:
        return parse_pair(parser, whole);
    }
}

bool parse_whole_statement(struct parser *parser, struct condition *ret, bool has_select,
                           bool *ret_taken)
{
    struct parser ahead = *parser;
    struct whole beginning = {.type = WHOLE_BEFORE};
    *ret_taken = take_beginning(&ahead, &beginning);
    if (!*ret_taken) {
        return true;
    }
    struct whole *whole = parse_whole_new(parser, beginning.type);
    if (whole == NULL) {
        return false;
    }
    *whole = beginning;
    *parser = ahead;
    ret->left = (struct term){.type = TERM_WHOLE, .whole = whole};
    ret->right = (struct term){.type = TERM_LITERAL, .literal = OPERAND_NONE};
    ret->op = OP_EQUAL;
    return parse_rest(parser, whole, has_select);
}
