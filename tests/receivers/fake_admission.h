/* An admission port that answers as it is told, at once or later, and keeps the budget's books. */
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
    size_t budget;   /* 0: no limit */
    size_t reserved; /* now */
    size_t most;     /* ever at once */
    bool later;      /* keep the waiters until fake_admission_answer */
    struct admission_waiter *waiters[FAKE_WAITERS_MAX];
    uint32_t waiting;
    uint32_t submissions;
    uint32_t spans, rejected, duplicate_keys; /* of submissions that were admitted */
};

void fake_admission_init(struct fake_admission *fake);

/* Calls `done` of all who wait. */
void fake_admission_answer(struct fake_admission *fake, enum admission outcome);

#endif
