/* What servers and the HTTP/2 library take from the budget: exactly for bodies, in steps for the
 * rest, nothing in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/net/http2_memory.h"
#include "daemon/net/http_memory.h"

static void a_body_is_taken_before_it_grows_and_given_back(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 16000);
    struct http_memory memory = {.options = {&budget, BUDGET_BODIES, BUDGET_CONNECTIONS, 0}};
    struct http_request request = {.body = NULL};
    assert_true(http_memory_take_body(&memory, &request, 1000));
    assert_true(http_memory_take_body(&memory, &request, 500));
    assert_true(http_memory_take_body(&memory, &request, 4000));
    assert_int_equal(4000, budget_held(&budget, BUDGET_BODIES));
    assert_false(http_memory_take_body(&memory, &request, 15000));
    assert_int_equal(4000, request.body_charge);
    request.body = malloc(4000);
    http_memory_free_body(&memory, &request);
    assert_null(request.body);
    assert_int_equal(0, budget_total(&budget));
}

static void what_a_handler_took_is_not_given_back_twice(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 16000);
    struct http_memory memory = {.options = {&budget, BUDGET_BODIES, BUDGET_CONNECTIONS, 0}};
    struct http_request request = {.body = NULL};
    assert_true(http_memory_take_body(&memory, &request, 1000));
    request.body_charge = 0;
    http_memory_free_body(&memory, &request);
    assert_int_equal(1000, budget_total(&budget));
}

static void buffers_are_never_more_than_was_told(void **state)
{
    struct budget budget;
    size_t held[50] = {0};
    uint64_t sum = 0;
    (void)state;
    budget_init(&budget, 64u << 20);
    struct http_memory memory = {.options = {&budget, BUDGET_BODIES, BUDGET_CONNECTIONS, 0}};
    for (unsigned i = 0; i < 2000; i++) {
        size_t now = (size_t)i * 7919 % 30000;
        sum = sum - held[i % 50] + now;
        http_memory_hold(&memory, &held[i % 50], now);
        assert_in_range(budget_total(&budget), sum, sum + 3 * 65536);
    }
    for (size_t i = 0; i < 50; i++) {
        http_memory_hold(&memory, &held[i], 0);
    }
    assert_in_range(budget_total(&budget), 0, 2 * 65536);
}

static void a_full_budget_has_no_room_for_connections(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 5 * HTTP_CONNECTION_BYTES);
    struct http_memory memory = {.options = {&budget, BUDGET_BODIES, BUDGET_CONNECTIONS, 0}};
    for (int i = 0; i < 4; i++) {
        assert_true(http_memory_enter(&memory));
    }
    assert_false(http_memory_enter(&memory));
    http_memory_leave(&memory);
    assert_true(http_memory_enter(&memory));
}

static void a_reserve_lets_some_connections_in_to_be_told(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 16 * HTTP_CONNECTION_BYTES);
    struct http_memory memory = {.options = {&budget, BUDGET_ADMIN, BUDGET_ADMIN, .reserve = 2}};
    budget_add(&budget, BUDGET_TRACES, 16 * HTTP_CONNECTION_BYTES);
    for (int round = 0; round < 3; round++) {
        assert_true(http_memory_enter(&memory));
        assert_true(http_memory_enter(&memory));
        assert_false(http_memory_enter(&memory));
        assert_int_equal(2 * HTTP_CONNECTION_BYTES, budget_held(&budget, BUDGET_ADMIN));
        http_memory_leave(&memory);
        assert_true(http_memory_enter(&memory));
        http_memory_leave(&memory);
        http_memory_leave(&memory);
        assert_int_equal(0, budget_held(&budget, BUDGET_ADMIN));
    }
}

static void buffers_are_told_when_nothing_is_left_for_them(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 1u << 20);
    struct http_memory memory = {.options = {&budget, BUDGET_ADMIN, BUDGET_ADMIN, 0}};
    budget_add(&budget, BUDGET_TRACES, (15u << 16) - HTTP_CONNECTION_BYTES);
    assert_false(http_memory_is_full(&memory));
    budget_add(&budget, BUDGET_TRACES, 1);
    assert_true(http_memory_is_full(&memory));
    assert_int_equal(0, budget_held(&budget, BUDGET_ADMIN));
    assert_int_equal(HTTP_CONNECTION_BYTES, http_memory_head_max(&memory));
    budget_add(&budget, BUDGET_TRACES, 2u << 16);
    assert_int_equal(0, http_memory_head_max(&memory));
    memory.options.budget = NULL;
    assert_true(http_memory_head_max(&memory) == SIZE_MAX);
    assert_false(http_memory_is_full(&memory));
}

static void the_library_gets_memory_as_from_libc(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 64u << 20);
    struct http2_memory *memory = http2_memory_new(&budget);
    nghttp2_mem *functions = http2_memory_functions(memory);
    char *zeroed = functions->calloc(100, 3, functions->mem_user_data);
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(0, zeroed[i]);
    }
    char *block = functions->realloc(NULL, 10, functions->mem_user_data);
    memcpy(block, "0123456789", 10);
    for (size_t bytes = 20; bytes < 300000; bytes *= 2) {
        block = functions->realloc(block, bytes, functions->mem_user_data);
        assert_int_equal(0, (uintptr_t)block % 16);
        assert_memory_equal(block, "0123456789", 10);
        assert_true(budget_held(&budget, BUDGET_LIBRARIES) >= http2_memory_held(memory));
        assert_true(http2_memory_held(memory) >= bytes + 300);
    }
    assert_null(functions->calloc(SIZE_MAX, 2, functions->mem_user_data));
    assert_null(functions->malloc(SIZE_MAX - 3, functions->mem_user_data));
    functions->free(block, functions->mem_user_data);
    functions->free(zeroed, functions->mem_user_data);
    functions->free(NULL, functions->mem_user_data);
    assert_int_equal(0, http2_memory_held(memory));
    http2_memory_free(memory);
    assert_int_equal(0, budget_total(&budget));
}

static void a_full_budget_leaves_the_library_what_it_has(void **state)
{
    struct budget budget;
    (void)state;
    budget_init(&budget, 1u << 20);
    struct http2_memory *memory = http2_memory_new(&budget);
    nghttp2_mem *functions = http2_memory_functions(memory);
    char *block = functions->malloc(300000, functions->mem_user_data);
    block[299999] = 'x';
    assert_null(functions->realloc(block, 900000, functions->mem_user_data));
    assert_null(functions->malloc(900000, functions->mem_user_data));
    assert_int_equal('x', block[299999]);
    functions->free(block, functions->mem_user_data);
    http2_memory_free(memory);
    assert_int_equal(0, budget_total(&budget));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_taken_before_it_grows_and_given_back),
        cmocka_unit_test(what_a_handler_took_is_not_given_back_twice),
        cmocka_unit_test(buffers_are_never_more_than_was_told),
        cmocka_unit_test(a_full_budget_has_no_room_for_connections),
        cmocka_unit_test(a_reserve_lets_some_connections_in_to_be_told),
        cmocka_unit_test(buffers_are_told_when_nothing_is_left_for_them),
        cmocka_unit_test(the_library_gets_memory_as_from_libc),
        cmocka_unit_test(a_full_budget_leaves_the_library_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
