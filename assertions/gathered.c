#include "assertions/gathered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

void gathered_init(struct gathered *of)
{
    memset(of, 0, sizeof *of);
    samples_init(&of->samples);
    value_set_init(&of->values);
}

void gathered_deinit(struct gathered *of)
{
    samples_deinit(&of->samples);
    value_set_deinit(&of->values);
    second_counts_deinit(&of->seconds);
}

size_t gathered_held(const struct gathered *of)
{
    return histogram_held(&of->samples.histogram) + value_set_held(&of->values) +
           second_counts_held(&of->seconds);
}

static void merge_counts(struct state_counts *into, const struct state_counts *from)
{
    into->injections += from->injections;
    into->missing += from->missing;
    into->duplicate += from->duplicate;
    into->expecting += from->expecting;
    into->judged += from->judged;
    into->pass += from->pass;
    into->fail += from->fail;
    into->error += from->error;
    into->inconclusive += from->inconclusive;
}

static void merge_ends(struct span_ends *into, const struct span_ends *from)
{
    if (from->count == 0) {
        return;
    }
    bool first = into->count == 0;
    into->first_ns = first || from->first_ns < into->first_ns ? from->first_ns : into->first_ns;
    into->last_ns = first || from->last_ns > into->last_ns ? from->last_ns : into->last_ns;
    into->count += from->count;
}

void span_ends_add(struct span_ends *ends, uint64_t end_ns)
{
    struct span_ends one = {1, end_ns, end_ns};
    merge_ends(ends, &one);
}

int gathered_merge(struct gathered *into, const struct gathered *from)
{
    int bad = samples_merge(&into->samples, &from->samples);
    bad |= value_set_merge(&into->values, &from->values);
    bad |= second_counts_merge(&into->seconds, &from->seconds);
    merge_counts(&into->counts, &from->counts);
    merge_ends(&into->ends, &from->ends);
    return bad ? -ENOMEM : 0;
}

/* --- cells --- */

/* One block, the key behind the struct. */
struct gathered_cell *cell_new(struct bytes key, uint32_t window)
{
    struct gathered_cell *cell = memory_alloc(sizeof *cell + key.len + 1);
    if (cell == NULL) {
        return NULL;
    }
    *cell = (struct gathered_cell){.window = window, .key = bytes_from(cell + 1, key.len)};
    gathered_init(&cell->in);
    if (key.len != 0) {
        memcpy(cell + 1, key.data, key.len);
    }
    return cell;
}

void cell_free(struct gathered_cell *cell)
{
    if (cell != NULL) {
        gathered_deinit(&cell->in);
        cell_list_deinit(&cell->windows);
        free(cell);
    }
}

size_t cell_held(const struct gathered_cell *cell)
{
    return cell != NULL ? sizeof *cell + gathered_held(&cell->in) + cell_list_held(&cell->windows)
                        : 0;
}

int cell_merge(struct gathered_cell *into, const struct gathered_cell *from)
{
    int bad = gathered_merge(&into->in, &from->in);
    for (uint32_t i = 0; i < from->windows.count; i++) {
        const struct gathered_cell *window = from->windows.items[i];
        struct gathered_cell *own = cell_list_window(&into->windows, window->window);
        bad |= own != NULL ? gathered_merge(&own->in, &window->in) : -ENOMEM;
    }
    into->beyond += from->beyond;
    return bad ? -ENOMEM : 0;
}

/* --- lists of them --- */

void cell_list_deinit(struct cell_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        cell_free(list->items[i]);
    }
    free(list->items);
    *list = (struct cell_list){.items = NULL};
}

size_t cell_list_held(const struct cell_list *list)
{
    size_t held = list->room * sizeof(struct gathered_cell *);
    for (uint32_t i = 0; i < list->count; i++) {
        held += cell_held(list->items[i]);
    }
    return held;
}

bool cell_list_find(const struct cell_list *list, struct bytes key, uint32_t *ret)
{
    uint32_t from = 0;
    uint32_t end = list->count;
    while (from < end) {
        uint32_t middle = from + (end - from) / 2;
        int order = bytes_compare(list->items[middle]->key, key);
        if (order == 0) {
            *ret = middle;
            return true;
        }
        from = order < 0 ? middle + 1 : from;
        end = order < 0 ? end : middle;
    }
    *ret = from;
    return false;
}

static int make_room(struct cell_list *list)
{
    if (list->count < list->room) {
        return 0;
    }
    uint32_t room = list->room != 0 ? list->room * 2 : 4;
    struct gathered_cell **items =
        memory_resize(list->items, list->room * sizeof(struct gathered_cell *),
                      room * sizeof(struct gathered_cell *));
    if (items == NULL) {
        return -ENOMEM;
    }
    list->items = items;
    list->room = room;
    return 0;
}

struct gathered_cell *cell_list_insert(struct cell_list *list, uint32_t at, struct bytes key,
                                       uint32_t window)
{
    struct gathered_cell *cell = cell_new(key, window);
    if (cell == NULL || make_room(list) != 0) {
        cell_free(cell);
        return NULL;
    }
    memmove(list->items + at + 1, list->items + at,
            (list->count - at) * sizeof(struct gathered_cell *));
    list->items[at] = cell;
    list->count++;
    return cell;
}

/* The order of the texts is that of the numbers. */
struct window_key {
    uint8_t text[4];
};

static struct window_key key_of_window(uint32_t window)
{
    return (struct window_key){{(uint8_t)(window >> 24), (uint8_t)(window >> 16),
                                (uint8_t)(window >> 8), (uint8_t)window}};
}

struct gathered_cell *cell_list_window(struct cell_list *list, uint32_t window)
{
    struct window_key key = key_of_window(window);
    struct bytes text = bytes_from(key.text, sizeof key.text);
    uint32_t at;
    return cell_list_find(list, text, &at) ? list->items[at]
                                           : cell_list_insert(list, at, text, window);
}

const struct gathered_cell *cell_list_find_window(const struct cell_list *list, uint32_t window)
{
    struct window_key key = key_of_window(window);
    uint32_t at;
    return cell_list_find(list, bytes_from(key.text, sizeof key.text), &at) ? list->items[at]
                                                                            : NULL;
}
