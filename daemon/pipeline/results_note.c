/* A suite is a byte of what it says of the trace, a byte of why the trace is short, and a byte for
 * each result: also where it does not apply, so that each suite has its fixed place. */
#include "daemon/pipeline/results_note.h"

#include <string.h>

#define BYTES_OF_SUITE 2u

enum { APPLIES = 1, FOR_CERTAIN = 2, VERDICT_SHIFT = 2 };

/* The failures of one assertion; all failures stand in the order of these. */
struct noted_list {
    uint32_t suite, assertion, count;
};

/* A block of memory: lists, then failures, then what of their texts must be copied. */
struct results_proof {
    uint32_t room; /* bytes behind this */
    uint32_t list_count;
    struct failure *failures;
    struct noted_list lists[];
};

struct results_note {
    struct results_proof *proof; /* NULL: nothing was ever to be proved */
    uint8_t codes[];
};

static size_t bytes_of_suite(const struct suite *suite)
{
    return BYTES_OF_SUITE + suite->assertion_count;
}

struct results_note *results_note_new(const struct suite_set *set, struct arena *memory)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        bytes += bytes_of_suite(&set->suites[i]);
    }
    struct results_note *note = arena_alloc(memory, sizeof *note + bytes);
    if (note != NULL) {
        note->proof = NULL;
    }
    return note;
}

/* --- failures --- */

static bool is_view(const struct seen *seen)
{
    enum value_type type = seen->value.type;
    return seen->type == SEEN_VALUE &&
           (type == VALUE_TEXT || type == VALUE_BYTES || type == VALUE_ARRAY || type == VALUE_MAP);
}

static size_t bytes_of_seen(const struct seen *seen)
{
    return is_view(seen) ? seen->value.bytes.len : 0;
}

/* What a note of the judgements takes beside the results. */
struct proof_size {
    uint32_t lists, failures;
    size_t text_bytes;
    bool omits; /* some failures are only counted, or there are outputs */
};

static void measure_result(struct proof_size *size, const struct assertion_result *result)
{
    size->lists += result->failure_count != 0;
    size->failures += result->failure_count;
    size->omits |= (result->failures_omitted | result->omitted_group_count) != 0;
    for (uint32_t i = 0; i < result->failure_count; i++) {
        const struct failure *failure = &result->failures[i];
        size->text_bytes += failure->reason.len + bytes_of_seen(&failure->expected) +
                            bytes_of_seen(&failure->actual);
    }
}

static size_t align(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

static size_t failures_at(const struct proof_size *size)
{
    return align(sizeof(struct results_proof) + size->lists * sizeof(struct noted_list));
}

/* A block for so much: the note's own where it is large enough. NULL: too much, or no memory. */
static struct results_proof *make_proof(struct results_note *note, const struct proof_size *size,
                                        struct arena *memory)
{
    size_t bytes = failures_at(size) + size->failures * sizeof(struct failure) + size->text_bytes;
    if (size->omits || bytes > RESULTS_NOTE_PROOF_MAX ||
        (note->proof != NULL && bytes > note->proof->room)) {
        return NULL;
    }
    if (note->proof == NULL) {
        note->proof = arena_alloc(memory, align(bytes));
        if (note->proof == NULL) {
            return NULL;
        }
        note->proof->room = (uint32_t)align(bytes);
    }
    note->proof->failures = (void *)((char *)note->proof + failures_at(size));
    return note->proof;
}

static struct bytes copy_text(char **next, struct bytes text)
{
    char *at = *next;
    if (text.len != 0) {
        memcpy(at, text.data, text.len);
    }
    *next += text.len;
    return bytes_from(at, text.len);
}

static void copy_seen(char **next, struct seen *seen)
{
    if (is_view(seen)) {
        seen->value.bytes = copy_text(next, seen->value.bytes);
    }
}

static void copy_failures(struct failure **to, char **texts, const struct assertion_result *result)
{
    for (uint32_t i = 0; i < result->failure_count; i++) {
        struct failure *failure = (*to)++;
        *failure = result->failures[i];
        failure->reason = copy_text(texts, failure->reason);
        copy_seen(texts, &failure->expected);
        copy_seen(texts, &failure->actual);
    }
}

static void fill_proof(struct results_proof *proof, const struct proof_size *size,
                       const struct suite_set *set, const struct judgement *judgements)
{
    struct failure *to = proof->failures;
    char *texts = (char *)(to + size->failures);
    proof->list_count = 0;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        uint32_t count = judgements[i].applies ? set->suites[i].assertion_count : 0;
        for (uint32_t k = 0; k < count; k++) {
            const struct assertion_result *result = &judgements[i].results[k];
            if (result->failure_count != 0) {
                proof->lists[proof->list_count++] =
                    (struct noted_list){i, k, result->failure_count};
                copy_failures(&to, &texts, result);
            }
        }
    }
}

/* --- results --- */

static void write_suite(uint8_t *to, const struct judgement *judgement, struct proof_size *size)
{
    uint32_t count = judgement->applies ? judgement->suite->assertion_count : 0;
    size->omits |= judgement->output_count != 0;
    to[0] = (uint8_t)((judgement->applies ? APPLIES : 0) |
                      (judgement->applies_for_certain ? FOR_CERTAIN : 0) |
                      judgement->verdict << VERDICT_SHIFT);
    to[1] = (uint8_t)judgement->short_reasons;
    for (uint32_t i = 0; i < count; i++) {
        const struct assertion_result *result = &judgement->results[i];
        to[BYTES_OF_SUITE + i] = (uint8_t)result->result;
        if (result->result >= RESULT_INCONCLUSIVE) {
            measure_result(size, result);
        }
    }
}

bool results_note_write(struct results_note *note, const struct suite_set *set,
                        const struct judgement *judgements, struct arena *memory)
{
    struct proof_size size = {.lists = 0};
    uint8_t *to = note->codes;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        write_suite(to, &judgements[i], &size);
        to += bytes_of_suite(&set->suites[i]);
    }
    if (size.lists == 0 && !size.omits) {
        if (note->proof != NULL) {
            note->proof->list_count = 0;
        }
        return true;
    }
    struct results_proof *proof = make_proof(note, &size, memory);
    if (proof != NULL) {
        fill_proof(proof, &size, set, judgements);
    }
    return proof != NULL;
}

/* The results of a suite that applies; NULL: no memory. */
static struct assertion_result *read_results(const uint8_t *codes, const struct suite *suite,
                                             struct arena *out)
{
    size_t count = (size_t)suite->assertion_count + 1;
    struct assertion_result *results = arena_alloc(out, count * sizeof *results);
    for (uint32_t i = 0; results != NULL && i < suite->assertion_count; i++) {
        results[i] = (struct assertion_result){.name = suite->assertions[i].name,
                                               .index = i,
                                               .severity = suite->assertions[i].severity,
                                               .result = (enum result)codes[i]};
    }
    return results;
}

/* Hangs the failures of the suite, which begin at `*list` and `*failures`, on its results. */
static void read_proof(const struct results_proof *proof, uint32_t suite, uint32_t *list,
                       const struct failure **failures, struct assertion_result *results)
{
    for (; *list < proof->list_count && proof->lists[*list].suite == suite; ++*list) {
        const struct noted_list *noted = &proof->lists[*list];
        results[noted->assertion].failures = *failures;
        results[noted->assertion].failure_count = noted->count;
        *failures += noted->count;
    }
}

static void read_suite(const uint8_t *from, const struct suite *suite, struct judgement *ret)
{
    *ret = (struct judgement){.suite = suite,
                              .applies = (from[0] & APPLIES) != 0,
                              .applies_for_certain = (from[0] & FOR_CERTAIN) != 0,
                              .verdict = (enum result)(from[0] >> VERDICT_SHIFT),
                              .short_reasons = from[1]};
}

const struct judgement *results_note_read(const struct results_note *note,
                                          const struct suite_set *set, struct arena *out)
{
    size_t count = (size_t)set->suite_count + 1;
    struct judgement *judgements = arena_alloc(out, count * sizeof *judgements);
    const struct results_proof *proof = note->proof;
    const struct failure *failures = proof != NULL ? proof->failures : NULL;
    const uint8_t *from = note->codes;
    uint32_t list = 0;
    for (uint32_t i = 0; judgements != NULL && i < set->suite_count; i++) {
        const struct suite *suite = &set->suites[i];
        read_suite(from, suite, &judgements[i]);
        struct assertion_result *results =
            judgements[i].applies ? read_results(from + BYTES_OF_SUITE, suite, out) : NULL;
        if (judgements[i].applies && results == NULL) {
            return NULL;
        }
        if (results != NULL && proof != NULL) {
            read_proof(proof, i, &list, &failures, results);
        }
        judgements[i].results = results;
        from += bytes_of_suite(suite);
    }
    return judgements;
}
