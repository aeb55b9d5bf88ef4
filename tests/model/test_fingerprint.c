/* Fingerprints are equal exactly where the content is, which a canonical form written here tells:
 * plainly, sorted and compared as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/content.h"
#include "daemon/model/fingerprint.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"
#include "tests/support/span_builder.h"

#define SPANS 400u
#define MANY  70u

static void put_number(struct buf *out, uint64_t number)
{
    buf_append(out, &number, sizeof number);
}

static void put_text(struct buf *out, struct bytes text)
{
    put_number(out, text.len);
    buf_append_bytes(out, text);
}

static void put_events(struct buf *out, const struct span *span, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    while (span_next_event(&reader, arena, &event) == 0) {
        buf_append_char(out, 1);
        put_number(out, event.time_ns);
        put_text(out, event.name);
        content_of_attrs(out, event.attrs, event.attr_count);
    }
    buf_append_char(out, 0);
}

static void put_links(struct buf *out, const struct span *span, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    while (span_next_link(&reader, arena, &link) == 0) {
        buf_append_char(out, 1);
        put_text(out, link.trace_id);
        put_text(out, link.span_id);
        content_of_attrs(out, link.attrs, link.attr_count);
    }
    buf_append_char(out, 0);
}

static struct buf content_of(const struct span *span, struct arena *arena)
{
    struct buf out = BUF_NULL;
    put_number(&out, span->id);
    put_number(&out, span->parent);
    put_number(&out, span->start_ns);
    put_number(&out, span->end_ns);
    put_number(&out, span->kind_sent);
    put_number(&out, span->status_sent);
    put_text(&out, span->name);
    put_text(&out, span->status_message);
    content_of_attrs(&out, span->attrs, span->attr_count);
    put_events(&out, span, arena);
    put_links(&out, span, arena);
    content_of_attrs(&out, span->resource->attrs, span->resource->attr_count);
    put_text(&out, span->scope->name);
    put_text(&out, span->scope->version);
    content_of_attrs(&out, span->scope->attrs, span->scope->attr_count);
    assert_false(out.failed);
    return out;
}

static uint64_t fingerprint_of(const struct span *span, struct arena *arena)
{
    uint64_t fingerprint = 0;
    assert_true(fingerprint_of_span(span, span->resource, span->scope, arena, &fingerprint));
    assert_true(fingerprint != 0);
    return fingerprint;
}

static const struct attr_build items[] = {ATTR_INT("a", 1), ATTR_TEXT("b", "x")};
static const struct attr_build items_turned[] = {ATTR_TEXT("b", "x"), ATTR_INT("a", 1)};
static const struct attr_build items_twice[] = {ATTR_INT("a", 2), ATTR_TEXT("b", "x"),
                                                ATTR_INT("a", 1)};

/* Few keys and values, so that equal spans are frequent: the same attributes in another order,
 * twice, without a value. */
static void random_attrs(struct random *random, struct attr_build attrs[BUILD_ATTRS_MAX])
{
    static const struct attr_build few[] = {
        ATTR_INT("k", 1),
        ATTR_INT("k", 2),
        ATTR_DOUBLE("k", 1.0),
        ATTR_TEXT("k", ""),
        ATTR_NONE("k"),
        ATTR_TEXT("longer.key", "1"),
        ATTR_TEXT("longer.key", "a text of more than eight"),
        ATTR_BOOL("m", 1),
        ATTR_ARRAY("m", items),
        ATTR_MAP("m", items),
        ATTR_MAP("m", items_turned),
        ATTR_MAP("m", items_twice),
        ATTR_BYTES("m", "x"),
        ATTR_TEXT("m", "x"),
    };
    uint32_t count = random_below(random, 4);
    for (uint32_t i = 0; i < count; i++) {
        attrs[i] = few[random_below(random, sizeof few / sizeof few[0])];
    }
}

static struct span_build random_span(struct random *random)
{
    static const char *const names[] = {"a", "b", NULL};
    struct span_build span = {.id = 1 + random_below(random, 2), .name = names[0]};
    span.dropped_attrs = random_below(random, 2);
    span.flags = random_below(random, 2);
    if (random_one_in(random, 2)) {
        random_attrs(random, span.attrs);
    }
    switch (random_below(random, 8)) {
    case 0:
        span.parent = random_below(random, 2);
        span.status_message = "m";
        break;
    case 1:
        span.name = names[random_below(random, 2)];
        span.status = random_one_in(random, 2) ? STATUS_OK : STATUS_ERROR;
        break;
    case 2:
        span.events[0].name = names[random_below(random, 2)];
        span.events[0].time_ns = random_below(random, 2);
        random_attrs(random, span.events[0].attrs);
        span.events[1].name = names[random_below(random, 3)];
        break;
    case 3:
        span.links[0].trace = 1;
        span.links[0].span = random_below(random, 2);
        random_attrs(random, span.links[0].attrs);
        break;
    case 4:
        random_attrs(random, span.resource);
        span.service = names[random_below(random, 3)];
        break;
    case 5:
        random_attrs(random, span.scope);
        span.scope_name = names[random_below(random, 3)];
        span.scope_version = names[random_below(random, 3)];
        break;
    case 6:
        span.start_ns = random_below(random, 2);
        span.end_ns = random_below(random, 2);
        span.kind = random_one_in(random, 2) ? KIND_SERVER : KIND_INTERNAL;
        break;
    default:
        break;
    }
    return span;
}

static void fingerprints_are_equal_where_content_is(void **state)
{
    (void)state;
    struct random random = random_seed(7);
    struct arena arena = ARENA_INIT(65536, 0);
    struct buf contents[SPANS];
    uint64_t fingerprints[SPANS];
    uint32_t equal = 0;
    for (uint32_t i = 0; i < SPANS; i++) {
        const struct span_build build = random_span(&random);
        const struct span *span = span_build(&build, &arena);
        contents[i] = content_of(span, &arena);
        fingerprints[i] = fingerprint_of(span, &arena);
    }
    for (uint32_t i = 0; i < SPANS; i++) {
        for (uint32_t k = 0; k < i; k++) {
            bool same = bytes_equal(buf_bytes(&contents[i]), buf_bytes(&contents[k]));
            assert_true(same == (fingerprints[i] == fingerprints[k]));
            equal += same;
        }
    }
    assert_true(equal > SPANS);
    for (uint32_t i = 0; i < SPANS; i++) {
        buf_deinit(&contents[i]);
    }
    arena_deinit(&arena);
}

static struct attr numbered(char name[4], uint32_t number, int64_t value)
{
    name[0] = 'k';
    name[1] = (char)('0' + number / 10);
    name[2] = (char)('0' + number % 10);
    return (struct attr){bytes_from(name, 3), {.type = VALUE_INT, .integer = value}};
}

/* More attributes than are compared one by one, some of them twice: as the last ones alone. */
static void many_attributes_count_as_few_do(void **state)
{
    (void)state;
    char names[MANY][4];
    struct attr attrs[MANY];
    struct resource many = {.attrs = attrs, .attr_count = MANY};
    struct resource few = {.attrs = attrs + 10, .attr_count = MANY - 10};
    uint64_t of_many;
    uint64_t of_few;
    for (uint32_t i = 0; i < MANY; i++) {
        attrs[i] = numbered(names[i], i < 10 ? i + 10 : i - 10, i);
    }
    assert_true(fingerprint_of_resource(&many, &of_many));
    assert_true(fingerprint_of_resource(&few, &of_few));
    assert_true(of_many == of_few);
    attrs[MANY - 1].value.integer++;
    assert_true(fingerprint_of_resource(&few, &of_few));
    assert_true(of_many != of_few);
}

static void without_memory_there_is_no_fingerprint(void **state)
{
    (void)state;
    char names[MANY][4];
    struct attr attrs[MANY];
    struct resource many = {.attrs = attrs, .attr_count = MANY};
    struct arena arena = ARENA_INIT(4096, 0);
    const struct span_build build = {.id = 1, .attrs = {ATTR_MAP("m", items)}};
    const struct span *span = span_build(&build, &arena);
    uint64_t fingerprint;
    for (uint32_t i = 0; i < MANY; i++) {
        attrs[i] = numbered(names[i], i, i);
    }
    failing_malloc_begin(0);
    bool made_list = fingerprint_of_span(span, span->resource, span->scope, &arena, &fingerprint);
    bool made_many = fingerprint_of_resource(&many, &fingerprint);
    failing_malloc_end();
    assert_false(made_list);
    assert_false(made_many);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fingerprints_are_equal_where_content_is),
        cmocka_unit_test(many_attributes_count_as_few_do),
        cmocka_unit_test(without_memory_there_is_no_fingerprint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
