/* What the parsers accept, and what they make of it; test_refusals.c has what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/language_fixture.h"

#define S EXPRESSION_SELECTOR
#define C EXPRESSION_CONDITION
#define N EXPRESSION_NAMES_CONDITION
#define W EXPRESSION_WHEN
#define R EXPRESSION_RULE

static const struct acceptance good[] = {
    {S, "span[]"},
    {S, " span [ ] "},
    {S, "span[name='x' kind=server,status=ok]"},
    {S, "span[name=\"x\"]:first"},
    {S, "span[a=1] : last"},
    {S, "span[a=1]:nth_child(2)"},
    {S, "span[a=1]:nth_child ( 4294967295 )"},
    {S, "span[a=1] span[b=2]"},
    {S, "span[a=1]span[b=2]>span[c=3]:first,span[d=4]"},
    {S, "span[a=1] > span[b=2]:last > span[] span[c exists]"},
    {S, "span[not (a=1) not(not(b exists))]"},
    {S, "span[not = 1]"},
    {S, "span[count = 3 all=1 any=2 none=3 span=4]"},
    {S, "span[http.route='/a/b' x-y=z `a ]b`=1 attr:`a:b` missing]"},
    {S, "span[a='x',b='y' , c = 5]"},
    {S, "span[a\t=\n1\r\n]"},
    {S, "span[a=1.2.3 b=10.0.0.1 c=a-b d=/x/y.z e=5ms f=-5ms g=1e+5 h=1e-5 i=0.1% j=1E5 k=5x]"},
    {S, "span[duration>=1.5s start>0s end!=1h]"},
    {S, "span[a<'5' b>='-1.5' c contains 5 d=~'x' e!~\"[a-z]{2,}\\d+\"]"},
    {S, "span[not (a=1 b=2, c exists) not (not (a=1) b in (1))]"},
    {S, "span[a in (1, 'x y' ,true,5ms,0.5 ) b in(c) d not  in ( e )]"},
    {S, "span[in in (in) starts-with starts-with starts-with not contains not]"},
    {S, "span[a contains 5 b not contains 'x' c starts-with /api d ends-with '.x']"},
    {S, "span[kind in (server, consumer) status not in (ok) duration in (5ms, '6ms')]"},
    {S, "span[a=1] < span[b=2] << span[] ~ span[c=3]:first -> span[d=4]"},
    {S, "span[a=1]<span[]<<span[]~span[]->span[]>span[]"},
    {S, "span[]:root:leaf:has(span[a=1]):has(> span[] < span[], -> span[]:leaf):nth_child(2)"},
    {S, "span[] : root : has ( << span[]:has(~ span[]) ) : last"},
    {C, "count = 1"},
    {C, "count in (1, 2.0, '3')"},
    {C, "not (count not in (1))"},
    {C, "any: a not in (1, 2)"},
    {N, "$mail.start - $request.end in (5s, 6s)"},
    {N, "$injection.status not in (500, 503)"},
    {C, "count<='5'"},
    {C, "all: count >= 0"},
    {C, "all:duration<1s"},
    {C, "any: a = 1"},
    {C, "none : status = error"},
    {C, "all = 5"},
    {C, "none:event:name = exception"},
    {C, "not (a = 1)"},
    {C, "any: not(not (a exists))"},
    {C, "not (count = 1)"},
    {C, "$request.duration < 5s"},
    {C, "count($mail) = 1"},
    {C, "attr:count = 3"},
    {C, "count != 1e3"},
    {N, "count($mail)=1"},
    {N, "count ( $mail-2 ) >= 2"},
    {N, "$mail.start - $request.end <= 5s"},
    {N, "$mail-2.start  -  $request.end > -5s"},
    {N, "$request.start - $injection.time < 1s"},
    {N, "not ($mail.start - $request.end < 0s)"},
    {N, "$request.attr:x = 1"},
    {N, "$request.`a b` exists"},
    {N, "$request.event:name = 'x'"},
    {N, "$request.http.status_code = 200"},
    {N, "$injection.status = 200"},
    {N, "$injection.duration < 5s"},
    {N, "$injection.outcome != error"},
    {N, "$injection.time exists"},
    {N, "$injection.user.id = 'x'"},
    {N, "$injection.`time` = noon"},
    {N, "$injection.scenario =~ '^check'"},
    {N, "$request.start < 5h"},
    {N, "$mail.start - $request.start = '5s'"},
    {W, "span[a=1]"},
    {W, "count($mail) > 0"},
    {W, "$injection.status = 200"},
    {W, "not ($injection.status = 200)"},
    {R, "p(99)($mail.start - $request.end) < 5s"},
    {R, "p ( 99.9 ) ( $request.duration ) <= 500ms"},
    {R, "p(100)($request.x) < 5"},
    {R, "p(0.000000001)($request.x) < 5"},
    {R, "avg($request.duration) >= 0s"},
    {R, "min($request.attr:size) > 0.5"},
    {R, "max($request.resource:size) != 10%"},
    {R, "max($request.start - $injection.time) = 1s"},
    {R, "count(fail) <= 5"},
    {R, "ratio(missing) <= 0.1%"},
    {R, "ratio ( inconclusive ) = 0"},
    {R, "med($request.duration)<500ms"},
    {R, "median($request.size) == 5"},
    {R, "percentile(99)(each $mail.duration) isLessThan 5s"},
    {R, "mean( each $mail.size ) isBetween -1 and 0.5"},
    {R, "max($mail.start - $request.end) isNotBetween 5s and 1m"},
    {R, "p(95)($request.duration){scenario:checkout}<500ms"},
    {R, "avg($request.size) { scenario : 'check out' , iteration:7,`weird key`:true } > 1"},
    {R, "ratio(fail of 'stored once') < 1%"},
    {R, "count( error of \"a\" ){zone:eu} = 0"},
    {R, "duplicates($mail.order.id) = 0"},
    {R, "duplicates(each $mail.name) <= 1"},
    {R, "unique( $mail.attr:order.id )"},
    {R, "unique($mail.service){step:1}"},
    {R, "distinct($mail.duration) > 5"},
    {R, "most($mail.id) isEqual 1"},
    {R, "distinct(int($mail.start)) > 1"},
    {R, "distinct($mail.attr:start) > 1"},
    {R, "rate( $mail ) >= 0.5"},
    {R, "slope( backlog ( $request , $mail ) ) isLessThan 0.5"},
    {R, "p(99)($request.duration) no worse than baseline by 10%"},
    {R, "ratio(missing) no  worse than baseline by 0"},
};

static void every_good_expression_is_accepted(void **state)
{
    (void)state;
    language_accepts_each(good, sizeof good / sizeof good[0]);
}

static void every_byte_may_be_any_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct language language;
        language_init(&language);
        char text[128];
        size_t len = strlen(good[i].text);
        assert_true(len < sizeof text);
        for (size_t at = 0; at < len; at++) {
            static const unsigned char others[] = {0,   ' ', '\'', '"',  '`', '(', ')', '[',
                                                   ']', '$', '-',  '\\', '%', ':', '9', 0xff};
            memcpy(text, good[i].text, len);
            for (size_t j = 0; j < sizeof others; j++) {
                text[at] = (char)others[j];
                language_accepts(&language, good[i].kind, bytes_from(text, len));
            }
        }
        language_deinit(&language);
    }
}

static void nesting_and_length_are_bounded(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    char text[EXPRESSION_BYTES_MAX + 2];
    for (unsigned depth = EXPRESSION_DEPTH_MAX; depth <= EXPRESSION_DEPTH_MAX + 1; depth++) {
        size_t len = 0;
        for (unsigned i = 0; i < depth; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "not (");
        }
        len += (size_t)snprintf(text + len, sizeof text - len, "a = 1");
        for (unsigned i = 0; i < depth; i++) {
            text[len++] = ')';
        }
        assert_int_equal(language_accepts(&language, C, bytes_from(text, len)),
                         depth <= EXPRESSION_DEPTH_MAX);
    }
    assert_non_null(strstr(language_problem(&language)->text, "nested more than 50 times"));
    memset(text, ' ', sizeof text);
    memcpy(text, "span[]", 6);
    assert_true(language_accepts(&language, S, bytes_from(text, EXPRESSION_BYTES_MAX)));
    assert_false(language_accepts(&language, S, bytes_from(text, EXPRESSION_BYTES_MAX + 1)));
    assert_non_null(strstr(language_problem(&language)->text, "longer than 16384 bytes"));
    language_deinit(&language);
}

static void a_selector_keeps_its_parts_in_order(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    const struct selector *selector = parse_selector(
        &language.context,
        BYTES_LITERAL(" span[a=1 b=2] > span[c=3]:nth_child(4) span[]:last, span[a=1] "));
    assert_non_null(selector);
    assert_true(
        bytes_is(selector->text, "span[a=1 b=2] > span[c=3]:nth_child(4) span[]:last, span[a=1]"));
    assert_true(selector->has_relation && selector->has_pseudo);
    assert_int_equal(selector->chain_count, 2);
    const struct selector_part *parts = selector->chains[0].parts;
    assert_int_equal(selector->chains[0].part_count, 3);
    assert_int_equal(parts[0].relation, RELATION_NONE);
    assert_int_equal(parts[0].filter_count, 2);
    assert_int_equal(parts[1].relation, RELATION_CHILD);
    assert_int_equal(parts[1].pseudo, PSEUDO_NTH);
    assert_int_equal(parts[1].nth, 4);
    assert_int_equal(parts[2].relation, RELATION_DESCENDANT);
    assert_int_equal(parts[2].pseudo, PSEUDO_LAST);
    assert_int_equal(parts[2].filter_count, 0);
    assert_int_equal(selector->chains[1].part_count, 1);
    assert_int_equal(selector->chains[1].parts[0].filters[0].index, parts[0].filters[0].index);
    assert_true(bytes_is(parts[0].filters[1].text, "b=2"));
    language_deinit(&language);
}

static void an_arrow_may_touch_what_is_before_it(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    const struct selector *selector =
        parse_selector(&language.context, BYTES_LITERAL("span[]:last->span[a=b]:root->span[]"));
    assert_non_null(selector);
    const struct selector_part *parts = selector->chains[0].parts;
    assert_int_equal(parts[0].pseudo, PSEUDO_LAST);
    assert_int_equal(parts[1].relation, RELATION_LINK);
    assert_int_equal(parts[1].test_count, 1);
    assert_int_equal(parts[2].relation, RELATION_LINK);
    language_deinit(&language);
}

static void a_list_is_bounded(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    for (int count = 256; count <= 257; count++) {
        struct buf text = BUF_NULL;
        buf_append_text(&text, "span[a in (0");
        for (int i = 1; i < count; i++) {
            buf_printf(&text, ", %d", i);
        }
        buf_append_text(&text, ")]");
        bool accepted = language_accepts(&language, S, buf_bytes(&text));
        assert_int_equal(accepted, count <= 256);
        buf_deinit(&text);
    }
    assert_non_null(strstr(language_problem(&language)->text, "at most 256 values"));
    language_deinit(&language);
}

static void equal_filters_share_a_number(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    static const struct {
        const char *text;
        uint32_t index;
    } rows[] = {
        {"span[a=1]", 0},
        {"span[ a  =  1 ]", 0},
        {"span[a='1']", 1},
        {"span[a=1.0]", 2},
        {"span[attr:a=1]", 3},
        {"span[`a`=1]", 4},
        {"span[a!=1]", 5},
        {"span[not (a=1)]", 6},
        {"span[not(a = 1)]", 6},
        {"span[not (not (a=1))]", 7},
        {"span[a=~'x']", 8},
        {"span[a=~\"x\"]", 8},
        {"span[duration=1s]", 9},
        {"span[duration=1000ms]", 9},
        {"span[a exists]", 10},
        {"span[a missing]", 11},
        {"span[a=1]:first", 0},
        {"span[a in (1, 2)]", 12},
        {"span[a in(1,2)]", 12},
        {"span[a in (2, 1)]", 13},
        {"span[a in (1)]", 14},
        {"span[a not in (1, 2)]", 15},
        {"span[a in (1, '2')]", 16},
        {"span[not (a=1 b=2)]", 17},
        {"span[not (a=1, b=2)]", 17},
        {"span[not (b=2 a=1)]", 18},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct selector *selector = parse_selector(&language.context, bytes_of(rows[i].text));
        assert_non_null(selector);
        assert_int_equal(selector->chains[0].parts[0].filters[0].index, rows[i].index);
    }
    assert_int_equal(language.store.count, 19);
    for (int i = 0; i < 1000; i++) {
        char text[32];
        snprintf(text, sizeof text, "span[n=%d]", i);
        const struct selector *selector = parse_selector(&language.context, bytes_of(text));
        assert_int_equal(selector->chains[0].parts[0].filters[0].index, 19 + i);
    }
    language_deinit(&language);
}

/* So that a report can show a filter, and what is shown can be pasted. */
static void the_text_of_a_filter_reads_as_the_same_filter(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    size_t filters = 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0] && good[i].kind == S; i++) {
        const struct selector *selector = parse_selector(&language.context, bytes_of(good[i].text));
        assert_non_null(selector);
        const struct selector_part *part = &selector->chains[0].parts[0];
        for (uint32_t j = 0; j < part->filter_count; j++, filters++) {
            char text[160];
            struct bytes written = part->filters[j].text;
            int len = snprintf(text, sizeof text, "span[%.*s]", (int)written.len,
                               (const char *)written.data);
            const struct selector *again =
                parse_selector(&language.context, bytes_from(text, (size_t)len));
            assert_non_null(again);
            assert_int_equal(again->chains[0].parts[0].filter_count, 1);
            assert_int_equal(again->chains[0].parts[0].filters[0].index, part->filters[j].index);
        }
    }
    assert_true(filters > 40);
    language_deinit(&language);
}

static void a_condition_tells_its_sides(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    const struct condition *condition = parse_condition(
        &language.context, BYTES_LITERAL(" none: not (not (not (event:n <= 0.7%))) "), true, 3);
    assert_non_null(condition);
    assert_int_equal(condition->quantifier, QUANTIFIER_NONE);
    assert_int_equal(condition->negations, 3);
    assert_int_equal(condition->left.type, TERM_KEY);
    assert_int_equal(condition->left.key.space, KEY_EVENT);
    assert_int_equal(condition->op, OP_LESS_EQUAL);
    assert_int_equal(condition->right.type, TERM_LITERAL);
    assert_true(condition->right.literal.number == 0.007);
    assert_true(condition->reads_span);
    assert_int_equal(condition->index, 3);
    assert_true(bytes_is(condition->text, "none: not (not (not (event:n <= 0.7%)))"));
    condition = parse_condition(&language.context,
                                BYTES_LITERAL("$mail-2.start - $injection.time < -5ms"), false, 0);
    assert_non_null(condition);
    assert_false(condition->reads_span);
    assert_int_equal(condition->left.type, TERM_DIFFERENCE);
    assert_int_equal(condition->left.left->type, TERM_NAME_KEY);
    assert_int_equal(condition->left.left->name, 2);
    assert_int_equal(condition->left.left->key.field, FIELD_START);
    assert_int_equal(condition->left.right->type, TERM_INJECTION);
    assert_true(condition->right.literal.ns == -5000000);
    language_deinit(&language);
}

static void a_rule_is_exact(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    const struct rule *rule =
        parse_rule(&language.context, BYTES_LITERAL("p(99.95)($mail.size) < 5"));
    assert_non_null(rule);
    assert_int_equal(rule->percent_num, 9995);
    assert_int_equal(rule->percent_den, 100);
    assert_false(rule->sample_is_duration);
    rule = parse_rule(&language.context, BYTES_LITERAL("max($mail.start - $request.end) < 5s"));
    assert_true(rule->sample_is_duration);
    rule = parse_rule(&language.context, BYTES_LITERAL("ratio(inconclusive) <= 0.1%"));
    assert_int_equal(rule->state, STATE_INCONCLUSIVE);
    assert_true(rule->literal.number == 0.001);
    assert_int_equal(language.problems.count, 0);
    rule = parse_rule(&language.context, BYTES_LITERAL("ratio(fail) <= 5"));
    assert_non_null(rule);
    assert_int_equal(language.problems.count, 1);
    assert_int_equal(language.problems.errors, 0);
    language_deinit(&language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_good_expression_is_accepted),
        cmocka_unit_test(every_byte_may_be_any_other),
        cmocka_unit_test(nesting_and_length_are_bounded),
        cmocka_unit_test(a_selector_keeps_its_parts_in_order),
        cmocka_unit_test(an_arrow_may_touch_what_is_before_it),
        cmocka_unit_test(a_list_is_bounded),
        cmocka_unit_test(equal_filters_share_a_number),
        cmocka_unit_test(the_text_of_a_filter_reads_as_the_same_filter),
        cmocka_unit_test(a_condition_tells_its_sides),
        cmocka_unit_test(a_rule_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
