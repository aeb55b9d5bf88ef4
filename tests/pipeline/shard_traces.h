/* The spans of the shop's requests, and what a shard's report counts. Confined to one test. */
#ifndef ASSERTD_TESTS_PIPELINE_SHARD_TRACES_H
#define ASSERTD_TESTS_PIPELINE_SHARD_TRACES_H

#include "tests/pipeline/shard_fixture.h"

/* A request; what it stores; what fails below it. */
extern const struct span_build root_span, insert_span, error_span;

/* The span in another trace. */
struct span_build of_trace(const struct span_build *span, uint64_t trace);

/* Hands in one span; hands in a trace that passes. */
void send_span(struct fixture *fixture, uint64_t trace, const struct span_build *span);
void send_good(struct fixture *fixture, uint64_t trace);

/* The report's numbers, taken out of its arena. */
struct numbers {
    struct ledger_injections injections;
    struct ledger_spans spans;
    struct correlation_counts correlated;
    struct result_counts traces, stored;
    enum campaign_status status;
    enum correlation_mode mode;
};
struct numbers numbers_of(struct fixture *fixture);

#endif
