/* What a span is about: precedence, and the table of docs/language.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/span_type.h"
#include "tests/support/doc_table.h"

#define KEYS_MAX 4

static const struct {
    const char *type;
    const char *keys[KEYS_MAX];
} rows[] = {
    {"general", {NULL}},
    {"general", {"net.peer.name", "server.address", "url.full"}},
    {"general", {"db", "https.x", "xdb.system"}},
    {"http", {"http.method"}},
    {"http", {"url.full", "http.request.method", "exception.type"}},
    {"rpc", {"rpc.system", "http.status_code"}},
    {"rpc", {"rpc.system.name"}},
    {"graphql", {"graphql.operation.name", "http.route"}},
    {"faas", {"http.method", "rpc.system", "faas.trigger"}},
    {"messaging", {"messaging.system", "rpc.system", "faas.trigger"}},
    {"messaging", {"messaging.destination.name"}},
    {"database", {"http.url", "messaging.system", "db.statement"}},
    {"database", {"db.query.text", "exception.message", "rpc.system"}},
    {"exception", {"exception.type"}},
};

static struct span span_with(const char *const keys[KEYS_MAX], struct attr attrs[KEYS_MAX])
{
    struct span span = {.attrs = attrs};
    while (span.attr_count < KEYS_MAX && keys[span.attr_count] != NULL) {
        attrs[span.attr_count] =
            (struct attr){bytes_of(keys[span.attr_count]), {.type = VALUE_INT, .integer = 1}};
        span.attr_count++;
    }
    return span;
}

static void the_most_special_name_space_decides_in_any_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct attr attrs[KEYS_MAX];
        struct span span = span_with(rows[i].keys, attrs);
        for (uint32_t turn = 0; turn <= span.attr_count; turn++) {
            assert_string_equal(span_type_name(span_type_of(&span)), rows[i].type);
            struct attr first = attrs[0];
            memmove(attrs, attrs + 1, sizeof attrs - sizeof attrs[0]);
            attrs[span.attr_count != 0 ? span.attr_count - 1 : 0] = first;
        }
    }
}

static void an_attribute_without_a_value_does_not_count(void **state)
{
    (void)state;
    struct attr attrs[] = {{BYTES_LITERAL("db.system"), {.type = VALUE_INT}},
                           {BYTES_LITERAL("http.method"), {.type = VALUE_INT}},
                           {BYTES_LITERAL("db.system"), {.type = VALUE_MISSING}}};
    struct span span = {.attrs = attrs, .attr_count = 3};
    assert_int_equal(span_type_of(&span), SPAN_TYPE_HTTP);
}

static void the_reference_lists_the_types_in_their_order(void **state)
{
    (void)state;
    struct doc_table table;
    doc_table_open(&table, "| `span:type` | name space |");
    for (int type = 0; type < SPAN_TYPE_COUNT; type++) {
        char wanted[64];
        const char *space = span_type_space((enum span_type)type);
        const char *line = doc_table_next(&table);
        snprintf(wanted, sizeof wanted, space != NULL ? "| `%s` | `%s` |" : "| `%s` | %s |",
                 span_type_name((enum span_type)type), space != NULL ? space : "none of these");
        assert_non_null(line);
        assert_string_equal(line, wanted);
    }
    assert_null(doc_table_next(&table));
    doc_table_close(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_special_name_space_decides_in_any_order),
        cmocka_unit_test(an_attribute_without_a_value_does_not_count),
        cmocka_unit_test(the_reference_lists_the_types_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
