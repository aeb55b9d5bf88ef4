/* What a trace's suites said when it closed, in a few bytes: where nothing comes within the grace,
 * the final verdict is read back from them and the trace is not judged again.
 *
 * Only judgements without failures are kept: proof is large and rare, to judge again is cheaper
 * than to hold it. The bytes live in an arena of the trace and hold two for each suite and one for
 * each of its assertions. Thread rule: as the trace. */
#ifndef ASSERTD_PIPELINE_RESULTS_NOTE_H
#define ASSERTD_PIPELINE_RESULTS_NOTE_H

#include "assertions/judge.h"

/* Bytes that hold the judgements of any trace by this set. */
size_t results_note_bytes(const struct suite_set *set);

/* Writes the judgements, one for each suite of the set, to results_note_bytes() of `to`. False:
 * some have failures, and nothing is to be read back. */
bool results_note_write(uint8_t *to, const struct suite_set *set,
                        const struct judgement *judgements);

/* The judgements that were written, in `out`; NULL: no memory. */
const struct judgement *results_note_read(const uint8_t *from, const struct suite_set *set,
                                          struct arena *out);

#endif
