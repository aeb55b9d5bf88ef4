/* Assertions: what is compared with what decides how it is written. */
#include "daemon/core/number.h"
#include "tracetest/comparing.h"

/* count. */

static bool reads_count(const struct foreign_expression *expression)
{
    return is_sole(expression, FOREIGN_ATTR) &&
           special_find(expression->first->text) == SPECIAL_COUNT;
}

static void note_count(struct comparing *comparing)
{
    if (comparing->selector->is_or) {
        translation_note(comparing->translation, "a span that several parts select counts once; "
                                                 "Tracetest counted it for each");
    }
}

/* Tracetest counted its own span among all spans. */
static bool put_count_of_all(struct comparing *comparing, int64_t number)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    buf_printf(out, "%lld", (long long)(number > 0 ? number - 1 : number));
    translation_note(comparing->translation, "one less than Tracetest, which counted its own "
                                             "trigger span among all spans");
    struct bytes right = comparing_take(comparing, from);
    return comparing_put(comparing, BYTES_LITERAL("count"),
                         comparator_word(comparing->assertion.comparator), right);
}

/* With a variable: what it comes to must be a number, which whoever loads the suite is told. */
static bool compare_count_with(struct comparing *comparing, const struct foreign_term *variable)
{
    struct translation *translation = comparing->translation;
    size_t from = comparing_out(comparing)->len;
    const struct known_variable *known = variable_find(translation, variable->text);
    int64_t value;
    struct said said;
    if (comparing->selector->is_all ||
        (known != NULL && number_parse_i64(known->value, &value) != 0)) {
        return comparing_lose(comparing, "a number of spans is compared with a whole number");
    }
    if (!translate_variable(translation, variable, &said)) {
        return false;
    }
    struct bytes right = comparing_take(comparing, from);
    note_count(comparing);
    translation->reads_span = true;
    return comparing_put(comparing, BYTES_LITERAL("count"),
                         comparator_word(comparing->assertion.comparator), right);
}

/* A side that is one variable; NULL: it is none. */
static const struct foreign_term *only_variable(const struct foreign_expression *expression)
{
    bool alone = expression->steps == NULL && expression->filters == NULL;
    enum foreign_term_type type = expression->first->type;
    return alone && (type == FOREIGN_VARIABLE || type == FOREIGN_ENV) ? expression->first : NULL;
}

static bool compare_count(struct comparing *comparing)
{
    const struct foreign_term *term = comparing_constant(comparing->assertion.right);
    enum foreign_comparator comparator = comparing->assertion.comparator;
    struct bytes number;
    int64_t value;
    if (comparing->selector->is_trigger) {
        translation_note(comparing->translation,
                         "left out: Tracetest's trigger span is not in the trace here");
        return true;
    }
    if (!comparator_is_order(comparator) && !comparator_is_equality(comparator)) {
        return comparing_lose(comparing, "a number of spans is compared by = != < <= > >=");
    }
    const struct foreign_term *variable = only_variable(comparing->assertion.right);
    if (variable != NULL) {
        return compare_count_with(comparing, variable);
    }
    if (term == NULL || !comparing_number(term, &number) || number_parse_i64(number, &value) != 0 ||
        value < 0) {
        return comparing_lose(comparing, "a number of spans is compared with a whole number");
    }
    note_count(comparing);
    comparing->translation->reads_span = true;
    if (comparing->selector->is_all) {
        return put_count_of_all(comparing, value);
    }
    return comparing_put(comparing, BYTES_LITERAL("count"), comparator_word(comparator), number);
}

/* Kinds, statuses, types. */

static bool compare_word(struct comparing *comparing, const struct foreign_term *term,
                         enum special special)
{
    struct bytes text;
    const char *word =
        comparing_text(term, &text) ? special_word(comparing->translation, special, text) : NULL;
    if (!comparator_is_equality(comparing->assertion.comparator)) {
        return comparing_lose(comparing, "a kind or status is compared by = and !=");
    }
    return word != NULL
               ? comparing_put_plain(comparing, bytes_of(word))
               : comparing_lose(comparing, special == SPECIAL_KIND ? "there is no such kind of span"
                                                                   : "there is no such status");
}

/* Their names of types; ours follow the values that spans really have. */
static bool compare_type(struct comparing *comparing, const struct foreign_term *term)
{
    struct bytes text;
    bool equal = comparing->assertion.comparator == FOREIGN_EQ;
    if (!comparing_text(term, &text) || !comparator_is_equality(comparing->assertion.comparator)) {
        return comparing_lose(comparing, "a type is compared by = and != with its name");
    }
    if (bytes_is(text, "number")) {
        translation_note(comparing->translation, "a text of digits is a text here");
        return comparing_put(comparing, comparing->left.text, equal ? "in" : "not in",
                             BYTES_LITERAL("('int', 'double')"));
    }
    if (bytes_is(text, "array") || bytes_is(text, "string") || bytes_is(text, "duration")) {
        return comparing_put_plain(comparing, bytes_is(text, "string") ? BYTES_LITERAL("'text'")
                                              : bytes_is(text, "array")
                                                  ? BYTES_LITERAL("'array'")
                                                  : BYTES_LITERAL("'duration'"));
    }
    return comparing_lose(comparing, "no value here has that type");
}

/* Everything else. */

static bool is_json(struct bytes text)
{
    struct bytes trimmed = bytes_trim(text);
    return trimmed.len > 1 && ((trimmed.data[0] == '{' && trimmed.data[trimmed.len - 1] == '}') ||
                               (trimmed.data[0] == '[' && trimmed.data[trimmed.len - 1] == ']'));
}

static bool put_json(struct comparing *comparing, struct bytes text)
{
    bool not = comparing->assertion.comparator == FOREIGN_NOT_CONTAINS;
    size_t from = comparing_out(comparing)->len;
    append_quoted(comparing_out(comparing), text);
    translation_note(comparing->translation, "a part of the JSON, as Tracetest compares where both "
                                             "sides are JSON");
    return comparing_put(comparing, comparing->left.text,
                         not ? "not json-contains" : "json-contains",
                         comparing_take(comparing, from));
}

static bool compare_text(struct comparing *comparing, struct bytes text)
{
    enum foreign_comparator comparator = comparing->assertion.comparator;
    bool inside = comparator == FOREIGN_CONTAINS || comparator == FOREIGN_NOT_CONTAINS ||
                  comparator == FOREIGN_JSON_CONTAINS;
    if (inside && is_json(text) && comparing->left.class == SAID_ANY) {
        return put_json(comparing, text);
    }
    if (text.len == 0 && comparator_is_equality(comparator)) {
        translation_note(comparing->translation, "an empty text is a value here; Tracetest took it "
                                                 "for a missing attribute");
    }
    size_t from = comparing_out(comparing)->len;
    append_quoted(comparing_out(comparing), text);
    return comparing_put_plain(comparing, comparing_take(comparing, from));
}

static bool compare_number(struct comparing *comparing, struct bytes number)
{
    size_t from = comparing_out(comparing)->len;
    if (comparing->left.class == SAID_TEXT ||
        (comparing->assertion.comparator >= FOREIGN_CONTAINS)) {
        append_quoted(comparing_out(comparing), number);
    } else {
        append_number(comparing_out(comparing), number);
    }
    return comparing_put_plain(comparing, comparing_take(comparing, from));
}

/* An attribute's text, read as a duration. */
static bool compare_as_duration(struct comparing *comparing, const struct foreign_term *term)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    buf_append_text(out, "duration(");
    buf_append_bytes(out, comparing->left.text);
    buf_append_char(out, ')');
    comparing->left.text = comparing_take(comparing, from);
    comparing->left.class = SAID_DURATION;
    return compare_duration(comparing, term);
}

static bool compare_order(struct comparing *comparing, const struct foreign_term *term)
{
    struct bytes number;
    int64_t ns;
    if (comparing->left.class == SAID_TEXT) {
        return comparing_lose(comparing, "a text has no order: in Tracetest this never holds");
    }
    if (comparing_number(term, &number)) {
        return compare_number(comparing, number);
    }
    return comparing->left.class == SAID_ANY && comparing_duration(term, &ns)
               ? compare_as_duration(comparing, term)
               : comparing_lose(comparing, "texts have no order: in Tracetest this never holds");
}

static bool compare_constant(struct comparing *comparing, const struct foreign_term *term)
{
    enum said_class class = comparing->left.class;
    struct bytes text;
    if (class == SAID_DURATION) {
        return compare_duration(comparing, term);
    }
    if (class == SAID_KIND || class == SAID_STATUS) {
        return compare_word(comparing, term, class == SAID_KIND ? SPECIAL_KIND : SPECIAL_STATUS);
    }
    if (class == SAID_TYPE) {
        return compare_type(comparing, term);
    }
    if (class == SAID_TIME) {
        return comparing_lose(comparing,
                              "a time is no number here; compare the difference of two times with "
                              "a duration");
    }
    if (term->type == FOREIGN_ARRAY) {
        return compare_list(comparing, term);
    }
    if (comparator_is_order(comparing->assertion.comparator)) {
        return compare_order(comparing, term);
    }
    if (term->type == FOREIGN_DURATION && class == SAID_ANY &&
        comparator_is_equality(comparing->assertion.comparator)) {
        return compare_as_duration(comparing, term);
    }
    if (term->type == FOREIGN_NUMBER) {
        return compare_number(comparing, term->text);
    }
    if (term->type == FOREIGN_BOOL && class == SAID_ANY) {
        return comparing_put_plain(comparing, term->text);
    }
    return comparing_text(term, &text)
               ? compare_text(comparing, text)
               : comparing_lose(comparing, "the right side can't be written");
}

static bool compare_expression(struct comparing *comparing)
{
    struct said right;
    size_t from = comparing_out(comparing)->len;
    if (!translate_expression(comparing->translation, comparing->assertion.right, SAID_RIGHT,
                              &right)) {
        return false;
    }
    struct bytes text = comparing_take(comparing, from);
    if (comparing->left.class == SAID_DURATION || right.class == SAID_DURATION) {
        translation_note(comparing->translation,
                         "exact to the nanosecond; Tracetest rounds both sides to what it shows");
    }
    return comparing_put_plain(comparing, text);
}

/* What every span of Tracetest's trigger has, and none of ours. */
static bool is_known_of_trigger(const struct comparing *comparing)
{
    const struct foreign_expression *left = comparing->assertion.left;
    if (!comparing->selector->is_trigger || !is_sole(left, FOREIGN_ATTR)) {
        return false;
    }
    enum special special = special_find(left->first->text);
    return special == SPECIAL_NAME || special == SPECIAL_TYPE || special == SPECIAL_KIND;
}

static bool compare(struct comparing *comparing)
{
    const struct foreign_term *term = comparing_constant(comparing->assertion.right);
    size_t from = comparing_out(comparing)->len;
    if (reads_count(comparing->assertion.left)) {
        return compare_count(comparing);
    }
    if (is_known_of_trigger(comparing)) {
        translation_note(comparing->translation,
                         "left out: Tracetest's trigger span is not in the trace here");
        return true;
    }
    if (is_sole(comparing->assertion.left, FOREIGN_ARRAY)) {
        return compare_member(comparing);
    }
    if (reads_events(comparing->assertion.left) && !comparing->translation->on_injection) {
        return compare_events(comparing);
    }
    if (!translate_expression(comparing->translation, comparing->assertion.left, SAID_LEFT,
                              &comparing->left)) {
        return false;
    }
    comparing->left.text = comparing_take(comparing, from);
    return term != NULL ? compare_constant(comparing, term) : compare_expression(comparing);
}

/* A constant on the left moves to the right. */
static bool turn_round(struct comparing *comparing)
{
    struct foreign_assertion *assertion = &comparing->assertion;
    bool left = is_constant(assertion->left);
    if (left && is_constant(assertion->right)) {
        return comparing_lose(comparing, "it reads nothing of the trace");
    }
    if (!left || is_sole(assertion->left, FOREIGN_ARRAY)) {
        return true;
    }
    static const enum foreign_comparator turned[] = {FOREIGN_EQ, FOREIGN_NE, FOREIGN_GT,
                                                     FOREIGN_GE, FOREIGN_LT, FOREIGN_LE};
    if (assertion->comparator > FOREIGN_GE) {
        return comparing_lose(comparing, "a plain value on the left is compared by = != < <= > >=");
    }
    *assertion = (struct foreign_assertion){assertion->right, assertion->left,
                                            turned[assertion->comparator]};
    return true;
}

bool translate_assertion(struct translation *translation, struct bytes text,
                         const struct translated_selector *selector,
                         struct translated_assertion *ret)
{
    struct comparing comparing = {.translation = translation, .selector = selector, .ret = ret};
    const char *flaw = NULL;
    *ret = (struct translated_assertion){.count = 0};
    translation->on_injection = selector->is_trigger;
    int bad = foreign_parse_assertion(&comparing.assertion, text, translation->arena, &flaw);
    if (bad) {
        translation->no_memory |= bad < 0;
        return translation_lose(translation,
                                arena_printf(translation->arena, "it can't be read: %s",
                                             flaw != NULL ? flaw : "no memory"));
    }
    return turn_round(&comparing) && compare(&comparing);
}
