/* The traces of recorded files, whole, for the commands that look into one of them.
 *
 * All spans of all files are kept, so memory is that of the files. Thread rule: main thread. */
#ifndef ASSERTD_DAEMON_RECORDED_H
#define ASSERTD_DAEMON_RECORDED_H

#include "daemon/core/hash.h"
#include "daemon/model/trace.h"

struct recorded_trace {
    struct trace trace;
    struct recorded_trace *next; /* of its slot */
};

struct recorded {
    struct hash_key key;
    uint32_t max_spans;
    struct recorded_trace **slots; /* by a keyed hash of the ID */
    size_t slot_count, count;
    struct recorded_trace **sorted; /* by trace ID, those with a span; made when all is read */
    size_t sorted_count;
    bool no_memory;
};

/* Reads files, each trace up to `max_spans` spans. What is wrong is written to standard error. 0,
 * or the exit code. `ret` is to be freed in any case. */
int recorded_read(struct recorded *ret, char *const *paths, size_t count, uint32_t max_spans);
void recorded_deinit(struct recorded *recorded);

/* The trace that `id` (hex; NULL: the only one) names. Where it does not say which one, the traces
 * are listed on standard error for `command`. 0, or the exit code. */
int recorded_choose(const struct recorded *recorded, const char *command, const char *id,
                    struct trace **ret);

#endif
