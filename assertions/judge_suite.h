/* One suite during one look at a trace. Internal to the judge; thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_JUDGE_SUITE_H
#define ASSERTD_ASSERTIONS_JUDGE_SUITE_H

#include "assertions/concern.h"
#include "assertions/ruling.h"

/* Why the trace is short of evidence, once it is known. */
struct trace_evidence {
    bool known;
    unsigned reasons;
};

struct suite_look {
    struct ruling_scene scene;
    struct concern concern;            /* assertions that some span of the trace concerns */
    struct trace_evidence evidence[2]; /* strict, lenient */
    unsigned short_reasons;            /* as the suite's evidence mode sees them */
    bool short_evidence;      /* these, or the suite took the trace by a key that may have been
                                 dropped */
    struct result_rows *rows; /* NULL: none */
    bool settles;             /* it is asked whether something is awaited */
    bool explains;            /* failures are listed, up to max_failures, and counted by kind */
    uint32_t max_failures;
    struct arena *out;
};

/* The suite's answer, in at->out. *ret_absence is set where something fails because something has
 * not come, or, where `settles`, a threshold's sample would be absent; else untouched. On exhausted
 * memory look->failed is set. */
void judge_suite(struct suite_look *at, const struct suite *suite, struct judgement *ret,
                 bool *ret_absence);

/* The result of one assertion of at->scene.suite. */
void judge_assertion(struct suite_look *at, const struct assertion *assertion,
                     struct assertion_result *ret, bool *ret_absence);

/* Whether an injection carries a label that a suite asks for. */
bool judge_label_fits(const struct suite_label *label, const struct injection *injection);

#endif
