/* What a trace's suites said when it closed: where nothing comes within the grace, the final
 * verdict is read back from that and the trace is not judged again.
 *
 * A note is 16 bytes for each suite, in an arena of the trace, and, once some suite came to no row,
 * a byte for each assertion of the set. Failures stand beside it, in a block that is taken once and
 * written again where it is large enough: a peer that has the trace judged over and over does not
 * make it grow. More than RESULTS_NOTE_PROOF_MAX of them are not noted, nor are outputs; to judge
 * again is cheaper. What they name of the trace and of its suites is not copied and must live as
 * long as the note. Thread rule: as the trace. */
#ifndef ASSERTD_PIPELINE_RESULTS_NOTE_H
#define ASSERTD_PIPELINE_RESULTS_NOTE_H

#include "assertions/judge.h"

/* Bytes of failures that a note may hold. */
#define RESULTS_NOTE_PROOF_MAX 4096u

struct results_note;

/* Room for the judgements of any trace by this set, in `memory`; NULL: no memory. */
struct results_note *results_note_new(const struct suite_set *set, struct arena *memory);

/* Notes the judgements, one for each suite of the set; failures in `memory`, the same as before.
 * False: too much to note, or no memory; nothing is to be read back. */
bool results_note_write(struct results_note *note, const struct suite_set *set,
                        const struct judgement *judgements, struct arena *memory);

/* The judgements that were noted, in `out`; failures stay in the note. NULL: no memory. */
const struct judgement *results_note_read(const struct results_note *note,
                                          const struct suite_set *set, struct arena *out);

#endif
