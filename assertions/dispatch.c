/* The tables are never grown by what peers send: a plain hash is enough, and the longest run of
 * full slots is settled when the set is compiled. */
#include "assertions/dispatch.h"

#include <errno.h>

static bool demands(const struct filter *filter, enum span_field field)
{
    return filter->type == FILTER_COMPARE && filter->key.space == KEY_FIELD &&
           filter->key.field == field && filter->op == OP_EQUAL &&
           filter->literal.type == OPERAND_TEXT;
}

struct demand demand_of(const struct filter *filters, uint32_t count)
{
    struct demand demand = {NULL, NULL};
    for (uint32_t i = 0; i < count; i++) {
        if (demand.service == NULL && demands(&filters[i], FIELD_SERVICE)) {
            demand.service = &filters[i];
        } else if (demand.name == NULL && demands(&filters[i], FIELD_NAME)) {
            demand.name = &filters[i];
        }
    }
    return demand;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static uint64_t text_hash(struct bytes text)
{
    uint64_t hash = text.len;
    uint64_t word;
    size_t at = 0;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    if (text.len >= sizeof word) {
        memcpy(&word, text.data + text.len - sizeof word, sizeof word);
        return mix(hash, word);
    }
    for (; at < text.len; at++) {
        word = word << 8 | text.data[at];
    }
    return mix(hash, word);
}

/* The slot of the text, or the free one where it belongs. */
static struct symbol *find_symbol(struct symbol *slots, uint32_t slot_count, struct bytes text)
{
    uint64_t hash = text_hash(text);
    uint32_t at = (uint32_t)hash & (slot_count - 1);
    while (slots[at].number != 0 &&
           (slots[at].hash != hash || !bytes_equal(slots[at].text, text))) {
        at = (at + 1) & (slot_count - 1);
    }
    if (slots[at].number == 0) {
        slots[at].hash = hash;
    }
    return &slots[at];
}

static const struct symbol *know_symbol(const struct symbol *slots, uint32_t slot_count,
                                        struct bytes text)
{
    uint64_t hash = text_hash(text);
    uint32_t at = (uint32_t)hash & (slot_count - 1);
    for (; slots[at].number != 0; at = (at + 1) & (slot_count - 1)) {
        if (slots[at].hash == hash && bytes_equal(slots[at].text, text)) {
            return &slots[at];
        }
    }
    return NULL;
}

static struct symbol_pair *find_pair(const struct dispatch *dispatch, uint32_t service,
                                     uint32_t name)
{
    uint32_t last = dispatch->slot_count - 1;
    uint32_t at = (uint32_t)mix(service, name) & last;
    while (dispatch->pairs[at].service != 0 &&
           (dispatch->pairs[at].service != service || dispatch->pairs[at].name != name)) {
        at = (at + 1) & last;
    }
    return &dispatch->pairs[at];
}

static struct symbol *demand_symbol(struct symbol *slots, uint32_t slot_count,
                                    const struct filter *filter, uint32_t *number)
{
    struct symbol *symbol = find_symbol(slots, slot_count, filter->literal.bytes);
    if (symbol->number == 0) {
        symbol->text = filter->literal.bytes;
        symbol->number = ++*number;
    }
    return symbol;
}

/* The list that a demand leads to. */
static struct probe_list *list_of(struct dispatch *dispatch, const struct demand *demand)
{
    uint32_t slots = dispatch->slot_count;
    struct symbol *service =
        demand->service == NULL
            ? NULL
            : demand_symbol(dispatch->services, slots, demand->service, &dispatch->service_count);
    struct symbol *name = demand->name == NULL ? NULL
                                               : demand_symbol(dispatch->names, slots, demand->name,
                                                               &dispatch->name_count);
    if (service != NULL && name != NULL) {
        struct symbol_pair *pair = find_pair(dispatch, service->number, name->number);
        pair->service = service->number;
        pair->name = name->number;
        return &pair->probes;
    }
    return service != NULL ? &service->alone : name != NULL ? &name->alone : &dispatch->rest;
}

static int make_tables(struct dispatch *dispatch, uint32_t count, struct arena *arena)
{
    *dispatch = (struct dispatch){.slot_count = 8};
    while (dispatch->slot_count < 2 * count) {
        dispatch->slot_count *= 2;
    }
    dispatch->services = arena_calloc(arena, dispatch->slot_count, sizeof *dispatch->services);
    dispatch->names = arena_calloc(arena, dispatch->slot_count, sizeof *dispatch->names);
    dispatch->pairs = arena_calloc(arena, dispatch->slot_count, sizeof *dispatch->pairs);
    return dispatch->services == NULL || dispatch->names == NULL || dispatch->pairs == NULL
               ? -ENOMEM
               : 0;
}

/* First the lists are counted, then each takes its room when its first probe comes. */
int dispatch_build(struct dispatch *ret, const struct dispatched *clauses, uint32_t count,
                   struct arena *arena)
{
    if (make_tables(ret, count, arena) != 0) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        list_of(ret, &clauses[i].demand)->count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct probe_list *list = list_of(ret, &clauses[i].demand);
        if (list->items == NULL) {
            list->items = arena_calloc(arena, list->count, sizeof *list->items);
            list->count = 0;
        }
        if (list->items == NULL) {
            return -ENOMEM;
        }
        list->items[list->count++] = clauses[i].probe;
    }
    return 0;
}

uint32_t dispatch_find(const struct dispatch *dispatch, struct bytes service, struct bytes name,
                       const struct probe_list *ret[DISPATCH_LISTS])
{
    const struct symbol *of_service = NULL;
    const struct symbol *of_name = NULL;
    uint32_t count = 0;
    if (dispatch->service_count != 0) {
        of_service = know_symbol(dispatch->services, dispatch->slot_count, service);
    }
    if (dispatch->name_count != 0) {
        of_name = know_symbol(dispatch->names, dispatch->slot_count, name);
    }
    if (of_service != NULL && of_name != NULL) {
        ret[count++] = &find_pair(dispatch, of_service->number, of_name->number)->probes;
    }
    if (of_service != NULL) {
        ret[count++] = &of_service->alone;
    }
    if (of_name != NULL) {
        ret[count++] = &of_name->alone;
    }
    ret[count++] = &dispatch->rest;
    return count;
}
