/* What an exporter is: a const descriptor and an opaque instance, one interface for Kafka,
 * InfluxDB, Graphite and what comes.
 *
 * An exporter encodes (pure, in a file of its own) and delivers; queueing, back-off, retry, and the
 * balance of the ledger belong to the hub (hub.h), so that they are the same for every sink and one
 * slow sink never delays another. Thread rule: everything here runs on the export thread. */
#ifndef ASSERTD_EXPORTERS_EXPORTER_H
#define ASSERTD_EXPORTERS_EXPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "config/options.h"
#include "daemon/core/budget.h"
#include "daemon/core/log.h"
#include "daemon/model/export_batch.h"
#include "daemon/net/loop.h"

struct exporter;

/* Options that every exporter has; embedded first in each exporter's settings struct. */
struct exporter_settings {
    struct config_origin origin;
    bool set; /* configured */
    uint64_t timeout_ns;
    struct {
        uint64_t size_bytes;
    } queue;
    struct {
        uint64_t initial_interval_ns, max_interval_ns, max_elapsed_time_ns;
    } retry;
    bool required;
};
extern const struct option_table exporter_queue_table;
extern const struct option_table exporter_retry_table;

/* A batch on its way to one sink: the hub's, stable over all attempts. Records are numbered from 0
 * in the order in which the exporter writes them; each settles once, by an acknowledgement or a
 * refusal, and is not written again. */
struct submission {
    const struct export_batch *batch;
    uint64_t records;  /* what exporter_type.records said */
    uint64_t *settled; /* a bit for each record; set by the exporter before `done` */
    uint64_t mark;     /* for the exporter; 0 at first, kept over attempts */
};

/* Whether a record is settled / settles it. */
static inline bool submission_settled(const struct submission *submission, uint64_t record)
{
    return submission->settled[record / 64] >> (record % 64) & 1;
}
static inline void submission_settle(struct submission *submission, uint64_t record)
{
    submission->settled[record / 64] |= UINT64_C(1) << (record % 64);
}

/* How an attempt ended; counts are of records that settled in it. */
struct delivery {
    enum {
        DELIVERY_DONE,
        DELIVERY_RETRY
    } outcome;               /* RETRY: nothing more will be written in this attempt; submit again */
    uint64_t acknowledged;   /* taken by the sink (Graphite: by the kernel) */
    uint64_t rejected;       /* refused for good: never again */
    uint64_t retry_after_ns; /* 0: the hub's back-off */
    const char *reason;      /* RETRY, or with `rejected`: for the log; valid during the call */
};

struct exporter_env {
    struct loop *loop;
    struct log *log;
    const struct clock *clock;
    const char *name;     /* "kafka" */
    uint64_t queue_bytes; /* what may wait for the sink: as configured, or what the budget grants */
    struct budget *budget; /* of what the sink's library holds besides; NULL: nothing is counted */
    /* Exactly once per submission, never from within submit; does not submit from within. */
    void (*done)(struct exporter_env *env, struct submission *submission,
                 const struct delivery *delivery);
};

struct exporter_type {
    const char *name;
    const char *summary;
    const struct option_table
        *options; /* of the settings struct, which begins with struct exporter_settings */
    /* Checks what the table cannot; NULL: nothing. */
    void (*validate)(const void *settings, struct problems *problems);
    int (*create)(struct exporter **ret, const void *settings, struct exporter_env *env);
    /* How many records of this batch the sink will write: what `produced` counts. Pure. */
    uint64_t (*records)(const struct exporter *exporter, const struct export_batch *batch);
    /* Begins to deliver what has not settled; lives until done. 0: done will come; 1: busy, ask
     * again after done or later; < 0: try again later. */
    int (*submit)(struct exporter *exporter, struct submission *submission);
    /* Stops waiting for anything; every submission under way is done with RETRY first. */
    void (*abandon)(struct exporter *exporter);
    void (*destroy)(struct exporter *exporter);
};

/* All kinds, in the order of the documentation; NULL-terminated. */
extern const struct exporter_type *const exporter_registry[];

#endif
