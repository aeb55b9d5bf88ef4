/* The spans of a trace by service, name and kind, and the steps from producer to consumer: what a
 * suggestion is made of. Pure; everything lives in the arena that is handed in. */
#ifndef ASSERTD_DAEMON_SUGGESTION_KINDS_H
#define ASSERTD_DAEMON_SUGGESTION_KINDS_H

#include "daemon/model/trace.h"

struct kind_of_span {
    struct bytes service, name;
    enum span_kind kind;
    bool writable;  /* service and name can stand in an expression */
    uint32_t first; /* index of its first span in order */
    uint32_t count, ok, errors;
    uint64_t longest_ns;
    bool backwards; /* some span ends before it starts */
};

struct async_step {
    uint32_t producer, consumer; /* kinds */
    uint32_t children;           /* consumers below a producer; the others are linked */
    uint32_t linked;
};

struct kinds {
    struct kind_of_span *items; /* in the order of their first spans */
    uint32_t count;
    uint32_t *of_span; /* by the trace's index */
    struct async_step *steps;
    uint32_t step_count, steps_omitted;
    uint32_t top; /* the kind of the first top span; UINT32_MAX: there is none */
};

/* 0; 1: no memory. At most `max_steps` steps are kept. */
int kinds_make(struct kinds *ret, const struct trace *trace, uint32_t max_steps,
               struct arena *arena);

#endif
