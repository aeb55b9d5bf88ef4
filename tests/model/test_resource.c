/* Resources and scopes: what is listed of their attributes, and that nothing else hangs on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/wire.h"
#include "daemon/model/fingerprint.h"
#include "daemon/model/span.h"
#include "tests/support/random.h"
#include "tests/support/span_builder.h"

#define RANDOM_LISTS 3000
#define LIST_MAX     24

static const struct attr_hints nothing = {.made = true};

static void put(struct buf *out, uint32_t field, struct attr_build attr)
{
    size_t mark = wire_begin(out, field);
    attr_encode(out, &attr);
    wire_end(out, mark);
}

/* The attributes of a list that hints ask for, or all where anything is odd: `some` lists these,
 * and counts the others. */
static void expect_chosen(const struct attr *all, uint32_t all_count, const struct attr *some,
                          uint32_t some_count, uint32_t unlisted, const struct attr_hints *asked)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < all_count; i++) {
        if (asked == NULL || attr_hints_may_have(asked, all[i].key)) {
            assert_true(at < some_count && bytes_equal(some[at].key, all[i].key));
            assert_int_equal(some[at].value.type, all[i].value.type);
            assert_true(all[i].value.type != VALUE_TEXT ||
                        bytes_equal(some[at].value.bytes, all[i].value.bytes));
            assert_true(all[i].value.type != VALUE_INT ||
                        some[at].value.integer == all[i].value.integer);
            at++;
        }
    }
    assert_int_equal(at, some_count);
    assert_int_equal(all_count - at, unlisted);
}

static void expect_same_hints(const struct attr_hints *a, const struct attr_hints *b)
{
    assert_int_equal(a->odd, b->odd);
    assert_true(a->made && b->made);
    assert_memory_equal(a->bits, b->bits, sizeof a->bits);
}

/* Decodes a resource with everything listed, and with what is asked for. */
static void expect_resource(struct bytes raw, const struct attr_hints *listed)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct resource all;
    struct resource some;
    uint64_t fingerprints[2];
    int outcome = resource_decode(raw, NULL, &arena, &all);
    assert_int_equal(resource_decode(raw, listed, &arena, &some), outcome);
    if (outcome == 0) {
        struct attr_hints asked = *listed;
        (void)attr_hints_add(&asked, BYTES_LITERAL("service.name"));
        expect_chosen(all.attrs, all.attr_count, some.attrs, some.attr_count, some.unlisted,
                      all.hints.odd != 0 ? NULL : &asked);
        expect_same_hints(&all.hints, &some.hints);
        assert_true(bytes_equal(all.service, some.service));
        assert_true(all.unlisted == 0 && all.dropped_attrs == some.dropped_attrs);
        assert_true(fingerprint_of_resource(&all, &fingerprints[0]) &&
                    fingerprint_of_resource(&some, &fingerprints[1]));
        assert_int_equal(fingerprints[0], fingerprints[1]);
    }
    arena_deinit(&arena);
}

static void expect_scope(struct bytes raw, const struct attr_hints *listed)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct scope all;
    struct scope some;
    uint64_t fingerprints[2];
    int outcome = scope_decode(raw, NULL, &arena, &all);
    assert_int_equal(scope_decode(raw, listed, &arena, &some), outcome);
    if (outcome == 0) {
        expect_chosen(all.attrs, all.attr_count, some.attrs, some.attr_count, some.unlisted,
                      all.hints.odd != 0 ? NULL : listed);
        expect_same_hints(&all.hints, &some.hints);
        assert_true(bytes_equal(all.name, some.name) && bytes_equal(all.version, some.version));
        assert_true(all.unlisted == 0 && all.dropped_attrs == some.dropped_attrs);
        assert_true(fingerprint_of_scope(&all, &fingerprints[0]) &&
                    fingerprint_of_scope(&some, &fingerprints[1]));
        assert_int_equal(fingerprints[0], fingerprints[1]);
    }
    arena_deinit(&arena);
}

static void attributes_that_nobody_reads_are_counted_and_not_listed(void **state)
{
    struct buf wire = BUF_NULL;
    struct arena arena = ARENA_INIT(4096, 0);
    struct attr_hints zone = {.made = true};
    struct resource resource;
    struct scope scope;
    (void)state;
    (void)attr_hints_add(&zone, BYTES_LITERAL("zone"));
    put(&wire, 1, (struct attr_build)ATTR_TEXT("host.name", "h1"));
    put(&wire, 1, (struct attr_build)ATTR_TEXT("service.name", "first"));
    put(&wire, 1, (struct attr_build)ATTR_INT("zone", 3));
    put(&wire, 1, (struct attr_build)ATTR_TEXT("telemetry.sdk.name", "sdk"));
    wire_put_uint(&wire, 2, 7);
    assert_int_equal(resource_decode(buf_bytes(&wire), &zone, &arena, &resource), 0);
    assert_true(resource.attr_count == 2 && resource.unlisted == 2);
    assert_true(bytes_is(resource.service, "first") && resource.dropped_attrs == 7);
    assert_int_equal(resource_decode(buf_bytes(&wire), &nothing, &arena, &resource), 0);
    assert_true(bytes_is(resource.service, "first") && resource.unlisted == 3);
    put(&wire, 1, (struct attr_build)ATTR_TEXT("service.name", "last"));
    expect_resource(buf_bytes(&wire), &nothing); /* given twice: all are listed */
    buf_reset(&wire);
    wire_put_bytes(&wire, 1, BYTES_LITERAL("lib"));
    put(&wire, 3, (struct attr_build)ATTR_INT("zone", 3));
    put(&wire, 3, (struct attr_build)ATTR_INT("other", 3));
    assert_int_equal(scope_decode(buf_bytes(&wire), &zone, &arena, &scope), 0);
    assert_true(scope.attr_count == 1 && scope.unlisted == 1 && bytes_is(scope.name, "lib"));
    arena_deinit(&arena);
    buf_deinit(&wire);
}

static void what_is_odd_or_malformed_is_so_whatever_is_read(void **state)
{
    static const struct attr_build odd[] = {ATTR_TEXT("k", "\xC3"), ATTR_TEXT("k", "\xC3\xA9"),
                                            ATTR_NONE("k"), ATTR_TEXT("", "x"),
                                            ATTR_INT("twice", 1)};
    struct buf wire = BUF_NULL;
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        for (uint32_t field = 1; field <= 3; field += 2) {
            buf_reset(&wire);
            put(&wire, field, (struct attr_build)ATTR_INT("twice", 1));
            put(&wire, field, odd[i]);
            if (field == 1) {
                expect_resource(buf_bytes(&wire), &nothing);
            } else {
                expect_scope(buf_bytes(&wire), &nothing);
            }
        }
    }
    for (size_t len = 0; len <= wire.len; len++) {
        struct bytes prefix = bytes_from((const uint8_t *)wire.data, len);
        expect_resource(prefix, &nothing);
        expect_scope(prefix, &nothing);
    }
    buf_deinit(&wire);
}

static struct attr_build random_attr(struct random *random)
{
    static const char *const keys[] = {
        "service.name",           "host.name", "zone",       "a", "k1", "k2", "k3",
        "telemetry.sdk.language", "os.type",   "process.pid"};
    static const char *const texts[] = {
        "",
        "x",
        "opentelemetry",
        "\xC3\xA9t\xC3\xA9",
        "\xFF",
        "a text of more than a hundred and twenty-eight bytes, whose length takes two bytes on the "
        "wire, as command lines and paths of processes have"};
    const char *key = keys[random_below(random, 10)];
    switch (random_below(random, 8)) {
    case 0:
        return (struct attr_build)ATTR_INT(key, (int64_t)random_next(random));
    case 1:
        return (struct attr_build)ATTR_INT(key, random_below(random, 1000));
    case 2:
        return (struct attr_build)ATTR_BOOL(key, 1);
    case 3:
        return random_one_in(random, 4) ? (struct attr_build)ATTR_NONE(key)
                                        : (struct attr_build)ATTR_DOUBLE(key, 0.5);
    default:
        return (struct attr_build){
            .key = key,
            .type = VALUE_TEXT,
            .bytes = bytes_of(texts[random_below(random, random_one_in(random, 9) ? 6 : 3)])};
    }
}

static void put_random(struct buf *wire, struct random *random, uint32_t field)
{
    for (uint32_t k = random_below(random, random_one_in(random, 3) ? LIST_MAX : 5); k > 0; k--) {
        put(wire, field, random_attr(random));
        if (random_one_in(random, 30)) {
            wire_put_uint(wire, field == 1 ? 2 : 4, random_below(random, 9));
        }
    }
    if (random_one_in(random, 20) && wire->len != 0) {
        wire->data[random_below(random, (uint32_t)wire->len)] ^= 1 << random_below(random, 8);
    }
}

static void random_lists_are_the_same_whatever_is_read(void **state)
{
    struct random random = random_seed(11);
    struct buf wire = BUF_NULL;
    (void)state;
    for (int i = 0; i < RANDOM_LISTS; i++) {
        struct attr_hints hints = {.made = true};
        for (int k = 0; k < 4; k++) {
            hints.bits[k] = random_next(&random) & random_next(&random);
        }
        buf_reset(&wire);
        put_random(&wire, &random, 1);
        expect_resource(buf_bytes(&wire), &hints);
        buf_reset(&wire);
        put_random(&wire, &random, 3);
        expect_scope(buf_bytes(&wire), &hints);
    }
    buf_deinit(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_that_nobody_reads_are_counted_and_not_listed),
        cmocka_unit_test(what_is_odd_or_malformed_is_so_whatever_is_read),
        cmocka_unit_test(random_lists_are_the_same_whatever_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
