/* Names that changed: the table of docs/language.md, keys under either name, and what is said where
 * only the other one is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/engine_fixture.h"
#include "tests/support/doc_table.h"

static void the_reference_lists_every_pair(void **state)
{
    (void)state;
    static const char *const kinds[] = {"any", "`server`", "all but `server`"};
    struct doc_table table;
    doc_table_open(&table, "| old name | new name | kinds |");
    for (uint32_t i = 0; i < semconv_pair_count; i++) {
        const struct semconv_pair *pair = &semconv_pairs[i];
        char wanted[256];
        const char *line = doc_table_next(&table);
        snprintf(wanted, sizeof wanted, "| `%s` | `%s` | %s |", pair->old_name, pair->new_name,
                 kinds[pair->side]);
        assert_non_null(line);
        assert_string_equal(line, wanted);
    }
    assert_null(doc_table_next(&table));
    assert_true(semconv_pair_count >= 40);
    doc_table_close(&table);
}

static void no_pair_stands_twice_and_none_is_its_own(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < semconv_pair_count; i++) {
        const struct semconv_pair *a = &semconv_pairs[i];
        assert_string_not_equal(a->old_name, a->new_name);
        for (uint32_t k = 0; k < i; k++) {
            const struct semconv_pair *b = &semconv_pairs[k];
            bool same =
                strcmp(a->old_name, b->old_name) == 0 && strcmp(a->new_name, b->new_name) == 0;
            assert_false(same);
        }
    }
}

/* Each pair both ways: `name` is written, `other` is there. */
static void check_pair(const char *name, const char *other, enum semconv_side side)
{
    struct arena arena = ARENA_INIT(1024, 0);
    const struct semconv_alias *aliases;
    uint32_t count;
    bool found = false;
    assert_int_equal(semconv_aliases(bytes_of(name), &arena, &aliases, &count), 0);
    for (uint32_t i = 0; i < count; i++) {
        found |= bytes_is(aliases[i].name, other) && aliases[i].side == side;
    }
    assert_true(found);
    arena_deinit(&arena);
}

static void every_pair_is_found_from_both_sides(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < semconv_pair_count; i++) {
        const struct semconv_pair *pair = &semconv_pairs[i];
        check_pair(pair->old_name, pair->new_name, pair->side);
        check_pair(pair->new_name, pair->old_name, pair->side);
    }
}

static const struct span_build trace[] = {
    {.id = 1,
     .name = "old server",
     .kind = KIND_SERVER,
     .attrs = {ATTR_INT("http.status_code", 200), ATTR_TEXT("net.host.name", "shop"),
               ATTR_TEXT("net.peer.name", "browser")}},
    {.id = 2,
     .parent = 1,
     .name = "new client",
     .kind = KIND_CLIENT,
     .attrs = {ATTR_TEXT("server.address", "db"), ATTR_TEXT("db.query.text", "SELECT 1"),
               ATTR_TEXT("db.collection.name", "orders")}},
    {.id = 3,
     .parent = 1,
     .name = "old client",
     .kind = KIND_CLIENT,
     .attrs = {ATTR_TEXT("net.peer.name", "db"), ATTR_TEXT("db.statement", "SELECT 2"),
               ATTR_TEXT("db.sql.table", "users")}},
    {.id = 4,
     .parent = 1,
     .name = "both",
     .attrs = {ATTR_INT("http.status_code", 1), ATTR_INT("http.response.status_code", 2)},
     .resource = {ATTR_TEXT("deployment.environment", "test"), ATTR_TEXT("db.system", "redis")}},
    {.id = 5, .parent = 1, .name = "without value", .attrs = {ATTR_NONE("http.status_code")}},
};

/* How many spans a selector selects with and without the setting. */
static const struct {
    const char *selector;
    int64_t with, without;
} rows[] = {
    {"span[http.response.status_code = 200]", 1, 0},
    {"span[http.status_code = 200]", 1, 1},
    {"span[attr:http.response.status_code < 300]", 2, 1},
    {"span[http.response.status_code = 1]", 0, 0},
    {"span[http.status_code = 2]", 0, 0},
    {"span[http.status_code missing]", 3, 3},
    {"span[http.response.status_code missing]", 3, 4},
    {"span[not (http.response.status_code exists)]", 3, 4},
    {"span[`http.response.status_code` exists]", 2, 1},
    {"span[server.address = shop]", 1, 0},
    {"span[server.address = db]", 2, 1},
    {"span[net.peer.name = db]", 2, 1},
    {"span[net.host.name = db]", 0, 0},
    {"span[client.address = browser]", 1, 0},
    {"span[net.peer.name = browser]", 1, 1},
    {"span[db.statement starts-with SELECT]", 2, 1},
    {"span[db.query.text in ('SELECT 1', 'SELECT 2')]", 2, 1},
    {"span[db.sql.table = orders]", 1, 0},
    {"span[db.mongodb.collection = users]", 0, 0},
    {"span[db.collection.name exists kind=client]", 2, 1},
    {"span[deployment.environment.name = test]", 1, 0},
    {"span[resource:deployment.environment.name = test]", 1, 0},
    {"span[attr:deployment.environment.name = test]", 0, 0},
    {"span[db.system.name = redis]", 1, 0},
    {"span[resource:db.system = redis]", 1, 1},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static int64_t count_selected(const char *selector, bool aliases)
{
    struct test_suite suite = {.name = "s", .semconv_aliases = aliases};
    struct engine engine;
    suite.assertions[0] =
        (struct test_assertion){.name = "a", .select = selector, .conditions = {"count = 99"}};
    struct suite_set *set = test_suites_compile(&suite, 1);
    engine_init(&engine, set);
    for (size_t i = 0; i < sizeof trace / sizeof trace[0]; i++) {
        engine_add(&engine, &trace[i]);
    }
    const struct judgement *judgement = engine_close(&engine, 1);
    int64_t count = judgement->results[0].failures[0].actual.value.integer;
    engine_deinit(&engine);
    suite_set_unref(set);
    return count;
}

static void keys_count_under_either_name_where_a_suite_says_so(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        int64_t with = count_selected(rows[i].selector, true);
        int64_t without = count_selected(rows[i].selector, false);
        if (with != rows[i].with || without != rows[i].without) {
            print_error("%s: with %d, wanted %d; without %d, wanted %d\n", rows[i].selector,
                        (int)with, (int)rows[i].with, (int)without, (int)rows[i].without);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void conditions_count_under_either_name_too(void **state)
{
    (void)state;
    struct test_suite suite = {.name = "s", .semconv_aliases = true};
    struct engine engine;
    suite.assertions[0] = (struct test_assertion){.name = "a",
                                                  .select = "span[kind=client]",
                                                  .conditions = {"db.query.text starts-with SELECT",
                                                                 "attr:db.sql.table exists",
                                                                 "any: net.peer.name = db"}};
    suite.assertions[1] = (struct test_assertion){
        .name = "b",
        .select = "span[name=both]",
        .conditions = {"db.system.name = redis", "deployment.environment.name != live"}};
    struct suite_set *set = test_suites_compile(&suite, 1);
    engine_init(&engine, set);
    for (size_t i = 0; i < sizeof trace / sizeof trace[0]; i++) {
        engine_add(&engine, &trace[i]);
    }
    const struct judgement *judgement = engine_close(&engine, 1);
    assert_int_equal(judgement->results[0].result, RESULT_PASS);
    assert_int_equal(judgement->results[1].result, RESULT_PASS);
    engine_deinit(&engine);
    suite_set_unref(set);
}

/* Suites with and without the setting in one set keep their filters apart. */
static void suites_do_not_share_what_they_read_otherwise(void **state)
{
    (void)state;
    struct test_suite suites[2] = {{.name = "with", .semconv_aliases = true}, {.name = "without"}};
    struct engine engine;
    for (size_t i = 0; i < 2; i++) {
        suites[i].assertions[0] =
            (struct test_assertion){.name = "a",
                                    .select = "span[http.response.status_code = 200]",
                                    .conditions = {i == 0 ? "count = 1" : "count = 0"}};
    }
    struct suite_set *set = test_suites_compile(suites, 2);
    engine_init(&engine, set);
    for (size_t i = 0; i < sizeof trace / sizeof trace[0]; i++) {
        engine_add(&engine, &trace[i]);
    }
    const struct judgement *judgements = engine_close(&engine, 1);
    assert_int_equal(judgements[0].verdict, RESULT_PASS);
    assert_int_equal(judgements[1].verdict, RESULT_PASS);
    engine_deinit(&engine);
    suite_set_unref(set);
}

static const struct {
    struct test_assertion assertion;
    bool aliases;
    const char *part; /* of the reason; with '!' before it: not in it */
} reasons[] = {
    {{.name = "a",
      .select = "span[name='old server']",
      .conditions = {"http.response.status_code = 200"}},
     false,
     "attribute missing: http.response.status_code; the span has http.status_code, another name of "
     "the key: set semconv_aliases = true"},
    {{.name = "a",
      .select = "span[name='old server']",
      .conditions = {"http.response.status_code exists"}},
     false,
     "the span has http.status_code"},
    {{.name = "a", .conditions = {"$x.db.statement = 'x'"}}, false, "the span has db.query.text"},
    {{.name = "a", .select = "span[name='old server']", .conditions = {"db.statement = 'x'"}},
     false,
     "!the span has"},
    {{.name = "a", .select = "span[db.statement = 'SELECT 1']", .conditions = {"duration < 1s"}},
     false,
     "nearest is 'new client', removed by db.statement = 'SELECT 1'; the span has db.query.text"},
    {{.name = "a", .select = "span[db.statement = 'SELECT 9']", .conditions = {"duration < 1s"}},
     true,
     "!the span has"},
    {{.name = "a", .select = "span[name='old server']", .conditions = {"client.port = 1"}},
     true,
     "!the span has"},
};

static void a_reason_points_to_the_other_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        struct test_suite suite = {.name = "s", .semconv_aliases = reasons[i].aliases};
        struct engine engine;
        char text[512];
        suite.spans[0] = (struct test_name){"x", "span[name='new client']"};
        suite.assertions[0] = reasons[i].assertion;
        struct suite_set *set = test_suites_compile(&suite, 1);
        engine_init(&engine, set);
        for (size_t k = 0; k < sizeof trace / sizeof trace[0]; k++) {
            engine_add(&engine, &trace[k]);
        }
        const struct judgement *judgement = engine_close(&engine, 1);
        assert_int_equal(judgement->results[0].failure_count, 1);
        struct bytes reason = judgement->results[0].failures[0].reason;
        snprintf(text, sizeof text, "%.*s", (int)reason.len, (const char *)reason.data);
        bool wanted = reasons[i].part[0] != '!';
        if ((strstr(text, reasons[i].part + !wanted) != NULL) != wanted) {
            fail_msg("%s\n  %s", text, reasons[i].part);
        }
        engine_deinit(&engine);
        suite_set_unref(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_lists_every_pair),
        cmocka_unit_test(no_pair_stands_twice_and_none_is_its_own),
        cmocka_unit_test(every_pair_is_found_from_both_sides),
        cmocka_unit_test(keys_count_under_either_name_where_a_suite_says_so),
        cmocka_unit_test(conditions_count_under_either_name_too),
        cmocka_unit_test(suites_do_not_share_what_they_read_otherwise),
        cmocka_unit_test(a_reason_points_to_the_other_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
