/* Conditions across spans: what the parser accepts, what it refuses at which byte, and that their
 * words are still free to be keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/whole.h"
#include "tests/assertions/language_fixture.h"

#define C EXPRESSION_CONDITION
#define N EXPRESSION_NAMES_CONDITION
#define W EXPRESSION_WHEN

static const struct acceptance good[] = {
    {N, "trace:duration < 5s"},
    {N, "trace : spans <= 100"},
    {N, "not (trace:errors > 0)"},
    {N, "trace:services in (3, 4)"},
    {N, "trace:depth<9"},
    {N, "trace:roots = 1"},
    {N, "trace:fan_out <= 10"},
    {N, "trace:repeats <= 5"},
    {N, "trace:retries = 0"},
    {N, "critical(mail) <= 30%"},
    {N, "critical ( 'my service' ) < 0.5"},
    {C, "span:self_time < 5ms"},
    {C, "any: span : self_time < 5ms"},
    {C, "sum(size) < 1000"},
    {C, "avg( duration ) <= 5ms"},
    {C, "min(attr:a) >= 0"},
    {C, "max(`a,b`) >= 0"},
    {C, "p(99.5)(duration) < 1s"},
    {C, "p ( 95 ) ( duration ) < 1s"},
    {C, "sum(a * 2 + b) < 5"},
    {C, "max(end - start) < 5ms"},
    {C, "max((a + b) * 2) < 5"},
    {C, "sum(2 * size) < 5"},
    {C, "avg(duration / 2) < 5ms"},
    {C, "sum(length(name)) < 500"},
    {C, "sum(body | json_path '$.n' | int) < 500"},
    {N, "distinct(lower(host) in $mail) = 1"},
    {C, "sum(span:event_count) = 2"},
    {N, "unique span:id in $mail"},
    {N, "same f'${a} of ${b}' in $request, $mail"},
    {N, "each $request followed by $mail within 5s by lower(order.id) exactly once"},
    {N, "lag($request, $mail by json_path(body, '$.id')) < 5s"},
    {N, "states lower(attr:status) by `a b` in $mail: a -> b"},
    {C, "distinct(resource:host.name) >= 2"},
    {N, "max(duration in $mail) < 50ms"},
    {N, "sum(span:self_time in $mail-2) < 50ms"},
    {N, "sum($mail.n) < 5"},
    {N, "max( $mail.end - $mail.start ) < 5ms"},
    {N, "p(95)($mail-2.span:self_time) < 5ms"},
    {N, "distinct(lower($mail.host)) = 1"},
    {N, "gap($request, $mail) <= 2s"},
    {N, "gap ( $request,$mail ) > -2s"},
    {N, "concurrency($mail) <= 3"},
    {N, "lag($request, $mail) < 5s"},
    {N, "lag($request, $mail by parent) < 5s"},
    {N, "lag($request, $mail by link) < 5s"},
    {N, "lag($request, $mail by order.id) < 5s"},
    {C, "exactly 2: n = 1"},
    {C, "at least 2 : not (n exists)"},
    {C, "at  most 2:status = error"},
    {C, "at least 99.5%: duration < 5ms"},
    {C, "at most 10%: span:self_time > 5ms"},
    {N, "$request before $mail"},
    {N, "$request  starts  before $mail-2"},
    {N, "$request overlaps $mail"},
    {N, "$request apart from $request"},
    {N, "each $request followed by $mail"},
    {N, "each $request followed by $mail within 5s"},
    {N, "each $request followed by $mail within 5s by order.id exactly once"},
    {N, "each $request followed by $mail by `a b` at least once"},
    {N, "each $request followed by $mail at most once"},
    {N, "each $request has a $mail by order.id"},
    {N, "each $request has exactly one $mail by order.id"},
    {N, "each $request has at most one $mail by order.id"},
    {N, "no $mail after $request"},
    {N, "no $mail within 1.5s after $request by order.id"},
    {N, "same order.id in $request,$mail , $mail-2"},
    {N, "unique order.id in $mail"},
    {N, "states attr:status in $mail: a -> b -> c, b -> 'd e'"},
    {N, "states x by order.id in $mail : never a -> b, any start , 1 -> 2"},
    {N, "states any in $mail: any -> start"},
    {N, "states x in $mail: never 2 -> 1, never -> 'a'"},
    {N, "edge 2fa -> 3"},
    {N, "edge a -> b"},
    {N, "edge 'a'->'b' -> c"},
    {N, "no edge a -> b"},
    {N, "edges only a -> b, b -> c"},
    {W, "trace:errors > 0"},
    {W, "$request before $mail"},
};

/* The same words where they are keys of attributes. */
static const struct acceptance as_ever[] = {
    {C, "sum = 5"},
    {C, "each = 5"},
    {C, "no exists"},
    {C, "edge = 'x'"},
    {C, "edges contains 'x'"},
    {C, "exactly = 2"},
    {C, "at = 2"},
    {C, "same contains in"},
    {C, "same in (a, b)"},
    {C, "unique not in (a, b)"},
    {C, "states =~ 'x'"},
    {C, "states starts-with 'x'"},
    {C, "trace = 5"},
    {C, "trace.duration = 5"},
    {C, "critical missing"},
    {C, "p = 5"},
    {C, "$request.before = 5"},
    {C, "all: gap = 5"},
};

static void check_is_whole(const struct acceptance *rows, size_t count, bool whole)
{
    struct language language;
    language_init(&language);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == W) {
            continue;
        }
        const struct condition *condition =
            parse_condition(&language.context, bytes_of(rows[i].text), rows[i].kind == C, 0);
        if ((condition->left.type == TERM_WHOLE) != whole) {
            fail_msg("%s: is it across spans?", rows[i].text);
        }
    }
    language_deinit(&language);
}

static void good_ones_are_accepted(void **state)
{
    (void)state;
    language_accepts_each(good, sizeof good / sizeof good[0]);
    language_accepts_each(as_ever, sizeof as_ever / sizeof as_ever[0]);
    check_is_whole(good, sizeof good / sizeof good[0], true);
    check_is_whole(as_ever, sizeof as_ever / sizeof as_ever[0], false);
}

static void bad_ones_are_refused_at_their_byte(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {N, "trace:span = 1", 7, "did you mean trace:spans?"},
        {N, "trace:xyzzy = 1", 7, "a trace has duration spans"},
        {N, "trace:spans < 5ms", 15, "is a number"},
        {N, "trace:duration < 5", 18, "with a unit"},
        {N, "trace:spans exists", 13, "compare it with"},
        {N, "trace:duration exists", 16, "what is computed can't be missing"},
        {N, "any: trace:spans = 1", 6, "this is judged once"},
        {N, "span:self_time < 1s", 1, "without `select`"},
        {N, "sum(n) < 1", 1, "without `select`"},
        {N, "at least 2: n = 1", 10, "without `select`"},
        {C, "sum(event:n) < 1", 5, "a key with one value"},
        {C, "sum(name) < 1", 5, "no number and no duration"},
        {C, "max(start) < 1s", 5, "no number and no duration"},
        {C, "sum(n in mail) < 1", 10, "a name is missing before 'm'"},
        {C, "sum(n + $mail.x) < 1", 5, "spans of one name"},
        {C, "sum($mail.x + $request.x) < 1", 5, "spans of one name"},
        {C, "sum(count($mail) + $mail.x) < 1", 5, "value of one span"},
        {C, "sum($mail.event:x) < 1", 5, "several values"},
        {C, "max($mail.start) < 1s", 5, "no number and no duration"},
        {C, "sum(trace:spans * n) < 1", 5, "the value of one span"},
        {C, "sum(n * span:self_time) < 1s", 9, "the value of one span"},
        {C, "sum(1 + 2) < 1", 5, "the value of one span"},
        {C, "sum(lower(x)) < 1", 5, "no number and no duration"},
        {C, "sum(a + b) < 1ms", 14, "is a number"},
        {C, "sum(end - start) < 1", 20, "with a unit"},
        {C, "sum(n < 1", 7, "')' is missing"},
        {C, "p(0)(n) < 1", 3, "above 0"},
        {C, "p(101)(n) < 1", 3, "up to 100"},
        {C, "p(95)n < 1", 6, "'(' is missing"},
        {N, "critical() < 1", 10, "a value is missing"},
        {N, "critical(5) < 1", 10, "the name of a service"},
        {N, "gap($request) < 1s", 13, "',' is missing"},
        {N, "gap($request, $nobody) < 1s", 15, "unknown name '$nobody'"},
        {N, "gap($request, $injection) < 1s", 15, "not a span"},
        {N, "concurrency($mail) < 1s", 22, "is a number"},
        {N, "lag($request, $mail by link:x) < 1s", 28, "')' is missing"},
        {C, "exactly 50%: n = 1", 9, "at least or at most so much"},
        {C, "at least 101%: n = 1", 10, "at most 100%"},
        {C, "at least 1.5: n = 1", 10, "is whole"},
        {C, "at least 2 n = 1", 12, "':' is missing"},
        {C, "at least 2: count = 1", 13, "a condition on a key stands here"},
        {C, "at least 2: any: n = 1", 13, "unknown key prefix 'any:'"},
        {N, "$request before", 16, "a name is missing before the end"},
        {N, "$request starts $mail", 10, "after a name comes .KEY"},
        {N, "$request before $mail x", 23, "unexpected 'x'"},
        {N, "each $request", 14, "followed by"},
        {N, "each $request followed $mail", 24, "'by' is missing"},
        {N, "each $request followed by $mail within 5", 40, "a duration"},
        {N, "each $request followed by $mail within -5s", 40, "a duration"},
        {N, "each $request followed by $mail exactly two", 41, "'once' is missing"},
        {N, "each $request has $mail by x", 19, "'a' is missing"},
        {N, "each $request has a $mail", 26, "by KEY is missing"},
        {N, "no $mail within 5s $request", 20, "'after' is missing"},
        {N, "no $mail after $request by start", 28, "by a time"},
        {N, "same start in $mail", 6, "two times"},
        {N, "same x of $mail", 8, "'in' is missing"},
        {N, "states x in $mail: a", 21, "'->' is missing"},
        {N, "states x in $mail: a->b", 21, "blanks around"},
        {N, "states x in $mail: any start", 29, "write a -> b"},
        {N, "states start in $mail: a -> b", 8, "no state"},
        {N, "edge a -> ", 11, "a value is missing"},
        {N, "edge a", 7, "'->' is missing"},
        {N, "no edge a -> b, b -> c", 15, "unexpected ','"},
        {N, "edges only", 11, "a value is missing"},
    };
    language_refuses_each(rows, sizeof rows / sizeof rows[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_are_accepted),
        cmocka_unit_test(bad_ones_are_refused_at_their_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
