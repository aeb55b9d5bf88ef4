/* JSON paths: what they find, what is refused, limits. */
#include "assertions/json_path.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/json_value.h"
#include "daemon/core/json.h"
#include "tests/support/failing_malloc.h"

/* What a path finds in a text, as JSON: `missing`, `limit`, or the value. */
static void find(struct bytes path, const char *json, char *ret, size_t room)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct evaluation evaluation = {.scratch = &arena};
    const struct json_path *compiled;
    struct value root;
    struct operand found;
    size_t byte;
    const char *error;
    assert_int_equal(json_value_read(bytes_of(json), &arena, &root), TROUBLE_NONE);
    if (json_path_compile(&arena, path, &compiled, &byte, &error) != 0) {
        fail_msg("%.*s: byte %zu: %s", (int)path.len, (const char *)path.data, byte, error);
    }
    enum trouble trouble = json_path_find(&evaluation, compiled, &root, &found);
    if (trouble != TROUBLE_NONE || found.type == OPERAND_MISSING) {
        snprintf(ret, room, "%s", trouble == TROUBLE_NONE ? "missing" : "limit");
    } else {
        struct buf out = BUF_NULL;
        struct json writer = JSON_INIT(&out);
        struct seen seen = operand_seen(&found);
        value_write_json(&writer, &seen.value);
        snprintf(ret, room, "%.*s", (int)out.len, (const char *)out.data);
        buf_deinit(&out);
    }
    arena_deinit(&arena);
}

#define SHOP                                                                                       \
    "{\"k\": \"b\", \"lines\": [{\"sku\": \"a\", \"n\": 1, \"tags\": []},"                         \
    " {\"sku\": \"b\", \"n\": 2.0, \"o\": {\"p\": [7]}}, {\"sku\": \"c\", \"n\": \"2\"}, {\"n\": " \
    "null},"                                                                                       \
    " 5, null, [2]], \"map\": {\"x\": {\"n\": 3}, \"y\": {\"n\": 4}, \"it's\": 1, \"a\\tb\": 2}}"
#define DIGITS "[0, 1, 2, 3, 4, 5]"

static const struct {
    const char *path, *json, *found;
} good[] = {
    {"$", "7", "7"},
    {"$.k", SHOP, "\"b\""},
    {"$ .map\t['x'] .n", SHOP, "3"},
    {"$['k', \"k\"]", SHOP, "[\"b\",\"b\"]"},
    {"$.map['it\\'s']", SHOP, "1"},
    {"$.map[\"it's\"]", SHOP, "1"},
    {"$.map['a\\tb']", SHOP, "2"},
    {"$['\\u00e9']", "{\"\\u00e9\": 1}", "1"},
    {"$['\"']", "{\"\\\"\": 1}", "1"},
    {"$['\\\\']", "{\"\\\\\": 1}", "1"},
    {"$.nobody", SHOP, "missing"},
    {"$[0, -1, 9]", DIGITS, "[0,5]"},
    {"$[1:3]", DIGITS, "[1,2]"},
    {"$[ 1 : 5 : 2 ]", DIGITS, "[1,3]"},
    {"$[::2]", DIGITS, "[0,2,4]"},
    {"$[::-1]", DIGITS, "[5,4,3,2,1,0]"},
    {"$[4:1:-2]", DIGITS, "[4,2]"},
    {"$[:3:-1]", DIGITS, "[5,4]"},
    {"$[1::-1]", DIGITS, "[1,0]"},
    {"$[::0]", DIGITS, "missing"},
    {"$[-2:]", DIGITS, "[4,5]"},
    {"$[-99:-5]", DIGITS, "0"},
    {"$[::-9223372036854775807]", DIGITS, "5"},
    {"$[::9223372036854775807]", DIGITS, "0"},
    {"$[9223372036854775807]", DIGITS, "missing"},
    {"$[-9223372036854775808:9223372036854775807]", "[1, 2]", "[1,2]"},
    {"$..p", SHOP, "[7]"},
    {"$..p[0]", SHOP, "7"},
    {"$..['p', 'k']", SHOP, "[\"b\",[7]]"},
    {"$..[0]", "[[1, 2], [3]]", "[[1,2],1,3]"},
    {"$..*", "{\"a\": [1]}", "[[1],1]"},
    {"$.lines[*].n", SHOP, "[1,2,\"2\"]"},
    /* existence */
    {"$.lines[?@.o].sku", SHOP, "\"b\""},
    {"$.lines[?(@.o)].sku", SHOP, "\"b\""},
    {"$.lines[?@.n].sku", SHOP, "[\"a\",\"b\",\"c\"]"},
    {"$.lines[?!@.sku]", SHOP, "[{\"n\":null},5,[2]]"},
    {"$.lines[?@[0]]", SHOP, "[2]"},
    {"$.lines[?@..p]", SHOP, "{\"sku\":\"b\",\"n\":2,\"o\":{\"p\":[7]}}"},
    {"$.lines[?@.tags].sku", SHOP, "\"a\""},
    {"$.lines[?@.tags.*].sku", SHOP, "missing"},
    /* comparison */
    {"$.lines[?(@.sku=='b')].n", SHOP, "2"},
    {"$.lines[?(@.sku==\"b\")].n", SHOP, "2"},
    {"$.lines[?@.sku == $.k].n", SHOP, "2"},
    {"$.lines[?$.k == @.sku].n", SHOP, "2"},
    {"$.lines[?@['sku'] == 'b'].n", SHOP, "2"},
    {"$.lines[?@.sku != 'b'].sku", SHOP, "[\"a\",\"c\"]"},
    {"$.lines[?@.sku > 'a'].sku", SHOP, "[\"b\",\"c\"]"},
    {"$.lines[?@.sku<='a'].sku", SHOP, "\"a\""},
    {"$.lines[?@.n == 2].sku", SHOP, "\"b\""},
    {"$.lines[?@.n == '2'].sku", SHOP, "\"c\""},
    {"$.lines[?@.n < 2].sku", SHOP, "\"a\""},
    {"$.lines[?@.n >= 1.5e0].sku", SHOP, "\"b\""},
    {"$.lines[?@.n > 1E1].sku", SHOP, "missing"},
    {"$.lines[?@ == 5]", SHOP, "5"},
    {"$.lines[?5 == @]", SHOP, "5"},
    {"$.lines[?@.n == null]", SHOP, "{\"n\":null}"},
    {"$.lines[?@.n <= null]", SHOP, "{\"n\":null}"},
    {"$.lines[?@.q == @.r].sku", SHOP, "[\"a\",\"b\",\"c\"]"},
    {"$.lines[?@.q <= @.r].sku", SHOP, "[\"a\",\"b\",\"c\"]"},
    {"$.lines[?@.q < @.r].sku", SHOP, "missing"},
    {"$.lines[?@.q == null].sku", SHOP, "missing"},
    {"$.lines[?@.n != null].sku", SHOP, "[\"a\",\"b\",\"c\"]"},
    {"$[?@ == true]", "[true, 1, \"true\"]", "true"},
    {"$[?@ >= true]", "[true, 1, false]", "true"},
    {"$[?@ < false]", "[true, 1, false]", "missing"},
    {"$[?@ == 9007199254740993]", "[9007199254740992, 9007199254740993]", "\"9007199254740993\""},
    {"$[?@ == -0]", "[0, -0.0, 1]", "[0,0]"},
    {"$[?@.a == @.b].c",
     "[{\"a\": [1, {\"x\": 2, \"y\": null}], \"b\": [1.0, {\"y\": null, \"x\": 2}], \"c\": 1},"
     " {\"a\": [1], \"b\": [1, 2], \"c\": 2}, {\"a\": {\"x\": 1}, \"b\": {\"x\": 1, \"y\": 1}, "
     "\"c\": 3},"
     " {\"a\": {}, \"b\": {}, \"c\": 4}, {\"a\": {\"x\": 1}, \"b\": {\"y\": 1}, \"c\": 5},"
     " {\"a\": [1, 2], \"b\": [1], \"c\": 6}, {\"a\": [], \"b\": {}, \"c\": 7}]",
     "[1,4]"},
    {"$.map[?@.n > 3]", SHOP, "{\"n\":4}"},
    {"$[?@ == 'it\\'s']", "[\"it's\"]", "\"it's\""},
    {"$[?@ == '\\u20ac']", "[\"\\u20ac\"]", "\"€\""},
    /* joined */
    {"$.lines[?@.sku == 'a' || @.sku == 'b'].sku", SHOP, "[\"a\",\"b\"]"},
    {"$.lines[?@.sku == 'a' && @.n == 1].sku", SHOP, "\"a\""},
    {"$.lines[?@.sku == 'c' || @.sku == 'a' && @.n == 9].sku", SHOP, "\"c\""},
    {"$.lines[?(@.sku == 'c' || @.sku == 'a') && @.n == 1].sku", SHOP, "\"a\""},
    {"$.lines[?!(@.sku == 'a') && @.sku].sku", SHOP, "[\"b\",\"c\"]"},
    {"$.lines[? ! ( @.o ) && ( @.n == 1 ) ].sku", SHOP, "\"a\""},
    {"$.lines[?@.o.p[?@ == 7]].sku", SHOP, "\"b\""},
    {"$.lines[?@.sku == 'a', ?@.sku == 'b', 0].sku", SHOP, "[\"a\",\"b\",\"a\"]"},
    {"$..[?@.n > 2].n", SHOP, "[3,4]"},
    {"$[?@]", "5", "missing"},
    /* functions */
    {"$.lines[?length(@.sku) == 1].sku", SHOP, "[\"a\",\"b\",\"c\"]"},
    {"$.lines[?length(@) == 3]", SHOP,
     "[{\"sku\":\"a\",\"n\":1,\"tags\":[]},"
     "{\"sku\":\"b\",\"n\":2,\"o\":{\"p\":[7]}}]"},
    {"$.lines[?length(@.tags) == 0].sku", SHOP, "\"a\""},
    {"$.lines[?length(@.n) == 1].sku", SHOP, "\"c\""},
    {"$.lines[?length(@.q) == length(@.r)].sku", SHOP, "[\"a\",\"b\",\"c\"]"},
    {"$.lines[?length(@.q) < 1].sku", SHOP, "missing"},
    {"$[?length(@) == 5]", "[\"na\\u00efve\", \"12345\", \"1234\"]", "[\"na\u00efve\",\"12345\"]"},
    {"$[?length(@.a) == 1]", "[{\"a\": {\"x\": 1, \"x\": 2}}]", "{\"a\":{\"x\":1,\"x\":2}}"},
    {"$[?length('abc') == @]", "[2, 3]", "3"},
    {"$[?length(null) == @]", "[2, null]", "missing"},
    {"$.lines[?count(@.*) == 3].sku", SHOP, "[\"a\",\"b\"]"},
    {"$.lines[?count(@..p) == 1].sku", SHOP, "\"b\""},
    {"$[?count(@.*) > count($[0].*)]", "[[1], [null, 2], 5]", "[null,2]"},
    {"$[?count(@['a', 'a']) == 2].a", "[{\"a\": 1}, {\"b\": 1}]", "1"},
    {"$[?value(@..a) == 1].b", "[{\"a\": 1, \"b\": 1}, {\"a\": 1, \"b\": {\"a\": 1}}]", "1"},
    {"$[?length(value(@..p)) == 2]", "[{\"a\": {\"p\": \"xy\"}}, {\"p\": \"x\"}]",
     "{\"a\":{\"p\":\"xy\"}}"},
    {"$.lines[?match(@.sku, 'a|b')].sku", SHOP, "[\"a\",\"b\"]"},
    {"$[?match(@, 'a.')]", "[\"ab\", \"abc\", \"a\\n\", \"a\\r\", \"xab\", 7]", "\"ab\""},
    {"$[?match(@, 'a[.]b\\.c')]", "[\"a.b.c\", \"axb.c\", \"a.bxc\"]", "\"a.b.c\""},
    {"$[?match(@, '\\d+')]", "[\"12\", \"1x\", 12]", "\"12\""},
    {"$[?match(@, '\\\\d+')]", "[\"12\", \"1x\", 12]", "\"12\""},
    {"$[?match(@, \"it\\'s\")]", "[\"it's\"]", "\"it's\""},
    {"$[?match( @ , 'x' )]", "[\"x\"]", "\"x\""},
    {"$[?!match(@, 'x') && !search(@, 'y')]", "[\"x\", \"ay\", 5]", "5"},
    {"$[?search(@, '[b-c]')]", "[\"abd\", \"d\"]", "\"abd\""},
    {"$[?search(@.a, '^x') || @.b].c", "[{\"a\": \"xy\", \"c\": 1}, {\"b\": 0, \"c\": 2}]",
     "[1,2]"},
    {"$[?match('ab', 'a.')]", "[1, 2]", "[1,2]"},
    {"$[?match(@.length, 'x')].length", "[{\"length\": \"x\"}]", "\"x\""},
    {"$[?@.a]", "[1, \"a\", null, {}]", "missing"},
};

static void each_path_finds_what_it_names(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char found[400];
        find(bytes_of(good[i].path), good[i].json, found, sizeof found);
        if (strcmp(found, good[i].found) != 0) {
            print_error("%s: found %s, wanted %s\n", good[i].path, found, good[i].found);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static const struct {
    const char *path;
    size_t byte;
    const char *error;
} bad[] = {
    {"", 0, "begins with $"},
    {"items", 0, "begins with $"},
    {"@.a", 0, "begins with $"},
    {"$a", 1, "write .name"},
    {"$ ", 1, "write .name"},
    {"$.a ", 3, "write .name"},
    {"$.", 2, "a member's name is missing"},
    {"$. a", 2, "a member's name is missing"},
    {"$...a", 3, "a member's name is missing"},
    {"$[", 2, "an index is missing"},
    {"$[]", 2, "an index is missing"},
    {"$[0", 3, "']' is missing"},
    {"$[0,]", 4, "an index is missing"},
    {"$[a]", 2, "an index is missing"},
    {"$[-]", 3, "not an index"},
    {"$[99999999999999999999]", 22, "not an index"},
    {"$[0:1:2:3]", 7, "']' is missing"},
    {"$['a]", 5, "the quote is not closed"},
    {"$['a\\", 5, "the quote is not closed"},
    {"$['\\x']", 6, "no such escape"},
    {"$['\\ud800']", 10, "no such escape"},
    {"$[?]", 3, "a value is missing"},
    {"$[?a]", 3, "a value is missing"},
    {"$[?length(@.a)]", 14, "write == "},
    {"$[?value(@..a) ]", 15, "write == "},
    {"$[?!length(@.a)]", 4, "are compared"},
    {"$[?!size(@.a)]", 4, "no such function"},
    {"$[?len(@.a) > 1]", 3, "no such function; there are length(), count(), value(), match()"},
    {"$[?length (@.a) > 1]", 3, "a value is missing"},
    {"$[?length() > 1]", 10, "a value is missing"},
    {"$[?length(@.a, 1) > 1]", 13, "')' is missing"},
    {"$[?length(@.a > 1]", 14, "')' is missing"},
    {"$[?length(@.*) > 1]", 10, "one value is needed here"},
    {"$[?length(match(@.a, 'x')) > 1]", 10, "true or false"},
    {"$[?count(1) > 1]", 9, "write @.items[*]"},
    {"$[?count(length(@)) > 1]", 9, "write @.items[*]"},
    {"$[?value('a') > 1]", 9, "write @.items[*]"},
    {"$[?match(@.a, 'x') == true]", 3, "true or false"},
    {"$[?true == match(@.a, 'x')]", 11, "true or false"},
    {"$[?match(@.a)]", 12, "',' is missing"},
    {"$[?match(@.a, @.b)]", 14, "a pattern is a text that is written here"},
    {"$[?match(@.a, 'x']", 17, "')' is missing"},
    {"$[?match(@.a, 'x]", 17, "the quote is not closed"},
    {"$[?match(@.a, 'x\\", 17, "the quote is not closed"},
    {"$[?match(@.a, '(')]", 14, "not a regular expression"},
    {"$[?match(@.a, 'a)|(b')]", 14, "not a regular expression"},
    {"$[?search(@.a, '\\Qa')]", 15, "not a regular expression"},
    {"$[?match(@.*, 'x')]", 9, "one value is needed here"},
    {"$[?@.a = 1]", 7, "write == "},
    {"$[?@.a =~ 'x']", 7, "write == "},
    {"$[?@.a == ]", 10, "a value is missing"},
    {"$[?@.a == b]", 10, "a value is missing"},
    {"$[?1]", 4, "write == "},
    {"$[?'a' ]", 7, "write == "},
    {"$[?@.* == 1]", 3, "one value is needed here"},
    {"$[?1 == @..a]", 8, "one value is needed here"},
    {"$[?@[0, 1] == 1]", 3, "one value is needed here"},
    {"$[?@[?@.a] == 1]", 3, "one value is needed here"},
    {"$[?(@.a]", 7, "')' is missing"},
    {"$[?!1]", 4, "'!' stands before"},
    {"$[?!@.a == 1]", 8, "']' is missing"},
    {"$[?@.a & @.b]", 7, "']' is missing"},
    {"$[?@.a &&]", 9, "a value is missing"},
    {"$[?@.a == 1.]", 10, "not a number"},
    {"$[?@.a == 1e999]", 10, "not a number"},
    {"$[?@.a == 'x]", 13, "the quote is not closed"},
    {"$[?@.a == @.b == 1]", 14, "']' is missing"},
};

static void each_bad_path_is_refused_at_its_byte(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct arena arena = ARENA_INIT(1024, 0);
        const struct json_path *path;
        size_t byte = 99;
        const char *error = "";
        int r = json_path_compile(&arena, bytes_of(bad[i].path), &path, &byte, &error);
        if (r != JSON_PATH_BAD || byte != bad[i].byte || strstr(error, bad[i].error) == NULL) {
            print_error("%s: %d, byte %zu: %s\n", bad[i].path, r, byte, error);
            wrong++;
        }
        arena_deinit(&arena);
    }
    assert_int_equal(wrong, 0);
}

/* Compiles a text whose end is the end of its memory; searches where it is good. */
static void try_text(const uint8_t *text, size_t len)
{
    static const char json[] = "{\"a\": [1, {\"b\": \"x\"}, [2]], \"b\": 1}";
    struct arena arena = ARENA_INIT(1024, 0);
    struct evaluation evaluation = {.scratch = &arena};
    const struct json_path *path;
    struct value root;
    struct operand found;
    size_t byte;
    const char *error;
    uint8_t *block = test_malloc(len > 0 ? len : 1);
    memcpy(block, text, len);
    assert_int_equal(json_value_read(bytes_of(json), &arena, &root), TROUBLE_NONE);
    if (json_path_compile(&arena, bytes_from(block, len), &path, &byte, &error) == 0) {
        json_path_find(&evaluation, path, &root, &found);
    } else {
        assert_true(byte <= len);
    }
    test_free(block);
    arena_deinit(&arena);
}

static void what_is_cut_or_changed_is_read_within_its_bounds(void **state)
{
    static const uint8_t others[] = "\0 '\"\\()[]?@$.*:,=!<>&|-9ue\xff";
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint8_t text[128];
        size_t len = strlen(good[i].path);
        for (size_t cut = 0; cut <= len; cut++) {
            try_text((const uint8_t *)good[i].path, cut);
        }
        for (size_t at = 0; at < len * (sizeof others - 1); at++) {
            memcpy(text, good[i].path, len);
            text[at / (sizeof others - 1)] = others[at % (sizeof others - 1)];
            try_text(text, len);
        }
    }
}

/* --- limits --- */

static void refuse(const char *begin, const char *unit, size_t times, const char *error)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct buf text = BUF_NULL;
    const struct json_path *path;
    size_t byte;
    const char *told = "";
    buf_append_text(&text, begin);
    for (size_t i = 0; i < times; i++) {
        buf_append_text(&text, unit);
    }
    assert_int_equal(json_path_compile(&arena, buf_bytes(&text), &path, &byte, &told),
                     JSON_PATH_BAD);
    assert_non_null(strstr(told, error));
    buf_deinit(&text);
    arena_deinit(&arena);
}

static void size_and_nesting_are_bounded(void **state)
{
    (void)state;
    refuse("$", ".a", 200, "more than 256 parts");
    refuse("$[0", ",0", 300, "more than 256 parts");
    refuse("$[?@", "&&@", 300, "more than 256 parts");
    refuse("$[?", "(", 5000, "nested too deep");
    refuse("$[?", "!(", 5000, "nested too deep");
    refuse("$", "[?@", 5000, "nested too deep");
    refuse("$[?", "length(", 5000, "nested too deep");
}

static void a_long_search_ends_at_the_limit(void **state)
{
    struct buf json = BUF_NULL;
    char found[32];
    (void)state;
    buf_append_text(&json, "[0");
    for (int i = 1; i < 9000; i++) {
        buf_append_text(&json, ",0");
    }
    buf_append_text(&json, "]");
    buf_append_char(&json, '\0');
    const char *text = (const char *)json.data;
    find(BYTES_LITERAL("$[?$[?$[?@ == 1]]]"), text, found, sizeof found);
    assert_string_equal(found, "limit");
    find(BYTES_LITERAL("$[::-1]"), text, found, sizeof found);
    assert_string_equal(found, "limit");
    find(BYTES_LITERAL("$[?@ == 1]"), text, found, sizeof found);
    assert_string_equal(found, "missing");
    find(BYTES_LITERAL("$[?count($[?count($.*) > 1]) > 1]"), text, found, sizeof found);
    assert_string_equal(found, "limit");
    find(BYTES_LITERAL("$[?match(@, '(a+)+[bc]')]"), "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]",
         found, sizeof found);
    assert_string_equal(found, "limit");
    buf_deinit(&json);
}

static bool survives(size_t allocations)
{
    struct arena arena = ARENA_INIT(64, 0);
    struct arena scratch = ARENA_INIT(64, 0);
    struct evaluation evaluation = {.scratch = &scratch};
    const struct json_path *path;
    struct value root;
    struct operand found;
    size_t byte;
    const char *error;
    failing_malloc_begin(allocations);
    int r = json_path_compile(
        &arena, BYTES_LITERAL("$[?@['\\u0061'] == 'b\\n' || @.c || match(@.d, '.')].c"), &path,
        &byte, &error);
    enum trouble trouble =
        r != 0 ? TROUBLE_MEMORY
               : json_value_read(BYTES_LITERAL("[{\"c\": 1}, {\"c\": [2]}]"), &scratch, &root);
    trouble = trouble != TROUBLE_NONE ? trouble : json_path_find(&evaluation, path, &root, &found);
    failing_malloc_end();
    assert_true(r == 0 || r == -ENOMEM);
    assert_true(trouble == TROUBLE_NONE || trouble == TROUBLE_MEMORY);
    arena_deinit(&scratch);
    arena_deinit(&arena);
    return trouble == TROUBLE_NONE;
}

static void every_failing_allocation_is_told(void **state)
{
    size_t allocations = 0;
    (void)state;
    while (!survives(allocations)) {
        assert_true(++allocations < 1000);
    }
    assert_true(allocations > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_path_finds_what_it_names),
        cmocka_unit_test(each_bad_path_is_refused_at_its_byte),
        cmocka_unit_test(what_is_cut_or_changed_is_read_within_its_bounds),
        cmocka_unit_test(size_and_nesting_are_bounded),
        cmocka_unit_test(a_long_search_ends_at_the_limit),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
