/* Regular expressions: PCRE2 with UTF, not anchored, with limits on the work of one match.
 *
 * A compiled pattern lives in an arena, needs no freeing, is immutable and may be used by any
 * thread; a match takes no memory from the heap for ordinary patterns and keeps none. */
#ifndef ASSERTD_ASSERTIONS_REGEX_H
#define ASSERTD_ASSERTIONS_REGEX_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"

struct regex;

enum regex_outcome {
    REGEX_NO_MATCH = 1,
    REGEX_UNKNOWN = 2, /* invalid UTF-8, or a limit was hit */
    REGEX_BAD = 3,     /* the pattern can't be compiled */
};

/* Compiles. 0 good; REGEX_BAD with the byte (from 0) and PCRE2's words; -ENOMEM. */
int regex_compile(struct arena *arena, struct bytes pattern, struct regex **ret, size_t *ret_byte,
                  char *ret_error, size_t error_bytes);

/* Whether it matches somewhere in `text`. 0 it does; REGEX_NO_MATCH; REGEX_UNKNOWN. */
int regex_match(const struct regex *regex, struct bytes text);

/* The first match and its groups: groups[0] is all of it, one that took no part has .data NULL.
 * *ret_count: how many the pattern has, up to `most`. As regex_match. */
int regex_find(const struct regex *regex, struct bytes text, struct bytes *groups, uint32_t most,
               uint32_t *ret_count);

#endif
