/* An exporter that takes verdicts and ends what the test tells it to, as often as it likes.
 * Confined to one test. */
#ifndef ASSERTD_TESTS_EXPORTERS_FAKE_EXPORTER_H
#define ASSERTD_TESTS_EXPORTERS_FAKE_EXPORTER_H

#include "exporters/hub.h"

#define UNDER_WAY_MAX 64

/* It remembers what it was given. */
struct exporter {
    struct exporter_env *env;
    uint32_t at_once; /* submissions it takes */
    int refuse;       /* what submit returns instead of 0 */
    struct submission *under_way[UNDER_WAY_MAX];
    uint32_t count;
    uint32_t submits;
    bool abandoned;
};

struct fake_settings {
    struct exporter_settings common;
    struct exporter *fake;
};

/* Called one and two; each is given its exporter by its settings. */
extern const struct exporter_type fake_types[2];

/* Ends the i-th submission: the first `acknowledged` and then `rejected` of its unsettled records
 * settle. */
void fake_done(struct exporter *exporter, uint32_t i, int outcome, uint64_t acknowledged,
               uint64_t rejected, uint64_t retry_after_ns);

#endif
