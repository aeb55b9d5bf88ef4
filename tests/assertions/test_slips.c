/* What compiles and is hardly meant: texts and keys of other languages. */
#include "assertions/slips.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/language_fixture.h"

#define SELECTOR  EXPRESSION_SELECTOR
#define CONDITION EXPRESSION_CONDITION

static const struct {
    enum expression kind;
    const char *text;
    const char *what;    /* NULL: there is none */
    const char *instead; /* a part of it */
} rows[] = {
    {SELECTOR, "span[a = null]", "null", "KEY missing"},
    {SELECTOR, "span[a = 'null']", NULL, NULL},
    {SELECTOR, "span[a = 1 b != nil]", "nil", "KEY missing"},
    {SELECTOR, "span[a in (1, 2, null)]", "null", "KEY missing"},
    {SELECTOR, "span[null = 1]", NULL, NULL},
    {SELECTOR, "span[a=TRUE]", "TRUE", "true or false"},
    {SELECTOR, "span[a=true b=false]", NULL, NULL},
    {SELECTOR, "span[http.response.status_code in (200..299)]", "200..299", "not a range"},
    {SELECTOR, "span[http.response.status_code = 2xx]", "2xx", "not a class"},
    {SELECTOR, "span[a = 1_000]", "1_000", "digits alone"},
    {SELECTOR, "span[a = 0_a]", NULL, NULL},
    {SELECTOR, "span[a = .5]", ".5", "before the point"},
    {SELECTOR, "span[a ends-with .dlq a = 0af7651916cd43dd a = 1.5 a = 10ms]", NULL, NULL},
    {SELECTOR, "span[name = '*']", "*", "KEY exists"},
    {SELECTOR, "span[name = 'GET /*']", NULL, NULL},
    {SELECTOR, "span[name =~ '/^GET/']", "/^GET/", "slashes"},
    {SELECTOR, "span[name !~ '/items$/i']", "/items$/i", "slashes"},
    {SELECTOR, "span[name =~ '/api/']", NULL, NULL},
    {SELECTOR, "span[name =~ '^\\$\\{' name = '/^x$/']", NULL, NULL},
    {SELECTOR, "span[tracetest.span.name = 'x']", "tracetest.span.name", "the span's own"},
    {SELECTOR, "span[attr:tracetest.span.name = 'x']", "attr:tracetest.span.name",
     "the span's own"},
    {SELECTOR, "span[attr:span.kind = 'x']", NULL, NULL},
    {SELECTOR, "span[events.name = exception]", "events.name", "event:name"},
    {SELECTOR, "span[status.code = error]", "status.code", "the span's own is status"},
    {SELECTOR, "span[parent.name = a]", "parent.name", "span[name=PARENT] > "},
    {SELECTOR, "span[attributes.order.id = 5]", "attributes.order.id", "write attr:KEY"},
    {CONDITION, "attr:tracetest.selected_spans.count = 1", "attr:tracetest.selected_spans.count",
     "write count"},
    {CONDITION, "duration.ms < 500", "duration.ms", "with a unit"},
    {CONDITION, "name.length > 3", "name.length", "length(name)"},
    {CONDITION, "$request.count = 1", "$request.count", "count($x)"},
    {SELECTOR, "span[a = 1] > span[resource.service.name=b]", "resource.service.name",
     "resource:KEY"},
    {SELECTOR, "span[span.kind = client]", "span.kind", "kind"},
    {SELECTOR, "span[otel.scope.name = x]", "otel.scope.name", "scope:name"},
    {SELECTOR, "span[`span.kind` = client]", NULL, NULL},
    {SELECTOR, "span[a = span.kind service.name = x]", NULL, NULL},
    {CONDITION, "http.response.status_code/100 = 2", "http.response.status_code/100",
     "one key; put blanks"},
    {CONDITION, "http.response.status_code / 100 = 2", NULL, NULL},
    {CONDITION, "duration-5ms = 2", "duration-5ms", "one key; put blanks"},
    {CONDITION, "a/b = 2/3", NULL, NULL},
    {CONDITION, "name = 'x ${attr:y}'", "x ${attr:y}", "f'"},
    {CONDITION, "name = f'x ${attr:y}'", NULL, NULL},
    {CONDITION, "name = \"x $ {y}\"", NULL, NULL},
    {CONDITION, "body contains '{\"a\": 1}'", "{\"a\": 1}", "json-contains"},
    {CONDITION, "body contains ' [1, 2] '", " [1, 2] ", "json-contains"},
    {CONDITION, "body contains '{'", NULL, NULL},
    {CONDITION, "body json-contains '{\"a\": 1}'", NULL, NULL},
    {CONDITION, "type(attr:x) = string", "string", "no type"},
    {CONDITION, "type(attr:x) in (text, 'number')", "number", "no type"},
    {CONDITION, "attr:x | type = 'boolean'", "boolean", "no type"},
    {CONDITION, "type(attr:x) = text", NULL, NULL},
    {CONDITION, "(type(attr:x) = text) and (y = string)", NULL, NULL},
    {CONDITION, "type = string", "string", "no type"},
};

static void each_slip_is_found_in_what_compiles(void **state)
{
    (void)state;
    size_t wrong = 0;
    struct language language;
    language_init(&language);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slip slip = {BYTES_NULL, ""};
        if (!language_accepts(&language, rows[i].kind, bytes_of(rows[i].text))) {
            print_error("%s does not compile\n", rows[i].text);
            wrong++;
            continue;
        }
        bool found = slip_find(bytes_of(rows[i].text), &slip);
        bool good = found == (rows[i].what != NULL) &&
                    (!found || (bytes_is(slip.what, rows[i].what) &&
                                bytes_contain(bytes_of(slip.instead), bytes_of(rows[i].instead))));
        if (!good) {
            print_error("%s: %.*s %s\n", rows[i].text, (int)slip.what.len,
                        (const char *)slip.what.data, slip.instead);
            wrong++;
        }
    }
    language_deinit(&language);
    assert_int_equal(wrong, 0);
}

/* Every part of every row, cut anywhere: nothing is read beyond it. */
static void what_is_cut_anywhere_is_read_to_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes text = bytes_of(rows[i].text);
        for (size_t from = 0; from <= text.len; from++) {
            struct slip slip;
            size_t len = text.len - from;
            char *copy = test_malloc(len + 1);
            for (size_t k = 0; k < len; k++) {
                copy[k] = (char)text.data[from + k];
            }
            slip_find(bytes_from(copy, len), &slip);
            slip_find(bytes_from(copy, len / 2), &slip);
            test_free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_slip_is_found_in_what_compiles),
        cmocka_unit_test(what_is_cut_anywhere_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
