/* What goes to the exporters in one hand-over: verdicts, meters and campaign events, immutable,
 * counted.
 *
 * Built by one shard or the control thread, sealed, then shared by all exporters; each holds a
 * reference until it has finished with it. Thread rule: immutable after export_batch_seal; the
 * reference count is atomic. */
#ifndef ASSERTD_MODEL_EXPORT_BATCH_H
#define ASSERTD_MODEL_EXPORT_BATCH_H

#include <stdatomic.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/model/meter.h"
#include "daemon/model/verdict.h"

/* A campaign's beginning, tick or end, for the compacted topic: key and its state as JSON. */
struct campaign_event {
    struct bytes campaign;
    struct bytes json;
};

struct export_hold;

struct export_batch {
    _Atomic uint32_t refs;
    struct arena
        arena; /* dies with the batch; the views below point into it or into what is held */
    struct export_hold *holds;
    struct verdict *verdicts;
    uint32_t verdict_count, verdict_room;
    struct meter *meters;
    uint32_t meter_count, meter_room;
    struct campaign_event *events;
    uint32_t event_count, event_room;
};

/* An empty batch with one reference; NULL: no memory. */
struct export_batch *export_batch_new(void);
/* The same; what it holds stands in the budget (BUDGET_EXPORTS) until the last user is through. */
struct export_batch *export_batch_new_counted(struct budget *budget);

/* Room for one more, zeroed, in the batch's arena; NULL: no memory. Before sealing only. */
struct verdict *export_batch_verdict(struct export_batch *batch);
struct meter *export_batch_meter(struct export_batch *batch);
struct campaign_event *export_batch_event(struct export_batch *batch);

/* Keeps a reference of something immutable that views of the batch point into, until the batch is
 * freed, on whichever thread that is; one, however often it is asked for. 0, or -ENOMEM. Before
 * sealing only. */
int export_batch_hold(struct export_batch *batch, void *object, void (*ref)(void *object),
                      void (*unref)(void *object));

/* One more / one less user; the last frees. NULL is fine for unref. Any thread. */
void export_batch_ref(struct export_batch *batch);
void export_batch_unref(struct export_batch *batch);

/* Bytes held, for queue budgets. */
size_t export_batch_held(const struct export_batch *batch);

#endif
