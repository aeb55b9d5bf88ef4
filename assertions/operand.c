/*
 * Values while they are judged: their canonical text, and the way in and out of the model's types.
 */
#include "assertions/operand.h"

#include <string.h>

#include "daemon/core/number.h"

static const struct {
    const char *unit;
    unsigned per;
} duration_units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000}, {"s", 1000}};

/* Written from the end of the scratch, so that no length has to be known first. */
static struct bytes print_backwards(char scratch[OPERAND_TEXT_MAX], __int128 number,
                                    const char *suffix)
{
    size_t at = OPERAND_TEXT_MAX - strlen(suffix);
    memcpy(scratch + at, suffix, strlen(suffix));
    unsigned __int128 rest = number < 0 ? -(unsigned __int128)number : (unsigned __int128)number;
    for (; rest > UINT64_MAX; rest /= 10) {
        scratch[--at] = (char)('0' + (int)(rest % 10));
    }
    uint64_t word = (uint64_t)rest; /* dividing 128 bits is a call each time */
    do {
        scratch[--at] = (char)('0' + (int)(word % 10));
        word /= 10;
    } while (word > 0);
    if (number < 0) {
        scratch[--at] = '-';
    }
    return bytes_from(scratch + at, OPERAND_TEXT_MAX - at);
}

static struct bytes print_duration(char scratch[OPERAND_TEXT_MAX], __int128 ns)
{
    size_t unit = 0;
    while (unit < 3 && ns % duration_units[unit + 1].per == 0) {
        unit++;
        ns /= duration_units[unit].per;
    }
    return print_backwards(scratch, ns, duration_units[unit].unit);
}

struct bytes operand_text(const struct operand *operand, char scratch[OPERAND_TEXT_MAX])
{
    _Static_assert(OPERAND_TEXT_MAX >= NUMBER_TEXT_MAX, "a double's text must fit");
    switch (operand->type) {
    case OPERAND_TEXT:
        return operand->bytes;
    case OPERAND_BOOL:
        return operand->boolean ? BYTES_LITERAL("true") : BYTES_LITERAL("false");
    case OPERAND_INT:
        return print_backwards(scratch, operand->integer, "");
    case OPERAND_DOUBLE:
        return bytes_from(scratch, number_print_double(scratch, operand->number));
    case OPERAND_DURATION:
        return print_duration(scratch, operand->ns);
    default:
        return BYTES_NULL;
    }
}

struct operand operand_of_value(const struct value *value)
{
    switch (value->type) {
    case VALUE_TEXT:
        return (struct operand){.type = OPERAND_TEXT, .bytes = value->bytes};
    case VALUE_BOOL:
        return (struct operand){.type = OPERAND_BOOL, .boolean = value->boolean};
    case VALUE_INT:
        return (struct operand){.type = OPERAND_INT, .integer = value->integer};
    case VALUE_DOUBLE:
        return (struct operand){.type = OPERAND_DOUBLE, .number = value->number};
    case VALUE_BYTES:
        return (struct operand){.type = OPERAND_BYTES, .bytes = value->bytes};
    case VALUE_ARRAY:
        return (struct operand){.type = OPERAND_ARRAY, .bytes = value->bytes};
    case VALUE_MAP:
        return (struct operand){.type = OPERAND_MAP, .bytes = value->bytes};
    case VALUE_MISSING:
        break;
    }
    return OPERAND_NONE;
}

static struct seen seen_value(struct value value)
{
    return (struct seen){.type = SEEN_VALUE, .value = value};
}

struct seen operand_seen(const struct operand *operand)
{
    switch (operand->type) {
    case OPERAND_TEXT:
        return seen_value((struct value){.type = VALUE_TEXT, .bytes = operand->bytes});
    case OPERAND_BOOL:
        return seen_value((struct value){.type = VALUE_BOOL, .boolean = operand->boolean});
    case OPERAND_INT:
        return seen_value((struct value){.type = VALUE_INT, .integer = operand->integer});
    case OPERAND_DOUBLE:
        return seen_value((struct value){.type = VALUE_DOUBLE, .number = operand->number});
    case OPERAND_BYTES:
        return seen_value((struct value){.type = VALUE_BYTES, .bytes = operand->bytes});
    case OPERAND_ARRAY:
        return seen_value((struct value){.type = VALUE_ARRAY, .bytes = operand->bytes});
    case OPERAND_MAP:
        return seen_value((struct value){.type = VALUE_MAP, .bytes = operand->bytes});
    case OPERAND_DURATION:
        return (struct seen){.type = SEEN_DURATION, .ns = operand->ns};
    case OPERAND_TIME:
        return (struct seen){.type = SEEN_TIME, .ns = operand->ns};
    case OPERAND_LIST:
        return seen_value((struct value){.type = VALUE_ARRAY, .bytes = operand->list->shown});
    case OPERAND_MISSING:
        break;
    }
    return (struct seen){.type = SEEN_NOTHING};
}
