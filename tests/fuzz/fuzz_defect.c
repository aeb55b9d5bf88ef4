/* Any bytes as a span: what breaks a rule is told by a key of the span, or by a word of the rule.
 */
#include <stdint.h>
#include <stdlib.h>

#include "assertions/defect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_key(const struct span *span, struct bytes text)
{
    for (uint32_t i = 0; i < span->attr_count; i++) {
        if (bytes_equal(span->attrs[i].key, text)) {
            return true;
        }
    }
    return false;
}

/* A key of an event or a link. */
static bool is_of_part(struct bytes text)
{
    return bytes_start_with(text, bytes_of("event:")) || bytes_start_with(text, bytes_of("link:"));
}

static void check(enum defect_rule rule, const struct span *span, struct arena *arena)
{
    struct bytes found;
    bool own = rule == DEFECT_SPAN_NAMING || rule == DEFECT_REQUIRED_ATTRIBUTES;
    if (defect_find(rule, span, arena, &found) != 0) {
        return;
    }
    if (!own && !is_key(span, found) && !is_of_part(found)) {
        abort();
    }
    if (rule == DEFECT_REQUIRED_ATTRIBUTES &&
        attrs_find(span->attrs, span->attr_count, found).type != VALUE_MISSING) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span_limits limits = {1024, 16, 16, NULL};
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    if (span_decode(bytes_from(data, size), &resource_empty, &scope_empty, &limits, &arena,
                    &span) == 0) {
        for (int rule = 0; rule < DEFECT_RULES; rule++) {
            check((enum defect_rule)rule, &span, &arena);
        }
    }
    arena_deinit(&arena);
    return 0;
}
