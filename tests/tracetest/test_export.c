/* Pieces of Tracetest's language as they are written: what it can say, what it can't, texts that
 * are dangerous there; what happens without memory. */
#include "tracetest/export_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assertions/expression.h"
#include "tests/support/failing_malloc.h"
#include "tracetest/foreign_expression.h"
#include "tracetest/foreign_selector.h"

struct parsing {
    struct arena arena;
    struct problems problems;
    struct expression_store store;
    struct parse_context context;
};

static void begin(struct parsing *parsing)
{
    *parsing = (struct parsing){.arena = ARENA_INIT(4096, 0), .store = EXPRESSION_STORE_INIT};
    problems_init(&parsing->problems);
    parsing->context = (struct parse_context){
        .arena = &parsing->arena, .store = &parsing->store, .problems = &parsing->problems};
}

static void end(struct parsing *parsing)
{
    problems_deinit(&parsing->problems);
    arena_deinit(&parsing->arena);
}

static const struct {
    const char *ours, *theirs; /* NULL: it can't be said */
} selectors[] = {
    {"span[]", "span[]"},
    {"span[name=a kind=server]", "span[name=\"a\" kind=\"server\"]"},
    {"span[status=error service=s]",
     "span[tracetest.span.status_code=\"Error\" service.name=\"s\"]"},
    {"span[a.b contains 'x\\'y\"z\\n'] span[c=5]:last",
     "span[a.b contains \"x'y\\\"z\\n\"] span[c=5]:last"},
    {"span[a=true], span[b=1]:nth_child(2)", "span[a=true], span[b=1]:nth_child(2)"},
    {"span[span:type=http attr:x=1]", "span[tracetest.span.type=\"http\" x=1]"},
    {"span[a=1.5]", NULL},
    {"span[a=-1]", NULL},
    {"span[a!=1]", NULL},
    {"span[a exists]", NULL},
    {"span[not (a=1)]", NULL},
    {"span[a-b=1]", NULL},
    {"span[`name`=1]", NULL},
    {"span[resource:a=1]", NULL},
    {"span[duration > 5ms]", NULL},
    {"span[a=1] > span[b=1]", NULL},
    {"span[a=1]:root", NULL},
    {"span[a=1], span[a!=1]", NULL},
};

static void selectors_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++) {
        struct parsing parsing;
        struct buf text = BUF_NULL;
        begin(&parsing);
        const struct selector *selector =
            parse_selector(&parsing.context, bytes_of(selectors[i].ours));
        assert_non_null(selector);
        const char *why = export_selector(&text, selector);
        assert_int_equal(selectors[i].theirs == NULL, why != NULL);
        if (why == NULL) {
            const struct foreign_chain *chain;
            const char *flaw = NULL;
            assert_int_equal(
                0, foreign_parse_selector(&chain, buf_bytes(&text), &parsing.arena, &flaw));
            buf_append_char(&text, '\0');
            assert_string_equal(selectors[i].theirs, (const char *)text.data);
        }
        buf_deinit(&text);
        end(&parsing);
    }
}

static const struct {
    const char *ours, *theirs;
} conditions[] = {
    {"count >= 2", "attr:tracetest.selected_spans.count >= 2"},
    {"duration < 1.5s", "attr:tracetest.span.duration < 1500ms"},
    {"name = a", "attr:tracetest.span.name = \"a\""},
    {"kind != server", "attr:tracetest.span.kind != \"server\""},
    {"status = unset", "attr:tracetest.span.status_code = \"Unset\""},
    {"service = s", "attr:service.name = \"s\""},
    {"none: status = error", "attr:tracetest.span.status_code != \"Error\""},
    {"span:status_message contains x", "attr:tracetest.span.status_description contains \"x\""},
    {"span:parent_id = ab", "attr:tracetest.span.parent_id = \"ab\""},
    {"a-b.c = -5", "attr:a-b.c = \"-5\""},
    {"attr:a <= 5", "attr:a <= 5"},
    {"a = 1.5", "attr:a = 1.5"},
    {"a = 1e300", "attr:a = \"1e+300\""},
    {"a = true", "attr:a = \"true\""},
    {"a exists", "attr:a != \"\""},
    {"not (a = 1)", "attr:a != 1"},
    {"not (not (a contains x))", "attr:a contains \"x\""},
    {"a not contains x", "attr:a not-contains \"x\""},
    {"a in (1, 'b')", "[1, \"b\"] contains attr:a"},
    {"not (a in (1, 2))", "[1, 2] not-contains attr:a"},
    {"a = 'it\\'s \"q\"'", "attr:a = 'it\\'s \"q\"'"},
    {"a = 'C:\\\\d'", "attr:a = \"C:\\d\""},
    {"$injection.status = 200", "attr:tracetest.response.status = 200"},
    {"$injection.duration < 2s", "attr:tracetest.span.duration < 2s"},
    {"$injection.response.body contains a", "attr:tracetest.response.body contains \"a\""},
    {"a = attr:b", "attr:a = attr:b"},
    {"json_path(a, '$.b') > 5", "attr:a | json_path '$.b' > 5"},
    {"a | regex_group 'x(y)(z)' 2 = 'z'", "attr:a | regex_group 'x(y)(z)' | get_index 1 = \"z\""},
    {"length(get_index(a, 'last')) = 1", "attr:a | get_index 'last' | length = 1"},
    {"(number(a) + b) * 2 = 6", "attr:a + attr:b * 2 = 6"},
    {"6 - a = 5", "6 - attr:a = 5"},
    {"2 + a * 3 = 5", "attr:a * 3 + 2 = 5"},
    {"duration(a) < 5ms", "attr:a < 5ms"},
    {"duration + 5ms < 1s", "attr:tracetest.span.duration + 5ms < 1s"},
    {"length(text(number(a) + 1)) = 2", "attr:a + 1 | length = 2"},
    {"a = f'x ${attr:b} y'", "attr:a = \"x ${attr:b} y\""},
    {"a = f'{\"id\": ${attr:b}}'", "attr:a = '{\"id\": ${attr:b}}'"},
    {"a = f'{\"id\": \\'${attr:b}\\'}'", NULL},
    {"a json-contains '{}'", "attr:a contains \"{}\""},
    {"a not json-contains '[1]'", "attr:a not-contains \"[1]\""},
    {"json_path(a, '$.b') in (1, 'x')", "[1, \"x\"] contains attr:a | json_path '$.b'"},
    {"type(a) in ('int', 'double')", "attr:a | type = \"number\""},
    {"type(a) != 'text'", "attr:a | type != \"string\""},
    {"lower(a) = 'x'", NULL},
    {"a * (b + 1) = 6", "attr:b + 1 * attr:a = 6"},
    {"a - (b - 1) = 6", NULL},
    {"length(a) + length(b) = 3", NULL},
    {"- (a) = 6", NULL},
    {"(a = 1) or (b = 1)", NULL},
    {"not (attr:a = attr:b)", NULL},
    {"any: attr:a = attr:b", NULL},
    {"json_path(a, '$.b') exists", NULL},
    {"a = attr:b % 2", NULL},
    {"type(a) = 'map'", NULL},
    {"a = f'x \\\\ ${attr:b}'", NULL},
    {"a = $injection.response.body", NULL},
    {"a = $injection.user", "attr:a = var:user"},
    {"a = 'x\\\\'", NULL},
    {"a = '${b}'", NULL},
    {"a < 1.5", NULL},
    {"a < '5'", NULL},
    {"a < -5", NULL},
    {"a =~ x", NULL},
    {"a missing", NULL},
    {"not (a < 5)", NULL},
    {"any: a = 1", NULL},
    {"none: a = 1", NULL},
    {"attr:`a b` = 1", NULL},
    {"attr:name = 1", NULL},
    {"event:name = x", NULL},
    {"start exists", NULL},
    {"a in (1.5, 2)", NULL},
    {"$injection.tenant = a", NULL},
    {"$injection.`a b` = 1", NULL},
    {"duration > -5ms", NULL},
};

static void conditions_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        struct parsing parsing;
        struct buf text = BUF_NULL;
        bool on_injection;
        begin(&parsing);
        const struct condition *condition =
            parse_condition(&parsing.context, bytes_of(conditions[i].ours), true, 0);
        assert_non_null(condition);
        const char *why = export_condition(&text, condition, false, &on_injection);
        if ((conditions[i].theirs == NULL) != (why != NULL)) {
            fail_msg("%s: %s", conditions[i].ours, why != NULL ? why : "written");
        }
        if (why == NULL) {
            struct foreign_assertion assertion;
            const char *flaw = NULL;
            assert_int_equal(
                0, foreign_parse_assertion(&assertion, buf_bytes(&text), &parsing.arena, &flaw));
            assert_int_equal(conditions[i].ours[0] == '$', on_injection);
            buf_append_char(&text, '\0');
            assert_string_equal(conditions[i].theirs, (const char *)text.data);
        }
        buf_deinit(&text);
        end(&parsing);
    }
}

static void scalars_hold_any_text(void **state)
{
    struct buf text = BUF_NULL;
    (void)state;
    export_scalar(&text, BYTES_LITERAL("a\"b\\c\nd\x01 \xff # x: y"));
    buf_append_char(&text, '\0');
    assert_string_equal("\"a\\\"b\\\\c\\x0ad\\x01 \xef\xbf\xbd # x: y\"", (const char *)text.data);
    buf_deinit(&text);
}

static void without_memory_the_text_says_so(void **state)
{
    struct parsing parsing;
    bool on_injection;
    (void)state;
    begin(&parsing);
    const struct condition *condition =
        parse_condition(&parsing.context, BYTES_LITERAL("a in (1, 'bcd', 'efg')"), true, 0);
    bool failed = true;
    for (size_t good = 0; failed; good++) {
        struct buf text = BUF_NULL;
        failing_malloc_begin(good);
        assert_null(export_condition(&text, condition, false, &on_injection));
        export_scalar(&text, BYTES_LITERAL("scalar"));
        failing_malloc_end();
        failed = text.failed;
        buf_deinit(&text);
    }
    end(&parsing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors_are_written),
        cmocka_unit_test(conditions_are_written),
        cmocka_unit_test(scalars_hold_any_text),
        cmocka_unit_test(without_memory_the_text_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
