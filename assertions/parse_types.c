/*
 * What the types of values allow, known before any span is seen.
 */
#include <stdio.h>
#include <string.h>

#include "assertions/parse_expr.h"

static void add_word(char out[TYPES_WORDS_MAX], const char *word)
{
    size_t len = strlen(out);
    snprintf(out + len, TYPES_WORDS_MAX - len, "%s%s", len > 0 ? " or " : "", word);
}

const char *types_words(unsigned types, char out[TYPES_WORDS_MAX])
{
    static const struct {
        unsigned types;
        const char *word;
    } words[] = {
        {TYPES_TEXT, "a text"},         {TYPES_NUMBER, "a number"},
        {1u << OPERAND_BOOL, "a bool"}, {1u << OPERAND_BYTES, "bytes"},
        {TYPES_ARRAY, "an array"},      {1u << OPERAND_MAP, "a key-value list"},
        {TYPES_DURATION, "a duration"}, {TYPES_TIME, "a time"},
    };
    if (types == TYPES_ATTR) {
        return "an attribute";
    }
    out[0] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if ((types & words[i].types) != 0) {
            add_word(out, (types & TYPES_NUMBER) == TYPES_INT && words[i].types == TYPES_NUMBER
                              ? "an integer"
                              : words[i].word);
        }
    }
    return out;
}

static bool compares_equal(unsigned left, unsigned right)
{
    const unsigned bools = 1u << OPERAND_BOOL;
    const unsigned printed = TYPES_PRINTED;
    return ((left & TYPES_TEXT) != 0 && (right & printed) != 0) ||
           ((right & TYPES_TEXT) != 0 && (left & printed) != 0) ||
           ((left & TYPES_NUMBER) != 0 && (right & TYPES_NUMBER) != 0) ||
           (left & right & TYPES_NS) != 0 || ((left & bools) != 0 && (right & bools) != 0);
}

static bool compares_order(unsigned left, unsigned right)
{
    const unsigned numbers = TYPES_NUMBER | TYPES_TEXT;
    return ((left & numbers) != 0 && (right & numbers) != 0) || (left & right & TYPES_NS) != 0;
}

bool types_compare(enum compare_op op, unsigned left, unsigned right)
{
    switch (op) {
    case OP_EQUAL:
    case OP_NOT_EQUAL:
        return compares_equal(left, right);
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
        return compares_order(left, right);
    case OP_CONTAINS:
    case OP_NOT_CONTAINS:
        return ((left & TYPES_TEXT) != 0 && (right & TYPES_PRINTED) != 0) ||
               (left & TYPES_ARRAY) != 0;
    case OP_STARTS_WITH:
    case OP_ENDS_WITH:
        return (left & TYPES_TEXT) != 0 && (right & TYPES_PRINTED) != 0;
    case OP_MATCHES:
    case OP_NOT_MATCHES:
        return (left & TYPES_TEXT) != 0;
    case OP_JSON_CONTAINS:
        return (left & TYPES_ATTR) != 0 && (right & TYPES_ATTR) != 0;
    default:
        return true;
    }
}
