/* Judging one trace by all suites of a set, span by span: incremental, three-valued, independent of
 * the order of arrival (SEMANTICS 3-5, DESIGN 4.3).
 *
 * The shard tells the judge of each span that the trace stored, asks after each batch for what has
 * become certain, and closes it. All memory comes from the trace's arena and ends with the trace;
 * scratch memory is handed in. No clock, no I/O. Thread rule: confined to the trace's shard.
 *
 *     judge_init(&judge, set, &trace);
 *     judge_add(&judge, &span, index, scratch);        for each stored span (wide form at hand)
 *     judge_early(&judge, scratch, out);               after a batch
 *     judge_close(&judge, &facts, scratch, out);       at the end; again after late spans (grace)
 */
#ifndef ASSERTD_ASSERTIONS_JUDGE_H
#define ASSERTD_ASSERTIONS_JUDGE_H

#include "assertions/result_rows.h"
#include "assertions/sightings.h"
#include "assertions/suite.h"
#include "daemon/model/export_batch.h"
#include "daemon/model/trace.h"

struct judge {
    const struct suite_set *set;
    struct trace *trace; /* borrowed */
    struct sightings sightings;
    struct totals *totals;      /* where some early look hangs on them; NULL: no span has come */
    uint32_t looked_at;         /* spans at the last early look */
    uint32_t looks_out_of_turn; /* early looks at a large trace before it had grown enough */
    bool alarmed; /* some assertion may fail for certain, if its suite takes the trace */
    bool telling; /* and what came since the last early look may have decided it */
    bool walks;   /* any further span may do that */
};

enum judge_outcome { JUDGE_NO_MEMORY = 1 };

/* Prepares; takes memory only when the first span comes. */
void judge_init(struct judge *judge, const struct suite_set *set, struct trace *trace);

/* A span was stored at `index` (wide form `span`, valid during the call). 0; JUDGE_NO_MEMORY: the
 * trace must be counted as short (lost) by the caller. */
int judge_add(struct judge *judge, const struct span *span, uint32_t index, struct arena *scratch);

/* The injection became known (trace->injection is set now). */
void judge_injection(struct judge *judge);

/* One suite's answer about the trace. Views live in the out arena. */
struct judgement {
    const struct suite *suite;
    bool applies;             /* its `traces` selector and labels take the trace */
    bool applies_for_certain; /* early: no further span or injection can change that it applies */
    enum result verdict;      /* RESULT_OPEN while open */
    const struct assertion_result
        *results;                 /* one for each assertion, RESULT_OPEN where not yet certain */
    const struct result_row *row; /* whose results these are; NULL: the trace's own */
    unsigned short_reasons;       /* enum short_reason, as the suite's evidence mode sees it */
    const struct verdict_output *outputs; /* of a closed trace: all of the suite's */
    uint32_t output_count;
};

/* What is certain now, for each suite of the set: an array of set->suite_count in `out`. A certain
 * result never changes by further spans. NULL, at next to no cost: nothing that came since the last
 * look can have made a suite fail for certain; or no memory (then the close tells all the same). */
const struct judgement *judge_early(struct judge *judge, struct arena *scratch, struct arena *out);

/* All that is certain now, with its failures listed, however often it is asked: the proof of an
 * early failure. NULL: no memory. */
const struct judgement *judge_explain(struct judge *judge, uint32_t max_failures,
                                      struct arena *scratch, struct arena *out);

/* Whether, were the trace closed now, some result would fail because something has not come
 * (DESIGN 4.2): nothing selected, too few, an unbound name. Such a trace does not settle by quiet.
 * Asked when quiet has passed, not for each batch. */
bool judge_waits(struct judge *judge, struct arena *scratch);

/* The results with the trace as it is now taken as complete: no RESULT_OPEN is left. May be called
 * again after more spans were added. `max_failures` bounds the failures listed for each assertion.
 * NULL: no memory. */
const struct judgement *judge_close(struct judge *judge, uint32_t max_failures,
                                    struct arena *scratch, struct arena *out);

/* judge_waits and judge_close in one look: NULL also where the trace waits. With `rows` (of the
 * same set; NULL: none) a suite that passes has its results from there. */
const struct judgement *judge_settle(struct judge *judge, uint32_t max_failures,
                                     struct result_rows *rows, struct arena *scratch,
                                     struct arena *out);

#endif
