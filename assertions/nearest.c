#include "assertions/nearest.h"

#include "assertions/lookup.h"
#include "assertions/marks.h"

static uint8_t lower(uint8_t letter)
{
    return letter >= 'A' && letter <= 'Z' ? (uint8_t)(letter + 'a' - 'A') : letter;
}

/* Bytes in which two texts agree at their beginnings and ends, letters of either case; 0 where
 * these are less than half of the longer one. */
static uint32_t agreement(struct bytes a, struct bytes b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    size_t most = a.len < b.len ? b.len : a.len;
    size_t begin = 0;
    size_t end = 0;
    while (begin < least && lower(a.data[begin]) == lower(b.data[begin])) {
        begin++;
    }
    while (begin + end < least &&
           lower(a.data[a.len - 1 - end]) == lower(b.data[b.len - 1 - end])) {
        end++;
    }
    return 2 * (begin + end) >= most ? (uint32_t)(begin + end) : 0;
}

/* How close a span comes to a filter that does not hold on it. */
static uint32_t alikeness(const struct filter *broken, const struct span *span)
{
    const struct key *key = &broken->key;
    if (broken->type != FILTER_COMPARE || key->space == KEY_EVENT || key->space == KEY_LINK ||
        key->space == KEY_DEFECT || broken->op == OP_MISSING) {
        return 0;
    }
    struct operand seen = lookup_key(key, span);
    if (seen.type == OPERAND_TEXT && broken->op == OP_EQUAL &&
        broken->literal.type == OPERAND_TEXT) {
        uint32_t agreed = agreement(seen.bytes, broken->literal.bytes);
        return agreed != 0 ? 1 + agreed : key->space != KEY_FIELD;
    }
    return key->space != KEY_FIELD && seen.type != OPERAND_MISSING;
}

/* Counts the filters of a part that hold on a span; notes the first that does not. */
static struct nearest measure(struct look *look, const struct selector_part *part, uint32_t index)
{
    const struct span *span = look_span_for(look, index, part->filters, part->filter_count);
    struct nearest here = {.span = index};
    for (uint32_t i = 0; span != NULL && i < part->filter_count; i++) {
        const struct filter *filter = &part->filters[i];
        struct arena_mark before = arena_mark(look->scratch);
        enum mark mark = marks_of_filter(filter, span, look->scratch);
        arena_rewind(look->scratch, before);
        if (mark_is_true(mark)) {
            here.held++;
        } else if (here.broken == NULL) {
            here.broken = filter;
            here.alike = alikeness(filter, span);
            here.other =
                filter->type == FILTER_COMPARE ? lookup_other_name(&filter->key, span) : BYTES_NULL;
        }
    }
    return here;
}

static bool is_nearer(const struct trace *trace, const struct nearest *a, const struct nearest *b)
{
    if (a->held != b->held) {
        return a->held > b->held;
    }
    if ((a->other.len != 0) != (b->other.len != 0)) {
        return a->other.len != 0;
    }
    if (a->alike != b->alike) {
        return a->alike > b->alike;
    }
    return trace_span_compare(trace, a->span, b->span) < 0;
}

bool nearest_find(struct look *look, const struct selector *selector, struct nearest *ret)
{
    const struct trace *trace = look->judge->trace;
    struct nearest best = {0};
    bool found = false;
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        const struct selector_chain *chain = &selector->chains[c];
        const struct selector_part *part = &chain->parts[chain->part_count - 1];
        for (uint32_t i = 0; i < trace->count; i++) {
            struct nearest here = measure(look, part, i);
            if (!found || is_nearer(trace, &here, &best)) {
                best = here;
                found = true;
            }
        }
    }
    if (!found ||
        (best.held == 0 && best.broken != NULL && best.other.len == 0 && best.alike == 0)) {
        return false;
    }
    *ret = best;
    return true;
}
