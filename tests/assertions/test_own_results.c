/* All conditions of a probe at once come to what each of them comes to by itself, on spans of every
 * kind and in every order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assertions/own_results.h"

#define NAMES      60u
#define CONDITIONS 150u
#define SPANS      12u
#define ROUNDS     400u

struct world {
    struct arena arena, scratch;
    struct bytes names[NAMES];
    struct condition conditions[CONDITIONS];
    struct probe_condition probed[CONDITIONS];
    struct probe probe;
    uint32_t seed;
};

static uint32_t pick(struct world *world, uint32_t most)
{
    world->seed = world->seed * UINT32_C(1103515245) + 12345;
    return (world->seed >> 8) % most;
}

static struct key key_of(struct world *world)
{
    static const enum span_field fields[] = {FIELD_KIND, FIELD_STATUS, FIELD_DURATION, FIELD_NAME};
    if (pick(world, 4) == 0) {
        return (struct key){.space = KEY_FIELD, .field = fields[pick(world, 4)]};
    }
    return (struct key){.space = pick(world, 2) == 0 ? KEY_ANY : KEY_ATTR,
                        .name = world->names[pick(world, NAMES)]};
}

static struct operand literal_of(struct world *world)
{
    switch (pick(world, 5)) {
    case 0:
        return (struct operand){.type = OPERAND_TEXT, .bytes = world->names[pick(world, 3)]};
    case 1:
        return (struct operand){.type = OPERAND_INT, .integer = (int64_t)pick(world, 3)};
    case 2:
        return (struct operand){.type = OPERAND_DOUBLE, .number = 0.5 * pick(world, 4)};
    case 3:
        return (struct operand){.type = OPERAND_BOOL, .boolean = true};
    default:
        return (struct operand){.type = OPERAND_DURATION, .ns = pick(world, 3)};
    }
}

/* Names of one hint are among so many. */
static void make_conditions(struct world *world, uint32_t count)
{
    static const enum compare_op ops[] = {OP_EQUAL,      OP_NOT_EQUAL, OP_LESS,
                                          OP_LESS_EQUAL, OP_GREATER,   OP_GREATER_EQUAL,
                                          OP_CONTAINS,   OP_EXISTS,    OP_MISSING};
    for (uint32_t i = 0; i < NAMES; i++) {
        char *text = arena_printf(&world->arena, i % 3 == 0 ? "%u" : "a.longer.name.%u", i);
        world->names[i] = bytes_of(text);
    }
    for (uint32_t i = 0; i < count; i++) {
        world->conditions[i] =
            (struct condition){.number = i,
                               .quantifier = (enum quantifier)pick(world, 3),
                               .negations = pick(world, 3),
                               .left = {.type = TERM_KEY, .key = key_of(world)},
                               .op = ops[pick(world, sizeof ops / sizeof *ops)],
                               .right = {.type = TERM_LITERAL, .literal = literal_of(world)}};
        world->probed[i] = (struct probe_condition){.condition = &world->conditions[i],
                                                    .shortcut = shortcut_of(&world->conditions[i]),
                                                    .alarms = pick(world, 8) == 0};
    }
    world->probe = (struct probe){.conditions = world->probed, .condition_count = count};
    assert_int_equal(own_results_prepare(&world->probe, &world->arena), 0);
}

static struct attr *attrs_of(struct world *world, uint32_t count)
{
    struct attr *attrs = arena_calloc(&world->scratch, count + 1, sizeof *attrs);
    for (uint32_t i = 0; i < count; i++) {
        attrs[i].key = world->names[pick(world, NAMES)];
        switch (pick(world, 5)) {
        case 0:
            attrs[i].value = (struct value){VALUE_TEXT, .bytes = world->names[pick(world, 3)]};
            break;
        case 1:
            attrs[i].value = (struct value){VALUE_DOUBLE, .number = pick(world, 3)};
            break;
        case 2:
            attrs[i].value = VALUE_NONE;
            break;
        default:
            attrs[i].value = (struct value){VALUE_INT, .integer = (int64_t)pick(world, 3)};
        }
    }
    return attrs;
}

static struct span span_of(struct world *world, struct resource *resource)
{
    resource->attr_count = pick(world, 3) * 8;
    resource->attrs = attrs_of(world, resource->attr_count);
    resource->hints = pick(world, 20) != 0 ? attr_hints_make(resource->attrs, resource->attr_count)
                                           : (struct attr_hints){.made = false};
    struct span span = {.kind = (enum span_kind)pick(world, 5),
                        .status = (enum span_status)pick(world, 3),
                        .start_ns = 5,
                        .end_ns = 4 + pick(world, 4),
                        .name = world->names[pick(world, 3)],
                        .attr_count = pick(world, 4) * 6,
                        .dropped_attrs = pick(world, 10) == 0,
                        .resource = resource,
                        .scope = &scope_empty};
    span.attrs = attrs_of(world, span.attr_count);
    if (pick(world, 10) != 0) {
        span.hints = attr_hints_make(span.attrs, span.attr_count);
    }
    return span;
}

/* Adds what each condition says by itself; whether one of them alarms. */
static bool add_plainly(struct world *world, const struct span *span, unsigned holds,
                        uint8_t *results)
{
    const unsigned mask = holds & HOLDS_OPEN ? UINT8_MAX : RESULTS_CLOSED;
    bool alarm = false;
    for (uint32_t i = 0; i < world->probe.condition_count; i++) {
        const struct condition *condition = world->probed[i].condition;
        enum mark mark = marks_of_condition(condition, span, &world->scratch);
        unsigned own = mark_results(mark, condition->quantifier) & mask;
        alarm |=
            world->probed[i].alarms && (own & result_bit(RESULT_FAIL) << RESULTS_OPEN_SHIFT) != 0;
        results[i] |= (uint8_t)own;
    }
    return alarm;
}

static void compare_a_trace(struct world *world)
{
    uint8_t found[CONDITIONS] = {0};
    uint8_t plain[CONDITIONS] = {0};
    struct own_results own = {.results = found};
    for (uint32_t i = 0; i < SPANS; i++) {
        struct resource resource = {.raw = BYTES_NULL};
        struct span span = span_of(world, &resource);
        unsigned holds = pick(world, 8) == 0 ? HOLDS_ALL & ~HOLDS_OPEN : HOLDS_ALL;
        own.alarm = false;
        own_results_add(&own, &world->probe, holds, &span, &world->scratch);
        assert_int_equal(own.alarm, add_plainly(world, &span, holds, plain));
        assert_memory_equal(found, plain, sizeof found);
    }
    arena_reset(&world->scratch);
}

static void it_comes_to_what_each_comes_to(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct world world = {
            .arena = ARENA_INIT(1024, 0), .scratch = ARENA_INIT(1024, 0), .seed = round};
        make_conditions(&world, pick(&world, 4) == 0 ? CONDITIONS : pick(&world, 12));
        for (uint32_t i = 0; i < 4; i++) {
            compare_a_trace(&world);
        }
        arena_deinit(&world.arena);
        arena_deinit(&world.scratch);
    }
}

static void without_memory_nothing_is_prepared(void **state)
{
    (void)state;
    struct arena none = ARENA_INIT(16, 8);
    struct probe probe = {.condition_count = 0};
    struct probe_condition nothing;
    probe.conditions = &nothing;
    assert_true(own_results_prepare(&probe, &none) < 0);
    arena_deinit(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_to_what_each_comes_to),
        cmocka_unit_test(without_memory_nothing_is_prepared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
