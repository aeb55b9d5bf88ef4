/* Injection records in NDJSON (DESIGN 5.5): one object a line, good lines count even where others
 * are bad. Pure. */
#ifndef ASSERTD_RECEIVERS_INJECTION_JSON_H
#define ASSERTD_RECEIVERS_INJECTION_JSON_H

#include "daemon/core/arena.h"
#include "daemon/model/injection.h"

/* Why there is no record. */
enum injection_line_outcome {
    INJECTION_BAD = 1, /* with a sentence in `error` */
    INJECTION_NO_MEMORY = 2,
    INJECTION_END = 3, /* of injection_next: no line is left */
};

/* Parses one record into the arena. 0; INJECTION_BAD, INJECTION_NO_MEMORY. */
int injection_parse(struct bytes line, struct arena *arena, struct injection *ret, char *error,
                    size_t error_bytes);

struct injection_lines {
    struct bytes rest;
    uint32_t line; /* of the record last returned, from 1 */
};

/* Walks the lines (blank ones are skipped): 0 with a record, or enum injection_line_outcome of
 * this line. */
int injection_next(struct injection_lines *lines, struct arena *arena, struct injection *ret,
                   char *error, size_t error_bytes);

#endif
