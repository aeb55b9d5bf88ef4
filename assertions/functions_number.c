#include <math.h>

#include "assertions/functions_parts.h"
#include "daemon/core/number.h"
#include "daemon/core/units.h"

static enum trouble give_int(int64_t integer, struct operand *ret)
{
    *ret = (struct operand){.type = OPERAND_INT, .integer = integer};
    return TROUBLE_NONE;
}

static enum trouble give_double(double number, struct operand *ret)
{
    *ret = (struct operand){.type = OPERAND_DOUBLE, .number = number};
    return isfinite(number) ? TROUBLE_NONE : TROUBLE_OVERFLOW;
}

/* Of an infinite number it is one, whatever its sign. */
enum trouble function_abs(const struct call *call, struct operand *ret)
{
    const struct operand *value = &call->args[0];
    bool negative = value->type == OPERAND_INT ? value->integer < 0 : value->ns < 0;
    *ret = *value;
    if (value->type == OPERAND_DOUBLE) {
        ret->number = fabs(value->number);
        return TROUBLE_NONE;
    }
    return negative ? arithmetic_negate(value, ret) : TROUBLE_NONE;
}

static enum trouble whole(const struct call *call, double (*of)(double), struct operand *ret)
{
    *ret = call->args[0];
    return ret->type == OPERAND_INT ? TROUBLE_NONE : give_double(of(call->args[0].number), ret);
}

enum trouble function_ceil(const struct call *call, struct operand *ret)
{
    return whole(call, ceil, ret);
}

enum trouble function_floor(const struct call *call, struct operand *ret)
{
    return whole(call, floor, ret);
}

enum trouble function_round(const struct call *call, struct operand *ret)
{
    return whole(call, round, ret);
}

/* The first that comes before or after all others. */
static enum trouble extreme(const struct call *call, enum compare_op op, struct operand *ret)
{
    const struct operand *best = &call->args[0];
    for (uint32_t i = 0; i < call->count; i++) {
        const struct operand *here = &call->args[i];
        bool same_kind = here->type == best->type || (type_bit(here->type) & TYPES_NUMBER &&
                                                      type_bit(best->type) & TYPES_NUMBER);
        if (!same_kind) {
            return TROUBLE_TYPES;
        }
        if (operand_is_nan(here)) {
            return TROUBLE_OVERFLOW;
        }
        best = compare(op, here, best, NULL) == TRUTH_TRUE ? here : best;
    }
    *ret = *best;
    return TROUBLE_NONE;
}

enum trouble function_min(const struct call *call, struct operand *ret)
{
    return extreme(call, OP_LESS, ret);
}

enum trouble function_max(const struct call *call, struct operand *ret)
{
    return extreme(call, OP_GREATER, ret);
}

static enum trouble int_of_double(double number, struct operand *ret)
{
    if (!(number >= -0x1p63 && number < 0x1p63)) {
        return TROUBLE_OVERFLOW;
    }
    return give_int((int64_t)number, ret);
}

enum trouble function_int(const struct call *call, struct operand *ret)
{
    const struct operand *value = &call->args[0];
    int64_t integer;
    int r;
    switch (value->type) {
    case OPERAND_TEXT:
        r = number_parse_i64(value->bytes, &integer);
        return r == 0 ? give_int(integer, ret) : r == 2 ? TROUBLE_OVERFLOW : TROUBLE_TEXT;
    case OPERAND_DOUBLE:
        return int_of_double(value->number, ret);
    case OPERAND_INT:
        return give_int(value->integer, ret);
    default:
        return value->ns < INT64_MIN || value->ns > INT64_MAX ? TROUBLE_OVERFLOW
                                                              : give_int((int64_t)value->ns, ret);
    }
}

enum trouble function_number(const struct call *call, struct operand *ret)
{
    const struct operand *value = &call->args[0];
    int64_t integer;
    double number;
    *ret = *value;
    if (value->type != OPERAND_TEXT) {
        return TROUBLE_NONE;
    }
    int r = number_parse_i64(value->bytes, &integer);
    if (r == 0) {
        return give_int(integer, ret);
    }
    if (r == 2) {
        return TROUBLE_OVERFLOW;
    }
    r = number_parse_double(value->bytes, &number);
    return r == 0 ? give_double(number, ret) : r == 2 ? TROUBLE_OVERFLOW : TROUBLE_TEXT;
}

enum trouble function_duration(const struct call *call, struct operand *ret)
{
    int64_t ns;
    *ret = call->args[0];
    if (ret->type == OPERAND_DURATION) {
        return TROUBLE_NONE;
    }
    int r = units_parse_duration(call->args[0].bytes, &ns);
    *ret = (struct operand){.type = OPERAND_DURATION, .ns = r == 0 ? ns : 0};
    return r == 0 ? TROUBLE_NONE : r == 2 ? TROUBLE_OVERFLOW : TROUBLE_TEXT;
}
