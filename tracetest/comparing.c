#include "tracetest/comparing.h"

#include <stdio.h>

#include "daemon/core/number.h"
#include "daemon/core/units.h"

static const char *const operators[] = {
    "=",         "!=",           "<", "<=", ">", ">=", "contains", "not contains", "starts-with",
    "ends-with", "json-contains"};

const char *comparator_word(enum foreign_comparator comparator)
{
    return operators[comparator];
}

bool comparator_is_order(enum foreign_comparator comparator)
{
    return comparator >= FOREIGN_LT && comparator <= FOREIGN_GE;
}

bool comparator_is_equality(enum foreign_comparator comparator)
{
    return comparator == FOREIGN_EQ || comparator == FOREIGN_NE;
}

struct buf *comparing_out(struct comparing *comparing)
{
    return &comparing->translation->text;
}

/* LEFT OP RIGHT, `right` written already. */
bool comparing_put(struct comparing *comparing, struct bytes left, const char *op,
                   struct bytes right)
{
    struct buf *out = comparing_out(comparing);
    size_t from = out->len;
    buf_append_bytes(out, left);
    buf_printf(out, " %s ", op);
    buf_append_bytes(out, right);
    comparing->ret->conditions[comparing->ret->count++] =
        translation_take(comparing->translation, from);
    return true;
}

bool comparing_put_plain(struct comparing *comparing, struct bytes right)
{
    return comparing_put(comparing, comparing->left.text,
                         comparator_word(comparing->assertion.comparator), right);
}

struct bytes comparing_take(struct comparing *comparing, size_t from)
{
    return translation_take(comparing->translation, from);
}

bool comparing_lose(struct comparing *comparing, const char *reason)
{
    return translation_lose(comparing->translation, reason);
}

/* The right side as a constant. */
const struct foreign_term *comparing_constant(const struct foreign_expression *expression)
{
    return expression->steps == NULL && expression->filters == NULL && is_constant(expression)
               ? expression->first
               : NULL;
}

/* A constant's number as text: a number, or a text that is one. */
bool comparing_number(const struct foreign_term *term, struct bytes *ret)
{
    if (term->type == FOREIGN_NUMBER) {
        *ret = term->text;
        return true;
    }
    return constant_text(term, ret) && number_is_canonical(*ret);
}

/* A constant's duration: one, or a text that is one. */
bool comparing_duration(const struct foreign_term *term, int64_t *ret_ns)
{
    struct bytes text;
    bool given = term->type == FOREIGN_DURATION || constant_text(term, &text);
    text = term->type == FOREIGN_DURATION ? term->text : text;
    return given && units_parse_duration(text, ret_ns) == 0;
}

/* The text of a constant, whatever it is. */
bool comparing_text(const struct foreign_term *term, struct bytes *ret)
{
    if (constant_text(term, ret)) {
        return true;
    }
    *ret = term->text;
    return term->type == FOREIGN_NUMBER || term->type == FOREIGN_BOOL ||
           term->type == FOREIGN_DURATION;
}
