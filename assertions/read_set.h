/* What a suite set can read of a span after it has arrived: to explain a failure, to give a sample,
 * to judge again. The rest need not be kept (daemon/model/keep.h).
 *
 * Every key that a parser reads is noted, whatever becomes of it. What reads spans by other means
 * than a key must be known here: anything that is not makes the set read everything, so that a new
 * construct keeps whole spans until it is listed. Made when a set is compiled; lives in the set's
 * arena. */
#ifndef ASSERTD_ASSERTIONS_READ_SET_H
#define ASSERTD_ASSERTIONS_READ_SET_H

#include "assertions/expression.h"

struct suite;

/* Notes that a key is read. False: no memory. */
bool read_set_note(struct read_set *reads, const struct key *key, struct arena *arena);

/* Notes that anything may be read. */
void read_set_note_all(struct read_set *reads);

/* What compiled suites whose keys were noted read: the same, or everything. */
struct read_set read_set_make(const struct read_set *noted, const struct suite *suites,
                              uint32_t suite_count);

#endif
