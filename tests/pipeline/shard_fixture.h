/* What the tests of the pipeline share: a compiled suite, a campaign, a shard whose time and sinks
 * belong to the test.
 *
 * The suite "shop" judges: `no errors` (none: status = error), `stored` (one INSERT), `few mails`
 * (optional, at most two mails), and captures the output `took` of the INSERT. Quiet is 10 s, the
 * deadline 60 s, the grace 5 s. Confined to one test. */
#ifndef ASSERTD_TESTS_PIPELINE_SHARD_FIXTURE_H
#define ASSERTD_TESTS_PIPELINE_SHARD_FIXTURE_H

#include "daemon/model/injection.h"
#include "daemon/pipeline/shard.h"
#include "tests/support/span_builder.h"

#define SECOND           UINT64_C(1000000000)
#define FIXTURE_QUIET    (10 * SECOND)
#define FIXTURE_DEADLINE (60 * SECOND)
#define FIXTURE_GRACE    (5 * SECOND)
/* Times are met to one tick of the wheel. */
#define FIXTURE_SLACK (SECOND / 50)

struct exported {
    struct trace_id trace_id;
    uint64_t id[2];
    uint32_t revision;
    bool final;
    enum result result;
    uint32_t results, failures;
    uint64_t time_to_verdict_ns;
};

struct fixture {
    struct suite_set *set;
    struct campaign *campaign;
    struct shard *shard;
    struct shard_map map;
    uint64_t now_ns, wall_ns;
    struct exported *exported;
    uint32_t exported_count;
    uint64_t sent; /* spans handed in */
    bool list_read;
};

struct fixture_options {
    enum correlation_setting correlation;
    bool offline;
    struct budget *budget;      /* NULL: the shard's own of memory_bytes */
    struct stages *stages;      /* where its time goes; NULL: nobody asks */
    uint64_t memory_bytes;      /* 0: 64 MiB */
    uint64_t remember_bytes;    /* 0: 1 MiB */
    uint64_t keep_failed_bytes; /* 0: 1 MiB */
    uint64_t keep_passed_bytes; /* 0: 1 MiB */
    uint64_t keep_passed_ns;
    uint32_t max_spans; /* 0: 1000 */
    bool attributes;    /* root spans register by assertd.campaign, .scenario, .step */
    bool no_campaign;   /* none is started */
    bool no_export;     /* nobody wants verdicts */
    bool keep_read;     /* of spans only what the suites read */
    bool list_read;     /* fixture_send decodes what the shard says is read */
};

/* Compiles suites with these times, or stops the test; the caller holds the reference. */
struct suite_set *fixture_compile(struct suite_settings *suites, size_t count);
/* The same of the suite "shop". */
struct suite_set *fixture_suites(void);
/* A campaign "load" of that suite, with a number. */
struct campaign *fixture_campaign(struct suite_set *set, const char *key,
                                  enum correlation_setting correlation, bool offline,
                                  uint32_t max_spans, uint64_t number);

/* Everything at a time that is not zero. Both stop the test when they can't. */
void fixture_init(struct fixture *fixture, const struct fixture_options *options);
void fixture_deinit(struct fixture *fixture);

/* Hands in spans as one batch; NULL with 0 for none. */
void fixture_send(struct fixture *fixture, const struct span_build *spans, size_t count);
/* The same, decoded with only those attributes listed whose keys `listed` may have. */
void fixture_send_listing(struct fixture *fixture, const struct span_build *spans, size_t count,
                          const struct listed_keys *listed);
/* The same, with a rejected span of the trace. */
void fixture_reject(struct fixture *fixture, uint64_t trace);
/* Registers a record with a scenario; its outcome. */
int fixture_inject(struct fixture *fixture, uint64_t trace, const char *scenario);
int fixture_inject_record(struct fixture *fixture, const struct injection *injection);

/* Lets time pass, firing what is due on the way. */
void fixture_wait(struct fixture *fixture, uint64_t ns);

/* The report as it is now, with what is open; fails the test unless the ledger balances and holds
 * every span sent. The caller deinitialises report->arena. */
struct report fixture_report(struct fixture *fixture);

/* The number-th exported verdict of a trace; NULL: none. */
const struct exported *fixture_exported(const struct fixture *fixture, uint64_t trace,
                                        uint32_t number);

#endif
