#include "assertions/concern.h"

#include "assertions/ruling.h"

static void set_bit(uint64_t *bits, uint32_t number)
{
    bits[number / 64] |= UINT64_C(1) << number % 64;
}

/* One condition over the spans of a sighting that hides nothing. */
static bool condition_passes(const struct condition *condition, const struct sighting *sighting,
                             const struct probe *probe, uint32_t place)
{
    const unsigned pass = result_bit(RESULT_PASS);
    if (condition->left.type == TERM_COUNT) {
        return ruling_counts(condition, sighting_numbers(sighting, probe).count);
    }
    unsigned results = sighting_results(sighting, place) & RESULTS_CLOSED;
    return condition->quantifier == QUANTIFIER_ANY ? (results & pass) != 0 : results == pass;
}

static bool passes(const struct program *program, const struct assertion *assertion,
                   const struct sighting *sighting, const struct probe *probe)
{
    bool all = (sighting->holds & (HOLDS_CLOSED | SIGHTINGS_UNCERTAIN)) == HOLDS_CLOSED;
    for (uint32_t i = 0; all && i < assertion->condition_count; i++) {
        const struct condition *condition = assertion->conditions[i];
        all = condition_passes(condition, sighting, probe,
                               program->condition_places[condition->number]);
    }
    return all;
}

int concern_make(struct concern *ret, const struct suite_set *set,
                 const struct sightings *sightings, bool closed, struct arena *scratch)
{
    uint32_t words = set->assertion_count / 64 + 1;
    struct sighting_walk walk = sightings_begin(sightings);
    const struct sighting *at;
    ret->judged = arena_calloc(scratch, (size_t)words * 2, sizeof *ret->judged);
    if (ret->judged == NULL) {
        return 1;
    }
    ret->passed = ret->judged + words;
    while ((at = sightings_next(&walk)) != NULL) {
        const struct probe *probe = &set->program.probes[at->probe];
        for (uint32_t i = 0; i < probe->reader_count; i++) {
            const struct probe_reader *reader = &probe->readers[i];
            bool passed =
                closed && reader->plain && passes(&set->program, reader->assertion, at, probe);
            set_bit(passed ? ret->passed : ret->judged, reader->assertion->number);
        }
    }
    return 0;
}

uint32_t concern_next(const uint64_t *bits, uint32_t from, uint32_t end)
{
    while (from < end) {
        uint64_t rest = bits[from / 64] >> from % 64;
        if (rest != 0) {
            from += (uint32_t)__builtin_ctzll(rest);
            return from < end ? from : CONCERN_NONE;
        }
        from = (from / 64 + 1) * 64;
    }
    return CONCERN_NONE;
}
