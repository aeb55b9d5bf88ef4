/* A suite is a byte of what it says of the trace, a byte of why the trace is short, and a byte for
 * each result: also where it does not apply, so that each suite has its fixed place. */
#include "daemon/pipeline/results_note.h"

#define BYTES_OF_SUITE 2u

enum { APPLIES = 1, FOR_CERTAIN = 2, VERDICT_SHIFT = 2 };

static size_t bytes_of_suite(const struct suite *suite)
{
    return BYTES_OF_SUITE + suite->assertion_count;
}

size_t results_note_bytes(const struct suite_set *set)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        bytes += bytes_of_suite(&set->suites[i]);
    }
    return bytes;
}

static bool write_suite(uint8_t *to, const struct judgement *judgement)
{
    uint32_t count = judgement->applies ? judgement->suite->assertion_count : 0;
    if (judgement->output_count != 0) {
        return false;
    }
    to[0] = (uint8_t)((judgement->applies ? APPLIES : 0) |
                      (judgement->applies_for_certain ? FOR_CERTAIN : 0) |
                      judgement->verdict << VERDICT_SHIFT);
    to[1] = (uint8_t)judgement->short_reasons;
    for (uint32_t i = 0; i < count; i++) {
        const struct assertion_result *result = &judgement->results[i];
        if ((result->failure_count | result->failures_omitted | result->omitted_group_count) != 0) {
            return false;
        }
        to[BYTES_OF_SUITE + i] = (uint8_t)result->result;
    }
    return true;
}

bool results_note_write(uint8_t *to, const struct suite_set *set,
                        const struct judgement *judgements)
{
    for (uint32_t i = 0; i < set->suite_count; i++) {
        if (!write_suite(to, &judgements[i])) {
            return false;
        }
        to += bytes_of_suite(&set->suites[i]);
    }
    return true;
}

/* False: no memory. */
static bool read_suite(const uint8_t *from, const struct suite *suite, struct arena *out,
                       struct judgement *ret)
{
    *ret = (struct judgement){.suite = suite,
                              .applies = (from[0] & APPLIES) != 0,
                              .applies_for_certain = (from[0] & FOR_CERTAIN) != 0,
                              .verdict = (enum result)(from[0] >> VERDICT_SHIFT),
                              .short_reasons = from[1]};
    if (!ret->applies) {
        return true;
    }
    size_t count = (size_t)suite->assertion_count + 1;
    struct assertion_result *results = arena_alloc(out, count * sizeof *results);
    for (uint32_t i = 0; results != NULL && i < suite->assertion_count; i++) {
        results[i] = (struct assertion_result){.name = suite->assertions[i].name,
                                               .index = i,
                                               .severity = suite->assertions[i].severity,
                                               .result = (enum result)from[BYTES_OF_SUITE + i]};
    }
    ret->results = results;
    return results != NULL;
}

const struct judgement *results_note_read(const uint8_t *from, const struct suite_set *set,
                                          struct arena *out)
{
    size_t count = (size_t)set->suite_count + 1;
    struct judgement *judgements = arena_alloc(out, count * sizeof *judgements);
    for (uint32_t i = 0; judgements != NULL && i < set->suite_count; i++) {
        if (!read_suite(from, &set->suites[i], out, &judgements[i])) {
            return NULL;
        }
        from += bytes_of_suite(&set->suites[i]);
    }
    return judgements;
}
