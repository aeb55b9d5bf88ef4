/* Tells the address sanitizer which bytes of a recycled block are nobody's: touching them is then
 * found as it would be after free(3). Does nothing in other builds. Thread rule: any thread. */
#ifndef ASSERTD_CORE_POISON_H
#define ASSERTD_CORE_POISON_H

#include <stddef.h>

/* From now on `bytes` at `memory` must not be touched / may be touched again. */
void poison(void *memory, size_t bytes);
void unpoison(void *memory, size_t bytes);

#endif
