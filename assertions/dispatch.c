/* A span that lacks a demanded attribute is shown to nobody for it, unless it dropped attributes:
 * then all that is demanded of it may hold. */
#include "assertions/dispatch.h"

#include <errno.h>

#include "assertions/lookup.h"
#include "assertions/symbols.h"

#define FEW_ATTRS 4u /* that are looked for one by one sooner than hints are made */

static bool is_text(const struct operand *value)
{
    return value->type == OPERAND_TEXT;
}

/* Values whose equality is that of their texts; a double against an int is looked at apart. */
static bool is_symbol(const struct operand *value)
{
    return value->type == OPERAND_TEXT || value->type == OPERAND_INT || value->type == OPERAND_BOOL;
}

/* Whether one value is wanted, or one of a few, and all are such. */
static bool wants(const struct filter *filter, enum compare_op op,
                  bool (*fits)(const struct operand *value))
{
    if (op == OP_EQUAL) {
        return fits(&filter->literal);
    }
    const struct operand_list *list = filter->literal.list;
    bool all = list->count <= DEMAND_VALUES_MAX;
    for (uint32_t i = 0; i < list->count && all; i++) {
        all = fits(&list->items[i]);
    }
    return all;
}

static bool is_field(const struct filter *filter, enum span_field field)
{
    return filter->key.space == KEY_FIELD && filter->key.field == field &&
           wants(filter, filter->op, is_text);
}

static bool is_attr(const struct filter *filter)
{
    return (filter->key.space == KEY_ANY || filter->key.space == KEY_ATTR) &&
           wants(filter, filter->op, is_symbol);
}

/* What filters of this operator demand that is not demanded yet. */
static void take_demands(struct demand *ret, const struct filter *filters, uint32_t count,
                         enum compare_op op)
{
    struct demand demand = *ret;
    for (uint32_t i = 0; i < count; i++) {
        const struct filter *filter = &filters[i];
        if (filter->type != FILTER_COMPARE || filter->op != op) {
            continue;
        }
        if (demand.service == NULL && is_field(filter, FIELD_SERVICE)) {
            demand.service = filter;
        } else if (demand.name == NULL && is_field(filter, FIELD_NAME)) {
            demand.name = filter;
        } else if (demand.attr == NULL && is_attr(filter)) {
            demand.attr = filter;
        }
    }
    *ret = demand;
}

static uint32_t count_values(const struct filter *filter)
{
    return filter == NULL || filter->op == OP_EQUAL ? 1 : filter->literal.list->count;
}

struct demand demand_of(const struct filter *filters, uint32_t count)
{
    struct demand demand = {NULL, NULL, NULL};
    take_demands(&demand, filters, count, OP_EQUAL);
    take_demands(&demand, filters, count, OP_IN);
    if (count_values(demand.service) * count_values(demand.name) > DEMAND_VALUES_MAX) {
        demand.service = NULL;
    }
    if (demand.name != NULL) {
        demand.attr = NULL;
    } else if (demand.attr != NULL) {
        demand.service = NULL;
    }
    return demand;
}

/* --- single values --- */

static bool came_before(const struct operand *items, uint32_t index)
{
    char scratch[2][OPERAND_TEXT_MAX];
    struct bytes text = operand_text(&items[index], scratch[0]);
    for (uint32_t i = 0; i < index; i++) {
        if (bytes_equal(operand_text(&items[i], scratch[1]), text)) {
            return true;
        }
    }
    return false;
}

/* The filter, or one `=` for each value of its list; NULL for none. *ret_count 0: no memory. */
static const struct filter *split(const struct filter *filter, struct arena *arena,
                                  uint32_t *ret_count)
{
    uint32_t count = count_values(filter);
    *ret_count = 1;
    if (filter == NULL || filter->op == OP_EQUAL) {
        return filter;
    }
    struct filter *made = arena_calloc(arena, count, sizeof *made);
    *ret_count = 0;
    for (uint32_t i = 0; i < count && made != NULL; i++) {
        const struct operand *items = filter->literal.list->items;
        if (!came_before(items, i)) {
            made[(*ret_count)++] = (struct filter){
                .type = FILTER_COMPARE, .key = filter->key, .op = OP_EQUAL, .literal = items[i]};
        }
    }
    return made;
}

static const struct filter *one_of(const struct filter *filters, uint32_t index)
{
    return filters != NULL ? &filters[index] : NULL;
}

uint32_t demand_single(const struct demand *demand, struct arena *arena, const struct demand **ret)
{
    uint32_t services, names, attrs;
    const struct filter *service = split(demand->service, arena, &services);
    const struct filter *name = split(demand->name, arena, &names);
    const struct filter *attr = split(demand->attr, arena, &attrs);
    uint32_t count = services * names * attrs;
    struct demand *made = count != 0 ? arena_calloc(arena, count, sizeof *made) : NULL;
    if (made == NULL) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        made[i] = (struct demand){one_of(service, i % services), one_of(name, i / services % names),
                                  one_of(attr, i / services / names)};
    }
    *ret = made;
    return count;
}

/* --- building --- */

static struct symbol_pair *find_pair(const struct dispatch *dispatch, uint32_t service,
                                     uint32_t name)
{
    uint32_t last = dispatch->pair_slots - 1;
    uint32_t at = (uint32_t)symbols_mix(service, name) & last;
    while (dispatch->pairs[at].service != 0 &&
           (dispatch->pairs[at].service != service || dispatch->pairs[at].name != name)) {
        at = (at + 1) & last;
    }
    return &dispatch->pairs[at];
}

/* Whether both are found at the same places. */
static bool is_same(const struct key *a, const struct key *b)
{
    return a->space == b->space && a->aliased == b->aliased && bytes_equal(a->name, b->name);
}

static struct attr_demands *find_attr_demands(const struct dispatch *dispatch,
                                              const struct key *key)
{
    for (uint32_t i = 0; i < dispatch->attr_count; i++) {
        if (is_same(&dispatch->attrs[i].key, key)) {
            return &dispatch->attrs[i];
        }
    }
    return NULL;
}

/* The list that a demand leads to. NULL: no memory. */
static struct probe_list *list_of(struct dispatch *dispatch, const struct demand *demand,
                                  struct arena *arena)
{
    if (demand->attr != NULL) {
        struct attr_demands *attr = find_attr_demands(dispatch, &demand->attr->key);
        char scratch[OPERAND_TEXT_MAX];
        struct bytes text = operand_text(&demand->attr->literal, scratch);
        text = symbols_find(&attr->values, text) != NULL ? text : arena_copy(arena, text);
        bool lost = text.data == NULL && demand->attr->literal.type != OPERAND_TEXT;
        return lost ? NULL : &symbols_demand(&attr->values, text)->alone;
    }
    struct symbol *service =
        demand->service != NULL
            ? symbols_demand(&dispatch->services, demand->service->literal.bytes)
            : NULL;
    struct symbol *name =
        demand->name != NULL ? symbols_demand(&dispatch->names, demand->name->literal.bytes) : NULL;
    if (service != NULL && name != NULL) {
        struct symbol_pair *pair = find_pair(dispatch, service->number, name->number);
        pair->service = service->number;
        pair->name = name->number;
        return &pair->probes;
    }
    return service != NULL ? &service->alone : name != NULL ? &name->alone : &dispatch->rest;
}

/* How many clauses demand something of the attribute. */
static uint32_t count_attr(const struct dispatched *clauses, uint32_t count, const struct key *key)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct filter *attr = clauses[i].demand.attr;
        found += attr != NULL && is_same(&attr->key, key);
    }
    return found;
}

static int make_attrs(struct dispatch *dispatch, const struct dispatched *clauses, uint32_t count,
                      struct arena *arena)
{
    dispatch->attrs = arena_calloc(arena, (size_t)count + 1, sizeof *dispatch->attrs);
    if (dispatch->attrs == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct filter *filter = clauses[i].demand.attr;
        if (filter == NULL || find_attr_demands(dispatch, &filter->key) != NULL) {
            continue;
        }
        struct attr_demands *attr = &dispatch->attrs[dispatch->attr_count++];
        uint32_t demands = count_attr(clauses, count, &filter->key);
        attr->key = filter->key;
        attr->hint = attr_hint_of(filter->key.name);
        attr->all.items = arena_calloc(arena, demands, sizeof *attr->all.items);
        if (attr->all.items == NULL || symbols_init(&attr->values, demands, arena) != 0 ||
            symbols_init_numbers(&attr->values, arena) != 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int make_tables(struct dispatch *dispatch, const struct dispatched *clauses, uint32_t count,
                       struct arena *arena)
{
    *dispatch = (struct dispatch){.pair_slots = symbols_slots(count)};
    dispatch->pairs = arena_calloc(arena, dispatch->pair_slots, sizeof *dispatch->pairs);
    if (dispatch->pairs == NULL || symbols_init(&dispatch->services, count, arena) != 0 ||
        symbols_init(&dispatch->names, count, arena) != 0) {
        return -ENOMEM;
    }
    int bad = make_attrs(dispatch, clauses, count, arena);
    dispatch->list_most = 4 + 2 * dispatch->attr_count;
    return bad;
}

/* First the lists are counted, then each takes its room when its first probe comes. */
int dispatch_build(struct dispatch *ret, const struct dispatched *clauses, uint32_t count,
                   struct arena *arena)
{
    if (make_tables(ret, clauses, count, arena) != 0) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct probe_list *list = list_of(ret, &clauses[i].demand, arena);
        if (list == NULL) {
            return -ENOMEM;
        }
        list->count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct filter *attr = clauses[i].demand.attr;
        struct probe_list *list = list_of(ret, &clauses[i].demand, arena);
        if (list != NULL && list->items == NULL) {
            list->items = arena_calloc(arena, list->count, sizeof *list->items);
            list->count = 0;
        }
        if (list == NULL || list->items == NULL) {
            return -ENOMEM;
        }
        list->items[list->count++] = clauses[i].probe;
        if (attr != NULL && !clauses[i].again) {
            struct probe_list *all = &find_attr_demands(ret, &attr->key)->all;
            all->items[all->count++] = clauses[i].probe;
        }
    }
    return 0;
}

/* --- a span --- */

static uint32_t take_symbol(const struct symbol *symbol, const struct probe_list **ret)
{
    if (symbol != NULL) {
        *ret = &symbol->alone;
    }
    return symbol != NULL;
}

static uint32_t take_text(const struct attr_demands *demands, const struct operand *value,
                          const struct probe_list **ret)
{
    char scratch[OPERAND_TEXT_MAX];
    return take_symbol(symbols_find(&demands->values, operand_text(value, scratch)), ret);
}

static uint32_t take_int(const struct attr_demands *demands, int64_t number,
                         const struct probe_list **ret)
{
    return take_symbol(symbols_find_number(&demands->values, number), ret);
}

/* A double equals an int by value, a text by its own. */
static uint32_t take_double(const struct attr_demands *demands, double number,
                            const struct probe_list **ret)
{
    struct operand value = {.type = OPERAND_DOUBLE, .number = number};
    uint32_t count = take_text(demands, &value, ret);
    if (number >= -0x1p63 && number < 0x1p63 && (double)(int64_t)number == number) {
        uint32_t more = take_int(demands, (int64_t)number, &ret[count]);
        count += more != 0 && (count == 0 || ret[0] != ret[1]);
    }
    return count;
}

static const struct value *find_own(const struct attr_demands *demands, const struct attr *attrs,
                                    uint32_t count, const struct attr_hints *hints)
{
    return attr_hints_may_have_hint(hints, demands->hint)
               ? lookup_named(attrs, count, demands->key.name)
               : NULL;
}

/* The value that the key has on the span, its name as it is written wherever that goes. */
static struct operand find_value(const struct attr_demands *demands, const struct span *span,
                                 const struct attr_hints *hints)
{
    const struct key *key = &demands->key;
    const struct resource *resource = span->resource;
    unsigned flags;
    if (key->aliased) {
        return lookup_attr(key, span, &flags);
    }
    const struct value *value = find_own(demands, span->attrs, span->attr_count, hints);
    if (value == NULL && key->space == KEY_ANY) {
        value = find_own(demands, resource->attrs, resource->attr_count, &resource->hints);
    }
    return value != NULL ? operand_of_value(value) : OPERAND_NONE;
}

static uint32_t take_attr(const struct attr_demands *demands, const struct span *span,
                          const struct attr_hints *hints, const struct probe_list **ret)
{
    const struct key *key = &demands->key;
    if (span->dropped_attrs != 0) {
        ret[0] = &demands->all;
        return 1;
    }
    if (!lookup_may_have(hints, key, demands->hint) &&
        (key->space != KEY_ANY || !lookup_may_have(&span->resource->hints, key, demands->hint))) {
        return 0;
    }
    struct operand value = find_value(demands, span, hints);
    switch (value.type) {
    case OPERAND_TEXT:
    case OPERAND_BOOL:
        return take_text(demands, &value, ret);
    case OPERAND_INT:
        return take_int(demands, value.integer, ret);
    case OPERAND_DOUBLE:
        return take_double(demands, value.number, ret);
    default:
        return 0;
    }
}

static uint32_t take_attrs(const struct dispatch *dispatch, const struct span *span,
                           const struct probe_list **ret)
{
    struct attr_hints own;
    const struct attr_hints *hints = &span->hints;
    uint32_t count = 0;
    if (!hints->made && dispatch->attr_count > FEW_ATTRS) {
        own = attr_hints_make(span->attrs, span->attr_count);
        hints = &own;
    }
    for (uint32_t i = 0; i < dispatch->attr_count; i++) {
        count += take_attr(&dispatch->attrs[i], span, hints, &ret[count]);
    }
    return count;
}

uint32_t dispatch_find(const struct dispatch *dispatch, const struct span *span,
                       const struct probe_list **ret)
{
    const struct symbol *service = symbols_find(&dispatch->services, span->resource->service);
    const struct symbol *name = symbols_find(&dispatch->names, span->name);
    uint32_t count = 0;
    if (service != NULL && name != NULL) {
        ret[count++] = &find_pair(dispatch, service->number, name->number)->probes;
    }
    if (service != NULL) {
        ret[count++] = &service->alone;
    }
    if (name != NULL) {
        ret[count++] = &name->alone;
    }
    ret[count++] = &dispatch->rest;
    return count + take_attrs(dispatch, span, &ret[count]);
}
