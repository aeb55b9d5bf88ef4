/* Any bytes as a span: what decodes must be walked, compared and written without a fault. */
#include <stdint.h>
#include <stdlib.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span_limits limits = {64, 16, 16};
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    if (span_decode(bytes_from(data, size), &resource_empty, &scope_empty, &limits, &arena,
                    &span) == 0) {
        require(span.attr_count <= limits.attrs && span.id != 0);
        write(&span, &arena);
        store(&span);
    }
    arena_deinit(&arena);
    return 0;
}
