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

struct good {
    enum expression kind;
    const char *text;
    bool whole; /* it is one; else a comparison as ever */
};

static const struct good good[] = {
    {N, "trace:duration < 5s", true},
    {N, "trace : spans <= 100", true},
    {N, "not (trace:errors > 0)", true},
    {N, "trace:services in (3, 4)", true},
    {N, "trace:depth<9", true},
    {N, "trace:roots = 1", true},
    {N, "trace:fan_out <= 10", true},
    {N, "trace:repeats <= 5", true},
    {N, "trace:retries = 0", true},
    {N, "critical(mail) <= 30%", true},
    {N, "critical ( 'my service' ) < 0.5", true},
    {C, "span:self_time < 5ms", true},
    {C, "any: span : self_time < 5ms", true},
    {C, "sum(size) < 1000", true},
    {C, "avg( duration ) <= 5ms", true},
    {C, "min(attr:a) >= 0", true},
    {C, "max(`a,b`) >= 0", true},
    {C, "p(99.5)(duration) < 1s", true},
    {C, "p ( 95 ) ( duration ) < 1s", true},
    {C, "sum(a * 2 + b) < 5", true},
    {C, "max(end - start) < 5ms", true},
    {C, "max((a + b) * 2) < 5", true},
    {C, "sum(2 * size) < 5", true},
    {C, "avg(duration / 2) < 5ms", true},
    {C, "sum(length(name)) < 500", true},
    {C, "sum(body | json_path '$.n' | int) < 500", true},
    {N, "distinct(lower(host) in $mail) = 1", true},
    {C, "sum(span:event_count) = 2", true},
    {N, "unique span:id in $mail", true},
    {N, "same f'${a} of ${b}' in $request, $mail", true},
    {N, "each $request followed by $mail within 5s by lower(order.id) exactly once", true},
    {N, "lag($request, $mail by json_path(body, '$.id')) < 5s", true},
    {N, "states lower(attr:status) by `a b` in $mail: a -> b", true},
    {C, "distinct(resource:host.name) >= 2", true},
    {N, "max(duration in $mail) < 50ms", true},
    {N, "sum(span:self_time in $mail-2) < 50ms", true},
    {N, "sum($mail.n) < 5", true},
    {N, "max( $mail.end - $mail.start ) < 5ms", true},
    {N, "p(95)($mail-2.span:self_time) < 5ms", true},
    {N, "distinct(lower($mail.host)) = 1", true},
    {N, "gap($request, $mail) <= 2s", true},
    {N, "gap ( $request,$mail ) > -2s", true},
    {N, "concurrency($mail) <= 3", true},
    {N, "lag($request, $mail) < 5s", true},
    {N, "lag($request, $mail by parent) < 5s", true},
    {N, "lag($request, $mail by link) < 5s", true},
    {N, "lag($request, $mail by order.id) < 5s", true},
    {C, "exactly 2: n = 1", true},
    {C, "at least 2 : not (n exists)", true},
    {C, "at  most 2:status = error", true},
    {C, "at least 99.5%: duration < 5ms", true},
    {C, "at most 10%: span:self_time > 5ms", true},
    {N, "$request before $mail", true},
    {N, "$request  starts  before $mail-2", true},
    {N, "$request overlaps $mail", true},
    {N, "$request apart from $request", true},
    {N, "each $request followed by $mail", true},
    {N, "each $request followed by $mail within 5s", true},
    {N, "each $request followed by $mail within 5s by order.id exactly once", true},
    {N, "each $request followed by $mail by `a b` at least once", true},
    {N, "each $request followed by $mail at most once", true},
    {N, "each $request has a $mail by order.id", true},
    {N, "each $request has exactly one $mail by order.id", true},
    {N, "each $request has at most one $mail by order.id", true},
    {N, "no $mail after $request", true},
    {N, "no $mail within 1.5s after $request by order.id", true},
    {N, "same order.id in $request,$mail , $mail-2", true},
    {N, "unique order.id in $mail", true},
    {N, "states attr:status in $mail: a -> b -> c, b -> 'd e'", true},
    {N, "states x by order.id in $mail : never a -> b, any start , 1 -> 2", true},
    {N, "states any in $mail: any -> start", true},
    {N, "states x in $mail: never 2 -> 1, never -> 'a'", true},
    {N, "edge 2fa -> 3", true},
    {N, "edge a -> b", true},
    {N, "edge 'a'->'b' -> c", true},
    {N, "no edge a -> b", true},
    {N, "edges only a -> b, b -> c", true},
    {W, "trace:errors > 0", true},
    {W, "$request before $mail", true},
    {C, "sum = 5", false},
    {C, "each = 5", false},
    {C, "no exists", false},
    {C, "edge = 'x'", false},
    {C, "edges contains 'x'", false},
    {C, "exactly = 2", false},
    {C, "at = 2", false},
    {C, "same contains in", false},
    {C, "same in (a, b)", false},
    {C, "unique not in (a, b)", false},
    {C, "states =~ 'x'", false},
    {C, "states starts-with 'x'", false},
    {C, "trace = 5", false},
    {C, "trace.duration = 5", false},
    {C, "critical missing", false},
    {C, "p = 5", false},
    {C, "$request.before = 5", false},
    {C, "all: gap = 5", false},
};

static void good_ones_are_accepted(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!language_accepts(&language, good[i].kind, bytes_of(good[i].text))) {
            const struct problem *problem = language_problem(&language);
            fail_msg("%s: byte %d: %s", good[i].text, problem->byte, problem->text);
        }
        if (good[i].kind == W) {
            continue;
        }
        const struct condition *condition =
            parse_condition(&language.context, bytes_of(good[i].text), good[i].kind == C, 0);
        if ((condition->left.type == TERM_WHOLE) != good[i].whole) {
            fail_msg("%s: is it across spans?", good[i].text);
        }
    }
    language_deinit(&language);
}

/* Each prefix at the end of its own block, so that the address sanitizer sees a read beyond it. */
static void every_prefix_is_read_within_its_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct language language;
        language_init(&language);
        size_t len = strlen(good[i].text);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *block = test_malloc(cut > 0 ? cut : 1);
            memcpy(block, good[i].text, cut);
            language_accepts(&language, good[i].kind, bytes_from(block, cut));
            test_free(block);
        }
        language_deinit(&language);
    }
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
        cmocka_unit_test(every_prefix_is_read_within_its_bounds),
        cmocka_unit_test(bad_ones_are_refused_at_their_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
