/* Two spans that have a value of every type, and two records of injections. Pure; the spans live as
 * long as the arena. */
#ifndef ASSERTD_TESTS_ASSERTIONS_LANGUAGE_SPANS_H
#define ASSERTD_TESTS_ASSERTIONS_LANGUAGE_SPANS_H

#include "daemon/core/arena.h"
#include "daemon/model/injection.h"
#include "daemon/model/span.h"

/* Spans decoded from their wire form into `arena`. `whole` drops nothing and takes 50 ms; `broken`
 * ends before it starts and dropped attributes, events and links. */
struct span language_span_whole(struct arena *arena);
struct span language_span_broken(struct arena *arena);

/* A record with every member; and one with nothing but the trace ID. */
struct injection language_injection_full(void);
struct injection language_injection_bare(void);

#endif
