/* Durations. Tracetest rounds both sides to what it shows: whole ns, us, ms; tenths of s, m, h. */
#include "daemon/core/units.h"
#include "tracetest/comparing.h"

static int64_t rounding_step(int64_t ns)
{
    static const struct {
        int64_t below, step;
    } steps[] = {{1000, 1},
                 {1000000, 1000},
                 {1000000000, 1000000},
                 {INT64_C(60000000000), INT64_C(100000000)},
                 {INT64_C(3600000000000), INT64_C(6000000000)}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (ns < steps[i].below) {
            return steps[i].step;
        }
    }
    return INT64_C(360000000000);
}

static struct bytes say_ns(struct comparing *comparing, int64_t ns)
{
    size_t from = comparing_out(comparing)->len;
    units_print_duration(comparing_out(comparing), ns);
    return comparing_take(comparing, from);
}

/* = and != mean "shown as": from half a step below to half a step above. */
static bool put_range(struct comparing *comparing, int64_t ns, bool equal)
{
    int64_t step = rounding_step(ns);
    int64_t shown = (ns + step / 2) / step * step;
    int64_t below = shown > 0 ? rounding_step(shown - 1) : 1;
    struct bytes from = say_ns(comparing, shown - below / 2);
    struct bytes to = say_ns(comparing, shown + step / 2);
    struct bytes left = comparing->left.text;
    translation_note(comparing->translation, "Tracetest rounds both sides to what it shows: this "
                                             "range is shown as equal");
    if (equal) {
        return comparing_put(comparing, left, ">=", from) &&
               comparing_put(comparing, left, "<", to);
    }
    struct buf *out = comparing_out(comparing);
    size_t at = out->len;
    buf_printf(out, "(%.*s < %.*s) or (%.*s >= %.*s)", (int)left.len, (const char *)left.data,
               (int)from.len, (const char *)from.data, (int)left.len, (const char *)left.data,
               (int)to.len, (const char *)to.data);
    comparing->ret->conditions[comparing->ret->count++] = comparing_take(comparing, at);
    return true;
}

bool compare_duration(struct comparing *comparing, const struct foreign_term *term)
{
    enum foreign_comparator comparator = comparing->assertion.comparator;
    int64_t ns;
    if (!comparator_is_order(comparator) && !comparator_is_equality(comparator)) {
        return comparing_lose(comparing, "a duration is compared by = != < <= > >=");
    }
    if (!comparing_duration(term, &ns)) {
        return comparing_lose(comparing, "a duration is compared with a duration, such as 50ms");
    }
    if (comparator_is_equality(comparator) && (ns >= 1000 || ns % rounding_step(ns) != 0)) {
        return put_range(comparing, ns, comparator == FOREIGN_EQ);
    }
    if (comparator_is_order(comparator)) {
        translation_note(comparing->translation,
                         "exact to the nanosecond; Tracetest rounds both sides to what it shows");
    }
    return comparing_put_plain(comparing, say_ns(comparing, ns));
}
