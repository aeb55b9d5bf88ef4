#include "tests/bench/judge_suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/problems.h"

static const struct {
    const char *select;
    const char *condition;
} matching[] = {
    {"span[service='checkout' name='get']", "duration < 1s"},
    {"span[service='checkout' name='get']", "server.port = 6379"},
    {"span[service='checkout' name='OrderService.process']", "app.cart.items >= 1"},
    {"span[service='checkout' name='OrderService.process']", "app.order.total >= 0.0"},
    {"span[service='checkout' name='send orders.created']", "count = 1"},
    {"span[service='checkout' name='send orders.created']",
     "messaging.destination.name = 'orders.created'"},
    {"span[service='checkout' name='POST' kind=client]", "http.response.status_code < 500"},
    {"span[service='checkout' name='POST' kind=client]", "duration < 2s"},
    {"span[db.system.name = 'postgresql']", "db.namespace = 'shop'"},
    {"span[]", "duration < 10s"},
};

static const struct {
    const char *select;
    const char *condition;
} policies[] = {
    {"span[]", "duration < 10s"},
    {"span[]", "none: status = error"},
    {"span[]", "none: http.request.method = 'DELETE'"},
    {"span[]", "none: db.system.name = 'mongodb'"},
    {"span[]", "none: messaging.destination.name = 'orders.lost'"},
    {"span[]", "none: http.response.status_code >= 500"},
    {"span[]", "none: server.port < 80"},
    {"span[]", "count < 20"},
    {"span[]", "none: app.cart.items < 1"},
    {"span[name = 'send orders.created']", "kind = producer"},
};

static const uint32_t policy_count = sizeof policies / sizeof *policies;

static const uint32_t matching_count = sizeof matching / sizeof *matching;

/* `number` is replaced. */
static const struct {
    const char *select;
    const char *condition;
} others[] = {
    {"span[service='service %u' name='get']", "duration < 1s"},
    {"span[service='checkout' name='operation %u']", "server.port = 6379"},
    {"span[name='operation %u']", "app.cart.items >= 1"},
    {"span[service='service %u']", "http.response.status_code < 500"},
    {"span[service='service %u' name='POST' kind=client]",
     "messaging.destination.name = 'orders.created'"},
    {"span[http.route='/api/v%u/orders']", "duration < 1s"},
    {"span[service='checkout' server.port=%u]", "duration < 1s"},
};

static const uint32_t other_count = sizeof others / sizeof *others;

static struct config_text text_of(struct arena *arena, const char *format, uint32_t number)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return (struct config_text){.text = arena_printf(arena, format, number),
                                .origin = {"bench", 1}};
#pragma GCC diagnostic pop
}

static struct assertion_settings settings_of(struct arena *arena, uint32_t number)
{
    bool fits = number < matching_count;
    struct assertion_settings settings = {.name = text_of(arena, "assertion %u", number),
                                          .optional = !fits};
    struct config_text *condition = arena_calloc(arena, 1, sizeof *condition);
    if (fits) {
        settings.select = text_of(arena, matching[number].select, number);
        *condition = text_of(arena, matching[number].condition, number);
    } else {
        settings.select = text_of(arena, others[number % other_count].select, number);
        *condition = text_of(arena, others[number % other_count].condition, number);
    }
    settings.conditions = (struct config_texts){condition, 1};
    return settings;
}

/* The arena is consumed. */
static struct suite_set *compile(struct arena *take_arena, struct assertion_settings *items,
                                 uint32_t count)
{
    static const struct completion_settings completion = {
        .quiet_ns = 1, .deadline_ns = 2, .grace_ns = 1};
    struct problems problems;
    struct suite_set *set = NULL;
    struct suite_settings suite = {.name = text_of(take_arena, "bench", 0),
                                   .assertions = {items, count}};
    problems_init(&problems);
    if (suite_set_compile(&set, &(struct config_list){&suite, 1}, &completion, &problems) != 0) {
        struct buf text = BUF_NULL;
        problems_print(&problems, &text);
        fprintf(stderr, "%.*s\n", (int)text.len, (const char *)text.data);
        buf_deinit(&text);
        set = NULL;
    }
    problems_deinit(&problems);
    arena_deinit(take_arena);
    return set;
}

struct suite_set *judge_suite_new(uint32_t count)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct assertion_settings *items = arena_calloc(&arena, count, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = settings_of(&arena, i);
    }
    return compile(&arena, items, count);
}

struct suite_set *judge_policies_new(void)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct assertion_settings *items = arena_calloc(&arena, policy_count, sizeof *items);
    for (uint32_t i = 0; i < policy_count; i++) {
        struct config_text *condition = arena_calloc(&arena, 1, sizeof *condition);
        *condition = text_of(&arena, policies[i].condition, i);
        items[i] = (struct assertion_settings){.name = text_of(&arena, "assertion %u", i),
                                               .select = text_of(&arena, policies[i].select, i),
                                               .conditions = {condition, 1}};
    }
    return compile(&arena, items, policy_count);
}
