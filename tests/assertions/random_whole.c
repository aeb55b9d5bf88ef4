#include "tests/assertions/random_whole.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/assertions/random_suites.h"

const char *random_keep(struct arena *arena, const char *text)
{
    char *copy = arena_string(arena, bytes_of(text));
    if (copy == NULL) {
        abort();
    }
    return copy;
}

const char *random_keep_text(struct buf *text, struct arena *arena)
{
    buf_append_char(text, '\0');
    const char *copy = random_keep(arena, (const char *)text->data);
    buf_deinit(text);
    return copy;
}

/* Across spans: over names, and over what is selected as well. */
static const char *const whole_conditions[] = {
    "%strace:spans <= 5%s",
    "%strace:duration < 5ns%s",
    "%strace:errors >= 2%s",
    "%strace:services != 1%s",
    "%strace:depth <= 2%s",
    "%strace:roots = 1%s",
    "%strace:fan_out < 3%s",
    "%strace:repeats <= 1%s",
    "%strace:retries = 0%s",
    "%scritical(x) > 0.5%s",
    "%ssum(k2 in $x) > 2%s",
    "%smax(duration in $y) <= 3ns%s",
    "%smin(k2 in $z) >= 1%s",
    "%sp(50)(duration in $x) < 3ns%s",
    "%savg(k2 in $y) <= 1.5%s",
    "%sdistinct(k1 in $x) <= 1%s",
    "%ssum(k2 * 2 + 1 in $x) > 2%s",
    "%smax(end - start in $y) <= 3ns%s",
    "%sgap($x, $y) >= 0ns%s",
    "%sconcurrency($x) <= 2%s",
    "%slag($x, $y) <= 2ns%s",
    "%slag($y, $z by k1) < 1s%s",
    "%slag($x, $y by parent) >= 0s%s",
    "%slag($x, $z by link) < 1s%s",
};
static const char *const whole_statements[] = {
    "$x before $y",
    "$y starts before $z",
    "$x overlaps $y",
    "$x apart from $z",
    "$x apart from $x",
    "each $x followed by $y within 2ns",
    "each $x followed by $y by k1 exactly once",
    "each $z followed by $y by k2 at most once",
    "no $y within 1ns after $x",
    "no $z after $y by k1",
    "each $x has a $y by k1",
    "each $x has exactly one $z by name",
    "each $x has at most one $y by k2",
    "same k1 in $x, $y",
    "same service in $z",
    "unique k2 in $x, $z",
    "unique name in $y",
    "same f'${name} ${k1}' in $x, $y",
    "each $x has a $y by length(name)",
    "states k1 in $x: 0 -> 1 -> 2, any start",
    "states k1 by name in $y: 0 -> 1, 1 -> 0, 0 -> 2",
    "states status in $z: never ok -> error",
    "edge x -> y",
    "no edge x -> y",
    "edges only x -> y",
};
static const char *const whole_selected[] = {
    "exactly 1: k1 = 1",       "at least 2: duration < 4ns", "at most 1: not (k2 = 1)",
    "at least 50%: k1 exists", "at most 30%: event:k = 1",   "none: span:self_time > 2ns",
    "span:self_time < 3ns",    "any: span:self_time = 1ns",  "sum(k2) < 3",
    "distinct(name) = 1",      "max(span:self_time) < 4ns",  "at least 1: span:self_time < 2ns",
};

/* Computed with, compared with each other, joined with others. */
static const char *const whole_composed[] = {
    "trace:spans - trace:errors * 2 >= 1",
    "trace:duration - sum($x.duration) <= 3ns",
    "critical(x) <= critical(y)",
    "sum(k2 in $x) < trace:spans",
    "trace:spans <= $y.k2",
    "max($z.end - $z.start) < trace:duration",
    "gap($x, $y) < 2 * $z.duration",
    "lag($x, $y by parent) * 2 < trace:duration",
    "coalesce(lag($y, $z), 1ns) <= 2 * lag($x, $y by k1)",
    "coalesce(sum(k1 in $x), 0) <= 2",
    "$x.span:self_time < 3ns",
    "$x.span:self_time * 2 >= $x.duration",
    "(trace:spans <= 4) and (trace:errors <= 1)",
    "(trace:spans > 4) or (trace:depth = 9)",
    "not ((trace:errors >= 2) and (trace:roots = 1))",
    "($x before $y) or (count($y) = 0)",
    "not ($x starts before $z)",
    "(edge x -> y) or (trace:spans < 3)",
    "(no edge x -> y) and (same k1 in $x, $y)",
    "(no $y within 1ns after $x) or ($x.k1 = 1)",
    "(unique k2 in $x, $z) and ($y.k1 exists)",
    "(distinct(k1 in $x) <= 1) or not (max(duration in $y) <= 3ns)",
    "(lag($x, $y) <= 2ns) and (trace:services <= 2)",
    "((trace:spans <= 5) and ($x.k1 = 1)) or (trace:errors > 1)",
    "(concurrency($x) in (1, 2)) or ($injection.status = 200)",
    "(trace:fan_out < 3) and (trace:retries = 0)",
};
static const char *const whole_composed_selected[] = {
    "(k1 = 1) or (trace:spans > 4)",
    "any: (k1 exists) and (trace:errors >= 1)",
    "none: (duration > 3ns) and (trace:spans > 3)",
    "(at least 1: k1 = 1) or (trace:spans > 5)",
    "not (at most 1: duration < 4ns) and (edge x -> y)",
    "(exactly 1: k1 = 1) or (count > 2)",
    "duration <= max(duration)",
    "span:self_time * 2 > span:duration",
    "any: span:self_time < $x.span:self_time",
    "(sum(k2) < 3) and (k2 <= 1)",
    "(duration <= $y.duration) or (trace:spans > 4)",
    "count * 2 > trace:spans",
};

const char *random_whole(struct random *random, struct arena *arena, bool selected)
{
    char text[160];
    bool negated = random_one_in(random, 5);
    if (random_one_in(random, 3)) {
        return selected && random_one_in(random, 2)
                   ? random_keep(arena, PICK(random, whole_composed_selected))
                   : random_keep(arena, PICK(random, whole_composed));
    }
    if (selected && random_one_in(random, 2)) {
        return random_keep(arena, PICK(random, whole_selected));
    }
    if (random_one_in(random, 2)) {
        return random_keep(arena, PICK(random, whole_statements));
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, PICK(random, whole_conditions), negated ? "not (" : "",
             negated ? ")" : "");
#pragma GCC diagnostic pop
    return random_keep(arena, text);
}

/* --- what may be decided early --- */

static void append_total(struct random *random, struct buf *text)
{
    static const char *const terms[] = {"trace:spans", "trace:errors", "trace:duration"};
    static const char *const operators[] = {"<", "<=", "=", "!=", ">", ">="};
    uint32_t term = random_below(random, 3);
    const char *unit = term == 2 ? "ns" : "";
    uint32_t number = random_below(random, term == 0 ? 7 : 4);
    if (random_one_in(random, 5)) {
        buf_printf(text, "%s in (%u%s, %u%s)", terms[term], number, unit, number + 2, unit);
    } else {
        buf_printf(text, "%s %s %u%s", terms[term], PICK(random, operators), number, unit);
    }
}

static void append_joined(struct random *random, struct buf *text, uint32_t depth)
{
    static const char *const others[] = {
        "$x.k1 = 1",         "count($y) >= 1", "$x before $y",           "trace:depth = 2",
        "sum(k2 in $x) < 3", "$y.k1 = $x.k1",  "$injection.status = 200"};
    uint32_t parts = 2 + random_one_in(random, 3);
    const char *join = random_one_in(random, 2) ? " and " : " or ";
    for (uint32_t i = 0; i < parts; i++) {
        buf_append_text(text, i != 0 ? join : "");
        buf_append_text(text, random_one_in(random, 3) ? "not (" : "(");
        if (depth < 2 && random_one_in(random, 4)) {
            append_joined(random, text, depth + 1);
        } else if (random_one_in(random, 4)) {
            buf_append_text(text, PICK(random, others));
        } else {
            append_total(random, text);
        }
        buf_append_char(text, ')');
    }
}

static const char *random_early(struct random *random, struct arena *arena)
{
    struct buf text = BUF_NULL;
    uint32_t kind = random_below(random, 4);
    if (kind == 0) {
        append_total(random, &text);
    } else if (kind == 1) {
        buf_append_text(&text, "not (");
        append_total(random, &text);
        buf_append_char(&text, ')');
    } else {
        append_joined(random, &text, 0);
    }
    return random_keep_text(&text, arena);
}

struct test_suite random_whole_suite(struct random *random, struct arena *arena, const char *name)
{
    struct test_suite suite = random_suite(random, arena, name);
    struct test_assertion only = {.name = "only"};
    if (random_one_in(random, 4)) {
        only.select = random_selector(random, arena);
        only.optional = random_one_in(random, 3);
    }
    only.conditions[0] = random_one_in(random, 4) ? random_whole(random, arena, only.select != NULL)
                                                  : random_early(random, arena);
    for (uint32_t i = 0; i < TEST_LIST_MAX; i++) {
        suite.assertions[i] = (struct test_assertion){.name = NULL};
    }
    suite.assertions[0] = only;
    return suite;
}
