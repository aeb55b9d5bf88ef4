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

/* The head of both kinds. */
struct sighting {
    struct sighting *next;
    uint32_t probe; /* its number */
    uint32_t count; /* counted: spans that hold when the trace is complete; listed: entries */
};

struct counted_sighting {
    struct sighting sighting;
    uint32_t open_count; /* spans that hold whatever else comes */
    uint32_t first;      /* index of one of `sighting.count`, and of `open_count` */
    uint32_t open_first;
    uint8_t holds;     /* every reading (enum holds) in which some span is found, and below */
    uint8_t results[]; /* for each condition of the probe: the own results of its spans, a set */
};

/* Beside enum holds: some span is found perhaps, by no more than that. */
#define SIGHTINGS_UNCERTAIN 16u

/* A set of own results in one byte: complete in the low half, open in the high half. */
#define SIGHTINGS_OPEN_SHIFT 4
static inline unsigned result_bit(enum result result)
{
    return 1u << (result - RESULT_PASS);
}

struct listed_sighting {
    struct sighting sighting;
    uint32_t room;
    uint8_t *entries; /* each a span's index (4 bytes), enum holds, and a mark for each condition */
};

struct sightings {
    struct sighting *first;
    struct sighting **slots; /* by the probe's number, once there are many */
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

/* One entry of a listed sighting. */
struct listed_span {
    uint32_t span;
    unsigned holds;
    const uint8_t *marks; /* enum mark of each condition of the probe */
};
struct listed_span sightings_entry(const struct sighting *sighting, const struct probe *probe,
                                   uint32_t place);

static inline const struct counted_sighting *sightings_counted(const struct sighting *sighting)
{
    return (const struct counted_sighting *)sighting;
}

#endif
