/* What a suite says of the trace has its place, and what each of its assertions came to a byte,
 * also where it does not apply: but these bytes come only when a trace came to no row. */
#include "daemon/pipeline/results_note.h"

#include <string.h>

struct noted_suite {
    const struct result_row *row; /* NULL: the results are in the codes */
    uint8_t verdict;              /* enum result */
    uint8_t short_reasons;
    bool applies, applies_for_certain;
};

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
    uint8_t *codes;              /* of all assertions of the set; NULL: never needed so far */
    struct noted_suite suites[];
};

struct results_note *results_note_new(const struct suite_set *set, struct arena *memory)
{
    struct results_note *note =
        arena_alloc(memory, sizeof *note + set->suite_count * sizeof *note->suites);
    if (note != NULL) {
        note->proof = NULL;
        note->codes = NULL;
    }
    return note;
}

/* Room for the codes. False: no memory. */
static bool make_codes(struct results_note *note, const struct suite_set *set, struct arena *memory)
{
    size_t bytes = 1;
    for (uint32_t i = 0; note->codes == NULL && i < set->suite_count; i++) {
        bytes += set->suites[i].assertion_count;
    }
    note->codes = note->codes != NULL ? note->codes : arena_alloc(memory, bytes);
    return note->codes != NULL;
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

static struct noted_suite note_of(const struct judgement *judgement)
{
    return (struct noted_suite){.row = judgement->row,
                                .verdict = (uint8_t)judgement->verdict,
                                .short_reasons = (uint8_t)judgement->short_reasons,
                                .applies = judgement->applies,
                                .applies_for_certain = judgement->applies_for_certain};
}

/* The results that are the trace's own. */
static bool has_own(const struct judgement *judgement)
{
    return judgement->applies && judgement->row == NULL;
}

static void write_results(uint8_t *to, const struct judgement *judgement, struct proof_size *size)
{
    for (uint32_t i = 0; i < judgement->suite->assertion_count; i++) {
        const struct assertion_result *result = &judgement->results[i];
        to[i] = (uint8_t)result->result;
        if (result->result >= RESULT_INCONCLUSIVE) {
            measure_result(size, result);
        }
    }
}

bool results_note_write(struct results_note *note, const struct suite_set *set,
                        const struct judgement *judgements, struct arena *memory)
{
    struct proof_size size = {.lists = 0};
    uint32_t place = 0;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        const struct judgement *judgement = &judgements[i];
        note->suites[i] = note_of(judgement);
        size.omits |= judgement->output_count != 0;
        if (has_own(judgement)) {
            if (!make_codes(note, set, memory)) {
                return false;
            }
            write_results(note->codes + place, judgement, &size);
        }
        place += set->suites[i].assertion_count;
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

static void read_suite(const struct noted_suite *from, const struct suite *suite,
                       struct judgement *ret)
{
    *ret = (struct judgement){.suite = suite,
                              .applies = from->applies,
                              .applies_for_certain = from->applies_for_certain,
                              .verdict = (enum result)from->verdict,
                              .row = from->row,
                              .results = from->row != NULL ? from->row->results : NULL,
                              .short_reasons = from->short_reasons};
}

const struct judgement *results_note_read(const struct results_note *note,
                                          const struct suite_set *set, struct arena *out)
{
    size_t count = (size_t)set->suite_count + 1;
    struct judgement *judgements = arena_alloc(out, count * sizeof *judgements);
    const struct results_proof *proof = note->proof;
    const struct failure *failures = proof != NULL ? proof->failures : NULL;
    uint32_t place = 0;
    uint32_t list = 0;
    for (uint32_t i = 0; judgements != NULL && i < set->suite_count; i++) {
        const struct suite *suite = &set->suites[i];
        read_suite(&note->suites[i], suite, &judgements[i]);
        if (has_own(&judgements[i])) {
            struct assertion_result *results = read_results(note->codes + place, suite, out);
            if (results == NULL) {
                return NULL;
            }
            if (proof != NULL) {
                read_proof(proof, i, &list, &failures, results);
            }
            judgements[i].results = results;
        }
        place += suite->assertion_count;
    }
    return judgements;
}
