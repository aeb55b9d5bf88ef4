/*
 * Numbers of distinct filters: two filters are the same when they ask the same of a span, however
 * they are written. The table is open addressing and lives, like all of it, in the arena.
 */
#include "assertions/parse.h"

#define FIRST_SLOTS 64

static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t filter_hash(const struct filter *filter)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; filter->type == FILTER_NOT; filter = filter->inner) {
        hash = mix(hash, "!", 1);
    }
    char scratch[OPERAND_TEXT_MAX];
    struct bytes literal = operand_text(&filter->literal, scratch);
    uint8_t head[] = {(uint8_t)filter->key.space, (uint8_t)filter->key.field, (uint8_t)filter->op,
                      (uint8_t)filter->literal.type};
    hash = mix(hash, head, sizeof head);
    hash = mix(hash, filter->key.name.data, filter->key.name.len);
    return mix(hash, literal.data, literal.len);
}

static bool literal_equal(const struct operand *a, const struct operand *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case OPERAND_TEXT:
        return bytes_equal(a->bytes, b->bytes);
    case OPERAND_BOOL:
        return a->boolean == b->boolean;
    case OPERAND_INT:
        return a->integer == b->integer;
    case OPERAND_DOUBLE:
        return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case OPERAND_DURATION:
        return a->ns == b->ns;
    default:
        return true;
    }
}

static bool key_equal(const struct key *a, const struct key *b)
{
    return a->space == b->space && a->field == b->field && a->quoted == b->quoted &&
           bytes_equal(a->name, b->name);
}

static bool filter_equal(const struct filter *a, const struct filter *b)
{
    for (; a->type == FILTER_NOT && b->type == FILTER_NOT; a = a->inner, b = b->inner) {
        continue;
    }
    return a->type == b->type && a->op == b->op && key_equal(&a->key, &b->key) &&
           literal_equal(&a->literal, &b->literal);
}

/* The slot of an equal filter, or the free one where it belongs. */
static uint32_t *find_slot(const struct expression_store *store, const struct filter *filter)
{
    uint32_t at = (uint32_t)filter_hash(filter) & (store->slot_count - 1);
    while (store->slots[at] != 0 && !filter_equal(store->filters[store->slots[at] - 1], filter)) {
        at = (at + 1) & (store->slot_count - 1);
    }
    return &store->slots[at];
}

/* Keeps at least half of the slots free. */
static bool make_room(struct parser *parser)
{
    struct expression_store *store = parser->context->store;
    if (!parser_grow(parser, (void **)&store->filters, store->count, &store->room,
                     sizeof *store->filters)) {
        return false;
    }
    if (2 * (store->count + 1) <= store->slot_count) {
        return true;
    }
    uint32_t wanted = store->slot_count == 0 ? FIRST_SLOTS : 2 * store->slot_count;
    uint32_t *slots = arena_calloc(parser->context->arena, wanted, sizeof *slots);
    if (slots == NULL) {
        return parser_fail_memory(parser);
    }
    store->slots = slots;
    store->slot_count = wanted;
    for (uint32_t i = 0; i < store->count; i++) {
        *find_slot(store, store->filters[i]) = i + 1;
    }
    return true;
}

bool number_filter(struct parser *parser, struct filter *filter)
{
    struct expression_store *store = parser->context->store;
    if (!make_room(parser)) {
        return false;
    }
    uint32_t *slot = find_slot(store, filter);
    if (*slot == 0) {
        store->filters[store->count++] = filter;
        *slot = store->count;
    }
    filter->index = *slot - 1;
    return true;
}
