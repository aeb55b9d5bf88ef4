#include "daemon/model/attr_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/core/buf.h"
#include "daemon/model/span.h"
#include "tests/support/random.h"
#include "tests/support/span_builder.h"

#define LONG_KEY                                                                                   \
    "a.key.of.more.than.127.bytes.a.key.of.more.than.127.bytes.a.key.of.more.than.127.bytes.a."    \
    "key.of.more.than.127.bytes.a.key.of.more.than.127.bytes"
#define LONG_TEXT LONG_KEY LONG_KEY

static const char *const names[] = {"a", "b", "ab", "http.route", "http.Route", LONG_KEY, ""};
#define NAMES (sizeof names / sizeof *names)

static const struct span_limits limits = {UINT32_MAX, UINT32_MAX, UINT32_MAX, NULL};

/* What decoding the whole span finds: the last one. */
static const struct attr *find_decoded(const struct span *span, struct bytes name)
{
    const struct attr *found = NULL;
    for (uint32_t i = 0; i < span->attr_count; i++) {
        found = bytes_equal(span->attrs[i].key, name) ? &span->attrs[i] : found;
    }
    return found;
}

/* Each name is found as in the decoded span, at the same place of its bytes. */
static void expect_as_decoded(struct bytes raw)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    assert_int_equal(span_decode(raw, &resource_empty, &scope_empty, &limits, &arena, &span), 0);
    for (size_t i = 0; i < NAMES; i++) {
        struct attr attr;
        struct bytes name = bytes_of(names[i]);
        const struct attr *decoded = find_decoded(&span, name);
        assert_int_equal(attr_search(raw, name, &attr), decoded != NULL);
        if (decoded != NULL) {
            assert_ptr_equal(attr.key.data, decoded->key.data);
            assert_int_equal(attr.value.type, decoded->value.type);
            if (attr.value.type == VALUE_TEXT) {
                assert_ptr_equal(attr.value.bytes.data, decoded->value.bytes.data);
                assert_int_equal(attr.value.bytes.len, decoded->value.bytes.len);
            } else if (attr.value.type == VALUE_INT) {
                assert_int_equal(attr.value.integer, decoded->value.integer);
            }
        }
    }
    arena_deinit(&arena);
}

static const struct attr_build usual[] = {
    ATTR_TEXT("a", "1"),
    ATTR_INT("a", 2),
    ATTR_NONE("a"),
    ATTR_TEXT("ab", ""),
    ATTR_TEXT("http.route", "/"),
    ATTR_BOOL("http.Route", true),
    ATTR_TEXT(LONG_KEY, "long"),
    ATTR_TEXT("b", LONG_TEXT),
    ATTR_DOUBLE("b", 2.5),
    ATTR_INT("", -1),
    ATTR_INT("ab", INT64_MIN),
    ATTR_BYTES("http.route", "x"),
};
#define USUAL (sizeof usual / sizeof *usual)

static void attributes_are_found_as_a_decoded_span_has_them(void **state)
{
    struct random random = random_seed(7);
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        struct span_build build = {.trace = 1, .id = 1, .name = "n", .status_message = "m"};
        struct buf raw = BUF_NULL;
        uint32_t count = random_below(&random, 7);
        for (uint32_t i = 0; i < count; i++) {
            build.attrs[i] = usual[random_below(&random, USUAL)];
        }
        span_encode(&raw, &build);
        expect_as_decoded(buf_bytes(&raw));
        buf_deinit(&raw);
    }
}

/* A KeyValue as no exporter writes it: keys and values in any order and number, and other fields.
 */
static void put_odd(struct buf *out, struct random *random)
{
    size_t mark = wire_begin(out, 9);
    uint32_t fields = random_below(random, 5);
    for (uint32_t i = 0; i < fields; i++) {
        switch (random_below(random, 4)) {
        case 0:
            wire_put_bytes(out, 1, bytes_of(names[random_below(random, NAMES)]));
            break;
        case 1:
            wire_put_uint(out, 3, random_below(random, 1000));
            break;
        case 2:
            wire_put_bytes(out, 2, BYTES_NULL);
            break;
        default: {
            size_t value = wire_begin(out, 2);
            wire_put_uint(out, 3, random_below(random, 1000));
            wire_end(out, value);
        }
        }
    }
    wire_end(out, mark);
}

static void forms_that_nobody_writes_are_read_as_the_decoder_reads_them(void **state)
{
    struct random random = random_seed(8);
    (void)state;
    for (unsigned round = 0; round < 5000; round++) {
        struct span_build build = {.trace = 1, .id = 1, .name = "n", .attrs = {usual[round % 12]}};
        struct buf raw = BUF_NULL;
        uint32_t count = random_below(&random, 5);
        span_encode(&raw, &build);
        for (uint32_t i = 0; i < count; i++) {
            put_odd(&raw, &random);
        }
        expect_as_decoded(buf_bytes(&raw));
        buf_deinit(&raw);
    }
}

static void an_empty_span_has_none(void **state)
{
    struct attr attr;
    (void)state;
    assert_false(attr_search(BYTES_NULL, BYTES_LITERAL("a"), &attr));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_found_as_a_decoded_span_has_them),
        cmocka_unit_test(forms_that_nobody_writes_are_read_as_the_decoder_reads_them),
        cmocka_unit_test(an_empty_span_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
