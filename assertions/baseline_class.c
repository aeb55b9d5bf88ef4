#include "assertions/baseline_class.h"

static const struct baseline_class *find_class(const struct baseline *baseline, struct bytes key)
{
    for (uint32_t i = 0; i < baseline->class_count; i++) {
        if (bytes_equal(baseline->classes[i].key, key)) {
            return &baseline->classes[i];
        }
    }
    return NULL;
}

bool baseline_has_class(const struct baseline *baseline, struct bytes key)
{
    return find_class(baseline, key) != NULL;
}

struct baseline baseline_of_class(const struct baseline *baseline, struct bytes key,
                                  uint32_t comparisons)
{
    const struct baseline_class *class = find_class(baseline, key);
    if (class == NULL) {
        const char *why = baseline->class_count != 0
                              ? "the baseline has nothing to compare with for these labels"
                              : baseline->why;
        return (struct baseline){.why = why};
    }
    return (struct baseline){.value = class->value,
                             .above = class->above,
                             .samples = class->samples,
                             .comparisons = comparisons};
}
