/*
 * Reading filters (RFC 9535, 2.3.5): `||` binds less than `&&`, and that less than `!`; sides of
 * comparisons are literals, paths that lead to one value at most, and functions that give one.
 */
#include <string.h>

#include "assertions/json_path_parts.h"
#include "daemon/core/number.h"

static bool read_or(struct path_reader *reader, const struct json_test **ret);

static struct json_test *make(struct path_reader *reader, int type, const struct json_test *left,
                              const struct json_test *right)
{
    struct json_test *test = path_part(reader, sizeof *test);
    if (test != NULL) {
        test->type = type;
        test->left = left;
        test->right = right;
    }
    return test;
}

bool path_deepen(struct path_reader *reader)
{
    return reader->depth++ < JSON_PATH_DEPTH_MAX || path_fail(reader, "nested too deep");
}

/* --- sides --- */

static bool sees(const struct path_reader *reader, const char *word)
{
    size_t len = strlen(word);
    return reader->text.len - reader->at >= len &&
           memcmp(reader->text.data + reader->at, word, len) == 0;
}

static bool take(struct path_reader *reader, const char *word)
{
    bool there = sees(reader, word);
    reader->at += there ? strlen(word) : 0;
    return there;
}

static bool is_number_byte(int c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool read_number(struct path_reader *reader, struct value *ret)
{
    char plain[400];
    size_t from = reader->at;
    size_t len = 0;
    while (is_number_byte(path_peek(reader)) && len < sizeof plain) {
        int c = path_peek(reader);
        plain[len++] = c == 'E' ? 'e' : (char)c;
        reader->at++;
    }
    struct bytes text = bytes_from(plain, len);
    *ret = (struct value){.type = VALUE_INT};
    if (number_parse_i64(text, &ret->integer) == 0) {
        return true;
    }
    *ret = (struct value){.type = VALUE_DOUBLE};
    if (len == sizeof plain || number_parse_double(text, &ret->number) != 0) {
        reader->at = from;
        return path_fail(reader, "not a number");
    }
    return true;
}

static bool read_text(struct path_reader *reader, struct value *ret)
{
    *ret = (struct value){.type = VALUE_TEXT};
    return path_read_quoted(reader, &ret->bytes);
}

static bool read_word(struct path_reader *reader, struct value *ret)
{
    bool yes = take(reader, "true");
    if (yes || take(reader, "false")) {
        *ret = (struct value){.type = VALUE_BOOL, .boolean = yes};
        return true;
    }
    *ret = VALUE_NONE;
    return take(reader, "null") ||
           path_fail(reader, "a value is missing: write @.name, $.name, 'text', a number, true, "
                             "false, null or a function such as length(@.name)");
}

static bool read_query(struct path_reader *reader, const struct json_path **ret)
{
    struct json_path *path = path_part(reader, sizeof *path);
    if (path == NULL) {
        return false;
    }
    *ret = path;
    path->here = path_peek(reader) == '@';
    reader->at++;
    return path_read_segments(reader, path);
}

static bool sees_query(const struct path_reader *reader)
{
    return path_peek(reader) == '@' || path_peek(reader) == '$';
}

bool path_read_side(struct path_reader *reader, struct json_side *ret)
{
    int c = path_peek(reader);
    if (path_sees_call(reader)) {
        return path_read_call(reader, &ret->call);
    }
    if (sees_query(reader)) {
        return read_query(reader, &ret->path);
    }
    if (c == '\'' || c == '"') {
        return read_text(reader, &ret->literal);
    }
    return c == '-' || (c >= '0' && c <= '9') ? read_number(reader, &ret->literal)
                                              : read_word(reader, &ret->literal);
}

/* --- comparisons --- */

static bool read_operator(struct path_reader *reader, enum compare_op *ret)
{
    static const struct {
        const char *text;
        enum compare_op op;
    } ops[] = {{"==", OP_EQUAL},         {"!=", OP_NOT_EQUAL}, {"<=", OP_LESS_EQUAL},
               {">=", OP_GREATER_EQUAL}, {"<", OP_LESS},       {">", OP_GREATER}};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (take(reader, ops[i].text)) {
            *ret = ops[i].op;
            return true;
        }
    }
    return path_fail(reader, "write == != < <= > or >=");
}

static bool sees_operator(const struct path_reader *reader)
{
    int c = path_peek(reader);
    return c == '=' || c == '<' || c == '>' || sees(reader, "!=");
}

bool path_check_value(struct path_reader *reader, const struct json_side *side, size_t at)
{
    bool truth = side->call != NULL && json_call_is_test(side->call);
    if (!truth && (side->path == NULL || side->path->single)) {
        return true;
    }
    reader->at = at;
    return path_fail(reader, truth ? "match() and search() are true or false and stand by "
                                     "themselves: [?match(@.a, 'x')]"
                                   : "one value is needed here: .name, ['a name'], [0]; of "
                                     "several take length(), count() or value()");
}

/* A path asks whether it finds anything; match and search are a test. */
static bool stands_alone(const struct json_side *side)
{
    return side->path != NULL || (side->call != NULL && json_call_is_test(side->call));
}

static void become_test(struct json_test *test)
{
    test->path = test->sides[0].path;
    test->call = test->sides[0].call;
    test->type = test->path != NULL ? JSON_TEST_THERE : JSON_TEST_CALL;
}

/* `@.a == 1`, or `@.a` alone. */
static bool read_comparison(struct path_reader *reader, const struct json_test **ret)
{
    size_t left_at = reader->at;
    struct json_test *test = make(reader, JSON_TEST_COMPARE, NULL, NULL);
    if (test == NULL || !path_read_side(reader, &test->sides[0])) {
        return false;
    }
    *ret = test;
    size_t end = reader->at;
    path_skip_blanks(reader);
    if (stands_alone(&test->sides[0]) && !sees_operator(reader)) {
        reader->at = end;
        become_test(test);
        return true;
    }
    if (!read_operator(reader, &test->op)) {
        return false;
    }
    path_skip_blanks(reader);
    size_t right_at = reader->at;
    return path_read_side(reader, &test->sides[1]) &&
           path_check_value(reader, &test->sides[0], left_at) &&
           path_check_value(reader, &test->sides[1], right_at);
}

/* --- joined --- */

/* After `(`. */
static bool read_group(struct path_reader *reader, const struct json_test **ret)
{
    path_skip_blanks(reader);
    if (!read_or(reader, ret)) {
        return false;
    }
    path_skip_blanks(reader);
    return path_take(reader, ')') || path_fail(reader, "')' is missing");
}

/* After `!`: a path, match or search. */
static bool read_alone(struct path_reader *reader, const struct json_test **ret)
{
    size_t at = reader->at;
    struct json_test *test = make(reader, JSON_TEST_THERE, NULL, NULL);
    if (test == NULL) {
        return false;
    }
    *ret = test;
    if (!sees_query(reader) && !path_sees_call(reader)) {
        return path_fail(reader, "'!' stands before @.name, match(), search() or a parenthesis");
    }
    if (!path_read_side(reader, &test->sides[0])) {
        return false;
    }
    if (!stands_alone(&test->sides[0])) {
        reader->at = at;
        return path_fail(reader, "length(), count() and value() are compared: [?!(length(@.a) > "
                                 "1)]");
    }
    become_test(test);
    return true;
}

static bool read_not(struct path_reader *reader, const struct json_test **ret)
{
    const struct json_test *inner;
    path_skip_blanks(reader);
    if (path_take(reader, '(')) {
        if (!read_group(reader, &inner)) {
            return false;
        }
    } else if (!read_alone(reader, &inner)) {
        return false;
    }
    *ret = make(reader, JSON_TEST_NOT, inner, NULL);
    return *ret != NULL;
}

static bool read_basic(struct path_reader *reader, const struct json_test **ret)
{
    if (!path_deepen(reader)) {
        return false;
    }
    bool good = path_take(reader, '(')   ? read_group(reader, ret)
                : path_take(reader, '!') ? read_not(reader, ret)
                                         : read_comparison(reader, ret);
    reader->depth--;
    return good;
}

/* The sign of `and` or `or`, if it comes next. */
static bool take_sign(struct path_reader *reader, const char *sign)
{
    size_t end = reader->at;
    path_skip_blanks(reader);
    if (take(reader, sign)) {
        path_skip_blanks(reader);
        return true;
    }
    reader->at = end;
    return false;
}

static bool read_and(struct path_reader *reader, const struct json_test **ret)
{
    bool good = read_basic(reader, ret);
    while (good && take_sign(reader, "&&")) {
        const struct json_test *right;
        good =
            read_basic(reader, &right) && (*ret = make(reader, JSON_TEST_AND, *ret, right)) != NULL;
    }
    return good;
}

static bool read_or(struct path_reader *reader, const struct json_test **ret)
{
    bool good = read_and(reader, ret);
    while (good && take_sign(reader, "||")) {
        const struct json_test *right;
        good = read_and(reader, &right) && (*ret = make(reader, JSON_TEST_OR, *ret, right)) != NULL;
    }
    return good;
}

bool path_read_filter(struct path_reader *reader, const struct json_test **ret)
{
    path_skip_blanks(reader);
    return read_or(reader, ret);
}
