/* A suite written from one trace: a place to begin, every line with what was seen as its reason.
 *
 * The suite is valid and passes on the trace it was made from, whatever texts the trace holds; what
 * can't be said of a trace that is short of evidence is not said. Pure. */
#ifndef ASSERTD_DAEMON_SUGGESTION_H
#define ASSERTD_DAEMON_SUGGESTION_H

#include "daemon/model/trace.h"

/* Kinds of spans (service, name, kind), and asynchronous steps, that are written; what is beyond
 * them is told in a comment. */
#define SUGGESTION_KINDS_MAX 200u
#define SUGGESTION_STEPS_MAX 50u

/* Longest name or service of a span that is written into an expression. */
#define SUGGESTION_TEXT_MAX 1000u

/* Appends the configuration with the suite. The trace has at least one span. 0; 1: no memory. */
int suggestion_write(struct buf *out, const struct trace *trace);

#endif
