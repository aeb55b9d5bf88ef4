#include "daemon/net/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define ENTRIES    512
#define OPERATIONS 1000000
#define T          WHEEL_TICK_NS

/* xorshift64*: the same operations in every run. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* The plain truth beside the wheel: when each entry is due, in ticks. */
struct model {
    struct wheel wheel;
    struct wheel_entry entries[ENTRIES];
    uint64_t due[ENTRIES];
    bool armed[ENTRIES];
    uint64_t armed_count;
    uint64_t now_ns;
    uint64_t random;
};

static uint64_t up(uint64_t ns)
{
    return ns / T + (ns % T != 0);
}

static void set(struct model *m, size_t i, uint64_t due_ns)
{
    uint64_t now_tick = m->now_ns / T;
    wheel_set(&m->wheel, &m->entries[i], due_ns);
    m->armed_count += !m->armed[i];
    m->armed[i] = true;
    m->due[i] = up(due_ns) > now_tick ? up(due_ns) : now_tick;
}

static void cancel(struct model *m, size_t i)
{
    wheel_cancel(&m->wheel, &m->entries[i]);
    m->armed_count -= m->armed[i];
    m->armed[i] = false;
}

/* A span of time of any magnitude from nothing to beyond the wheel. */
static uint64_t random_span(struct model *m, unsigned bits)
{
    return random_next(&m->random) >> (63 - random_next(&m->random) % bits);
}

static uint64_t earliest(const struct model *m)
{
    uint64_t tick = UINT64_MAX;
    for (size_t i = 0; i < ENTRIES; i++) {
        tick = m->armed[i] && m->due[i] < tick ? m->due[i] : tick;
    }
    return tick;
}

static void advance(struct model *m, uint64_t by_ns)
{
    uint64_t last = 0;
    struct wheel_entry *entry;
    m->now_ns += by_ns;
    while ((entry = wheel_advance(&m->wheel, m->now_ns)) != NULL) {
        size_t i = (size_t)(entry - m->entries);
        assert_true(m->armed[i] && !wheel_entry_armed(entry));
        assert_true(m->due[i] <= m->now_ns / T);
        assert_true(m->due[i] >= last);
        last = m->due[i];
        m->armed[i] = false;
        m->armed_count--;
    }
    assert_true(earliest(m) > m->now_ns / T);
}

static struct model *model_new(uint64_t now_ns, uint64_t seed)
{
    struct model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->now_ns = now_ns;
    m->random = seed;
    wheel_init(&m->wheel, now_ns);
    for (size_t i = 0; i < ENTRIES; i++) {
        wheel_entry_init(&m->entries[i]);
    }
    return m;
}

static void the_wheel_agrees_with_a_plain_model(void **state)
{
    struct model *m = model_new(123456789, 42);
    (void)state;
    for (int n = 0; n < OPERATIONS; n++) {
        size_t i = random_next(&m->random) % ENTRIES;
        switch (random_next(&m->random) % 8) {
        case 0:
            cancel(m, i);
            break;
        case 1:
            advance(m, random_span(m, 32));
            break;
        case 2:
            set(m, i, m->now_ns - random_span(m, 20) % m->now_ns);
            break;
        default:
            set(m, i, m->now_ns + random_span(m, 36));
        }
        assert_true(m->wheel.armed == m->armed_count);
        if (n % 64 == 0) {
            uint64_t next = wheel_next_ns(&m->wheel);
            uint64_t tick = earliest(m);
            assert_true(tick == UINT64_MAX ? next == UINT64_MAX : next <= tick * T);
        }
    }
    free(m);
}

static void far_times_are_kept_through_the_whole_wheel(void **state)
{
    struct model *m = model_new(T * 12345, 7);
    const uint64_t span = T << 30;
    (void)state;
    const uint64_t dues[] = {span - T, span,     span + T,      2 * span + 5 * T,
                             64 * T,   4096 * T, (T << 24) - 1, (T << 24)};
    for (size_t i = 0; i < sizeof dues / sizeof *dues; i++) {
        set(m, i, m->now_ns + dues[i]);
    }
    set(m, 100, UINT64_MAX);
    for (int i = 0; i < 40; i++) {
        advance(m, span / 16);
    }
    assert_true(m->armed_count == 1 && m->armed[100]);
    free(m);
}

static void an_entry_never_fires_early_and_at_most_one_tick_late(void **state)
{
    struct wheel wheel;
    struct wheel_entry entry;
    (void)state;
    wheel_init(&wheel, 0);
    wheel_entry_init(&entry);
    for (uint64_t due = 1; due < 100 * T; due += T / 3 + 1) {
        wheel_init(&wheel, 0);
        wheel_set(&wheel, &entry, due);
        assert_null(wheel_advance(&wheel, due - 1));
        assert_ptr_equal(wheel_advance(&wheel, due + T), &entry);
        assert_null(wheel_advance(&wheel, due + T));
    }
}

static void a_past_time_fires_at_the_next_advance(void **state)
{
    struct wheel wheel;
    struct wheel_entry entry;
    (void)state;
    wheel_init(&wheel, 1000 * T);
    wheel_entry_init(&entry);
    wheel_set(&wheel, &entry, 5);
    assert_int_equal(wheel_next_ns(&wheel), 1000 * T);
    assert_ptr_equal(wheel_advance(&wheel, 1000 * T), &entry);
    assert_int_equal(wheel_next_ns(&wheel), UINT64_MAX);
}

static void cancelling_what_is_not_armed_does_nothing(void **state)
{
    struct wheel wheel;
    struct wheel_entry entry;
    (void)state;
    wheel_init(&wheel, 0);
    wheel_entry_init(&entry);
    wheel_cancel(&wheel, &entry);
    wheel_set(&wheel, &entry, 5 * T);
    wheel_set(&wheel, &entry, 6 * T);
    assert_int_equal(wheel.armed, 1);
    wheel_cancel(&wheel, &entry);
    wheel_cancel(&wheel, &entry);
    assert_int_equal(wheel.armed, 0);
    assert_null(wheel_advance(&wheel, 10 * T));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wheel_agrees_with_a_plain_model),
        cmocka_unit_test(far_times_are_kept_through_the_whole_wheel),
        cmocka_unit_test(an_entry_never_fires_early_and_at_most_one_tick_late),
        cmocka_unit_test(a_past_time_fires_at_the_next_advance),
        cmocka_unit_test(cancelling_what_is_not_armed_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
