/* Expressions. Arithmetic is written with the parentheses that Tracetest's order asks for, filters
 * as functions around it, so that nothing depends on precedence. */
#include "assertions/json_path.h"
#include "daemon/core/number.h"
#include "daemon/core/units.h"
#include "tracetest/special.h"
#include "tracetest/translation.h"

bool is_sole(const struct foreign_expression *expression, enum foreign_term_type type)
{
    return expression->steps == NULL && expression->filters == NULL &&
           expression->first->type == type;
}

static bool is_constant_term(const struct foreign_term *term)
{
    if (term->type == FOREIGN_ATTR || term->type == FOREIGN_VARIABLE || term->type == FOREIGN_ENV ||
        term->type == FOREIGN_CALL) {
        return false;
    }
    for (const struct foreign_piece *piece = term->pieces; piece != NULL; piece = piece->next) {
        if (piece->value != NULL && !is_constant(piece->value)) {
            return false;
        }
    }
    for (const struct foreign_term *item = term->items; item != NULL; item = item->next) {
        if (!is_constant_term(item)) {
            return false;
        }
    }
    return true;
}

bool is_constant(const struct foreign_expression *expression)
{
    bool constant = is_constant_term(expression->first);
    for (const struct foreign_step *step = expression->steps; step != NULL; step = step->next) {
        constant = constant && is_constant_term(step->term);
    }
    return constant;
}

bool constant_text(const struct foreign_term *term, struct bytes *ret)
{
    if (term->type != FOREIGN_TEXT || (term->pieces != NULL && term->pieces->next != NULL) ||
        (term->pieces != NULL && term->pieces->value != NULL)) {
        return false;
    }
    *ret = term->pieces != NULL ? term->pieces->text : BYTES_LITERAL("");
    return true;
}

/* Texts. */

static void append_piece(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\' || text.data[i] == '\'') {
            buf_append_char(out, '\\');
        }
        buf_append_char(out, (char)text.data[i]);
    }
}

static bool say_text(struct translation *translation, const struct foreign_term *term,
                     struct said *ret)
{
    struct bytes text;
    *ret = (struct said){.class = SAID_TEXT};
    if (constant_text(term, &text)) {
        append_quoted(&translation->text, text);
        return true;
    }
    if (term->pieces->next == NULL) {
        return translate_expression(translation, term->pieces->value, SAID_RIGHT, ret);
    }
    buf_append_text(&translation->text, "f'");
    for (const struct foreign_piece *piece = term->pieces; piece != NULL; piece = piece->next) {
        struct said inner;
        append_piece(&translation->text, piece->text);
        if (piece->value != NULL) {
            size_t from = translation->text.len;
            if (!translate_expression(translation, piece->value, SAID_RIGHT, &inner)) {
                return false;
            }
            struct bytes value = translation_take(translation, from);
            buf_append_text(&translation->text, "${");
            buf_append_bytes(&translation->text, value);
            buf_append_char(&translation->text, '}');
        }
    }
    buf_append_char(&translation->text, '\'');
    return true;
}

static bool say_duration(struct translation *translation, struct bytes text, struct said *ret)
{
    int64_t ns;
    if (units_parse_duration(text, &ns) != 0) {
        return translation_lose(
            translation, translation_say(translation, "", text,
                                         " is no whole number of nanoseconds within 292 years"));
    }
    units_print_duration(&translation->text, ns);
    *ret = (struct said){.class = SAID_DURATION};
    return true;
}

static bool say_term(struct translation *translation, const struct foreign_term *term,
                     enum said_side side, struct said *ret)
{
    switch (term->type) {
    case FOREIGN_ATTR:
        return translate_attribute(translation, term->text, side, ret);
    case FOREIGN_VARIABLE:
    case FOREIGN_ENV:
        return translate_variable(translation, term, ret);
    case FOREIGN_TEXT:
        return say_text(translation, term, ret);
    case FOREIGN_DURATION:
        return say_duration(translation, term->text, ret);
    case FOREIGN_NUMBER:
        *ret = (struct said){.class = SAID_NUMBER};
        append_number(&translation->text, term->text);
        return true;
    case FOREIGN_BOOL:
        *ret = (struct said){.class = SAID_ANY};
        buf_append_bytes(&translation->text, term->text);
        return true;
    case FOREIGN_ARRAY:
        return translation_lose(translation, "a list stands here only alone beside =, contains");
    case FOREIGN_CALL:
        break;
    }
    return translation_lose(translation,
                            translation_say(translation, "the function ", term->text,
                                            " makes up a value: that is for whoever injects"));
}

/* Arithmetic. */

static bool reads_duration(const struct foreign_term *term)
{
    return term->type == FOREIGN_DURATION ||
           (term->type == FOREIGN_ATTR && special_find(term->text) == SPECIAL_DURATION);
}

static bool reads_time(const struct foreign_term *term)
{
    enum special special = term->type == FOREIGN_ATTR ? special_find(term->text) : SPECIAL_NONE;
    return special == SPECIAL_START || special == SPECIAL_END;
}

enum arithmetic { OF_NUMBERS, OF_DURATIONS, OF_TIMES };

static enum arithmetic arithmetic_of(const struct foreign_expression *expression)
{
    bool duration = reads_duration(expression->first);
    bool time = reads_time(expression->first);
    for (const struct foreign_step *step = expression->steps; step != NULL; step = step->next) {
        duration = duration || reads_duration(step->term);
        time = time || reads_time(step->term);
    }
    return time ? OF_TIMES : duration ? OF_DURATIONS : OF_NUMBERS;
}

static bool has_point(const struct foreign_expression *expression)
{
    const struct foreign_term *term = expression->first;
    bool point = term->type == FOREIGN_NUMBER && memchr(term->text.data, '.', term->text.len);
    for (const struct foreign_step *step = expression->steps; step != NULL; step = step->next) {
        term = step->term;
        point = point || (term->type == FOREIGN_NUMBER &&
                          memchr(term->text.data, '.', term->text.len) != NULL);
    }
    return point;
}

/* A term within arithmetic. What is text there is read as a number or duration, as Tracetest does.
 */
static bool say_number(struct translation *translation, const struct foreign_term *term,
                       enum said_side side, enum arithmetic arithmetic)
{
    struct said said;
    struct bytes text;
    size_t from = translation->text.len;
    if (!say_term(translation, term, side, &said)) {
        return false;
    }
    bool loose = said.class == SAID_ANY || said.class == SAID_TEXT;
    text = translation_take(translation, from);
    if (loose && arithmetic != OF_TIMES) {
        buf_append_text(&translation->text, arithmetic == OF_NUMBERS ? "number(" : "duration(");
    }
    buf_append_bytes(&translation->text, text);
    if (loose && arithmetic != OF_TIMES) {
        buf_append_char(&translation->text, ')');
    }
    return true;
}

static void put_parentheses(struct translation *translation, size_t from, const char *open)
{
    struct bytes made = translation_take(translation, from);
    buf_append_text(&translation->text, open);
    buf_append_bytes(&translation->text, made);
    buf_append_char(&translation->text, ')');
}

static bool say_steps(struct translation *translation, const struct foreign_expression *expression,
                      enum said_side side, struct said *ret)
{
    enum arithmetic arithmetic = arithmetic_of(expression);
    bool whole = arithmetic == OF_NUMBERS && !has_point(expression);
    size_t from = translation->text.len;
    if (!say_number(translation, expression->first, side, arithmetic)) {
        return false;
    }
    ret->is_sum = false;
    for (const struct foreign_step *step = expression->steps; step != NULL; step = step->next) {
        bool sum = step->op == '+' || step->op == '-';
        if (!sum && ret->is_sum) {
            put_parentheses(translation, from, "(");
            translation_note(translation, "Tracetest computes from left to right: hence the "
                                          "parentheses");
        }
        buf_printf(&translation->text, " %c ", step->op);
        if (!say_number(translation, step->term, SAID_RIGHT, arithmetic)) {
            return false;
        }
        ret->is_sum = sum;
        if (step->op == '/' && whole) {
            put_parentheses(translation, from, "int(");
            translation_note(translation, "Tracetest drops the decimals of a quotient of whole "
                                          "numbers: hence int()");
        }
    }
    ret->class = arithmetic == OF_NUMBERS ? SAID_NUMBER : SAID_DURATION;
    return true;
}

/* Filters. */

static void put_argument(struct translation *translation, const struct foreign_filter *filter)
{
    struct bytes text;
    if (constant_text(filter->arguments, &text)) {
        append_quoted(&translation->text, text);
    } else {
        buf_append_bytes(&translation->text, filter->arguments->text);
    }
}

/* What is no path here is lost, with the reason. */
static bool check_path(struct translation *translation, struct bytes path)
{
    const struct json_path *compiled;
    size_t byte;
    const char *error;
    int r = json_path_compile(translation->arena, path, &compiled, &byte, &error);
    if (r == JSON_PATH_BAD) {
        return translation_lose(
            translation,
            translation_say(translation, "the JSON path is not known here: ", bytes_of(error), ""));
    }
    translation->no_memory |= r != 0;
    return r == 0;
}

/* A path may begin without $. */
static bool put_path(struct translation *translation, const struct foreign_filter *filter)
{
    struct bytes path;
    if (!constant_text(filter->arguments, &path)) {
        return translation_lose(translation, "the path of json_path must be a plain text");
    }
    struct buf *out = &translation->text;
    bool rooted = path.len > 0 && path.data[0] == '$';
    bool joined = path.len > 0 && (path.data[0] == '.' || path.data[0] == '[');
    size_t from = out->len;
    buf_append_text(out, rooted ? "" : joined ? "$" : "$.");
    buf_append_bytes(out, path);
    struct bytes whole = translation_take(translation, from);
    append_quoted(out, whole);
    return check_path(translation, whole);
}

static bool say_path(struct translation *translation, const struct foreign_filter *filter,
                     struct bytes inner, struct said *ret)
{
    buf_append_text(&translation->text, "json_path(");
    buf_append_bytes(&translation->text, inner);
    buf_append_text(&translation->text, ", ");
    *ret = (struct said){.class = SAID_ANY};
    bool good = put_path(translation, filter);
    buf_append_char(&translation->text, ')');
    return good;
}

static bool say_function(struct translation *translation, const char *name,
                         const struct foreign_filter *filter, struct bytes inner)
{
    buf_printf(&translation->text, "%s(", name);
    buf_append_bytes(&translation->text, inner);
    if (filter->argument_count > 0) {
        buf_append_text(&translation->text, ", ");
        put_argument(translation, filter);
    }
    buf_append_char(&translation->text, ')');
    return true;
}

static bool check_arguments(struct translation *translation, const struct foreign_filter *filter,
                            uint32_t count)
{
    bool plain =
        count == 0 ||
        (filter->argument_count == count && is_constant_term(filter->arguments) &&
         (filter->arguments->type == FOREIGN_TEXT || filter->arguments->type == FOREIGN_NUMBER));
    return (filter->argument_count == count && plain) ||
           translation_lose(translation,
                            translation_say(translation, "", filter->name, " has other arguments"));
}

/* Groups of a pattern: parentheses that are neither escaped, in a class, nor (?...) but (?<name>.
 */
static uint32_t count_groups(struct bytes pattern)
{
    uint32_t count = 0;
    bool class = false;
    for (size_t i = 0; i < pattern.len; i++) {
        int c = pattern.data[i];
        int next = i + 1 < pattern.len ? pattern.data[i + 1] : 0;
        int third = i + 2 < pattern.len ? pattern.data[i + 2] : 0;
        bool named = next == '?' && (third == 'P' || third == '<');
        i += c == '\\';
        class = c == '[' ? true : c == ']' ? false : class;
        count += c == '(' && !class && (next != '?' || named);
    }
    return count;
}

/* What get_index asks for of `groups`, from 1; 0: none of the first match. */
static uint32_t group_asked(const struct foreign_filter *index, uint32_t groups)
{
    int64_t number;
    struct bytes text;
    if (index->argument_count == 1 && constant_text(index->arguments, &text)) {
        return bytes_is(text, "last") ? groups : 0;
    }
    bool good = index->argument_count == 1 && index->arguments->type == FOREIGN_NUMBER &&
                number_parse_i64(index->arguments->text, &number) == 0 && number >= 0 &&
                number < groups;
    return good ? (uint32_t)number + 1 : 0;
}

/* regex_group, with a get_index behind it. Tracetest puts the groups of all matches in one row;
 * here they are those of the first. *ret_last: the last filter that was used up. */
static bool say_groups(struct translation *translation, const struct foreign_filter *filter,
                       struct bytes inner, const struct foreign_filter **ret_last, struct said *ret)
{
    struct bytes pattern;
    if (filter->argument_count != 1 || !constant_text(filter->arguments, &pattern)) {
        return translation_lose(translation, "the pattern of regex_group must be a plain text");
    }
    uint32_t groups = count_groups(pattern);
    bool indexed = filter->next != NULL && bytes_is(filter->next->name, "get_index");
    uint32_t group = indexed ? group_asked(filter->next, groups) : groups == 1;
    if (groups == 0 || (indexed && group == 0)) {
        return translation_lose(translation,
                                "regex_group gives the groups of the first match here");
    }
    buf_append_text(&translation->text, "regex_group(");
    buf_append_bytes(&translation->text, inner);
    buf_append_text(&translation->text, ", ");
    append_quoted(&translation->text, pattern);
    if (group > 0) {
        buf_printf(&translation->text, ", %u", (unsigned)group);
    }
    buf_append_char(&translation->text, ')');
    *ret_last = indexed ? filter->next : filter;
    *ret = (struct said){.class = SAID_ANY};
    translation_note(translation, "the groups of the first match; Tracetest takes all matches");
    return true;
}

static bool say_filter(struct translation *translation, const struct foreign_filter *filter,
                       struct bytes inner, struct said *ret)
{
    struct bytes name = filter->name;
    bool length = bytes_is(name, "length") || bytes_is(name, "count");
    bool type = bytes_is(name, "type");
    *ret = (struct said){.class = length ? SAID_NUMBER : type ? SAID_TYPE : SAID_ANY};
    if (length) {
        translation_note(translation, "characters of a text, items of an array; Tracetest counts "
                                      "bytes of what it shows");
    }
    if (length || type) {
        return check_arguments(translation, filter, 0) &&
               say_function(translation, length ? "length" : "type", filter, inner);
    }
    static const char *const known[] = {"regex", "get_index"};
    if (bytes_is(name, "json_path")) {
        return check_arguments(translation, filter, 1) && say_path(translation, filter, inner, ret);
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (bytes_is(name, known[i])) {
            return check_arguments(translation, filter, 1) &&
                   say_function(translation, known[i], filter, inner);
        }
    }
    return translation_lose(translation,
                            translation_say(translation, "there is no filter ", name, ""));
}

/* A computed value is no text, which its filters ask for. */
static struct bytes take_inner(struct translation *translation, size_t from,
                               const struct said *said)
{
    if (said->class == SAID_NUMBER || said->class == SAID_DURATION || said->class == SAID_COUNT) {
        put_parentheses(translation, from, "text(");
    }
    return translation_take(translation, from);
}

bool translate_expression(struct translation *translation,
                          const struct foreign_expression *expression, enum said_side side,
                          struct said *ret)
{
    size_t from = translation->text.len;
    *ret = (struct said){.class = SAID_ANY};
    if (expression->steps != NULL && expression->filters != NULL) {
        translation_note(translation, "Tracetest's filters act on the whole computation before "
                                      "them");
    }
    bool good = expression->steps == NULL ? say_term(translation, expression->first, side, ret)
                                          : say_steps(translation, expression, side, ret);
    const struct foreign_filter *filter = expression->filters;
    for (; good && filter != NULL; filter = filter->next) {
        struct bytes inner = take_inner(translation, from, ret);
        good = bytes_is(filter->name, "regex_group")
                   ? say_groups(translation, filter, inner, &filter, ret)
                   : say_filter(translation, filter, inner, ret);
    }
    return good;
}
