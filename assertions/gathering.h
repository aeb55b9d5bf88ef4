/* What one shard gathers for one threshold: all samples or counts together, and apart by labels or
 * by windows of time where the threshold says so. Mergeable: the order of adding and merging
 * changes no answer.
 *
 * A trace's time is that of its injection, else the earliest start of its spans; a span that is
 * counted for itself (rate, slope) has that of its end. Times are taken from the campaign's origin;
 * what lies before it counts as at it. Limits: GATHERING_CLASSES_MAX combinations of labels, those
 * whose values come first in the order of bytes; all others are gathered together.
 * GATHERING_WINDOWS_MAX windows; what comes later is counted in `beyond`. With both each
 * combination has windows of its own, GATHERING_CLASS_WINDOWS_MAX at most. Thread rule: confined to
 * its owner.
 */
#ifndef ASSERTD_ASSERTIONS_GATHERING_H
#define ASSERTD_ASSERTIONS_GATHERING_H

#include "assertions/baseline.h"
#include "assertions/gathered.h"
#include "assertions/judge.h"

#define GATHERING_CLASSES_MAX 100u
#define GATHERING_WINDOWS_MAX 1440u
/* Of each combination, where there are both. */
#define GATHERING_CLASS_WINDOWS_MAX 240u
/* Bytes of a label's value that are told apart. */
#define GATHERING_LABEL_MAX 128u

struct gathering {
    struct gathered all;
    struct cell_list cells;       /* combinations of labels; where there are none, windows */
    struct gathered_cell *others; /* labels that found no place; NULL: none */
    uint64_t beyond;              /* samples later than the last window */
    uint64_t lost; /* for lack of memory not gathered, or not apart: it is not known of what */
};

/* Begins with nothing. */
void gathering_init(struct gathering *gathering);
/* Ends; leaves it empty again. */
void gathering_deinit(struct gathering *gathering);
/* Bytes held beside the struct itself, for the memory account. */
size_t gathering_held(const struct gathering *gathering);

/* The place in a campaign of what is added. */
struct gather_place {
    const struct suite *suite;
    const struct threshold *threshold;
    const struct injection *injection; /* NULL: none */
    uint64_t origin_ns;
};

/* An injection that is final: no span of it came (`missing`), or copies of spans did
 * (`duplicate`). Rules on states of injections count it. */
void gathering_add_injection(struct gathering *gathering, const struct gather_place *place,
                             bool missing, bool duplicate);

/* A final trace that the suite judged. */
void gathering_add_trace(struct gathering *gathering, const struct gather_place *place,
                         struct judge *judge, const struct judgement *judgement,
                         struct arena *scratch);

/* Adds another's of the same threshold. 0, or -ENOMEM. */
int gathering_merge(struct gathering *into, const struct threshold *threshold,
                    const struct gathering *from);

/* Judges one part. `counts` are the suite's, for a rule that the threshold does not narrow. */
struct threshold_judgement gathered_judge(const struct threshold *threshold,
                                          const struct gathered *gathered,
                                          const struct state_counts *counts);

/* What the windows came to. */
struct windows_judgement {
    uint64_t judged, broken;
    uint64_t thin; /* with fewer than min_samples: not judged */
    uint64_t lost; /* of which samples were lost: not judged either */
};

/* What is judged window by window: all, or a combination of labels. The windows of a backlog are
 * not cells: they are cut from its seconds. */
struct windowed {
    const struct gathered *in;
    const struct cell_list *windows;
    uint64_t beyond;             /* samples later than the last window */
    bool lost;                   /* for lack of memory samples, it is not known of which window */
    uint32_t first, end;         /* from the first to behind the last window with samples */
    struct second_range seconds; /* of a backlog */
    struct second_walk walk;
    struct baseline beside; /* what each is compared with, where the threshold has a baseline */
};

/* How many comparisons with the baseline the threshold makes: of all, or of each combination that
 * the baseline has too, and of each of their windows with enough samples. Without one none. */
uint32_t gathering_comparisons(const struct gathering *gathering,
                               const struct threshold *threshold);

/* Those of a combination, or of all (NULL). */
struct windowed gathering_windows(const struct gathering *gathering,
                                  const struct gathered_cell *class,
                                  const struct threshold *threshold, uint32_t comparisons);

/* Whether a window is judged: not the first and the last of a rate, which may be cut, and none of a
 * slope with fewer than three seconds. Its judgement. Windows are asked for in rising order. */
bool gathering_judge_window(struct windowed *windowed, const struct threshold *threshold,
                            uint32_t window, struct threshold_judgement *ret);

/* Judges a combination of labels: together, window by window, or beside its own baseline. */
struct class_judging {
    uint32_t comparisons;             /* gathering_comparisons */
    struct windows_judgement windows; /* what its windows came to */
};
struct threshold_judgement gathering_judge_class(const struct gathering *gathering,
                                                 const struct gathered_cell *cell,
                                                 const struct threshold *threshold,
                                                 const struct state_counts *counts,
                                                 struct class_judging *judging);

/* Judges the whole: of all, apart by labels, window by window, or both. The value is that of all;
 * the windows are those of all combinations. */
struct threshold_judgement gathering_judge(const struct gathering *gathering,
                                           const struct threshold *threshold,
                                           const struct state_counts *counts,
                                           struct windows_judgement *ret_windows);

#endif
