/* An admission port that answers as it is told, at once or later, and has a budget of its own. */
#ifndef ASSERTD_TESTS_RECEIVERS_FAKE_ADMISSION_H
#define ASSERTD_TESTS_RECEIVERS_FAKE_ADMISSION_H

#include "daemon/model/admission.h"

#define FAKE_WAITERS_MAX 16

struct fake_admission {
    struct admission_port port;
    struct shard_map shards;
    enum admission outcome; /* of submissions */
    enum admission reserve; /* of reservations */
    uint32_t retry_after_ms;
    struct budget account; /* a gibibyte, unless a test begins it anew */
    bool later;            /* keep the waiters until fake_admission_answer */
    struct admission_waiter *waiters[FAKE_WAITERS_MAX];
    uint32_t waiting;
    uint32_t submissions;
    uint32_t spans, rejected, duplicate_keys; /* of submissions that were admitted */
    uint32_t listed, unlisted;                /* attributes of their spans */
};

void fake_admission_init(struct fake_admission *fake);

/* Calls `done` of all who wait. */
void fake_admission_answer(struct fake_admission *fake, enum admission outcome);

#endif
