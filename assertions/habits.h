/* What those write who come from other tools, and what stands here instead: ends of messages. Pure.
 */
#ifndef ASSERTD_ASSERTIONS_HABITS_H
#define ASSERTD_ASSERTIONS_HABITS_H

#include "daemon/core/bytes.h"

/* What to write instead of a function, or an aggregate of a rule, that there is not; NULL: nothing
 * is known of it. */
const char *habit_of_function(struct bytes word);
const char *habit_of_aggregate(struct bytes word);

/* What is meant by a key that is compared with a duration, or that stands where no span is
 * selected; NULL: the key itself, as far as is known. */
const char *habit_of_duration(struct bytes key);
const char *habit_of_unselected(struct bytes key);

#endif
