/* What a trace comes to at little cost, and what no further span takes back: how many spans, how
 * many errors, how long. What is asked of these is told before the trace closes. A judge keeps them
 * as spans arrive, to know when a look is worth it; a look counts once. Plain data. */
#ifndef ASSERTD_ASSERTIONS_TOTALS_H
#define ASSERTD_ASSERTIONS_TOTALS_H

#include "assertions/whole.h"
#include "daemon/model/trace.h"

struct totals {
    uint32_t spans, errors;
    uint64_t first_ns, last_ns; /* of the spans that do not end before they start */
    uint32_t forwards;          /* so many of these */
    uint32_t backwards; /* the first in order of the others; UINT32_MAX: none, or not asked */
};
#define TOTALS_INIT ((struct totals){.first_ns = UINT64_MAX, .backwards = UINT32_MAX})

/* One more span. */
void totals_add(struct totals *totals, uint64_t start_ns, uint64_t end_ns, enum span_status status);

/* Of all spans of the trace. */
struct totals totals_of(const struct trace *trace);

/* 0 where there is none that does not end before it starts. */
static inline uint64_t totals_duration_ns(const struct totals *totals)
{
    return totals->forwards != 0 ? totals->last_ns - totals->first_ns : 0;
}

/* From which totals on some condition may have its answer for good. */
struct totals_alarms {
    uint32_t spans, errors; /* UINT32_MAX: no condition asks for it */
    uint64_t duration_ns;   /* UINT64_MAX */
};
#define TOTALS_ALARMS_NONE                                                                         \
    ((struct totals_alarms){.spans = UINT32_MAX, .errors = UINT32_MAX, .duration_ns = UINT64_MAX})

/* Whether a condition across spans asks for one of them, and so takes no steps. */
static inline bool totals_tell(const struct whole *whole)
{
    return whole->type == WHOLE_SPANS || whole->type == WHOLE_ERRORS ||
           whole->type == WHOLE_DURATION;
}

/* Adds what such a condition asks; `both`: where it holds for good, as where it fails. */
void totals_alarms_add(struct totals_alarms *alarms, const struct condition *condition, bool both);

/* Whether there are any; whether one is raised. */
bool totals_alarms_any(const struct totals_alarms *alarms);
bool totals_alarm(const struct totals *totals, const struct totals_alarms *alarms);

#endif
