#include "daemon/model/export_batch.h"

#include <errno.h>
#include <string.h>

#define ARENA_FIRST_BYTES 4096u
#define FIRST_ROOM        8u

/* What the batch keeps alive. */
struct export_hold {
    struct export_hold *next;
    void *object;
    void (*unref)(void *object);
};

struct export_batch *export_batch_new(void)
{
    return export_batch_new_counted(NULL);
}

struct export_batch *export_batch_new_counted(struct budget *budget)
{
    struct arena arena = ARENA_INIT(ARENA_FIRST_BYTES, 0);
    arena.budget = budget;
    arena.owner = BUDGET_EXPORTS;
    struct export_batch *batch = arena_calloc(&arena, 1, sizeof *batch);
    if (batch == NULL) {
        return NULL;
    }
    batch->arena = arena;
    atomic_init(&batch->refs, 1);
    return batch;
}

/* One more zeroed element of `bytes` each at the end of `*items`; NULL: no memory. */
static void *append(struct arena *arena, void *items, uint32_t *count, uint32_t *room, size_t bytes,
                    void **ret_items)
{
    *ret_items = items;
    if (*count == *room) {
        uint32_t more = *room != 0 ? *room * 2 : FIRST_ROOM;
        char *grown = arena_calloc(arena, more, bytes);
        if (grown == NULL) {
            return NULL;
        }
        if (*count != 0) {
            memcpy(grown, items, *count * bytes);
        }
        *ret_items = grown;
        *room = more;
    }
    return (char *)*ret_items + (size_t)(*count)++ * bytes;
}

struct verdict *export_batch_verdict(struct export_batch *batch)
{
    void *items;
    void *element = append(&batch->arena, batch->verdicts, &batch->verdict_count,
                           &batch->verdict_room, sizeof *batch->verdicts, &items);
    batch->verdicts = items;
    return element;
}

struct meter *export_batch_meter(struct export_batch *batch)
{
    void *items;
    void *element = append(&batch->arena, batch->meters, &batch->meter_count, &batch->meter_room,
                           sizeof *batch->meters, &items);
    batch->meters = items;
    return element;
}

struct campaign_event *export_batch_event(struct export_batch *batch)
{
    void *items;
    void *element = append(&batch->arena, batch->events, &batch->event_count, &batch->event_room,
                           sizeof *batch->events, &items);
    batch->events = items;
    return element;
}

int export_batch_hold(struct export_batch *batch, void *object, void (*ref)(void *object),
                      void (*unref)(void *object))
{
    for (const struct export_hold *hold = batch->holds; hold != NULL; hold = hold->next) {
        if (hold->object == object) {
            return 0;
        }
    }
    struct export_hold *hold = arena_alloc(&batch->arena, sizeof *hold);
    if (hold == NULL) {
        return -ENOMEM;
    }
    ref(object);
    *hold = (struct export_hold){batch->holds, object, unref};
    batch->holds = hold;
    return 0;
}

void export_batch_ref(struct export_batch *batch)
{
    atomic_fetch_add_explicit(&batch->refs, 1, memory_order_relaxed);
}

void export_batch_unref(struct export_batch *batch)
{
    /* Release: what this user read happens before the last one frees; acquire: the last one sees
     * that. */
    if (batch != NULL && atomic_fetch_sub_explicit(&batch->refs, 1, memory_order_acq_rel) == 1) {
        struct arena arena = batch->arena;
        for (const struct export_hold *hold = batch->holds; hold != NULL; hold = hold->next) {
            hold->unref(hold->object);
        }
        arena_deinit(&arena);
    }
}

size_t export_batch_held(const struct export_batch *batch)
{
    return arena_held(&batch->arena);
}
