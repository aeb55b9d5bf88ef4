#include "tests/assertions/random_suites.h"

#include "tests/assertions/random_whole.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const filters[] = {
    "name=a",
    "name=b",
    "name != c",
    "service=x",
    "kind=server",
    "status=error",
    "k1 exists",
    "k1 missing",
    "k1 = 1",
    "not (k1 = 1)",
    "k2 > 1",
    "not (k2 missing)",
    "not (not (k2 = 2))",
    "attr:k1 = 1",
    "resource:k1 = 1",
    "k1 != 2",
    "duration > 3ns",
    "not (duration > 3ns)",
    "start >= 4ns",
    "duration exists",
    "event:name = e",
    "event:k exists",
    "event:k missing",
    "not (event:k = 1)",
    "link:trace_id exists",
    "k1 contains 'x'",
    "k1 =~ '^x'",
    "scope:name = lib",
    "event:k < 2",
    "k2 <= 1",
    "k1 in (1, 'xy')",
    "k2 not in (1, 2)",
    "name in (a, c)",
    "not (k1 = 1 k2 exists)",
    "not (k1 in (1, 2), duration > 3ns, name = a)",
    "k1 starts-with x",
    "k2 not contains y",
    "event:k not in (1)",
    "span:type = http",
    "span:type in (general, database)",
    "not (span:type = general)",
    "span:parent_id exists",
    "span:id = '0000000000000003'",
    "span:parent_id in ('0000000000000001', '0000000000000002')",
    "span:event_count > 0",
    "span:link_count = 1",
    "duration * 2 > 7ns",
    "(k1 = 1) or (k2 exists)",
    "(k1 = 1) and not (k2 = 2)",
    "not ((k1 = 1) or (duration > 3ns))",
    "k1 = attr:k2",
    "coalesce(k1, k2) = 1",
    "k2 + 1 = 2",
    "length(name) = 1",
    "(event:k = 1) or (resource:k1 = 1)",
};

static const char *const span_conditions[] = {
    "%s%sk1 = 1%s",
    "%s%sk1 exists%s",
    "%s%sk1 missing%s",
    "%s%sk2 < 2%s",
    "%s%sduration < 4ns%s",
    "%s%sstatus != error%s",
    "%s%sname = a%s",
    "%s%sevent:k = 1%s",
    "%s%sevent:k missing%s",
    "%s%sk1 != 2%s",
    "%s%sresource:k1 = 1%s",
    "%s%sduration exists%s",
    "%s%sk2 =~ 'x'%s",
    "%s%sattr:k2 > 0%s",
    "%s%sk1 in (1, xy)%s",
    "%s%sk2 not in (1, true)%s",
    "%s%sspan:type != general%s",
    "%s%sspan:event_count < 2%s",
    "%s%sspan:parent_id missing%s",
    "%s%sk1 ends-with y%s",
    "%s%sk1 not contains x%s",
    "%s%sk1 + 1 = 2%s",
    "%s%sduration / 2 < 2ns%s",
    "%s%sk1 = attr:k2%s",
    "%s%scoalesce(k1, 1) = 1%s",
    "%s%s(k1 = 1) or (duration < 4ns)%s",
    "%s%s(k1 exists) and (k2 < 2)%s",
    "%s%s(event:k = 1) or (k1 missing)%s",
    "%s%sk1 = $x.k1%s",
    "%s%sduration <= $y.duration%s",
    "%s%sattr:k2 = $injection.k%s",
    "%s%s(k1 = 1) or (count($x) = 1)%s",
};

static const char *const name_conditions[] = {
    "%s$x.k1 = 1%s",
    "%s$y.duration < 4ns%s",
    "%s$x.start - $y.end < 2ns%s",
    "%s$z.end - $z.start <= 3ns%s",
    "%scount($x) >= 1%s",
    "%scount($y) <= 1%s",
    "%scount($z) = 2%s",
    "%s$x.status = ok%s",
    "%s$y.k1 missing%s",
    "%s$x.start - $injection.time >= 0ns%s",
    "%s$injection.status = 200%s",
    "%s$injection.outcome = ok%s",
    "%s$injection.k exists%s",
    "%s$z.event:k exists%s",
    "%s$y.k2 < 2%s",
    "%scount($z) != 1%s",
    "%s$x.k1 = $y.k1%s",
    "%s$x.k1 = $x.k2%s",
    "%s$x.duration + $y.duration < 9ns%s",
    "%s$y.k1 + 1 = 2%s",
    "%s($x.k1 = 1) or ($y.k1 = 1)%s",
    "%scount($x) = count($y)%s",
    "%scount($x) + 1 > $z.k1%s",
    "%scoalesce($x.k1, $injection.status) = 1%s",
    "%s$x.start - $y.start < $z.duration * 2%s",
};

static const char *const selected_counts[] = {
    "%scount = 1%s",           "%scount >= 1%s",        "%scount <= 2%s",  "%scount > 1%s",
    "%scount != 2%s",          "%scount >= 0%s",        "%scount < 1.5%s", "%scount in (1, 3)%s",
    "%scount not in (0, 2)%s", "%scount in (0, 1.5)%s",
};

static const char *const signs[] = {" ", " > ", " < ", " << ", " ~ ", " -> "};

static void append_place(struct random *random, struct buf *text, uint32_t depth);

/* `depth`: in so many :has(...). */
static void append_part(struct random *random, struct buf *text, uint32_t depth)
{
    static const char *const pseudos[] = {":first", ":last", ":nth_child(1)", ":nth_child(2)"};
    uint32_t count = random_below(random, 3);
    buf_append_text(text, "span[");
    for (uint32_t i = 0; i < count; i++) {
        buf_append_text(text, i != 0 ? ", " : "");
        buf_append_text(text, PICK(random, filters));
    }
    buf_append_text(text, "]");
    for (; random_one_in(random, 8);) {
        append_place(random, text, depth);
    }
    if (depth == 0 && random_one_in(random, 6)) {
        buf_append_text(text, PICK(random, pseudos));
    }
}

static void append_place(struct random *random, struct buf *text, uint32_t depth)
{
    uint32_t kind = depth < 2 ? random_below(random, 6) : random_below(random, 2);
    if (kind < 2) {
        buf_append_text(text, kind == 0 ? ":root" : ":leaf");
        return;
    }
    buf_append_text(text, ":has(");
    uint32_t parts = 1 + random_one_in(random, 3);
    for (uint32_t p = 0; p < parts; p++) {
        buf_append_text(text, PICK(random, signs));
        append_part(random, text, depth + 1);
    }
    if (random_one_in(random, 6)) {
        buf_append_text(text, ", ~ ");
        append_part(random, text, depth + 1);
    }
    buf_append_char(text, ')');
}

const char *random_selector(struct random *random, struct arena *arena)
{
    struct buf text = BUF_NULL;
    uint32_t chains = random_one_in(random, 5) ? 2 : 1;
    for (uint32_t c = 0; c < chains; c++) {
        uint32_t parts = 1 + (random_one_in(random, 3) ? 1 + random_below(random, 2) : 0);
        buf_append_text(&text, c != 0 ? ", " : "");
        for (uint32_t p = 0; p < parts; p++) {
            buf_append_text(&text, p == 0 ? "" : PICK(random, signs));
            append_part(random, &text, 0);
        }
    }
    return random_keep_text(&text, arena);
}

static const char *random_condition(struct random *random, struct arena *arena, bool selected)
{
    if (random_one_in(random, 5)) {
        return random_whole(random, arena, selected);
    }
    static const char *const quantifiers[] = {"", "", "any: ", "none: ", "all: "};
    bool negated = random_one_in(random, 5);
    char text[160];
    uint32_t kind = random_below(random, selected ? 3 : 1);
    const char *open = negated ? "not (" : "";
    const char *close = negated ? ")" : "";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (kind == 0) {
        snprintf(text, sizeof text, PICK(random, name_conditions), open, close);
    } else if (kind == 1) {
        snprintf(text, sizeof text, PICK(random, selected_counts), open, close);
    } else {
        snprintf(text, sizeof text, PICK(random, span_conditions), PICK(random, quantifiers), open,
                 close);
    }
#pragma GCC diagnostic pop
    return random_keep(arena, text);
}

static struct test_assertion random_assertion(struct random *random, struct arena *arena,
                                              const char *name)
{
    struct test_assertion assertion = {.name = name, .warning = random_one_in(random, 4)};
    if (!random_one_in(random, 4)) {
        assertion.select = random_selector(random, arena);
        assertion.optional = random_one_in(random, 3);
    }
    if (random_one_in(random, 5)) {
        assertion.when = random_one_in(random, 2) ? random_selector(random, arena)
                                                  : random_condition(random, arena, false);
    }
    uint32_t count = 1 + random_below(random, 3);
    for (uint32_t i = 0; i < count; i++) {
        assertion.conditions[i] = random_condition(random, arena, assertion.select != NULL);
    }
    return assertion;
}

struct test_suite random_suite(struct random *random, struct arena *arena, const char *name)
{
    static const char *const names[] = {"first", "second", "third", "fourth"};
    struct test_suite suite = {.name = name, .lenient = random_one_in(random, 3)};
    suite.traces = random_one_in(random, 3) ? random_selector(random, arena) : NULL;
    if (random_one_in(random, 5)) {
        suite.labels[0] = (struct test_name){"scenario", "buy"};
    }
    suite.spans[0] = (struct test_name){"x", random_selector(random, arena)};
    suite.spans[1] = (struct test_name){"y", random_selector(random, arena)};
    suite.spans[2] = (struct test_name){"z", random_selector(random, arena)};
    uint32_t count = 1 + random_below(random, 4);
    for (uint32_t i = 0; i < count; i++) {
        suite.assertions[i] = random_assertion(random, arena, names[i]);
    }
    suite.estimates_skew = random_one_in(random, 4);
    suite.max_clock_skew_ns = random_one_in(random, 2) ? 1 : 0;
    return suite;
}

static struct attr_build random_attr(struct random *random, const char *key)
{
    switch (random_below(random, 8)) {
    case 0:
        return (struct attr_build)ATTR_TEXT(key, "xy");
    case 1:
        return (struct attr_build)ATTR_DOUBLE(key, 1.0);
    case 2:
        return (struct attr_build)ATTR_BOOL(key, 1);
    case 3:
        return (struct attr_build)ATTR_NONE(key);
    case 4:
        return (struct attr_build)ATTR_DOUBLE(key, NAN);
    default:
        return (struct attr_build)ATTR_INT(key, random_below(random, 3));
    }
}

static void random_evidence(struct random *random, struct span_build *span)
{
    static const uint32_t flags[] = {0, 1, 1, 1, 0x100, 0x101, 0x101, 3};
    span->flags = random_one_in(random, 60) ? 2 : PICK(random, flags);
    span->dropped_attrs = random_one_in(random, 8);
    span->dropped_events = random_one_in(random, 12);
    span->dropped_links = random_one_in(random, 20);
}

struct span_build random_span(struct random *random)
{
    static const char *const names[] = {"a", "b", "c"};
    static const char *const services[] = {"x", "y", NULL};
    struct span_build span = {.id = 1 + random_below(random, 9), .name = PICK(random, names)};
    uint32_t attrs = 0;
    span.parent = random_one_in(random, 4) ? 0 : 1 + random_below(random, 9);
    span.service = PICK(random, services);
    span.kind = (enum span_kind)random_below(random, 5);
    span.status = (enum span_status)random_below(random, 3);
    span.start_ns = 3 + random_below(random, 5);
    span.end_ns = span.start_ns + random_below(random, 6) - random_one_in(random, 10);
    if (!random_one_in(random, 3)) {
        span.attrs[attrs++] = random_attr(random, "k1");
    }
    if (!random_one_in(random, 2)) {
        span.attrs[attrs++] = random_attr(random, "k2");
    }
    if (random_one_in(random, 4)) {
        span.attrs[attrs++] = random_attr(random, random_one_in(random, 3) ? "db.k" : "http.k");
    }
    if (random_one_in(random, 3)) {
        span.resource[0] = random_attr(random, "k1");
    }
    if (random_one_in(random, 3)) {
        span.events[0] = (struct event_build){.name = "e", .attrs = {random_attr(random, "k")}};
    }
    if (random_one_in(random, 3)) {
        span.links[0] = (struct link_build){.trace = random_one_in(random, 3) ? 7 : 1,
                                            .span = 1 + random_below(random, 9)};
    }
    span.scope_name = random_one_in(random, 2) ? "lib" : NULL;
    random_evidence(random, &span);
    return span;
}

void random_arrivals(struct random *random, struct arrivals *ret)
{
    uint32_t spans = 1 + random_below(random, 12);
    ret->count = 0;
    for (uint32_t i = 0; i < spans; i++) {
        ret->spans[ret->count++] = random_span(random);
        if (random_one_in(random, 4)) {
            struct span_build copy = ret->spans[random_below(random, ret->count)];
            random_evidence(random, &copy);
            ret->spans[ret->count++] = copy;
        }
    }
}

void random_shuffle(struct random *random, struct arrivals *arrivals)
{
    for (uint32_t i = arrivals->count; i > 1; i--) {
        uint32_t other = random_below(random, i);
        struct span_build span = arrivals->spans[i - 1];
        arrivals->spans[i - 1] = arrivals->spans[other];
        arrivals->spans[other] = span;
    }
}

struct injection random_injection(struct random *random)
{
    static const struct attr attrs[] = {{BYTES_LITERAL("k"), {.type = VALUE_INT, .integer = 1}}};
    struct injection injection = {
        .trace_id = trace_id_build(1), .has_time = !random_one_in(random, 3), .time_ns = 4};
    injection.span_id = random_one_in(random, 2) ? 1 + random_below(random, 9) : 0;
    injection.has_status = !random_one_in(random, 3);
    injection.status = random_one_in(random, 2) ? 200 : 500;
    injection.outcome = random_one_in(random, 2) ? INJECTION_OK : INJECTION_OUTCOME_NONE;
    injection.scenario = random_one_in(random, 2) ? BYTES_LITERAL("buy") : BYTES_NULL;
    injection.attrs = attrs;
    injection.attr_count = random_below(random, 2);
    return injection;
}
