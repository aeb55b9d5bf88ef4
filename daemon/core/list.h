/* Intrusive doubly linked lists: the link lives in the element, membership allocates nothing.
 * Thread rule: confined to the list's owner. */
#ifndef ASSERTD_CORE_LIST_H
#define ASSERTD_CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev;
    struct list *next;
};

/* The struct of `type` in which `member` is embedded at `pointer`. */
#define container_of(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* An empty list, or an unlinked element. */
static inline void list_init(struct list *list)
{
    list->prev = list->next = list;
}

/* Whether the list has no elements, or the element is in no list. */
static inline bool list_empty(const struct list *list)
{
    return list->next == list;
}

/* Links `element` as the last of `list`. */
static inline void list_append(struct list *list, struct list *element)
{
    element->prev = list->prev;
    element->next = list;
    list->prev->next = element;
    list->prev = element;
}

/* Unlinks; harmless on an unlinked element. */
static inline void list_remove(struct list *element)
{
    element->prev->next = element->next;
    element->next->prev = element->prev;
    list_init(element);
}

#endif
