#include "assertions/never.h"

#include "assertions/span_type.h"

/* --- two filters --- */

static bool same_value(const struct filter *a, const struct filter *b)
{
    return a->key.space == b->key.space && a->key.field == b->key.field &&
           a->key.quoted == b->key.quoted && bytes_equal(a->key.name, b->key.name);
}

/* Events and links have a value each. */
static bool has_one_value(const struct filter *filter)
{
    return filter->type == FILTER_COMPARE && filter->key.space != KEY_EVENT &&
           filter->key.space != KEY_LINK;
}

/* The values that `=` and `in` leave; none: any. */
static uint32_t values_of(const struct filter *filter, const struct operand **ret)
{
    if (filter->op == OP_IN) {
        *ret = filter->literal.list->items;
        return filter->literal.list->count;
    }
    *ret = &filter->literal;
    return filter->op == OP_EQUAL;
}

/* A value may be of another type than the literal that it equals: what can't be compared with the
 * literal could with the value. So only what is false counts. */
static bool breaks_each_value(const struct filter *values, const struct filter *test,
                              enum truth broken)
{
    const struct operand *items;
    uint32_t count = values_of(values, &items);
    for (uint32_t i = 0; i < count; i++) {
        if (compare(test->op, &items[i], &test->literal, test->regex) != broken) {
            return false;
        }
    }
    return count != 0;
}

/* x < a and x > b, where nothing lies between. */
static bool are_apart(const struct filter *below, const struct filter *above)
{
    bool bounds = (below->op == OP_LESS || below->op == OP_LESS_EQUAL) &&
                  (above->op == OP_GREATER || above->op == OP_GREATER_EQUAL);
    if (!bounds) {
        return false;
    }
    bool closed = below->op == OP_LESS_EQUAL && above->op == OP_GREATER_EQUAL;
    enum compare_op apart = closed ? OP_GREATER : OP_GREATER_EQUAL;
    return compare(apart, &above->literal, &below->literal, NULL) == TRUTH_TRUE;
}

static bool exclude_values(const struct filter *a, const struct filter *b)
{
    bool absent = a->op == OP_MISSING && b->op != OP_MISSING;
    bool present =
        a->op == OP_EXISTS || a->op == OP_MISSING || b->op == OP_EXISTS || b->op == OP_MISSING;
    return absent || (!present && (breaks_each_value(a, b, TRUTH_FALSE) || are_apart(a, b)));
}

/* F and not (F). */
static bool exclude_not(const struct filter *a, const struct filter *b)
{
    if (b->type != FILTER_NOT || b->inner_count != 1 || !has_one_value(&b->inner[0]) ||
        !has_one_value(a) || !same_value(a, &b->inner[0])) {
        return false;
    }
    const struct filter *inner = &b->inner[0];
    bool exists = inner->op == OP_EXISTS && a->op != OP_MISSING;
    bool missing = inner->op == OP_MISSING && a->op == OP_MISSING;
    bool presence = inner->op == OP_EXISTS || inner->op == OP_MISSING;
    return exists || missing || (!presence && breaks_each_value(a, inner, TRUTH_TRUE));
}

static bool exclude_each_other(const struct filter *a, const struct filter *b)
{
    if (exclude_not(a, b) || exclude_not(b, a)) {
        return true;
    }
    return has_one_value(a) && has_one_value(b) && same_value(a, b) &&
           (exclude_values(a, b) || exclude_values(b, a));
}

/* --- fields of few values --- */

static const char *word_of(enum span_field field, unsigned index)
{
    switch (field) {
    case FIELD_KIND:
        return index <= KIND_CONSUMER ? span_kind_name((enum span_kind)index) : NULL;
    case FIELD_STATUS:
        return index <= STATUS_ERROR ? span_status_name((enum span_status)index) : NULL;
    case FIELD_TYPE:
        return index < SPAN_TYPE_COUNT ? span_type_name((enum span_type)index) : NULL;
    default:
        return NULL;
    }
}

/* False only where the filter can't hold for a span whose field is this word. */
static bool may_hold(const struct filter *filter, enum span_field field, const char *word)
{
    const struct filter *test =
        filter->type == FILTER_NOT && filter->inner_count == 1 ? &filter->inner[0] : filter;
    if (test->type != FILTER_COMPARE || test->key.space != KEY_FIELD || test->key.field != field) {
        return true;
    }
    struct operand value = {.type = OPERAND_TEXT, .bytes = bytes_of(word)};
    enum truth truth = compare(test->op, &value, &test->literal, test->regex);
    return truth_negate(truth, test != filter) == TRUTH_TRUE;
}

/* Whether the part leaves no word for the field. */
static bool leaves_no_word(const struct selector_part *part, enum span_field field)
{
    unsigned index = 0;
    for (const char *word = word_of(field, 0); word != NULL; word = word_of(field, ++index)) {
        bool may = true;
        for (uint32_t i = 0; may && i < part->filter_count; i++) {
            may = may_hold(&part->filters[i], field, word);
        }
        if (may) {
            return false;
        }
    }
    return true;
}

static bool filters_never(const struct selector_part *part, struct never *ret)
{
    static const enum span_field few[] = {FIELD_KIND, FIELD_STATUS, FIELD_TYPE};
    static const char *const names[] = {"the filters on kind", "the filters on status",
                                        "the filters on span:type"};
    for (uint32_t i = 0; i < part->filter_count; i++) {
        const struct filter *filter = &part->filters[i];
        if (filter->type == FILTER_COMPARE && filter->op == OP_MISSING &&
            filter->key.space == KEY_FIELD && filter->key.field <= FIELD_TYPE) {
            *ret = (struct never){.one = filter->text};
            return true;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (exclude_each_other(&part->filters[k], filter)) {
                *ret = (struct never){part->filters[k].text, filter->text};
                return true;
            }
        }
    }
    for (size_t i = 0; i < sizeof few / sizeof few[0]; i++) {
        if (leaves_no_word(part, few[i])) {
            *ret = (struct never){.one = bytes_of(names[i])};
            return true;
        }
    }
    return false;
}

/* --- places --- */

static bool asks_for(const struct selector_part *part, unsigned type)
{
    bool asks = false;
    for (uint32_t i = 0; i < part->test_count; i++) {
        asks |= part->tests[i].type == type;
    }
    return asks;
}

/* Whether what stands above, or below, in a relation would have to be what it can't be. */
static bool place_never(enum relation relation, const struct selector_part *left,
                        const struct selector_part *right, struct never *ret)
{
    bool down = relation == RELATION_CHILD || relation == RELATION_DESCENDANT;
    bool up = relation == RELATION_PARENT || relation == RELATION_ANCESTOR;
    const struct selector_part *upper = down ? left : right;
    const struct selector_part *lower = down ? right : left;
    if ((!down && !up) || (!asks_for(upper, PLACE_LEAF) && !asks_for(lower, PLACE_ROOT))) {
        return false;
    }
    *ret = asks_for(upper, PLACE_LEAF)
               ? (struct never){BYTES_LITERAL(":leaf"), BYTES_LITERAL("having a span below it")}
               : (struct never){BYTES_LITERAL(":root"), BYTES_LITERAL("having a span above it")};
    return true;
}

static bool chain_never(const struct selector_chain *chain, const struct selector_part *before,
                        struct never *ret);

static bool part_never(const struct selector_part *part, struct never *ret)
{
    if (filters_never(part, ret)) {
        return true;
    }
    for (uint32_t i = 0; i < part->test_count; i++) {
        const struct place_test *test = &part->tests[i];
        for (uint32_t c = 0; c < test->chain_count; c++) {
            if (chain_never(&test->chains[c], part, ret)) {
                return true;
            }
        }
    }
    return false;
}

/* As deep as :has(...) is nested. */
static bool chain_never(const struct selector_chain *chain, const struct selector_part *before,
                        struct never *ret)
{
    for (uint32_t p = 0; p < chain->part_count; p++) {
        const struct selector_part *part = &chain->parts[p];
        if (part_never(part, ret) ||
            (before != NULL && place_never(part->relation, before, part, ret))) {
            return true;
        }
        before = part;
    }
    return false;
}

bool never_selects(const struct selector *selector, struct never *ret)
{
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        if (chain_never(&selector->chains[c], NULL, ret)) {
            return true;
        }
    }
    return false;
}
