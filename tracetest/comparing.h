/* One assertion on its way: what its two sides are, and the conditions that are made of it.
 * Internal to the translators of assertions; confined to their owner. */
#ifndef ASSERTD_TRACETEST_COMPARING_H
#define ASSERTD_TRACETEST_COMPARING_H

#include "tracetest/special.h"
#include "tracetest/translation.h"

struct comparing {
    struct translation *translation;
    struct foreign_assertion assertion;
    const struct translated_selector *selector;
    struct said left;
    struct translated_assertion *ret;
};

/* Our operator. */
const char *comparator_word(enum foreign_comparator comparator);

/* Whether it is < <= > >=, or = !=. */
bool comparator_is_order(enum foreign_comparator comparator);
bool comparator_is_equality(enum foreign_comparator comparator);

/* Where text is made, and what was made of it since `from`. */
struct buf *comparing_out(struct comparing *comparing);
struct bytes comparing_take(struct comparing *comparing, size_t from);

/* Adds the condition LEFT OP RIGHT, or that of the assertion's own left side and operator. Always
 * true. */
bool comparing_put(struct comparing *comparing, struct bytes left, const char *op,
                   struct bytes right);
bool comparing_put_plain(struct comparing *comparing, struct bytes right);

/* As translation_lose. */
bool comparing_lose(struct comparing *comparing, const char *reason);

/* An expression that is one constant; NULL: it is none. */
const struct foreign_term *comparing_constant(const struct foreign_expression *expression);

/* A constant as a number, as a duration, as text. False: it is none. */
bool comparing_number(const struct foreign_term *term, struct bytes *ret);
bool comparing_duration(const struct foreign_term *term, int64_t *ret_ns);
bool comparing_text(const struct foreign_term *term, struct bytes *ret);

/* The left side, a duration, against a constant. */
bool compare_duration(struct comparing *comparing, const struct foreign_term *term);

/* The left side against a list, and whether a list on the left contains the right side. */
bool compare_list(struct comparing *comparing, const struct foreign_term *list);
bool compare_member(struct comparing *comparing);

/* Whether an expression reads the events of a span, and the comparison of such a left side. */
bool reads_events(const struct foreign_expression *expression);
bool compare_events(struct comparing *comparing);

#endif
