#include "assertions/interval.h"

#include "assertions/compare.h"

static enum truth ask(const struct condition *condition, const struct operand *value)
{
    return compare(condition->op, value, &condition->right.literal, condition->regex);
}

static bool is_outside(const struct operand *item, const struct operand *least,
                       const struct operand *most)
{
    return compare(OP_GREATER, least, item, NULL) == TRUTH_TRUE ||
           compare(OP_LESS, most, item, NULL) == TRUTH_TRUE;
}

/* Whether no value that the literal holds can be met. */
static bool are_outside(const struct operand *literal, const struct operand *least,
                        const struct operand *most)
{
    if (literal->type != OPERAND_LIST) {
        return is_outside(literal, least, most);
    }
    for (uint32_t i = 0; i < literal->list->count; i++) {
        if (!is_outside(&literal->list->items[i], least, most)) {
            return false;
        }
    }
    return true;
}

/* A few integers, one by one: a list may hold them all. */
static bool are_same(const struct condition *condition, int64_t least, int64_t most)
{
    const struct operand first = {.type = OPERAND_INT, .integer = least};
    for (int64_t i = least + 1; i <= most; i++) {
        const struct operand next = {.type = OPERAND_INT, .integer = i};
        if (ask(condition, &next) != ask(condition, &first)) {
            return false;
        }
    }
    return true;
}

static bool is_order(enum compare_op op)
{
    return op == OP_LESS || op == OP_LESS_EQUAL || op == OP_GREATER || op == OP_GREATER_EQUAL;
}

bool interval_is_same(const struct condition *condition, const struct operand *least,
                      const struct operand *most)
{
    const struct operand *literal = &condition->right.literal;
    bool presence = condition->op == OP_EXISTS || condition->op == OP_MISSING;
    uint32_t items = literal->type == OPERAND_LIST ? literal->list->count : 1;
    if (compare(OP_EQUAL, least, most, NULL) == TRUTH_TRUE) {
        return true;
    }
    if (is_order(condition->op)) {
        return ask(condition, least) == ask(condition, most);
    }
    if (!presence && are_outside(literal, least, most)) {
        return true;
    }
    return !presence && least->type == OPERAND_INT && most->integer - least->integer < items &&
           are_same(condition, least->integer, most->integer);
}
