#include "daemon/pipeline/unknown.h"

#include <stdlib.h>

#define REASON "there was no memory to judge the trace: raise limits.memory"

static const struct failure failure = {
    .result = RESULT_INCONCLUSIVE,
    .reason = {(const uint8_t *)REASON, sizeof REASON - 1},
};

struct judgement *unknown_new(const struct suite_set *set)
{
    size_t count = set->suite_count + 1;
    struct judgement *judgements = calloc(
        1, count * sizeof *judgements + set->assertion_count * sizeof(struct assertion_result));
    if (judgements == NULL) {
        return NULL;
    }
    struct assertion_result *next = (struct assertion_result *)(void *)(judgements + count);
    for (uint32_t i = 0; i < set->suite_count; i++) {
        const struct suite *suite = &set->suites[i];
        judgements[i] = (struct judgement){.suite = suite,
                                           .applies = true,
                                           .applies_for_certain = true,
                                           .verdict = RESULT_INCONCLUSIVE,
                                           .results = next};
        for (uint32_t k = 0; k < suite->assertion_count; k++) {
            *next++ = (struct assertion_result){.name = suite->assertions[k].name,
                                                .index = suite->assertions[k].index,
                                                .result = RESULT_INCONCLUSIVE,
                                                .severity = suite->assertions[k].severity,
                                                .failures = &failure,
                                                .failure_count = 1};
        }
    }
    return judgements;
}
