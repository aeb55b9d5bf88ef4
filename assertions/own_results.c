/* Conditions on attributes come first, by the hints of their keys, so that those on one attribute
 * stand together, and what a span has none of is a range. */
#include "assertions/own_results.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "assertions/lookup.h"
#include "daemon/core/bytes_short.h"

#define BROKEN (result_bit(RESULT_FAIL) << RESULTS_OPEN_SHIFT)

/* --- preparing --- */

static bool is_by_attr(const struct probe_condition *condition)
{
    return condition->shortcut.type == SHORTCUT_OWN || condition->shortcut.type == SHORTCUT_BARE;
}

static int compare_keys(const struct key *a, const struct key *b)
{
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = len != 0 ? memcmp(a->name.data, b->name.data, len) : 0;
    if (order == 0) {
        order = (a->name.len > b->name.len) - (a->name.len < b->name.len);
    }
    return order != 0 ? order : (int)a->space - (int)b->space;
}

static int compare_conditions(const void *left, const void *right)
{
    const struct probe_condition *a = left;
    const struct probe_condition *b = right;
    bool by_attr = is_by_attr(a);
    int order = 0;
    if (by_attr != is_by_attr(b)) {
        return by_attr ? -1 : 1;
    }
    if (by_attr) {
        order = (int)a->shortcut.hint - (int)b->shortcut.hint;
        order = order != 0 ? order : compare_keys(&a->condition->left.key, &b->condition->left.key);
    }
    uint32_t first = a->condition->number;
    uint32_t second = b->condition->number;
    return order != 0 ? order : (first > second) - (first < second);
}

static uint8_t results_of(const struct condition *condition, enum mark mark)
{
    return (uint8_t)mark_results(mark, condition->quantifier);
}

static void set_results(struct probe_condition *of)
{
    const struct condition *condition = of->condition;
    switch (of->shortcut.type) {
    case SHORTCUT_NONE:
        return;
    case SHORTCUT_KIND:
    case SHORTCUT_STATUS:
        for (unsigned i = 0; i < SHORTCUT_MARKS; i++) {
            of->results[i] = results_of(condition, (enum mark)of->shortcut.marks[i]);
        }
        return;
    default:
        break;
    }
    for (unsigned i = TRUTH_FALSE; i <= TRUTH_INCOMPARABLE; i++) {
        enum truth truth = truth_negate((enum truth)i, condition->negations);
        of->results[i] = results_of(condition, mark_of_truth(truth, 0));
    }
    of->results[RESULTS_WITHOUT] = results_of(condition, (enum mark)of->shortcut.marks[0]);
}

static void note_hint(struct probe *probe, const struct shortcut *shortcut, uint32_t place)
{
    uint64_t bit = UINT64_C(1) << (shortcut->hint & 63);
    uint64_t *word = &probe->by_attr.hints[shortcut->hint >> 6];
    if ((*word & bit) == 0) {
        probe->by_attr.ranks[shortcut->hint] = (uint8_t)probe->by_attr.hint_count;
        probe->by_attr.begins[probe->by_attr.hint_count++] = place;
    }
    *word |= bit;
    if (shortcut->type == SHORTCUT_BARE) {
        probe->by_attr.of_resource[shortcut->hint >> 6] |= bit;
    }
}

int own_results_prepare(struct probe *probe, struct arena *arena)
{
    uint32_t count = probe->condition_count;
    struct conditions_by_attr *by_attr = &probe->by_attr;
    qsort(probe->conditions, count, sizeof *probe->conditions, compare_conditions);
    *by_attr = (struct conditions_by_attr){.count = 0};
    by_attr->begins = arena_calloc(arena, (size_t)count + 1, sizeof *by_attr->begins);
    by_attr->without = arena_calloc(arena, (size_t)count + 1, 1);
    by_attr->ranks = arena_calloc(arena, count != 0 ? 256 : 1, 1);
    if (by_attr->begins == NULL || by_attr->without == NULL || by_attr->ranks == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct probe_condition *at = &probe->conditions[i];
        set_results(at);
        if (is_by_attr(at)) {
            note_hint(probe, &at->shortcut, i);
            at->same_key =
                i > 0 && compare_keys(&at->condition->left.key, &at[-1].condition->left.key) == 0;
            by_attr->without[i] = at->results[RESULTS_WITHOUT];
            by_attr->count++;
        }
    }
    by_attr->begins[by_attr->hint_count] = by_attr->count;
    return 0;
}

/* --- a span --- */

/* As the spans that lack the attributes of the conditions from `from` and before `end`. */
static void add_without(struct own_results *to, const struct conditions_by_attr *by_attr,
                        uint32_t from, uint32_t end)
{
    uint64_t sum;
    uint64_t word;
    for (; from + sizeof sum <= end; from += sizeof sum) {
        memcpy(&sum, to->results + from, sizeof sum);
        memcpy(&word, by_attr->without + from, sizeof word);
        sum |= word;
        memcpy(to->results + from, &sum, sizeof sum);
    }
    for (; from < end; from++) {
        to->results[from] |= by_attr->without[from];
    }
}

/* Whether all that a lack can add is there. */
static bool has_all_without(const struct own_results *to, const struct conditions_by_attr *by_attr)
{
    bool all = true;
    for (uint32_t i = 0; all && i < by_attr->count; i++) {
        all = (by_attr->without[i] & ~to->results[i]) == 0;
    }
    return all;
}

static void add_one(struct own_results *to, const struct probe_condition *at, uint32_t place,
                    uint8_t results)
{
    to->results[place] |= results;
    to->alarm |= at->alarms && (results & BROKEN) != 0;
}

/* An attribute that a condition reads. */
struct found {
    const struct value *value; /* NULL: the span lacks it */
    bool of_resource;          /* the span itself does: a dropped one would come first */
};

static struct found find(const struct probe_condition *at, const struct span *span)
{
    const struct resource *resource = span->resource;
    struct bytes name = at->condition->left.key.name;
    struct found found = {.value = lookup_named(span->attrs, span->attr_count, name)};
    if (found.value == NULL && at->shortcut.type == SHORTCUT_BARE) {
        found.value = lookup_named(resource->attrs, resource->attr_count, name);
        found.of_resource = true;
    }
    return found;
}

/* The most frequent comparisons without the way that serves all. */
static enum truth truth_of(const struct condition *condition, const struct value *value)
{
    const struct operand *literal = &condition->right.literal;
    if (value->type == VALUE_TEXT && literal->type == OPERAND_TEXT && condition->op == OP_EQUAL) {
        return bytes_short_equal(value->bytes, literal->bytes) ? TRUTH_TRUE : TRUTH_FALSE;
    }
    if (value->type == VALUE_INT && literal->type == OPERAND_INT &&
        condition->op <= OP_GREATER_EQUAL) {
        return compare_ns(condition->op, value->integer, literal->integer);
    }
    struct operand operand = operand_of_value(value);
    return compare(condition->op, &operand, literal, condition->regex);
}

static uint8_t results_of_found(const struct probe_condition *at, const struct found *found)
{
    const struct condition *condition = at->condition;
    if (found->value == NULL) {
        return at->results[RESULTS_WITHOUT];
    }
    enum truth truth = truth_of(condition, found->value);
    if (!found->of_resource) {
        return at->results[truth];
    }
    truth = truth_negate(truth, condition->negations);
    return results_of(condition, mark_of_truth(truth, LOOKUP_MISSED));
}

/* The conditions on keys of one hint. */
static void add_found(struct own_results *to, const struct probe *probe, uint32_t from,
                      uint32_t end, const struct span *span)
{
    struct found found = {.value = NULL};
    for (uint32_t i = from; i < end; i++) {
        const struct probe_condition *at = &probe->conditions[i];
        if (!at->same_key) {
            found = find(at, span);
        }
        add_one(to, at, i, results_of_found(at, &found));
    }
}

static void add_by_attr(struct own_results *to, const struct probe *probe, const struct span *span)
{
    const struct conditions_by_attr *by_attr = &probe->by_attr;
    const struct attr_hints *resource = &span->resource->hints;
    uint32_t done = 0;
    for (unsigned word = 0; word < 4; word++) {
        uint64_t hits = (by_attr->hints[word] & span->hints.bits[word]) |
                        (by_attr->of_resource[word] & resource->bits[word]);
        for (; hits != 0; hits &= hits - 1) {
            uint32_t rank = by_attr->ranks[word * 64 + (unsigned)__builtin_ctzll(hits)];
            if (!to->lacked) {
                add_without(to, by_attr, done, by_attr->begins[rank]);
            }
            done = by_attr->begins[rank + 1];
            add_found(to, probe, by_attr->begins[rank], done, span);
        }
    }
    if (!to->lacked) {
        add_without(to, by_attr, done, by_attr->count);
        to->lacked = done == 0 || has_all_without(to, by_attr);
    }
}

static uint8_t results_of_duration(const struct probe_condition *at, const struct span *span)
{
    if (span->end_ns < span->start_ns) {
        return at->results[RESULTS_WITHOUT];
    }
    return at->results[compare_ns(at->condition->op, span->end_ns - span->start_ns,
                                  at->condition->right.literal.ns)];
}

static uint8_t results_on(const struct probe_condition *at, const struct span *span,
                          struct arena *scratch)
{
    switch (at->shortcut.type) {
    case SHORTCUT_KIND:
        return at->results[span->kind];
    case SHORTCUT_STATUS:
        return at->results[span->status];
    case SHORTCUT_DURATION:
        return results_of_duration(at, span);
    default:
        return (uint8_t)mark_results(shortcut_mark(&at->shortcut, at->condition, span, scratch),
                                     at->condition->quantifier);
    }
}

/* One condition after the other, for what is rare: a span that dropped attributes, whose hints are
 * not made, or that is found by what a copy may change. */
static void add_one_by_one(struct own_results *to, const struct probe *probe, unsigned holds,
                           const struct span *span, struct arena *scratch)
{
    const unsigned mask = holds & HOLDS_OPEN ? UINT8_MAX : RESULTS_CLOSED;
    for (uint32_t i = 0; i < probe->condition_count; i++) {
        const struct probe_condition *at = &probe->conditions[i];
        enum mark mark = shortcut_mark(&at->shortcut, at->condition, span, scratch);
        add_one(to, at, i, (uint8_t)(mark_results(mark, at->condition->quantifier) & mask));
    }
}

void own_results_add(struct own_results *to, const struct probe *probe, unsigned holds,
                     const struct span *span, struct arena *scratch)
{
    bool known = span->hints.made && span->resource->hints.made && span->dropped_attrs == 0;
    if ((holds & HOLDS_OPEN) == 0 || !known) {
        add_one_by_one(to, probe, holds, span, scratch);
        return;
    }
    if (probe->by_attr.count != 0) {
        add_by_attr(to, probe, span);
    }
    for (uint32_t i = probe->by_attr.count; i < probe->condition_count; i++) {
        const struct probe_condition *at = &probe->conditions[i];
        add_one(to, at, i, results_on(at, span, scratch));
    }
}
