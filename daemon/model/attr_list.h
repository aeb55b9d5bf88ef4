/* Attributes being collected at the end of an arena, while a span, resource, scope, event or link
 * is decoded. Inline: the hot path of the program runs through it. Nothing else may be taken from
 * the arena before attr_list_end. */
#ifndef ASSERTD_MODEL_ATTR_LIST_H
#define ASSERTD_MODEL_ATTR_LIST_H

#include <string.h>

#include "daemon/core/arena.h"
#include "daemon/model/span.h"
#include "daemon/model/value_fast.h"

#define ATTRS_FIRST_ROOM 16u

struct attr_list {
    struct arena *arena;
    struct attr *items;
    uint32_t count, room;
};

/* Doubles the room; what was there is left behind in the arena. 0; SPAN_NO_MEMORY. */
static inline int attr_list_grow(struct attr_list *list)
{
    uint32_t room = list->room != 0 ? list->room * 2 : ATTRS_FIRST_ROOM;
    struct attr *items = arena_alloc(list->arena, room * sizeof *items);
    if (items == NULL) {
        return SPAN_NO_MEMORY;
    }
    if (list->count != 0) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    list->items = items;
    list->room = room;
    return 0;
}

/* Decodes one KeyValue message behind the others. 0; SPAN_NO_MEMORY; SPAN_MALFORMED. */
static inline int attr_list_add(struct attr_list *list, struct bytes key_value)
{
    if (list->count == list->room && attr_list_grow(list) != 0) {
        return SPAN_NO_MEMORY;
    }
    struct attr *attr = &list->items[list->count++];
    return attr_decode_fast(key_value, attr) || attr_decode(key_value, attr) == 0 ? 0
                                                                                  : SPAN_MALFORMED;
}

/* Hands over what was collected and gives the rest of the room back. */
static inline void attr_list_end(struct attr_list *list, const struct attr **ret,
                                 uint32_t *ret_count)
{
    arena_trim(list->arena, list->items, list->room * sizeof *list->items,
               list->count * sizeof *list->items);
    *ret = list->count != 0 ? list->items : NULL;
    *ret_count = list->count;
}

#endif
