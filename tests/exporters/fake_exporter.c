#include "tests/exporters/fake_exporter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int fake_create(struct exporter **ret, const void *settings, struct exporter_env *env)
{
    const struct fake_settings *fake = settings;
    fake->fake->env = env;
    *ret = fake->fake;
    return 0;
}

static uint64_t fake_records(const struct exporter *exporter, const struct export_batch *batch)
{
    (void)exporter;
    return batch->verdict_count;
}

static int fake_submit(struct exporter *exporter, struct submission *submission)
{
    exporter->submits++;
    if (exporter->refuse != 0) {
        return exporter->refuse;
    }
    if (exporter->count >= exporter->at_once) {
        return 1;
    }
    exporter->under_way[exporter->count++] = submission;
    return 0;
}

void fake_done(struct exporter *exporter, uint32_t i, int outcome, uint64_t acknowledged,
               uint64_t rejected, uint64_t retry_after_ns)
{
    struct submission *submission = exporter->under_way[i];
    uint64_t left = acknowledged + rejected;
    for (uint64_t record = 0; record < submission->records && left > 0; record++) {
        if (!submission_settled(submission, record)) {
            submission_settle(submission, record);
            left--;
        }
    }
    assert_int_equal(left, 0);
    memmove(&exporter->under_way[i], &exporter->under_way[i + 1],
            (exporter->count - i - 1) * sizeof exporter->under_way[0]);
    exporter->count--;
    exporter->env->done(exporter->env, submission,
                        &(struct delivery){.outcome = outcome,
                                           .acknowledged = acknowledged,
                                           .rejected = rejected,
                                           .retry_after_ns = retry_after_ns,
                                           .reason = "the test says so"});
}

static void fake_abandon(struct exporter *exporter)
{
    exporter->abandoned = true;
    while (exporter->count > 0) {
        fake_done(exporter, 0, DELIVERY_RETRY, 0, 0, 0);
    }
}

static void fake_destroy(struct exporter *exporter)
{
    assert_int_equal(exporter->count, 0);
}

const struct exporter_type fake_types[2] = {
    {.name = "one",
     .create = fake_create,
     .records = fake_records,
     .submit = fake_submit,
     .abandon = fake_abandon,
     .destroy = fake_destroy},
    {.name = "two",
     .create = fake_create,
     .records = fake_records,
     .submit = fake_submit,
     .abandon = fake_abandon,
     .destroy = fake_destroy},
};
