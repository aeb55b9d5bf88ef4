/*
 * Numbers of distinct filters and selectors: two filters are the same when they ask the same of a
 * span, however they are written, two selectors when their chains are of the same filters. The
 * tables are open addressing and live, like all of it, in the arena.
 */
#include "assertions/expr.h"
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

static uint64_t mix_literal(uint64_t hash, const struct operand *literal)
{
    char scratch[OPERAND_TEXT_MAX];
    struct bytes text = operand_text(literal, scratch);
    uint8_t type = (uint8_t)literal->type;
    hash = mix(mix(hash, &type, 1), text.data, text.len);
    for (uint32_t i = 0; literal->type == OPERAND_LIST && i < literal->list->count; i++) {
        hash = mix_literal(hash, &literal->list->items[i]);
    }
    return hash;
}

/* As deep as not (...) is nested. */
static uint64_t mix_filter(uint64_t hash, const struct filter *filter)
{
    if (filter->type == FILTER_NOT) {
        hash = mix(hash, "!", 1);
        for (uint32_t i = 0; i < filter->inner_count; i++) {
            hash = mix_filter(hash, &filter->inner[i]);
        }
        return hash;
    }
    if (filter->type == FILTER_EXPR) {
        return mix(hash, filter->text.data, filter->text.len);
    }
    uint8_t head[] = {(uint8_t)filter->key.space, (uint8_t)filter->key.field, (uint8_t)filter->op};
    hash = mix(hash, head, sizeof head);
    hash = mix(hash, filter->key.name.data, filter->key.name.len);
    return mix_literal(hash, &filter->literal);
}

static uint64_t filter_hash(const struct filter *filter)
{
    return mix_filter(UINT64_C(0xcbf29ce484222325), filter);
}

static bool literal_equal(const struct operand *a, const struct operand *b);

static bool list_equal(const struct operand_list *a, const struct operand_list *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; same && i < a->count; i++) {
        same = literal_equal(&a->items[i], &b->items[i]);
    }
    return same;
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
    case OPERAND_LIST:
        return list_equal(a->list, b->list);
    default:
        return true;
    }
}

static bool key_equal(const struct key *a, const struct key *b)
{
    return a->space == b->space && a->field == b->field && a->quoted == b->quoted &&
           a->aliased == b->aliased && bytes_equal(a->name, b->name);
}

static bool filter_equal(const struct filter *a, const struct filter *b)
{
    if (a->type == FILTER_NOT && b->type == FILTER_NOT) {
        bool same = a->inner_count == b->inner_count;
        for (uint32_t i = 0; same && i < a->inner_count; i++) {
            same = filter_equal(&a->inner[i], &b->inner[i]);
        }
        return same;
    }
    if (a->type == FILTER_EXPR && b->type == FILTER_EXPR) {
        return expr_equal(a->test, b->test);
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

/* Keeps at least half of the slots free. False: no memory; *ret_grown: they are new and empty. */
static bool make_slots(struct parser *parser, uint32_t count, uint32_t **slots,
                       uint32_t *slot_count, bool *ret_grown)
{
    *ret_grown = 2 * (count + 1) > *slot_count;
    if (!*ret_grown) {
        return true;
    }
    uint32_t wanted = *slot_count == 0 ? FIRST_SLOTS : 2 * *slot_count;
    uint32_t *grown = arena_calloc(parser->context->arena, wanted, sizeof *grown);
    if (grown == NULL) {
        return parser_fail_memory(parser);
    }
    *slots = grown;
    *slot_count = wanted;
    return true;
}

static bool make_room(struct parser *parser)
{
    struct expression_store *store = parser->context->store;
    bool grown;
    if (!parser_grow(parser, (void **)&store->filters, store->count, &store->room,
                     sizeof *store->filters) ||
        !make_slots(parser, store->count, &store->slots, &store->slot_count, &grown)) {
        return false;
    }
    if (!grown) {
        return true;
    }
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

static uint64_t mix_chains(uint64_t hash, const struct selector_chain *chains, uint32_t count);

static uint64_t mix_part(uint64_t hash, const struct selector_part *part)
{
    uint32_t head[] = {(uint32_t)part->relation, (uint32_t)part->pseudo, part->nth,
                       part->filter_count, part->test_count};
    hash = mix(hash, head, sizeof head);
    for (uint32_t i = 0; i < part->filter_count; i++) {
        hash = mix(hash, &part->filters[i].index, sizeof part->filters[i].index);
    }
    for (uint32_t i = 0; i < part->test_count; i++) {
        uint32_t test[] = {(uint32_t)part->tests[i].type, part->tests[i].chain_count};
        hash = mix(hash, test, sizeof test);
        hash = mix_chains(hash, part->tests[i].chains, part->tests[i].chain_count);
    }
    return hash;
}

/* As deep as :has(...) is nested, as the comparison below. */
static uint64_t mix_chains(uint64_t hash, const struct selector_chain *chains, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++) {
        for (uint32_t p = 0; p < chains[c].part_count; p++) {
            hash = mix_part(hash, &chains[c].parts[p]);
        }
    }
    return hash;
}

static uint64_t selector_hash(const struct selector *selector)
{
    return mix_chains(UINT64_C(0xcbf29ce484222325), selector->chains, selector->chain_count);
}

static bool chains_equal(const struct selector_chain *a, const struct selector_chain *b,
                         uint32_t count);

static bool test_equal(const struct place_test *a, const struct place_test *b)
{
    return a->type == b->type && a->chain_count == b->chain_count &&
           chains_equal(a->chains, b->chains, a->chain_count);
}

static bool part_equal(const struct selector_part *a, const struct selector_part *b)
{
    bool same = a->relation == b->relation && a->pseudo == b->pseudo && a->nth == b->nth &&
                a->filter_count == b->filter_count && a->test_count == b->test_count;
    for (uint32_t i = 0; same && i < a->filter_count; i++) {
        same = a->filters[i].index == b->filters[i].index;
    }
    for (uint32_t i = 0; same && i < a->test_count; i++) {
        same = test_equal(&a->tests[i], &b->tests[i]);
    }
    return same;
}

static bool chains_equal(const struct selector_chain *a, const struct selector_chain *b,
                         uint32_t count)
{
    bool same = true;
    for (uint32_t c = 0; same && c < count; c++) {
        same = a[c].part_count == b[c].part_count;
        for (uint32_t p = 0; same && p < a[c].part_count; p++) {
            same = part_equal(&a[c].parts[p], &b[c].parts[p]);
        }
    }
    return same;
}

static bool selector_equal(const struct selector *a, const struct selector *b)
{
    return a->chain_count == b->chain_count && chains_equal(a->chains, b->chains, a->chain_count);
}

static uint32_t *find_selector_slot(const struct expression_store *store,
                                    const struct selector *selector)
{
    uint32_t last = store->selector_slot_count - 1;
    uint32_t at = (uint32_t)selector_hash(selector) & last;
    while (store->selector_slots[at] != 0 &&
           !selector_equal(store->selectors[store->selector_slots[at] - 1], selector)) {
        at = (at + 1) & last;
    }
    return &store->selector_slots[at];
}

bool number_selector(struct parser *parser, struct selector *selector)
{
    struct expression_store *store = parser->context->store;
    bool grown;
    if (!parser_grow(parser, (void **)&store->selectors, store->selector_count,
                     &store->selector_room, sizeof *store->selectors) ||
        !make_slots(parser, store->selector_count, &store->selector_slots,
                    &store->selector_slot_count, &grown)) {
        return false;
    }
    for (uint32_t i = 0; grown && i < store->selector_count; i++) {
        *find_selector_slot(store, store->selectors[i]) = i + 1;
    }
    uint32_t *slot = find_selector_slot(store, selector);
    if (*slot == 0) {
        store->selectors[store->selector_count++] = selector;
        *slot = store->selector_count;
    }
    selector->number = *slot - 1;
    return true;
}
