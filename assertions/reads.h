/* Which assertions and conditions hang on which probes, and what of it can make an assertion fail
 * for certain while its trace is open: that decides when an early look is worth its cost. */
#ifndef ASSERTD_ASSERTIONS_READS_H
#define ASSERTD_ASSERTIONS_READS_H

#include "assertions/program.h"

/* Notes it in the program's probes. As program_compile. */
int reads_note(struct program *program, const struct suite *suites, uint32_t suite_count,
               uint32_t condition_count, struct arena *arena);

#endif
