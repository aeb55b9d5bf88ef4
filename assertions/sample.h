/* What a closed trace gives to the rule of a threshold: numbers, values to be told apart, spans
 * (SEMANTICS 6, "threshold samples"; docs/language.md, "Thresholds"). Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_SAMPLE_H
#define ASSERTD_ASSERTIONS_SAMPLE_H

#include "assertions/judge.h"
#include "assertions/look.h"

enum sample_outcome {
    SAMPLE_NONE, /* no name binds, or the trace is short of evidence, or not numeric */
    SAMPLE_VALUE,
    SAMPLE_ABSENT, /* one name binds, another matched no span: infinite for p(N) and max */
    SAMPLE_LOST,   /* no memory */
};

struct sample {
    enum sample_outcome outcome; /* never SAMPLE_NONE */
    double value;                /* a number; `exact` holds it where `integer` */
    __int128 exact;
    bool integer;
    struct bytes text; /* a value to be told apart: its canonical text */
    uint64_t end_ns;   /* a span of a name: its end */
    bool consumed;     /* of the backlog's second name */
};

/* Told for each sample; views are valid during the call. */
typedef void (*sample_fn)(void *self, const struct sample *sample);

/* Tells every sample that the trace gives: none where it is short of evidence, or where it is not
 * certain that the suite takes it. A rule on states takes none. */
void judge_samples(struct judge *judge, const struct suite *suite, const struct rule *rule,
                   struct arena *scratch, sample_fn take, void *self);

/* Whether a rule that relates names would take an absent sample of the trace as it is: one of its
 * names has its span, another none that may still come. In a look at the closed trace, which is not
 * short. */
bool sample_is_awaited(struct look *look, const struct suite *suite, const struct rule *rule);

#endif
