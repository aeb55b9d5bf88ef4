/* The small trees of failing traces: which spans decided is asked only of traces whose tree will be
 * kept, for that costs another look at the trace. */
#include <errno.h>

#include "assertions/deciding.h"
#include "daemon/model/sketch.h"
#include "daemon/pipeline/tally_state.h"

static bool has_failures(const struct judgement *judgement)
{
    for (uint32_t i = 0; i < judgement->suite->assertion_count; i++) {
        if (judgement->results[i].failure_count != 0) {
            return true;
        }
    }
    return false;
}

int tally_add_tree(struct tally_suite *to, const struct trace_account *account,
                   const struct judgement *judgement)
{
    if (!kept_trees_wants(&to->trees, &account->trace_id) || !has_failures(judgement)) {
        return 0;
    }
    uint32_t deciding[SKETCH_SPANS_MAX];
    struct report_tree tree;
    struct arena_mark mark = arena_mark(account->scratch);
    uint32_t count =
        deciding_spans(account->judge, judgement, deciding, SKETCH_SPANS_MAX, account->scratch);
    int bad = sketch_make(&tree, account->judge->trace, deciding, count, account->scratch);
    bad = bad == 0 ? kept_trees_add(&to->trees, &tree) : bad;
    arena_rewind(account->scratch, mark);
    return bad;
}
