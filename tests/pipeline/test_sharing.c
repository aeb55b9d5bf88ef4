/* What different threads write stands on different cache lines: not only in each struct, which
 * assertions beside it hold when it is compiled, but where the objects really are on the heap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>

#include "daemon/pipeline/worker_state.h"

#define WORKERS    5u
#define PIECES_MAX 256u

/* A piece of memory and who writes it: threads that write the same things are one. */
struct piece {
    const char *what;
    uint32_t writer;
    uintptr_t first_line, last_line;
};

struct map {
    struct piece pieces[PIECES_MAX];
    uint32_t count;
    uint32_t writers; /* beyond the workers, which are 0 .. WORKERS - 1 */
};

static void add(struct map *map, const char *what, uint32_t writer, const void *begin, size_t bytes)
{
    uintptr_t at = (uintptr_t)begin;
    assert_true(map->count < PIECES_MAX);
    map->pieces[map->count++] =
        (struct piece){what, writer, at / CACHE_LINE, (at + bytes - 1) / CACHE_LINE};
}

/* A block of the heap, of which only whole lines were asked for. */
static void add_block(struct map *map, const char *what, uint32_t writer, const void *block)
{
    size_t bytes = malloc_usable_size((void *)(uintptr_t)block) / CACHE_LINE * CACHE_LINE;
    assert_int_equal((uintptr_t)block % CACHE_LINE, 0);
    assert_true(bytes != 0);
    add(map, what, writer, block, bytes);
}

static uint32_t others(struct map *map)
{
    return WORKERS + map->writers++;
}

static void add_worker(struct map *map, const struct worker *worker)
{
    add(map, "its own", worker->index, &worker->armed_ns,
        offsetof(struct worker, tasks) - offsetof(struct worker, armed_ns));
    add(map, "tasks", others(map), &worker->tasks, sizeof worker->tasks + sizeof worker->stop);
    add(map, "replies", others(map), &worker->replies, sizeof worker->replies);
    add(map, "what is only read", others(map), worker, offsetof(struct worker, armed_ns));
    add_block(map, "loop", worker->index, worker->loop);
    add_block(map, "stages", worker->index, worker->stages);
    add_block(map, "timer", worker->index, worker->timer);
    add_block(map, "shard", worker->index, worker->shard);
    for (uint32_t i = 0; i < WORKERS; i++) {
        if (worker->in[i] != NULL) {
            add_block(map, "ring", others(map), worker->in[i]);
        }
    }
}

static void add_pool(struct map *map, const struct worker_pool *pool)
{
    const struct budget *budget = pool->budget;
    add(map, "what is only read", others(map), pool, offsetof(struct worker_pool, promises));
    add(map, "promises", others(map), &pool->promises, sizeof pool->promises);
    add(map, "the control thread's", others(map), &pool->drain,
        sizeof pool->drain + sizeof pool->random);
    add(map, "limits", others(map), &budget->soft_bytes, 2 * sizeof budget->soft_bytes);
    add(map, "total", others(map), &budget->total, sizeof budget->total);
    for (int i = 0; i < BUDGET_OWNERS; i++) {
        add(map, "account of an owner", others(map), &budget->owners[i], 2 * sizeof(uint64_t));
    }
    add(map, "refusals", others(map), budget->refused, sizeof budget->refused);
    for (uint32_t i = 0; i < WORKERS; i++) {
        add_worker(map, &pool->workers[i]);
    }
}

static bool overlap(const struct piece *a, const struct piece *b)
{
    return a->first_line <= b->last_line && b->first_line <= a->last_line;
}

static uint32_t shared_lines(const struct map *map)
{
    uint32_t shared = 0;
    for (uint32_t i = 0; i < map->count; i++) {
        for (uint32_t j = i + 1; j < map->count; j++) {
            const struct piece *a = &map->pieces[i];
            const struct piece *b = &map->pieces[j];
            if (a->writer != b->writer && overlap(a, b)) {
                print_message("%s of %u and %s of %u share a line\n", a->what, a->writer, b->what,
                              b->writer);
                shared++;
            }
        }
    }
    return shared;
}

static void no_two_threads_of_a_pool_write_one_line(void **state)
{
    struct worker_pool_options options = {
        .count = WORKERS, .clock = &clock_system, .memory_bytes = 64u << 20};
    struct worker_pool *pool = NULL;
    struct map map = {.count = 0};
    (void)state;
    assert_int_equal(worker_pool_new(&pool, &options), 0);
    add_pool(&map, pool);
    assert_int_equal(shared_lines(&map), 0);
    worker_pool_free(pool);
}

/* The test would see it: counters of two workers side by side. */
static void counters_packed_into_one_line_are_seen(void **state)
{
    static const _Alignas(CACHE_LINE) struct counter packed[2];
    struct map map = {.count = 0};
    (void)state;
    add(&map, "a counter", 0, &packed[0], sizeof packed[0]);
    add(&map, "a counter", 1, &packed[1], sizeof packed[1]);
    assert_int_equal(shared_lines(&map), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_threads_of_a_pool_write_one_line),
        cmocka_unit_test(counters_packed_into_one_line_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
