#include "daemon/survey.h"

#include <errno.h>
#include <stdlib.h>

struct survey {
    struct campaign *campaign;
    unsigned wants;
    uint32_t waiting;
    survey_fn done;
    void *self;
    struct survey_answer sum;
};

/* One worker's part: the task goes there and comes back with it. */
struct part {
    struct task task;
    struct survey *survey;
    struct survey_answer answer;
};

static void free_answer(struct survey_answer *answer)
{
    tally_free(answer->tally);
    meters_free(answer->period);
    meters_free(answer->whole);
}

static void fold_tally(struct survey_answer *sum, struct survey_answer *part)
{
    if (sum->tally == NULL) {
        sum->tally = part->tally;
        part->tally = NULL;
    } else if (part->tally != NULL && tally_merge(sum->tally, part->tally) != 0) {
        sum->failed = true;
    }
}

static void fold_meters(struct meters **sum, struct meters **part, bool *failed)
{
    if (*sum == NULL) {
        *sum = *part;
        *part = NULL;
    } else if (*part != NULL && meters_merge(*sum, *part) != 0) {
        *failed = true;
    }
}

static void fold(struct task *task, struct worker *worker)
{
    struct part *part = (struct part *)(void *)task;
    struct survey *survey = part->survey;
    struct survey_answer *sum = &survey->sum;
    (void)worker;
    sum->open.traces += part->answer.open.traces;
    sum->open.injections += part->answer.open.injections;
    sum->open.spans += part->answer.open.spans;
    sum->failed |= (survey->wants & SURVEY_TALLY) != 0 && part->answer.tally == NULL;
    fold_tally(sum, &part->answer);
    fold_meters(&sum->period, &part->answer.period, &sum->failed);
    fold_meters(&sum->whole, &part->answer.whole, &sum->failed);
    free_answer(&part->answer);
    free(part);
    if (--survey->waiting == 0) {
        survey->done(survey->self, sum);
        free_answer(sum);
        campaign_unref(survey->campaign);
        free(survey);
    }
}

static void answer(struct task *task, struct worker *worker)
{
    struct part *part = (struct part *)(void *)task;
    const struct survey *survey = part->survey;
    struct shard *shard = worker_shard(worker);
    part->answer.open = shard_open(shard, survey->campaign);
    if (survey->wants & SURVEY_TALLY) {
        part->answer.tally = shard_tally(shard, survey->campaign);
    }
    if (survey->wants & SURVEY_PERIOD_METERS) {
        part->answer.period = shard_meters(shard, survey->campaign, false);
    }
    if (survey->wants & SURVEY_WHOLE_METERS) {
        part->answer.whole = shard_meters(shard, survey->campaign, true);
    }
    part->task.run = fold;
    worker_reply(worker, &part->task);
}

/* All parts, or none. */
static bool make_parts(struct part **parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = calloc(1, sizeof **parts);
        if (parts[i] == NULL) {
            while (i > 0) {
                free(parts[--i]);
            }
            return false;
        }
    }
    return true;
}

int survey_begin(struct worker_pool *pool, struct campaign *campaign, unsigned wants,
                 survey_fn done, void *self)
{
    struct part *parts[SHARDS_MAX];
    uint32_t count = worker_pool_count(pool);
    struct survey *survey = calloc(1, sizeof *survey);
    if (survey == NULL || !make_parts(parts, count)) {
        free(survey);
        return -ENOMEM;
    }
    *survey = (struct survey){
        .campaign = campaign, .wants = wants, .waiting = count, .done = done, .self = self};
    campaign_ref(campaign);
    for (uint32_t i = 0; i < count; i++) {
        parts[i]->task.run = answer;
        parts[i]->survey = survey;
        worker_send(worker_pool_get(pool, i), &parts[i]->task);
    }
    return 0;
}
