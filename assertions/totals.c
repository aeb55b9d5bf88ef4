#include "assertions/totals.h"

#include "assertions/ruling.h"

void totals_add(struct totals *totals, uint64_t start_ns, uint64_t end_ns, enum span_status status)
{
    totals->spans++;
    totals->errors += status == STATUS_ERROR;
    if (end_ns < start_ns) {
        return;
    }
    totals->forwards++;
    totals->first_ns = start_ns < totals->first_ns ? start_ns : totals->first_ns;
    totals->last_ns = end_ns > totals->last_ns ? end_ns : totals->last_ns;
}

struct totals totals_of(const struct trace *trace)
{
    struct totals totals = TOTALS_INIT;
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct trace_span *span = &trace->spans[i];
        totals_add(&totals, span->start_ns, span->end_ns, trace_span_status(span));
        if (span->end_ns < span->start_ns && (totals.backwards == UINT32_MAX ||
                                              trace_span_compare(trace, i, totals.backwards) < 0)) {
            totals.backwards = i;
        }
    }
    return totals;
}

/* --- alarms --- */

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The number from which it fails, or (`both`) holds, whatever comes. */
static uint32_t settles_from(const struct condition *condition, bool both)
{
    struct condition opposite = *condition;
    opposite.negations++;
    uint32_t fails = ruling_fails_from(condition);
    return both ? lesser(fails, ruling_fails_from(&opposite)) : fails;
}

/* Below the limit, or the least of a list, nothing is settled: durations grow. */
static uint64_t settles_from_ns(const struct operand *limit)
{
    bool list = limit->type == OPERAND_LIST;
    uint32_t count = list ? limit->list->count : 1;
    const struct operand *items = list ? limit->list->items : limit;
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t ns = items[i].type != OPERAND_DURATION || items[i].ns < 0 ? 0
                      : items[i].ns > INT64_MAX                            ? INT64_MAX
                                                                           : (uint64_t)items[i].ns;
        least = ns < least ? ns : least;
    }
    return least;
}

void totals_alarms_add(struct totals_alarms *alarms, const struct condition *condition, bool both)
{
    bool compares = condition->op != OP_EXISTS && condition->op != OP_MISSING;
    enum whole_type type = condition->left.whole->type;
    if (!compares || !totals_tell(condition->left.whole)) {
        return;
    }
    if (type == WHOLE_DURATION) {
        uint64_t ns = settles_from_ns(&condition->right.literal);
        alarms->duration_ns = ns < alarms->duration_ns ? ns : alarms->duration_ns;
        return;
    }
    uint32_t *from = type == WHOLE_SPANS ? &alarms->spans : &alarms->errors;
    *from = lesser(*from, settles_from(condition, both));
}

bool totals_alarms_any(const struct totals_alarms *alarms)
{
    return alarms->spans != UINT32_MAX || alarms->errors != UINT32_MAX ||
           alarms->duration_ns != UINT64_MAX;
}

bool totals_alarm(const struct totals *totals, const struct totals_alarms *alarms)
{
    return totals->spans >= alarms->spans || totals->errors >= alarms->errors ||
           (totals->forwards != 0 && totals_duration_ns(totals) >= alarms->duration_ns);
}
