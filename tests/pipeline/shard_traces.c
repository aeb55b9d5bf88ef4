#include "tests/pipeline/shard_traces.h"

const struct span_build root_span = {
    .id = 1, .name = "POST", .service = "shop", .kind = KIND_SERVER, .start_ns = 10, .end_ns = 90};
const struct span_build insert_span = {
    .id = 2, .parent = 1, .name = "INSERT", .service = "db", .start_ns = 20, .end_ns = 30};
const struct span_build error_span = {.id = 3,
                                      .parent = 1,
                                      .name = "pay",
                                      .service = "bank",
                                      .status = STATUS_ERROR,
                                      .start_ns = 20,
                                      .end_ns = 30};

struct span_build of_trace(const struct span_build *span, uint64_t trace)
{
    struct span_build copy = *span;
    copy.trace = trace;
    return copy;
}

void send_span(struct fixture *fixture, uint64_t trace, const struct span_build *span)
{
    struct span_build copy = of_trace(span, trace);
    fixture_send(fixture, &copy, 1);
}

void send_good(struct fixture *fixture, uint64_t trace)
{
    struct span_build spans[] = {of_trace(&root_span, trace), of_trace(&insert_span, trace)};
    fixture_send(fixture, spans, 2);
}

struct numbers numbers_of(struct fixture *fixture)
{
    struct report report = fixture_report(fixture);
    struct numbers numbers = {report.injections,
                              report.spans,
                              report.correlated,
                              report.suites[0].traces,
                              report.suites[0].assertions[1].counts,
                              report.status,
                              report.correlation};
    arena_deinit(&report.arena);
    return numbers;
}
