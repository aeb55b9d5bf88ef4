/* Compact records: bytes of any length in front of which it stands, names here and there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/trace.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

#define MOST (TRACE_SPAN_OFFSET_MAX + 1000u)

static uint8_t *numbered_bytes(size_t len)
{
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 31 >> 3);
    }
    return bytes;
}

static void bytes_of_all_lengths_are_found_and_cut(void **state)
{
    static const size_t lens[] = {0, 1, 127, 128, 300, 16383, 16384, 2097151, 2097152, MOST};
    struct arena arena = ARENA_INIT(1024, 0);
    uint8_t *all = numbered_bytes(MOST);
    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct bytes raw = bytes_from(all, lens[i]);
        struct trace_span record;
        const uint8_t *start = trace_span_store(&arena, raw);
        assert_non_null(start);
        trace_span_set(&record, &(struct span){.id = 7, .parent = 8, .start_ns = 9}, start, 65535);
        assert_true(bytes_equal(trace_span_raw(&record), raw));
        assert_int_equal(trace_span_source(&record), 65535);
        trace_span_cut(&record, lens[i] + 1);
        assert_true(bytes_equal(trace_span_raw(&record), raw));
        for (size_t len = lens[i]; len > 0; len /= 3) {
            trace_span_cut(&record, len);
            assert_true(bytes_equal(trace_span_raw(&record), bytes_from(all, len)));
        }
    }
    free(all);
    arena_deinit(&arena);
}

static void names_and_traits_do_not_touch_each_other(void **state)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct trace_span record;
    struct name *name = arena_alloc(&arena, sizeof *name + 5);
    (void)state;
    *name = (struct name){.len = 5};
    memcpy(name->text, "inner", 5);
    for (unsigned kind = 0; kind < 6; kind++) {
        for (unsigned status = 0; status < 3; status++) {
            const struct span span = {.kind = (enum span_kind)kind,
                                      .status = (enum span_status)status};
            const uint8_t *start = trace_span_store(&arena, bytes_of("an outer name"));
            trace_span_set(&record, &span, start, 3);
            trace_span_set_name(&record, 3, 5);
            assert_true(bytes_is(trace_span_name(&record), "outer"));
            assert_false(trace_span_named(&record));
            trace_span_set(&record, &span, start, 3);
            trace_span_share_name(&record, name);
            assert_true(trace_span_named(&record) && !trace_span_unsampled(&record));
            record.name_traits |= TRACE_SPAN_UNSAMPLED | TRACE_SPAN_CONFLICTING;
            assert_true(trace_span_unsampled(&record) && trace_span_conflicting(&record));
            assert_true(bytes_is(trace_span_name(&record), "inner"));
            assert_int_equal(trace_span_kind(&record), kind);
            assert_int_equal(trace_span_status(&record), status);
            assert_true(bytes_is(trace_span_raw(&record), "an outer name"));
        }
    }
    arena_deinit(&arena);
}

/* A span whose name stands behind more bytes than a record can say. */
static void a_name_far_behind_is_copied(void **state)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct trace trace;
    struct trace_id id = trace_id_build(1);
    struct span span = *span_build(&(struct span_build){.id = 5, .name = "a"}, &arena);
    uint8_t *all = numbered_bytes(MOST);
    uint32_t index;
    (void)state;
    trace_init(&trace, &id, 0);
    span.raw = bytes_from(all, MOST);
    for (uint32_t far = 0; far < 2; far++) {
        span.id = far + 1;
        span.name = bytes_from(all + TRACE_SPAN_OFFSET_MAX + far, 9);
        assert_int_equal(trace_add(&trace, &span, 10, &index), 0);
        assert_int_equal(trace_span_named(&trace.spans[index]), far);
        assert_true(bytes_equal(trace_span_name(&trace.spans[index]), span.name));
        assert_int_equal(trace_span_raw(&trace.spans[index]).len, MOST);
    }
    span.id = 3;
    for (size_t good = 0;; good++) {
        failing_malloc_begin(good);
        int outcome = trace_add(&trace, &span, 10, &index);
        failing_malloc_end();
        if (outcome == 0) {
            break;
        }
        assert_int_equal(outcome, TRACE_NO_MEMORY);
        assert_int_equal(trace.count, 2);
    }
    free(all);
    trace_deinit(&trace);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_of_all_lengths_are_found_and_cut),
        cmocka_unit_test(names_and_traits_do_not_touch_each_other),
        cmocka_unit_test(a_name_far_behind_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
