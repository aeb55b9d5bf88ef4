/* Which failures a report lists must not depend on the order of arrival: the smallest trace IDs
 * stay. The list grows to twice its bound before it is sorted and cut, so that adding is cheap. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"
#include "daemon/pipeline/tally_state.h"

/* Longest text of a failure that is kept. */
#define KEPT_TEXT_MAX 16384u

static size_t clipped(struct bytes text)
{
    return text.len < KEPT_TEXT_MAX ? text.len : KEPT_TEXT_MAX;
}

static bool holds_bytes(const struct seen *seen)
{
    return seen->type == SEEN_VALUE && seen->value.type != VALUE_BOOL &&
           seen->value.type != VALUE_INT && seen->value.type != VALUE_DOUBLE &&
           seen->value.type != VALUE_MISSING;
}

static struct bytes copy_text(char **next, struct bytes text)
{
    size_t len = clipped(text);
    char *at = *next;
    if (len != 0) {
        memcpy(at, text.data, len);
    }
    *next += len;
    return bytes_from(at, len);
}

/* An encoded array or map can't be clipped: too long a one is left out. */
static void copy_seen(char **next, struct seen *seen)
{
    if (!holds_bytes(seen)) {
        return;
    }
    bool whole = seen->value.type == VALUE_TEXT || seen->value.type == VALUE_BYTES;
    if (!whole && seen->value.bytes.len > KEPT_TEXT_MAX) {
        seen->type = SEEN_NOTHING;
        return;
    }
    seen->value.bytes = copy_text(next, seen->value.bytes);
}

static size_t seen_bytes(const struct seen *seen)
{
    return holds_bytes(seen) ? clipped(seen->value.bytes) : 0;
}

static struct kept_failure *kept_failure_new(const struct trace_id *trace,
                                             const struct failure *failure, uint32_t place)
{
    size_t texts = clipped(failure->condition) + clipped(failure->service) +
                   clipped(failure->span_name) + clipped(failure->reason) +
                   seen_bytes(&failure->expected) + seen_bytes(&failure->actual);
    struct kept_failure *kept = memory_alloc(sizeof *kept + texts);
    if (kept == NULL) {
        return NULL;
    }
    char *next = (char *)(kept + 1);
    kept->entry.trace_id = *trace;
    kept->entry.failure = *failure;
    kept->place = place;
    kept->bytes = sizeof *kept + texts;
    struct failure *copy = &kept->entry.failure;
    copy->condition = copy_text(&next, failure->condition);
    copy->service = copy_text(&next, failure->service);
    copy->span_name = copy_text(&next, failure->span_name);
    copy->reason = copy_text(&next, failure->reason);
    copy_seen(&next, &copy->expected);
    copy_seen(&next, &copy->actual);
    return kept;
}

/* A failure at `place` of a trace against one that is kept. */
static int compare_with(const struct trace_id *trace, uint32_t place,
                        const struct kept_failure *kept)
{
    int order = memcmp(trace->bytes, kept->entry.trace_id.bytes, sizeof trace->bytes);
    if (order != 0) {
        return order;
    }
    return place < kept->place ? -1 : place > kept->place;
}

static int compare_kept(const void *a, const void *b)
{
    const struct kept_failure *left = *(struct kept_failure *const *)a;
    return compare_with(&left->entry.trace_id, left->place, *(struct kept_failure *const *)b);
}

void kept_failures_settle(struct kept_failures *kept)
{
    if (kept->count == 0) {
        return;
    }
    qsort(kept->items, kept->count, sizeof(struct kept_failure *), compare_kept);
    while (kept->count > kept->max) {
        kept->held_bytes -= kept->items[--kept->count]->bytes;
        free(kept->items[kept->count]);
        kept->full = true;
    }
}

/* Whether it would go at the next cut: since the last one so many as are kept stand in front, in
 * order. */
static bool falls_off(const struct kept_failures *kept, const struct trace_id *trace,
                      uint32_t place)
{
    return kept->full && compare_with(trace, place, kept->items[kept->max - 1]) > 0;
}

static int kept_failures_room(struct kept_failures *kept)
{
    if (kept->count >= 2 * kept->max && kept->count > 16) {
        kept_failures_settle(kept);
    }
    if (kept->count < kept->room) {
        return 0;
    }
    uint32_t room = kept->room != 0 ? kept->room * 2 : 16;
    struct kept_failure **items =
        memory_resize(kept->items, kept->room * sizeof(struct kept_failure *),
                      room * sizeof(struct kept_failure *));
    if (items == NULL) {
        return -ENOMEM;
    }
    kept->items = items;
    kept->room = room;
    return 0;
}

int kept_failures_add(struct kept_failures *kept, const struct trace_id *trace,
                      const struct failure *failure, uint32_t place)
{
    kept->total++;
    if (kept->max == 0 || falls_off(kept, trace, place)) {
        return 0;
    }
    if (kept_failures_room(kept) != 0) {
        return -ENOMEM;
    }
    struct kept_failure *item = kept_failure_new(trace, failure, place);
    if (item == NULL) {
        return -ENOMEM;
    }
    kept->items[kept->count++] = item;
    kept->held_bytes += item->bytes;
    return 0;
}

int kept_failures_merge(struct kept_failures *into, const struct kept_failures *from)
{
    int bad = 0;
    into->max = from->max;
    for (uint32_t i = 0; i < from->count; i++) {
        const struct kept_failure *item = from->items[i];
        bad |= kept_failures_add(into, &item->entry.trace_id, &item->entry.failure, item->place);
    }
    into->total += from->total - from->count;
    return bad;
}

void kept_failures_deinit(struct kept_failures *kept)
{
    for (uint32_t i = 0; i < kept->count; i++) {
        free(kept->items[i]);
    }
    free(kept->items);
    *kept = (struct kept_failures){.max = kept->max};
}
