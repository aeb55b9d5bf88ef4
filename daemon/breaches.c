#include "daemon/breaches.h"

#include <stdlib.h>

/* Two ticks and a half: a breach seen again within that time has gone on. */
#define GOES_ON_NS   UINT64_C(25000000000)
#define BREACHES_MAX 10000u

static struct seen value_seen(const struct report_threshold *threshold)
{
    if (threshold->is_duration && !threshold->infinite) {
        return (struct seen){.type = SEEN_DURATION, .ns = (__int128)threshold->value};
    }
    return (struct seen){.type = SEEN_VALUE,
                         .value = {.type = VALUE_DOUBLE, .number = threshold->value}};
}

static struct breach_record *find_going_on(struct breaches *breaches, uint32_t suite,
                                           uint32_t threshold, uint64_t now)
{
    for (uint32_t i = breaches->count; i > 0; i--) {
        struct breach_record *record = &breaches->items[i - 1];
        if (record->suite == suite && record->threshold == threshold) {
            return now - record->breach.to_unix_ns <= GOES_ON_NS ? record : NULL;
        }
    }
    return NULL;
}

static void note(struct breaches *breaches, uint32_t suite, uint32_t threshold, struct seen value,
                 uint64_t now)
{
    struct breach_record *record = find_going_on(breaches, suite, threshold, now);
    if (record != NULL) {
        record->breach.to_unix_ns = now;
        record->breach.value = value;
        return;
    }
    if (breaches->count == breaches->room) {
        uint32_t room = breaches->room != 0 ? breaches->room * 2 : 8;
        struct breach_record *items =
            room <= BREACHES_MAX ? realloc(breaches->items, room * sizeof *items) : NULL;
        if (items == NULL) {
            return;
        }
        breaches->items = items;
        breaches->room = room;
    }
    breaches->items[breaches->count++] =
        (struct breach_record){suite, threshold, {now, now, value}};
}

bool breaches_note(struct breaches *breaches, const struct suite_set *set,
                   const struct report *report, uint64_t now_unix_ns)
{
    bool abort = false;
    for (uint32_t s = 0; s < report->suite_count; s++) {
        for (uint32_t t = 0; t < report->suites[s].threshold_count; t++) {
            const struct report_threshold *threshold = &report->suites[s].thresholds[t];
            const struct threshold *rule = &set->suites[s].thresholds[t];
            bool broken =
                threshold->result == RESULT_FAIL && threshold->samples >= rule->min_samples;
            if (broken) {
                note(breaches, s, t, value_seen(threshold), now_unix_ns);
                abort |= rule->abort_on_fail;
            }
        }
    }
    return abort;
}

void breaches_deinit(struct breaches *breaches)
{
    free(breaches->items);
    *breaches = (struct breaches){NULL, 0, 0};
}
