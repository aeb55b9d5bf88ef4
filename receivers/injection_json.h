/* Injection records in NDJSON (DESIGN 5.5): one object a line, good lines count even where others
 * are bad. Pure. */
#ifndef ASSERTD_RECEIVERS_INJECTION_JSON_H
#define ASSERTD_RECEIVERS_INJECTION_JSON_H

#include "daemon/core/arena.h"
#include "daemon/model/injection.h"

/* Parses one record into the arena. 0; 1: bad, with a sentence in `error`; 2: no memory. */
int injection_parse(struct bytes line, struct arena *arena, struct injection *ret, char *error,
                    size_t error_bytes);

struct injection_lines {
    struct bytes rest;
    uint32_t line; /* of the record last returned, from 1 */
};

/* Walks the lines (blank ones are skipped): 0 with a record; 1: this line is bad; 2: no memory; 3:
 * the end. */
int injection_next(struct injection_lines *lines, struct arena *arena, struct injection *ret,
                   char *error, size_t error_bytes);

#endif
