/*
 * The table, in the order of the names, and how a call goes: types first, then the function.
 */
#include "assertions/functions.h"

#include "assertions/functions_parts.h"

#define NO_TYPE 0u

static const struct function table[] = {
    {"abs",
     1,
     1,
     SECOND_ANY,
     {TYPES_NUMBER | TYPES_DURATION},
     0,
     function_abs,
     "abs(x)",
     "The number or duration without its sign.",
     "abs(-5)",
     "5"},
    {"ceil",
     1,
     1,
     SECOND_ANY,
     {TYPES_NUMBER},
     0,
     function_ceil,
     "ceil(x)",
     "The least whole number that is not below x; an integer stays what it is.",
     "ceil(1.2)",
     "2"},
    {"coalesce",
     1,
     FUNCTION_ANY_NUMBER,
     SECOND_ANY,
     {TYPES_ALL, TYPES_ALL, TYPES_ALL},
     0,
     NULL,
     "coalesce(x, y, ...)",
     "The first that is not missing; those behind it are not looked at.",
     "coalesce(json('null'), 5)",
     "5"},
    {"concat",
     1,
     FUNCTION_ANY_NUMBER,
     SECOND_ANY,
     {TYPES_PRINTED, TYPES_PRINTED, TYPES_PRINTED},
     TYPES_TEXT,
     function_concat,
     "concat(x, y, ...)",
     "The canonical texts, one after another.",
     "concat('a', 1, true)",
     "'a1true'"},
    {"duration",
     1,
     1,
     SECOND_ANY,
     {TYPES_TEXT | TYPES_DURATION},
     TYPES_DURATION,
     function_duration,
     "duration(x)",
     "The duration that the text writes, with its unit.",
     "duration('1.5s')",
     "1500ms"},
    {"floor",
     1,
     1,
     SECOND_ANY,
     {TYPES_NUMBER},
     0,
     function_floor,
     "floor(x)",
     "The greatest whole number that is not above x; an integer stays what it is.",
     "floor(-1.2)",
     "-2"},
    {"get_index",
     2,
     2,
     SECOND_ANY,
     {TYPES_ARRAY, TYPES_INT | TYPES_TEXT},
     TYPES_ATTR,
     function_get_index,
     "get_index(x, n)",
     "The item n of the array, from 0; from the end where n is negative or 'last'; missing where "
     "there is none.",
     "get_index(split('a,b', ','), 'last')",
     "'b'"},
    {"int",
     1,
     1,
     SECOND_ANY,
     {TYPES_NUMBER | TYPES_TEXT | TYPES_NS},
     TYPES_INT,
     function_int,
     "int(x)",
     "The integer: of a text that is -?digits, of a double without its decimals, of a duration or "
     "time its nanoseconds.",
     "int('42') + int(1.9)",
     "43"},
    {"json",
     1,
     1,
     SECOND_ANY,
     {TYPES_ATTR},
     TYPES_ATTR,
     function_json,
     "json(x)",
     "The value that the text is as JSON; null is missing. What is no text stays what it is.",
     "json('1.50')",
     "1.5"},
    {"json_path",
     2,
     2,
     SECOND_PATH,
     {TYPES_ATTR, TYPES_TEXT},
     TYPES_ATTR,
     function_json_path,
     "json_path(x, '$.a[0].b')",
     "What the path finds in the array or key-value list, or in the text as JSON: nothing is "
     "missing, several values are an array.",
     "json_path('{\"a\": [{\"b\": 7}]}', '$.a[0].b')",
     "7"},
    {"length",
     1,
     1,
     SECOND_ANY,
     {TYPES_TEXT | TYPES_OPAQUE},
     TYPES_INT,
     function_length,
     "length(x)",
     "Characters of a text, bytes of bytes, items of an array, keys of a key-value list.",
     "length('na\xc3\xafve')",
     "5"},
    {"lower",
     1,
     1,
     SECOND_ANY,
     {TYPES_TEXT},
     TYPES_TEXT,
     function_lower,
     "lower(x)",
     "The text with a to z for A to Z.",
     "lower('GET /A')",
     "'get /a'"},
    {"max",
     2,
     FUNCTION_ANY_NUMBER,
     SECOND_ANY,
     {TYPES_NUMBER | TYPES_NS, TYPES_NUMBER | TYPES_NS, TYPES_NUMBER | TYPES_NS},
     0,
     function_max,
     "max(x, y, ...)",
     "The greatest of numbers, of durations, or of times; the first of equals.",
     "max(1, 2.5, 2)",
     "2.5"},
    {"min",
     2,
     FUNCTION_ANY_NUMBER,
     SECOND_ANY,
     {TYPES_NUMBER | TYPES_NS, TYPES_NUMBER | TYPES_NS, TYPES_NUMBER | TYPES_NS},
     0,
     function_min,
     "min(x, y, ...)",
     "The least of numbers, of durations, or of times; the first of equals.",
     "min(3s, 200ms)",
     "200ms"},
    {"number",
     1,
     1,
     SECOND_ANY,
     {TYPES_NUMBER | TYPES_TEXT},
     TYPES_NUMBER,
     function_number,
     "number(x)",
     "The number that the text writes: an integer without point and exponent, else a "
     "double.",
     "number('1e3')",
     "1000"},
    {"regex",
     2,
     2,
     SECOND_PATTERN,
     {TYPES_TEXT, TYPES_TEXT},
     TYPES_TEXT,
     function_regex,
     "regex(x, 'pattern')",
     "The first part of the text that the pattern matches; missing without "
     "one.",
     "regex('order 42 of 43', '[0-9]+')",
     "'42'"},
    {"regex_group",
     2,
     3,
     SECOND_PATTERN,
     {TYPES_TEXT, TYPES_TEXT, TYPES_INT},
     TYPES_TEXT | TYPES_ARRAY,
     function_regex_group,
     "regex_group(x, 'pattern', n)",
     "Of the first match group n (0: the whole match); without n an array of groups 1 and on. "
     "Missing without a match, or where group n took no part in it.",
     "regex_group('id=7;k=9', 'id=(\\d+)', 1)",
     "'7'"},
    {"replace",
     3,
     3,
     SECOND_ANY,
     {TYPES_TEXT, TYPES_TEXT, TYPES_TEXT},
     TYPES_TEXT,
     function_replace,
     "replace(x, a, b)",
     "The text with b for each a, from left to right.",
     "replace('a-b-c', '-', '/')",
     "'a/b/c'"},
    {"round",
     1,
     1,
     SECOND_ANY,
     {TYPES_NUMBER},
     0,
     function_round,
     "round(x)",
     "The nearest whole number, a half away from zero; an integer stays what it is.",
     "round(2.5)",
     "3"},
    {"split",
     2,
     2,
     SECOND_ANY,
     {TYPES_TEXT, TYPES_TEXT},
     TYPES_ARRAY,
     function_split,
     "split(x, separator)",
     "The parts of the text between the separators.",
     "length(split('a,b,', ','))",
     "3"},
    {"substring",
     2,
     3,
     SECOND_ANY,
     {TYPES_TEXT, TYPES_INT, TYPES_INT},
     TYPES_TEXT,
     function_substring,
     "substring(x, from, length)",
     "Characters of the text, the first is 0; from the end where `from` is negative; up to the end "
     "without `length`. What lies outside is left out.",
     "substring('checkout', -3, 2)",
     "'ou'"},
    {"text",
     1,
     1,
     SECOND_ANY,
     {TYPES_PRINTED},
     TYPES_TEXT,
     function_concat,
     "text(x)",
     "The canonical text.",
     "text(1.50)",
     "'1.5'"},
    {"trim",
     1,
     1,
     SECOND_ANY,
     {TYPES_TEXT},
     TYPES_TEXT,
     function_trim,
     "trim(x)",
     "The text without blanks (space, tab, line ends) at both ends.",
     "trim('  a b ')",
     "'a b'"},
    {"type",
     1,
     1,
     SECOND_ANY,
     {TYPES_ALL},
     TYPES_TEXT,
     function_type,
     "type(x)",
     "One of text, bool, int, double, bytes, array, map, duration, time.",
     "type(1.5)",
     "'double'"},
    {"upper",
     1,
     1,
     SECOND_ANY,
     {TYPES_TEXT},
     TYPES_TEXT,
     function_upper,
     "upper(x)",
     "The text with A to Z for a to z.",
     "upper('get')",
     "'GET'"},
};

const struct function *const functions = table;
const uint32_t function_count = sizeof table / sizeof table[0];

const struct function *function_find(struct bytes name)
{
    for (uint32_t i = 0; i < function_count; i++) {
        if (bytes_is(name, table[i].name)) {
            return &table[i];
        }
    }
    return NULL;
}

bool function_wants_one_kind(const struct function *function)
{
    return function->apply == function_max || function->apply == function_min;
}

bool function_takes_missing(const struct function *function)
{
    return function->apply == NULL;
}

unsigned function_arg_types(const struct function *function, uint32_t index)
{
    return function->args[index < 2 ? index : 2];
}

enum trouble function_apply(struct evaluation *evaluation, const struct expr *expr,
                            const struct evaluated *values, struct operand *ret)
{
    struct operand *args = arena_alloc(evaluation->scratch, (expr->arg_count + 1) * sizeof *args);
    struct call call = {evaluation, expr, args, expr->arg_count};
    if (args == NULL) {
        return TROUBLE_MEMORY;
    }
    for (uint32_t i = 0; i < expr->arg_count; i++) {
        unsigned types = expr->type == EXPR_CALL ? function_arg_types(expr->function, i)
                                                 : (unsigned)TYPES_PRINTED;
        args[i] = values[i].operand;
        if ((type_bit(args[i].type) & types) == 0) {
            return TROUBLE_TYPES;
        }
        if (args[i].type == OPERAND_TEXT && !evaluation_work(evaluation, args[i].bytes.len)) {
            return TROUBLE_LIMIT;
        }
    }
    return expr->type == EXPR_CALL ? expr->function->apply(&call, ret)
                                   : function_concat(&call, ret);
}
