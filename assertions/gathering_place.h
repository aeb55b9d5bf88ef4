/* Where in a campaign something lies that a threshold may count: its time from the origin, its
 * labels and stage, and whether the threshold takes it. Pure; internal to the gathering. */
#ifndef ASSERTD_ASSERTIONS_GATHERING_PLACE_H
#define ASSERTD_ASSERTIONS_GATHERING_PLACE_H

#include "assertions/gathering.h"

#define GATHER_KEY_MAX (THRESHOLD_LABELS_MAX * (GATHERING_LABEL_MAX + 1))

/* The time of a trace: of its injection, else the earliest start of its spans. */
uint64_t gather_trace_time(const struct gather_place *place, const struct trace *trace);
/* The time of an injection; without one, the origin. */
uint64_t gather_injection_time(const struct gather_place *place);

/* From the origin; 0 for what lies before it. */
uint64_t gather_offset(const struct gather_place *place, uint64_t time_ns);

/* Whether the threshold takes what lies there: all tags match, and it is not of the warm-up. */
bool gather_is_taken(const struct gather_place *place, uint64_t offset_ns);

/* Whether the rule's tags match, but for `stage`, which hangs on the time. */
bool gather_tags_fit(const struct suite *suite, const struct rule *rule,
                     const struct injection *injection);

/* The values of the threshold's labels, each cut to GATHERING_LABEL_MAX bytes and ended by a zero
 * byte (a zero byte in a value becomes a blank). */
struct bytes gather_class_key(const struct gather_place *place, uint64_t offset_ns,
                              uint8_t text[GATHER_KEY_MAX]);

#endif
