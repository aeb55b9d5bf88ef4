/* Random conditions across spans and over the whole trace, for random_suites.h. */
#ifndef ASSERTD_TESTS_ASSERTIONS_RANDOM_WHOLE_H
#define ASSERTD_TESTS_ASSERTIONS_RANDOM_WHOLE_H

#include "daemon/core/buf.h"
#include "tests/assertions/engine_fixture.h"
#include "tests/support/random.h"

#define PICK(random, list) ((list)[random_below((random), sizeof(list) / sizeof *(list))])

/* A condition across the spans of x, y, z, the whole trace, or what is selected. */
const char *random_whole(struct random *random, struct arena *arena, bool selected);

/* A random suite with one assertion: one condition across spans or over the trace, many of which
 * fail for certain before the trace closes. */
struct test_suite random_whole_suite(struct random *random, struct arena *arena, const char *name);

/* A text in the arena; the same of a buffer, which is emptied. */
const char *random_keep(struct arena *arena, const char *text);
const char *random_keep_text(struct buf *text, struct arena *arena);

#endif
