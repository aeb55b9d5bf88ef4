/* What the probes have found in one trace so far: made as spans arrive, read by every look.
 *
 * Only probes that found something have a sighting, so a trace pays for what concerns it and not
 * for the size of the suites. A counted sighting is a few numbers whatever the number of spans; a
 * listed one names each span. Memory comes from the trace's arena and ends with the trace. Thread
 * rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_SIGHTINGS_H
#define ASSERTD_ASSERTIONS_SIGHTINGS_H

#include "assertions/marks.h"
#include "assertions/probe.h"
#include "daemon/model/verdict.h"

struct sighting {
    uint32_t probe;  /* its number */
    uint16_t words;  /* of 4 bytes: the whole record */
    uint8_t holds;   /* every reading (enum holds) in which some span is found, and below */
    uint8_t bytes[]; /* as the probe wants it: own results and numbers, or a list */
};

/* Beside enum holds: some span is found perhaps, by no more than that; own_results.lacked. */
#define SIGHTINGS_UNCERTAIN 16u
#define SIGHTINGS_LACKED    32u

struct sighting_block;

struct sightings {
    struct sighting_block *blocks; /* the latest first */
    struct sighting **slots;       /* by the probe's number, once there are many */
    uint32_t slot_count;
    uint32_t count;
};

/* The sighting of a probe; NULL: it has found nothing. */
const struct sighting *sightings_of(const struct sightings *sightings, const struct probe *probe);

enum sightings_outcome { SIGHTINGS_NO_MEMORY = 1 };

/* A span for which the probe holds in the readings `holds` (not 0). *ret_alarm is set where it may
 * make an assertion fail for certain, else untouched. 0; SIGHTINGS_NO_MEMORY. */
int sightings_add(struct sightings *sightings, const struct probe *probe, unsigned holds,
                  const struct span *span, uint32_t index, struct arena *memory,
                  struct arena *scratch, bool *ret_alarm);

/* Forgets everything but keeps the memory. */
void sightings_clear(struct sightings *sightings, const struct probe *probes);

/* How many spans were found; of a probe that does not count exactly 1 stands for any number. */
struct sighting_numbers {
    uint32_t count;      /* that hold when the trace is complete */
    uint32_t open_count; /* that hold whatever else comes */
    uint32_t first;      /* index of one of `count`; exact ones only */
    uint32_t open_first; /* index of one of `open_count` */
};
struct sighting_numbers sighting_numbers(const struct sighting *sighting,
                                         const struct probe *probe);

/* The own results of the spans for the condition at `place`, a set as above; counted ones only. */
static inline unsigned sighting_results(const struct sighting *sighting, uint32_t place)
{
    return sighting->bytes[place];
}

/* One entry of a list. */
struct listed_span {
    uint32_t span;
    unsigned holds;
    const uint8_t *marks; /* enum mark of each condition of the probe */
};
uint32_t sighting_list_count(const struct sighting *sighting);
struct listed_span sighting_list_entry(const struct sighting *sighting, const struct probe *probe,
                                       uint32_t place);

/* Walks all that there are. */
struct sighting_walk {
    const struct sighting_block *block;
    uint32_t at;
};
struct sighting_walk sightings_begin(const struct sightings *sightings);
const struct sighting *sightings_next(struct sighting_walk *walk);

#endif
