/* Which probes a span is shown to: those whose service and name it has, and those that ask for
 * neither. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "assertions/dispatch.h"
#include "assertions/marks.h"
#include "tests/support/failing_malloc.h"

#define PROBES_MAX 2000u
#define LISTS_MAX  64u

static struct filter filter_of(enum span_field field, enum compare_op op, const char *text)
{
    return (struct filter){
        .type = FILTER_COMPARE,
        .key = {.space = KEY_FIELD, .field = field},
        .op = op,
        .literal = {.type = OPERAND_TEXT, .bytes = bytes_of(text)},
    };
}

/* Clauses under construction: number i demands services[i] and names[i], NULL for none. */
struct table {
    struct probe probes[PROBES_MAX];
    struct filter filters[PROBES_MAX][2];
    struct dispatched clauses[PROBES_MAX];
    uint32_t count;
    struct dispatch dispatch;
    struct arena arena;
};

static struct table table;

static void begin(void)
{
    table.count = 0;
    table.arena = ARENA_INIT(4096, 0);
}

static void demand(const char *service, const char *name)
{
    uint32_t at = table.count++;
    struct filter *filters = table.filters[at];
    uint32_t count = 0;
    if (name != NULL) {
        filters[count++] = filter_of(FIELD_NAME, OP_EQUAL, name);
    }
    if (service != NULL) {
        filters[count++] = filter_of(FIELD_SERVICE, OP_EQUAL, service);
    }
    table.probes[at].number = at;
    table.clauses[at] = (struct dispatched){&table.probes[at], demand_of(filters, count), false};
}

static void build(void)
{
    assert_int_equal(dispatch_build(&table.dispatch, table.clauses, table.count, &table.arena), 0);
}

/* How many lists name the probe. */
static uint32_t listed(uint32_t probe, const struct span *span)
{
    const struct probe_list *lists[LISTS_MAX];
    assert_true(table.dispatch.list_most <= LISTS_MAX);
    uint32_t count = dispatch_find(&table.dispatch, span, lists);
    uint32_t found = 0;
    assert_true(count <= table.dispatch.list_most);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < lists[i]->count; k++) {
            found += lists[i]->items[k]->number == probe;
        }
    }
    return found;
}

static uint32_t shown(uint32_t probe, const char *service, const char *name)
{
    struct resource resource = {.service = bytes_of(service)};
    struct span span = {.name = bytes_of(name), .resource = &resource};
    return listed(probe, &span);
}

static void a_span_is_shown_to_those_that_ask_for_its_service_and_name(void **state)
{
    (void)state;
    begin();
    demand("shop", "get");
    demand("shop", NULL);
    demand(NULL, "get");
    demand(NULL, NULL);
    demand("mail", "get");
    demand("shop", "put");
    demand("", "get");
    build();
    static const struct {
        const char *service, *name;
        uint32_t wanted[7];
    } rows[] = {
        {"shop", "get", {1, 1, 1, 1, 0, 0, 0}},  {"shop", "put", {0, 1, 0, 1, 0, 1, 0}},
        {"mail", "get", {0, 0, 1, 1, 1, 0, 0}},  {"mail", "put", {0, 0, 0, 1, 0, 0, 0}},
        {"", "get", {0, 0, 1, 1, 0, 0, 1}},      {"shop", "", {0, 1, 0, 1, 0, 0, 0}},
        {"shops", "get", {0, 0, 1, 1, 0, 0, 0}}, {"shop", "ge", {0, 1, 0, 1, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (uint32_t probe = 0; probe < 7; probe++) {
            assert_int_equal(shown(probe, rows[i].service, rows[i].name), rows[i].wanted[probe]);
        }
    }
    arena_deinit(&table.arena);
}

static void only_equality_with_a_text_is_a_demand(void **state)
{
    (void)state;
    struct filter number = filter_of(FIELD_NAME, OP_EQUAL, "");
    number.literal = (struct operand){.type = OPERAND_INT, .integer = 7};
    struct filter negated = {.type = FILTER_NOT};
    struct filter filters[] = {
        filter_of(FIELD_NAME, OP_NOT_EQUAL, "a"),
        filter_of(FIELD_KIND, OP_EQUAL, "server"),
        filter_of(FIELD_SERVICE, OP_MATCHES, "a"),
        number,
        negated,
    };
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct demand none = demand_of(&filters[i], 1);
        assert_null(none.service);
        assert_null(none.name);
        assert_null(none.attr);
    }
    struct filter twice[] = {filter_of(FIELD_NAME, OP_EQUAL, "a"),
                             filter_of(FIELD_NAME, OP_EQUAL, "b")};
    assert_ptr_equal(demand_of(twice, 2).name, &twice[0]);
}

static void a_thousand_texts_are_told_apart(void **state)
{
    (void)state;
    static char texts[PROBES_MAX][24];
    begin();
    for (uint32_t i = 0; i < PROBES_MAX; i++) {
        snprintf(texts[i], sizeof texts[i], "operation number %u", i / 2);
        demand(i % 2 == 0 ? "shop" : NULL, texts[i]);
    }
    build();
    for (uint32_t i = 0; i < PROBES_MAX; i++) {
        assert_int_equal(shown(i, "shop", texts[i]), 1);
        assert_int_equal(shown(i, "mail", texts[i]), i % 2);
        assert_int_equal(shown(i, "shop", texts[(i + 2) % PROBES_MAX]), 0);
    }
    arena_deinit(&table.arena);
}

static struct filter attr_filter(enum key_space space, const char *key, struct operand literal)
{
    return (struct filter){.type = FILTER_COMPARE,
                           .key = {.space = space, .name = bytes_of(key)},
                           .op = OP_EQUAL,
                           .literal = literal};
}

static void demand_attr(enum key_space space, const char *key, struct operand literal)
{
    uint32_t at = table.count++;
    table.filters[at][0] = attr_filter(space, key, literal);
    table.filters[at][1] = filter_of(FIELD_SERVICE, OP_EQUAL, "shop");
    table.probes[at].number = at;
    table.clauses[at] =
        (struct dispatched){&table.probes[at], demand_of(table.filters[at], 2), false};
    assert_non_null(table.clauses[at].demand.attr);
    assert_null(table.clauses[at].demand.service);
}

#define TEXT(text)  ((struct operand){.type = OPERAND_TEXT, .bytes = BYTES_LITERAL(text)})
#define INT(number) ((struct operand){.type = OPERAND_INT, .integer = (number)})
#define BOOL(value) ((struct operand){.type = OPERAND_BOOL, .boolean = (value)})

static struct filter list_of(struct filter filter, const struct operand *items, uint32_t count,
                             struct operand_list *list)
{
    *list = (struct operand_list){.items = items, .count = count};
    filter.op = OP_IN;
    filter.literal = (struct operand){.type = OPERAND_LIST, .list = list};
    return filter;
}

/* All combinations of a clause's demand, as the program puts them. */
static uint32_t demand_all(const struct filter *filters, uint32_t count)
{
    struct demand demand = demand_of(filters, count);
    const struct demand *single;
    uint32_t at = table.count;
    uint32_t made = demand_single(&demand, &table.arena, &single);
    for (uint32_t i = 0; i < made; i++) {
        table.probes[at].number = at;
        table.clauses[table.count++] = (struct dispatched){&table.probes[at], single[i], i != 0};
    }
    return made;
}

static void a_list_demands_each_of_its_values_once(void **state)
{
    const struct operand services[] = {TEXT("shop"), TEXT("mail"), TEXT("shop")};
    const struct operand names[] = {TEXT("get"), TEXT("put")};
    struct operand_list lists[2];
    const struct filter filters[] = {
        list_of(filter_of(FIELD_SERVICE, OP_IN, ""), services, 3, &lists[0]),
        list_of(filter_of(FIELD_NAME, OP_IN, ""), names, 2, &lists[1])};
    (void)state;
    begin();
    assert_int_equal(demand_all(filters, 2), 4);
    build();
    assert_int_equal(shown(0, "shop", "get"), 1);
    assert_int_equal(shown(0, "mail", "put"), 1);
    assert_int_equal(shown(0, "shop", "post"), 0);
    assert_int_equal(shown(0, "bank", "get"), 0);
    arena_deinit(&table.arena);
}

static void a_list_of_an_attribute_leads_to_all_where_it_was_dropped_once(void **state)
{
    const struct operand items[] = {INT(200), TEXT("200"), TEXT("a"), INT(0), TEXT("-0")};
    static const struct value values[] = {
        {.type = VALUE_INT, .integer = 200},
        {.type = VALUE_DOUBLE, .number = 200.0},
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("a")},
    };
    struct operand_list list;
    const struct filter filter = list_of(attr_filter(KEY_ATTR, "k", INT(0)), items, 5, &list);
    struct resource resource = {.service = BYTES_NULL};
    (void)state;
    begin();
    assert_int_equal(demand_all(&filter, 1), 4);
    build();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct attr attr = {BYTES_LITERAL("k"), values[i]};
        struct span span = {.attrs = &attr, .attr_count = 1, .resource = &resource};
        assert_int_equal(listed(0, &span), 1);
    }
    struct attr other = {BYTES_LITERAL("k"), {.type = VALUE_INT, .integer = 7}};
    struct span span = {.attrs = &other, .attr_count = 1, .resource = &resource};
    assert_int_equal(listed(0, &span), 0);
    span.attr_count = 0;
    span.dropped_attrs = 1;
    assert_int_equal(listed(0, &span), 1);
    arena_deinit(&table.arena);
}

static void too_many_values_are_no_demand(void **state)
{
    static struct operand many[DEMAND_VALUES_MAX + 1];
    static char texts[DEMAND_VALUES_MAX + 1][8];
    const struct operand mixed[] = {TEXT("a"), {.type = OPERAND_DOUBLE, .number = 0.5}};
    struct operand_list lists[2];
    (void)state;
    for (uint32_t i = 0; i <= DEMAND_VALUES_MAX; i++) {
        snprintf(texts[i], sizeof texts[i], "%u", i);
        many[i] = (struct operand){.type = OPERAND_TEXT, .bytes = bytes_of(texts[i])};
    }
    struct filter name = filter_of(FIELD_NAME, OP_IN, "");
    struct filter service = filter_of(FIELD_SERVICE, OP_IN, "");
    struct filter filters[] = {list_of(name, many, DEMAND_VALUES_MAX, &lists[0]),
                               list_of(service, many, 2, &lists[1])};
    assert_non_null(demand_of(filters, 2).name);
    assert_null(demand_of(filters, 2).service);
    filters[0] = list_of(name, many, DEMAND_VALUES_MAX + 1, &lists[0]);
    assert_null(demand_of(filters, 2).name);
    assert_non_null(demand_of(filters, 2).service);
    filters[0] = list_of(attr_filter(KEY_ANY, "k", INT(0)), mixed, 2, &lists[0]);
    assert_null(demand_of(filters, 1).attr);
    struct filter both[] = {list_of(name, many, 2, &lists[0]),
                            filter_of(FIELD_NAME, OP_EQUAL, "a")};
    assert_ptr_equal(demand_of(both, 2).name, &both[1]);
}

/* Wherever the filter is true, or could be, its probe is shown the span. */
static void an_attribute_leads_to_all_that_may_hold(void **state)
{
    (void)state;
    const struct operand literals[] = {
        TEXT("a"),
        TEXT("200"),
        INT(200),
        BOOL(true),
        TEXT("true"),
        TEXT("0.5"),
        INT(0),
        TEXT(""),
        INT(INT64_MAX),
        TEXT("1152921504606847000"),
        INT(1152921504606846976),
        TEXT("NaN"),
        TEXT("-0"),
        TEXT("07"),
        TEXT("-7"),
        INT(7),
        INT(INT64_MIN),
        TEXT("99999999999999999999"),
    };
    const struct value values[] = {
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("a")},
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("200")},
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("true")},
        {.type = VALUE_TEXT},
        {.type = VALUE_INT, .integer = 200},
        {.type = VALUE_INT, .integer = INT64_MAX},
        {.type = VALUE_INT, .integer = INT64_MIN},
        {.type = VALUE_INT, .integer = 1152921504606846976},
        {.type = VALUE_INT, .integer = 0},
        {.type = VALUE_INT, .integer = 7},
        {.type = VALUE_INT, .integer = -7},
        {.type = VALUE_INT, .integer = 8},
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("07")},
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("7")},
        {.type = VALUE_BOOL, .boolean = true},
        {.type = VALUE_BOOL, .boolean = false},
        {.type = VALUE_DOUBLE, .number = 200.0},
        {.type = VALUE_DOUBLE, .number = 0.5},
        {.type = VALUE_DOUBLE, .number = -0.0},
        {.type = VALUE_DOUBLE, .number = 0x1p60},
        {.type = VALUE_DOUBLE, .number = 0x1p63},
        {.type = VALUE_DOUBLE, .number = NAN},
        {.type = VALUE_DOUBLE, .number = INFINITY},
        {.type = VALUE_ARRAY},
        {.type = VALUE_BYTES, .bytes = BYTES_LITERAL("a")},
        {.type = VALUE_MISSING},
    };
    const uint32_t count = sizeof literals / sizeof *literals;
    uint32_t unseen = 0;
    begin();
    for (uint32_t i = 0; i < count; i++) {
        demand_attr(KEY_ANY, "k", literals[i]);
        demand_attr(KEY_ATTR, "k", literals[i]);
        demand_attr(KEY_ANY, i % 2 == 0 ? "other" : "another", literals[i]);
        demand_attr(KEY_ATTR, i % 2 == 0 ? "third" : "k k", literals[i]);
    }
    build();
    for (uint32_t v = 0; v < sizeof values / sizeof *values; v++) {
        for (uint32_t where = 0; where < 4; where++) {
            struct attr attr = {.key = BYTES_LITERAL("k"), .value = values[v]};
            struct resource resource = {.service = BYTES_LITERAL("shop")};
            struct span span = {.resource = &resource, .dropped_attrs = where / 2};
            if (where % 2 == 0) {
                span.attrs = &attr;
                span.attr_count = 1;
            } else {
                resource.attrs = &attr;
                resource.attr_count = 1;
                resource.hints = attr_hints_make(&attr, 1);
            }
            for (uint32_t i = 0; i < table.count; i++) {
                unsigned holds =
                    mark_holds(marks_of_filter(&table.filters[i][0], &span, &table.arena));
                uint32_t found = listed(i, &span);
                assert_true(holds == 0 || found == 1);
                assert_true(found <= 1);
                unseen += found == 0;
            }
        }
    }
    assert_true(unseen > 1000);
    arena_deinit(&table.arena);
}

static void without_memory_nothing_is_built(void **state)
{
    (void)state;
    int built = -1;
    for (size_t allowed = 0; built != 0; allowed++) {
        begin();
        demand("shop", "get");
        demand_attr(KEY_ANY, "k", INT(5));
        failing_malloc_begin(allowed);
        built = dispatch_build(&table.dispatch, table.clauses, table.count, &table.arena);
        failing_malloc_end();
        arena_deinit(&table.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_is_shown_to_those_that_ask_for_its_service_and_name),
        cmocka_unit_test(only_equality_with_a_text_is_a_demand),
        cmocka_unit_test(a_thousand_texts_are_told_apart),
        cmocka_unit_test(an_attribute_leads_to_all_that_may_hold),
        cmocka_unit_test(a_list_demands_each_of_its_values_once),
        cmocka_unit_test(a_list_of_an_attribute_leads_to_all_where_it_was_dropped_once),
        cmocka_unit_test(too_many_values_are_no_demand),
        cmocka_unit_test(without_memory_nothing_is_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
