/* Any bytes as a span: what decodes must be walked, compared and written without a fault. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/model/attr_check.h"
#include "daemon/model/span.h"
#include "daemon/model/span_plain.h"
#include "daemon/model/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int good)
{
    if (!good) {
        abort();
    }
}

/* A stored span is the same span, and its copy a duplicate. */
static void store(const struct span *span)
{
    struct trace trace;
    struct arena arena = ARENA_INIT(4096, 0);
    struct span again;
    uint32_t index;
    trace_init(&trace, &span->trace_id, 0);
    require(trace_add(&trace, span, 10, &index) == 0);
    require(trace_add(&trace, span, 10, &index) == TRACE_DUPLICATE);
    require(trace_span_decode(&trace, 0, &arena, &again) == 0);
    require(span_compare(span, &again) == 0);
    arena_deinit(&arena);
    trace_deinit(&trace);
}

static void write(const struct span *span, struct arena *arena)
{
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    span_write_otlp_json(&json, span, arena);
    require(!text.failed && json.depth == 0);
    buf_reset(&text);
    json = JSON_INIT(&text);
    span_write_plain_json(&json, span, arena);
    require(!text.failed && json.depth == 0);
    buf_deinit(&text);
}

/* What the hints do not call odd is not, and no key that is there is denied. */
static void look_closer(const struct span *span)
{
    struct attr_oddities found = {.duplicate_keys = 0};
    attrs_check(span->attrs, span->attr_count, &found);
    require(found.duplicate_keys == 0 || (span->hints.odd & ATTR_ODD_TWICE) != 0);
    require(!found.bad_text || (span->hints.odd & ATTR_ODD_TEXT) != 0);
    require(!found.unnamed || (span->hints.odd & ATTR_ODD_UNNAMED) != 0);
    for (uint32_t i = 0; i < span->attr_count; i++) {
        require(attr_hints_may_have(&span->hints, span->attrs[i].key));
    }
}

/* Whatever is not to be listed, a span is accepted or refused alike, as odd as it is, and lists the
 * others; one that is odd lists all. */
static void list_some(struct bytes raw, const struct span_limits *limits, const struct span *all,
                      int outcome)
{
    struct attr_hints listed = {.made = true, .bits = {0x123456789abcdef, 0xf0f0, ~0u, 0}};
    struct span_limits some = *limits;
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    some.listed = &listed;
    require(span_decode(raw, &resource_empty, &scope_empty, &some, &arena, &span) == outcome);
    uint32_t at = 0;
    for (uint32_t i = 0; outcome == 0 && i < all->attr_count; i++) {
        if (all->hints.odd != 0 || attr_hints_may_have(&listed, all->attrs[i].key)) {
            require(at < span.attr_count && bytes_equal(span.attrs[at].key, all->attrs[i].key) &&
                    span.attrs[at].value.type == all->attrs[i].value.type);
            at++;
        }
    }
    if (outcome == 0) {
        require(at == span.attr_count && at + span.unlisted == all->attr_count);
        require(span.hints.odd == all->hints.odd &&
                memcmp(span.hints.bits, all->hints.bits, sizeof span.hints.bits) == 0);
    }
    arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span_limits limits = {64, 16, 16, NULL};
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    int outcome =
        span_decode(bytes_from(data, size), &resource_empty, &scope_empty, &limits, &arena, &span);
    list_some(bytes_from(data, size), &limits, &span, outcome);
    if (outcome == 0) {
        require(span.attr_count <= limits.attrs && span.id != 0);
        look_closer(&span);
        write(&span, &arena);
        store(&span);
    }
    arena_deinit(&arena);
    return 0;
}
