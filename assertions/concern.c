#include "assertions/concern.h"

int concern_make(struct concern *ret, const struct suite_set *set,
                 const struct sightings *sightings, struct arena *scratch)
{
    ret->bits = arena_calloc(scratch, set->assertion_count / 64 + 1, sizeof *ret->bits);
    if (ret->bits == NULL) {
        return 1;
    }
    struct sighting_walk walk = sightings_begin(sightings);
    const struct sighting *at;
    while ((at = sightings_next(&walk)) != NULL) {
        const struct probe *probe = &set->program.probes[at->probe];
        for (uint32_t i = 0; i < probe->reader_count; i++) {
            uint32_t number = probe->readers[i];
            ret->bits[number / 64] |= UINT64_C(1) << number % 64;
        }
    }
    return 0;
}

void concern_remove(struct concern *concern, uint32_t number)
{
    concern->bits[number / 64] &= ~(UINT64_C(1) << number % 64);
}

uint32_t concern_next(const struct concern *concern, uint32_t from, uint32_t end)
{
    while (from < end) {
        uint64_t rest = concern->bits[from / 64] >> from % 64;
        if (rest != 0) {
            from += (uint32_t)__builtin_ctzll(rest);
            return from < end ? from : CONCERN_NONE;
        }
        from = (from / 64 + 1) * 64;
    }
    return CONCERN_NONE;
}
