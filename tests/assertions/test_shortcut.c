/* A shortcut says what the whole way says, for every key, operator and literal, and every span. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assertions/shortcut.h"

#define TEXT_LITERAL(literal)                                                                      \
    {                                                                                              \
        .type = OPERAND_TEXT, .bytes = BYTES_LITERAL(literal)                                      \
    }

static const struct operand literals[] = {
    TEXT_LITERAL("server"),
    TEXT_LITERAL("error"),
    TEXT_LITERAL("5"),
    TEXT_LITERAL(""),
    {.type = OPERAND_INT, .integer = 5},
    {.type = OPERAND_DOUBLE, .number = 5.5},
    {.type = OPERAND_BOOL, .boolean = true},
    {.type = OPERAND_DURATION, .ns = 5},
};

static const struct key keys[] = {
    {.space = KEY_ANY, .name = BYTES_LITERAL("n")},
    {.space = KEY_ATTR, .name = BYTES_LITERAL("n")},
    {.space = KEY_ANY, .name = BYTES_LITERAL("http.request.method")},
    {.space = KEY_RESOURCE, .name = BYTES_LITERAL("n")},
    {.space = KEY_EVENT, .name = BYTES_LITERAL("n")},
    {.space = KEY_FIELD, .field = FIELD_KIND},
    {.space = KEY_FIELD, .field = FIELD_STATUS},
    {.space = KEY_FIELD, .field = FIELD_NAME},
    {.space = KEY_FIELD, .field = FIELD_DURATION},
};

static const struct attr own[] = {
    {BYTES_LITERAL("n"), {VALUE_INT, .integer = 5}},
    {BYTES_LITERAL("http.request.method"), {VALUE_TEXT, .bytes = BYTES_LITERAL("server")}},
};

/* The span of a number: every kind and status, attributes of its own, of its resource, or none,
 * some dropped or not, hints made or not. */
static struct span span_of(unsigned number, struct resource *resource)
{
    *resource = (struct resource){.attrs = own, .attr_count = number / 60 % 3};
    resource->hints = attr_hints_make(resource->attrs, resource->attr_count);
    struct span span = {.kind = (enum span_kind)(number % 5),
                        .status = (enum span_status)(number % 3),
                        .start_ns = 10,
                        .end_ns = 10 + number % 7,
                        .name = BYTES_LITERAL("server"),
                        .attrs = own,
                        .attr_count = number % 3,
                        .dropped_attrs = number / 15 % 2,
                        .resource = resource,
                        .scope = &scope_empty};
    if (number / 30 % 2 == 0) {
        span.hints = attr_hints_make(span.attrs, span.attr_count);
    }
    return span;
}

static uint32_t compare_all(const struct condition *condition, struct arena *scratch)
{
    struct shortcut shortcut = shortcut_of(condition);
    for (unsigned i = 0; i < 360; i++) {
        struct resource resource;
        struct span span = span_of(i, &resource);
        assert_int_equal(shortcut_mark(&shortcut, condition, &span, scratch),
                         marks_of_condition(condition, &span, scratch));
    }
    return shortcut.type != SHORTCUT_NONE;
}

static void it_says_what_the_whole_way_says(void **state)
{
    struct arena scratch = ARENA_INIT(1024, 0);
    uint32_t shortcuts = 0;
    (void)state;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (size_t l = 0; l < sizeof literals / sizeof *literals; l++) {
            for (int op = OP_EQUAL; op <= OP_MISSING; op++) {
                if (op == OP_IN || op == OP_NOT_IN) {
                    continue; /* need a list */
                }
                for (uint32_t negations = 0; negations < 3; negations++) {
                    struct condition condition = {
                        .negations = negations,
                        .left = {.type = TERM_KEY, .key = keys[k]},
                        .op = (enum compare_op)op,
                        .right = {.type = TERM_LITERAL, .literal = literals[l]}};
                    shortcuts += compare_all(&condition, &scratch);
                }
            }
        }
    }
    assert_int_equal(shortcuts, (5 * 8 * (OP_MISSING - OP_EQUAL - 1) + 6) * 3);
    arena_deinit(&scratch);
}

static void what_is_not_compared_with_a_literal_has_none(void **state)
{
    struct condition condition = {.left = {.type = TERM_KEY, .key = keys[0]},
                                  .right = {.type = TERM_KEY, .key = keys[1]}};
    (void)state;
    assert_int_equal(shortcut_of(&condition).type, SHORTCUT_NONE);
    condition.right.type = TERM_LITERAL;
    condition.test = (const struct expr *)&condition;
    assert_int_equal(shortcut_of(&condition).type, SHORTCUT_NONE);
    condition.test = NULL;
    condition.left.type = TERM_COUNT;
    assert_int_equal(shortcut_of(&condition).type, SHORTCUT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_the_whole_way_says),
        cmocka_unit_test(what_is_not_compared_with_a_literal_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
