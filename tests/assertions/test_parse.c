/* What the parsers accept and refuse: each refusal names the byte and says what to write instead. */
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

struct good {
    enum expression kind;
    const char *text;
};

static const struct good good[] = {
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
    {C, "count = 1"},
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
};

static const struct refusal bad[] = {
    /* nothing there */
    {S, "", 1, "the expression is empty; all spans are span[]"},
    {S, "  ", 1, "empty"},
    {C, " \t", 1, "empty"},
    {W, "", 1, "empty"},
    {R, "", 1, "p(99)($x.duration)"},
    /* selectors */
    {S, "name = 'x'", 1, "span[...] is missing before 'n'"},
    {S, "span", 1, "span[...] is missing"},
    {S, "spans[]", 1, "span[...] is missing"},
    {S, "span[", 5, "the '[' is not closed"},
    {S, "span[a=1", 5, "the '[' is not closed"},
    {S, "span[a=1 ", 5, "the '[' is not closed"},
    {S, "span[a=1,]", 10, "a filter is missing after the comma"},
    {S, "span[,a=1]", 6, "a key is missing before ','"},
    {S, "span[a=1]]", 10, "span[...] is missing before ']'"},
    {S, "span[a=1],", 11, "span[...] is missing before the end"},
    {S, "span[a=1] >", 12, "span[...] is missing before the end"},
    {S, "> span[a=1]", 1, "span[...] is missing before '>'"},
    {S, "span[a='x'b='y']", 11, "filters stand apart by a blank or a comma"},
    {S, "span[a=1];", 10, "span[...] is missing before ';'"},
    {S, "span[a]", 7, "an operator is missing after 'a', before ']'"},
    {S, "span[a=]", 8, "a value is missing before ']'"},
    {S, "span[a = = 1]", 10, "a value is missing before '='; the operators are"},
    {S, "span[a=localhost:8080]", 17, "a text with blanks or signs in quotes"},
    {S, "span[name=POST /x]", 18, "an operator is missing after '/x'"},
    {S, "span['a'=1]", 6, "a key stands without quotes, or in back quotes"},
    {S, "span[$x.a=1]", 6, "a selector looks at one span"},
    {S, "span[(a=1)]", 6, "parentheses stand only in not"},
    {S, "span[a == 1]", 8, "there is no operator '=='; write ="},
    {S, "span[a <> 1]", 8, "write !="},
    {S, "span[a ~= 1]", 8, "write =~"},
    {S, "span[a => 1]", 8, "write >="},
    {S, "span[a in 1]", 8, "there is no operator 'in'"},
    {S, "span[a not-contains 'x']", 8, "write not (KEY contains VALUE)"},
    {S, "span[a contain 'x']", 8, "did you mean contains?"},
    {S, "span[a exist]", 8, "did you mean exists?"},
    {S, "span[a & b]", 8, "an operator is missing"},
    {S, "span[a=1]:frist", 10, "did you mean :first?"},
    {S, "span[a=1]:nth-child(1)", 10, "did you mean :nth_child?"},
    {S, "span[a=1]:", 10, "there are :first, :last and :nth_child(n)"},
    {S, "span[a=1]:nth_child(0)", 21, "n from 1"},
    {S, "span[a=1]:nth_child(-1)", 21, "n from 1"},
    {S, "span[a=1]:nth_child(4294967296)", 21, "n from 1"},
    {S, "span[a=1]:nth_child", 20, "write :nth_child(n)"},
    {S, "span[a=1]:nth_child(1", 22, "')' is missing"},
    {S, "span[a=1]:first:last", 16, "one pseudo-class"},
    {S, "span[not (a=1 b=2)]", 15, "')' is missing before 'b'; one comparison stands in not"},
    {S, "span[not (a=1]", 14, "')' is missing before ']'"},
    {S, "span[not ()]", 11, "a key is missing before ')'"},
    {S, "span[not a=1]", 10, "an operator is missing after 'not', before 'a'"},
    /* keys */
    {S, "span[atr:x=1]", 6, "unknown key prefix 'atr:'; did you mean attr:?"},
    {S, "span[foo:x=1]", 6, "there are attr: resource: scope: event: link:"},
    {S, "span[attr:=1]", 11, "a key is missing before '='"},
    {S, "span[1a=1]", 6, "a key can't begin with '1'"},
    {S, "span[-a=1]", 6, "a key can't begin with '-'"},
    {S, "span[`a=1]", 6, "the back quote is not closed"},
    {S, "span[``=1]", 6, "the key between the back quotes is empty"},
    {S, "span[\xc3\xa4=1]", 6, "any other in back quotes"},
    /* values */
    {S, "span[a='x]", 8, "the quote ' is not closed"},
    {S, "span[a=\"x']", 8, "the quote \" is not closed"},
    {S, "span[a='x\\']", 8, "is not closed"},
    {S, "span[a=`x`]", 8, "a text stands in ' or \""},
    {S, "span[a=$x]", 8, "a plain value"},
    {S, "span[a=+5]", 8, "a number begins with a digit or '-'"},
    {S, "span[a=-x]", 8, "'-x' is no number and no duration"},
    {S, "span[a=9223372036854775808]", 8, "beyond 64-bit integers; write 9223372036854775808.0"},
    {S, "span[a=1e999]", 8, "beyond the range of doubles"},
    {S, "span[a=1.5ns]", 8, "no whole number of nanoseconds"},
    {S, "span[a=0.0000001ms]", 8, "no whole number of nanoseconds"},
    {S, "span[a=9223372037s]", 8, "beyond 64-bit nanoseconds"},
    {S, "span[a=x%]", 8, "a percentage is a decimal number"},
    {S, "span[a=1e5%]", 8, "a percentage is a decimal number"},
    {S, "span[a=5ms%]", 8, "a percentage is a decimal number"},
    {S, "span[duration < 5 ms]", 17, "with a unit, such as 50ms"},
    {S, "span[a=\xe2\x80\x9cx\xe2\x80\x9d]", 8, "a value is missing before"},
    /* patterns */
    {S, "span[a=~'(']", 11, "the regular expression is not valid: missing closing parenthesis"},
    {S, "span[a=~'\\\\d(']", 14, "missing closing parenthesis"},
    {S, "span[a=~5]", 9, "a regular expression stands in quotes"},
    {S, "span[a=~'\\C']", 12, "not valid"},
    {S, "span[a=~'\xff']", 10, "not valid"},
    /* what can never be compared */
    {S, "span[duration < 50]", 17,
     "'duration' is a duration; compare it with a duration, with a unit"},
    {S, "span[duration = true]", 17, "compare it with a duration"},
    {S, "span[duration = 'x']", 17, "compare it with a duration"},
    {S, "span[duration = '0.05s']", 17, "compare it with a duration"},
    {S, "span[duration < '50ms']", 17, "compare it with a duration"},
    {S, "span[duration contains 5]", 15, "compare it with = !="},
    {S, "span[duration =~ '5']", 15, "compare it with = !="},
    {S, "span[start < 5]", 14, "'start' is a time"},
    {S, "span[start = '5s']", 14, "'start' is a time"},
    {S, "span[end contains 5ms]", 10, "'end' is a time"},
    {S, "span[status < 3]", 13, "'status' has no order"},
    {S, "span[status = 3]", 15, "one of unset, ok, error"},
    {S, "span[status = eror]", 15, "did you mean error?"},
    {S, "span[kind = unspecified]", 13, "one of internal, server, client, producer, consumer"},
    {S, "span[kind = Server]", 13, "did you mean server?"},
    {S, "span[kind > client]", 11, "'kind' has no order"},
    {S, "span[a < true]", 10, "can't compare with true or false"},
    {S, "span[a < 5ms]", 10, "compares only times and durations with a duration"},
    {S, "span[name >= x]", 14, "'>=' needs a number; 'x' is a text"},
    {S, "span[a < '007']", 10, "needs a number"},
    {S, "span[a < '-0']", 10, "needs a number"},
    {S, "span[a < '1.0']", 10, "needs a number"},
    {S, "span[a < '']", 10, "needs a number"},
    {S, "span[not (duration < 50)]", 22, "compare it with a duration"},
    {C, "count = 'x'", 9, "'count' is a number"},
    {C, "count = true", 9, "'count' is a number"},
    {C, "count < 5ms", 9, "'count' is a number"},
    {C, "count exists", 7, "'count' is a number"},
    {C, "count contains 1", 7, "'count' is a number"},
    {C, "count =~ '1'", 7, "'count' is a number"},
    {N, "count($mail) missing", 14, "is a number"},
    {N, "$mail.start - $request.end < 5", 30, "compare it with a duration, with a unit"},
    {N, "$mail.start - $request.end exists", 28, "a difference can't be missing"},
    {N, "$mail.start - $request.end contains 5s", 28, "compare it with ="},
    {N, "$injection.status = true", 21, "is a number"},
    {N, "$injection.status = 'x'", 21, "is a number"},
    {N, "$injection.iteration < 5ms", 24, "is a number"},
    {N, "$injection.duration < 5", 23, "compare it with a duration"},
    {N, "$injection.time = 5", 19, "is a time"},
    {N, "$mail.duration < 50", 18, "compare it with a duration"},
    /* conditions */
    {C, "a = 1 and b = 2", 7, "write several conditions as a list"},
    {C, "a = 1 && b = 2", 7, "write several conditions as a list"},
    {C, "a = 1, b = 2", 6, "unexpected ','"},
    {C, "duration < 5 ms", 12, "with a unit"},
    {C, "a = 5 ms", 7, "write a unit directly after its number"},
    {C, "a = 1 + 2", 7, "the only arithmetic is TIME - TIME"},
    {C, "a = b = c", 7, "one comparison stands here"},
    {C, "5 = a", 1, "a key can't begin with '5'; put it in back quotes, and a value on the right"},
    {C, "'x' = a", 1, "a key stands without quotes"},
    {C, "a = $mail.a", 5, "the right side is a plain value"},
    {C, "span[a=1]", 1, "a selector stands in `select`"},
    {C, "any: count = 1", 6, "any: goes over the keys of the selected spans"},
    {C, "none: $mail.a = 1", 7, "none: goes over the keys"},
    {C, "al: a = 1", 1, "unknown key prefix 'al:'"},
    {C, "any: all: a = 1", 6, "unknown key prefix 'all:'"},
    {C, "not (any: a = 1)", 6, "unknown key prefix 'any:'"},
    {C, "not (a = 1", 11, "')' is missing before the end"},
    {C, "not (a = 1))", 12, "unexpected ')'"},
    {C, "start - $request.end < 5s", 1, "write $x.start or $x.end in a difference"},
    {C, "duration - $request.end < 5s", 1, "only times can be subtracted"},
    {C, "a - b < 5", 1, "only times can be subtracted"},
    {N, "a = 1", 1, "without `select`"},
    {N, "count = 1", 1, "without `select`"},
    {N, "not (duration < 1s)", 6, "without `select`"},
    {N, "$request", 9, "write $request.KEY, or count($x)"},
    {N, "$request exists", 9, "write $request.KEY"},
    {N, "$request. = 1", 10, "a key is missing"},
    {N, "$ = 1", 1, "a name is missing after '$'"},
    {N, "$1.a = 1", 1, "a name is missing after '$'"},
    {N, "${env:X} = 1", 1, "${...} is not expanded"},
    {N, "$requets.start < 5s", 1, "unknown name '$requets'; did you mean $request?"},
    {N, "$injektion.status = 200", 1, "did you mean $injection?"},
    {N, "$other_thing.a = 1", 1, "define it in the suite"},
    {N, "count($nothing) = 1", 7, "unknown name '$nothing'"},
    {N, "count($injection) = 1", 7, "an injection is none"},
    {N, "count(mail) = 1", 7, "count(...) takes a name"},
    {N, "count() = 1", 7, "count(...) takes a name"},
    {N, "count($mail = 1", 13, "')' is missing; write count($mail)"},
    {N, "$injection = 1", 11, "write $injection.KEY"},
    {N, "$injection.attr:x = 1", 12, "the injection's keys have no prefix"},
    {N, "$mail.start-$request.end < 5s", 12, "a subtraction needs blanks around its '-'"},
    {N, "$mail.start- $request.end < 5s", 12, "a subtraction needs blanks around its '-'"},
    {N, "$mail.start -$request.end < 5s", 13, "a subtraction needs blanks around its '-'"},
    {N, "$mail.start - 5s < 5s", 15, "compare it with the duration on the right"},
    {N, "$mail.duration - $request.end < 5s", 1, "only times can be subtracted"},
    {N, "$mail.start - $request.duration < 5s", 15, "only times can be subtracted"},
    {N, "$mail.start - $request.end - $request.start < 5s", 28, "an operator is missing"},
    {N, "$mail.start + $request.end < 5s", 13, "an operator is missing"},
    {W, "a = 1", 1, "without `select`"},
    {W, "span[a=1] span", 11, "span[...] is missing"},
    /* rules */
    {R, "p99($mail.duration) < 5s", 1, "unknown aggregate 'p99'"},
    {R, "med($mail.duration) < 5s", 1, "write p(50)"},
    {R, "cuont(fail) < 5", 1, "did you mean count?"},
    {R, "p($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(0)($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(101)($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(100.1)($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(-5)($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(5.)($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(99.0000000001)($mail.duration) < 5s", 3, "0 < N <= 100"},
    {R, "p(99%)($mail.duration) < 5s", 5, "')' is missing before '%'"},
    {R, "p(99) < 5s", 7, "'(' is missing before '<'"},
    {R, "avg($mail.start) < 5s", 5, "a rule measures $x.duration"},
    {R, "avg($mail.name) < 5", 5, "a rule measures"},
    {R, "avg($mail.event:n) < 5", 5, "a rule measures"},
    {R, "avg($injection.time) < 5s", 5, "a rule measures"},
    {R, "avg($injection.duration) < 5s", 5, "a rule measures"},
    {R, "avg(duration) < 5s", 5, "a rule measures"},
    {R, "avg(count($mail)) < 5", 5, "a rule measures"},
    {R, "avg($mail.duration < 5s", 20, "')' is missing before '<'"},
    {R, "avg($mail.duration) < 5", 23, "with a unit"},
    {R, "avg($mail.duration) = '5s'", 23, "the limit is a duration"},
    {R, "avg($mail.size) < 5ms", 19, "compares only times"},
    {R, "avg($mail.size) = 5ms", 19, "the limit is a number"},
    {R, "avg($mail.size) = '5'", 19, "the limit is a number"},
    {R, "avg($mail.size) exists", 17, "a rule compares with"},
    {R, "avg($mail.size) contains 5", 17, "a rule compares with"},
    {R, "avg($mail.duration)", 20, "an operator is missing"},
    {R, "count(failed) < 5", 7, "did you mean fail?"},
    {R, "ratio($mail.duration) < 5", 7, "count and ratio take one of"},
    {R, "ratio(fail) <= 5s", 16, "compares only times"},
    {R, "ratio(fail) = x", 15, "the limit is a number or a percentage"},
    {R, "ratio(fail) <= 5 %", 18, "unexpected '%'"},
};

static void every_good_expression_is_accepted(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!language_accepts(&language, good[i].kind, bytes_of(good[i].text))) {
            const struct problem *problem = language_problem(&language);
            fail_msg("%s: byte %d: %s", good[i].text, problem->byte, problem->text);
        }
    }
    assert_int_equal(language.problems.count, 0);
    language_deinit(&language);
}

static void every_bad_expression_is_refused_at_its_byte(void **state)
{
    (void)state;
    language_refuses_each(bad, sizeof bad / sizeof bad[0]);
}

/* Each prefix stands at the end of its own block, so that the address sanitizer sees a read beyond it. */
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
            bool accepted = language_accepts(&language, good[i].kind, bytes_from(block, cut));
            assert_false(accepted && bytes_trim(bytes_from(block, cut)).len == 0);
            test_free(block);
        }
        language_deinit(&language);
    }
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

static void equal_filters_share_a_number(void **state)
{
    (void)state;
    struct language language;
    language_init(&language);
    static const struct {
        const char *text;
        uint32_t index;
    } rows[] = {
        {"span[a=1]", 0},         {"span[ a  =  1 ]", 0},
        {"span[a='1']", 1},       {"span[a=1.0]", 2},
        {"span[attr:a=1]", 3},    {"span[`a`=1]", 4},
        {"span[a!=1]", 5},        {"span[not (a=1)]", 6},
        {"span[not(a = 1)]", 6},  {"span[not (not (a=1))]", 7},
        {"span[a=~'x']", 8},      {"span[a=~\"x\"]", 8},
        {"span[duration=1s]", 9}, {"span[duration=1000ms]", 9},
        {"span[a exists]", 10},   {"span[a missing]", 11},
        {"span[a=1]:first", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct selector *selector = parse_selector(&language.context, bytes_of(rows[i].text));
        assert_non_null(selector);
        assert_int_equal(selector->chains[0].parts[0].filters[0].index, rows[i].index);
    }
    assert_int_equal(language.store.count, 12);
    for (int i = 0; i < 1000; i++) {
        char text[32];
        snprintf(text, sizeof text, "span[n=%d]", i);
        const struct selector *selector = parse_selector(&language.context, bytes_of(text));
        assert_int_equal(selector->chains[0].parts[0].filters[0].index, 12 + i);
    }
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
        cmocka_unit_test(every_bad_expression_is_refused_at_its_byte),
        cmocka_unit_test(every_prefix_is_read_within_its_bounds),
        cmocka_unit_test(every_byte_may_be_any_other),
        cmocka_unit_test(nesting_and_length_are_bounded),
        cmocka_unit_test(a_selector_keeps_its_parts_in_order),
        cmocka_unit_test(equal_filters_share_a_number),
        cmocka_unit_test(a_condition_tells_its_sides),
        cmocka_unit_test(a_rule_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
