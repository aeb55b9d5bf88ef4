/* What an exporter is: a const descriptor and an opaque instance, one interface for Kafka, InfluxDB, Graphite and what comes.
 *
 * An exporter encodes (pure, in a file of its own) and delivers; queueing, back-off, retry, and the balance of the ledger
 * belong to the hub (hub.h), so that they are the same for every sink and one slow sink never delays another.
 * Thread rule: everything here runs on the export thread. */
#ifndef ASSERTD_EXPORTERS_EXPORTER_H
#define ASSERTD_EXPORTERS_EXPORTER_H

#include "config/options.h"
#include "daemon/core/log.h"
#include "daemon/model/export_batch.h"
#include "daemon/net/loop.h"

struct exporter;

/* Options that every exporter has; embedded first in each exporter's settings struct. */
struct exporter_settings {
    struct config_origin origin;
    bool set;                      /* configured */
    uint64_t timeout_ns;
    struct { uint64_t size_bytes; } queue;
    struct { uint64_t initial_interval_ns, max_interval_ns, max_elapsed_time_ns; } retry;
    bool required;
};
extern const struct option_table exporter_queue_table;
extern const struct option_table exporter_retry_table;

/* How a submission ended, in records (verdicts + meters + events that this sink writes). */
struct delivery {
    enum { DELIVERY_DONE, DELIVERY_RETRY } outcome; /* RETRY: nothing more will be written of it; submit it again */
    uint64_t acknowledged; /* taken by the sink (Graphite: by the kernel) */
    uint64_t rejected;     /* refused for good: never again */
    uint64_t retry_after_ns; /* 0: the hub's back-off */
};

struct exporter_env {
    struct loop *loop;
    struct log *log;
    const struct clock *clock;
    const char *name; /* "kafka" */
    /* Exactly once per submission, never from within submit. */
    void (*done)(struct exporter_env *env, void *ticket, const struct delivery *delivery);
};

struct exporter_type {
    const char *name;
    const char *summary;
    const struct option_table *options; /* of the settings struct, which begins with struct exporter_settings */
    /* Checks what the table cannot; NULL: nothing. */
    void (*validate)(const void *settings, struct problems *problems);
    int (*create)(struct exporter **ret, const void *settings, struct exporter_env *env);
    /* How many records of this batch the sink will write: what `produced` counts. Pure. */
    uint64_t (*records)(const struct exporter *exporter, const struct export_batch *batch);
    /* Begins to deliver; the batch lives until done. 0: done will come; 1: busy, ask again after done or later. */
    int (*submit)(struct exporter *exporter, const struct export_batch *batch, void *ticket);
    /* Stops waiting for anything; every ticket under way is done with RETRY first. */
    void (*abandon)(struct exporter *exporter);
    void (*destroy)(struct exporter *exporter);
};

/* All kinds, in the order of the documentation; NULL-terminated. */
extern const struct exporter_type *const exporter_registry[];

#endif
