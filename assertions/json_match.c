/*
 * The recursion goes as deep as values are nested: VALUE_DEPTH_MAX at most. Its work is counted, so
 * that two long arrays do not cost their product without end.
 */
#include "assertions/json_match.h"

#include "assertions/json_value.h"

struct matching {
    struct evaluation *evaluation;
    bool over; /* the limit of work is reached */
};

static bool holds(struct matching *matching, const struct value *left, const struct value *right);

static bool same_scalar(const struct value *left, const struct value *right)
{
    struct operand a = operand_of_value(left);
    struct operand b = operand_of_value(right);
    bool numbers = (type_bit(a.type) & TYPES_NUMBER) != 0 && (type_bit(b.type) & TYPES_NUMBER) != 0;
    if (!numbers && a.type != b.type) {
        return false;
    }
    switch (a.type) {
    case OPERAND_MISSING:
        return true;
    case OPERAND_BYTES:
        return bytes_equal(a.bytes, b.bytes);
    default:
        return compare(OP_EQUAL, &a, &b, NULL) == TRUTH_TRUE;
    }
}

/* The last pair of the key; a pair without a value is none. */
static struct value member(struct bytes map, struct bytes key)
{
    struct wire_reader pairs = wire_reader_of(map);
    struct value found = VALUE_NONE;
    struct attr pair;
    while (value_next_pair(&pairs, &pair)) {
        if (bytes_equal(pair.key, key)) {
            found = pair.value;
        }
    }
    return found;
}

static bool holds_members(struct matching *matching, struct bytes left, struct bytes right)
{
    struct wire_reader pairs = wire_reader_of(right);
    struct attr pair;
    while (value_next_pair(&pairs, &pair)) {
        struct value wanted = member(right, pair.key);
        struct value there = member(left, pair.key);
        if (!evaluation_work(matching->evaluation, left.len + right.len)) {
            matching->over = true;
        }
        if (matching->over || !holds(matching, &there, &wanted)) {
            return false;
        }
    }
    return true;
}

static bool some_item_holds(struct matching *matching, struct bytes left,
                            const struct value *wanted)
{
    struct wire_reader items = wire_reader_of(left);
    struct value item;
    while (!matching->over && value_next_item(&items, &item)) {
        if (holds(matching, &item, wanted)) {
            return true;
        }
    }
    return false;
}

static bool holds_items(struct matching *matching, struct bytes left, struct bytes right)
{
    struct wire_reader items = wire_reader_of(right);
    struct value item;
    while (value_next_item(&items, &item)) {
        if (!some_item_holds(matching, left, &item)) {
            return false;
        }
    }
    return true;
}

static bool holds(struct matching *matching, const struct value *left, const struct value *right)
{
    if (!evaluation_work(matching->evaluation, 1)) {
        matching->over = true;
    }
    if (matching->over) {
        return false;
    }
    if (left->type == VALUE_MAP && right->type == VALUE_MAP) {
        return holds_members(matching, left->bytes, right->bytes);
    }
    if (left->type == VALUE_ARRAY && right->type == VALUE_ARRAY) {
        return holds_items(matching, left->bytes, right->bytes);
    }
    if (left->type == VALUE_MAP || left->type == VALUE_ARRAY || right->type == VALUE_MAP ||
        right->type == VALUE_ARRAY) {
        return false;
    }
    return same_scalar(left, right);
}

enum trouble json_match(struct evaluation *evaluation, const struct operand *left,
                        const struct operand *right, enum truth *ret)
{
    struct matching matching = {.evaluation = evaluation};
    struct value whole;
    struct value wanted;
    enum trouble trouble = json_value_of(evaluation, left, &whole);
    trouble = trouble != TROUBLE_NONE ? trouble : json_value_of(evaluation, right, &wanted);
    if (trouble != TROUBLE_NONE) {
        return trouble;
    }
    bool found = holds(&matching, &whole, &wanted);
    *ret = found ? TRUTH_TRUE : TRUTH_FALSE;
    return matching.over ? TROUBLE_LIMIT : TROUBLE_NONE;
}
