#include "daemon/breaches.h"

#include <stdlib.h>

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
            uint64_t since = now - record->breach.to_unix_ns;
            return since <= breaches->interval_ns * 5 / 2 ? record : NULL;
        }
    }
    return NULL;
}

/* The record of a breach; NULL: no room. */
static struct breach_record *note(struct breaches *breaches, uint32_t suite, uint32_t threshold,
                                  struct seen value, uint64_t now, bool *ret_begins)
{
    struct breach_record *record = find_going_on(breaches, suite, threshold, now);
    *ret_begins = record == NULL;
    if (record != NULL) {
        record->breach.to_unix_ns = now;
        record->breach.value = value;
        return record;
    }
    if (breaches->count == breaches->room) {
        uint32_t room = breaches->room != 0 ? breaches->room * 2 : 8;
        struct breach_record *items =
            room <= BREACHES_MAX ? realloc(breaches->items, room * sizeof *items) : NULL;
        if (items == NULL) {
            return NULL;
        }
        breaches->items = items;
        breaches->room = room;
    }
    record = &breaches->items[breaches->count++];
    *record = (struct breach_record){suite, threshold, {now, now, value}};
    return record;
}

static bool aborts(const struct threshold *rule, const struct report *report, uint64_t now)
{
    return rule->abort_on_fail && now - report->start_unix_ns >= rule->delay_ns;
}

bool breaches_note(struct breaches *breaches, const struct suite_set *set,
                   const struct report *report, uint64_t now_unix_ns, breach_fn tell, void *self)
{
    bool abort = false;
    for (uint32_t s = 0; s < report->suite_count; s++) {
        for (uint32_t t = 0; t < report->suites[s].threshold_count; t++) {
            const struct report_threshold *threshold = &report->suites[s].thresholds[t];
            struct breach_news news = {.suite = report->suites[s].name,
                                       .threshold = threshold,
                                       .rule = &set->suites[s].thresholds[t]};
            if (threshold->result != RESULT_FAIL || threshold->holds_again ||
                threshold->samples < news.rule->min_samples) {
                continue;
            }
            struct breach_record *record =
                note(breaches, s, t, value_seen(threshold), now_unix_ns, &news.begins);
            news.aborts = aborts(news.rule, report, now_unix_ns);
            abort |= news.aborts;
            if (record != NULL) {
                news.breach = &record->breach;
                tell(self, &news);
            }
        }
    }
    return abort;
}

void breaches_deinit(struct breaches *breaches)
{
    free(breaches->items);
    *breaches = (struct breaches){.interval_ns = breaches->interval_ns};
}
