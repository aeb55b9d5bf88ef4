/* A campaign: one run of load with a key, a beginning and an end, and whose traces it judges.
 *
 * The definition is immutable once started and shared by all shards; what shards count lives in
 * their own tallies (tally.h). Two atomics are shared: which traces `auto` correlation judges,
 * decided once by whoever comes first, and whether the campaign still runs. Thread rule: immutable
 * but for the atomics; reference-counted. */
#ifndef ASSERTD_PIPELINE_CAMPAIGN_H
#define ASSERTD_PIPELINE_CAMPAIGN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "assertions/suite.h"
#include "daemon/model/report.h"

#define CAMPAIGN_KEY_MAX 128

enum correlation_setting {
    CORRELATION_SETTING_AUTO,
    CORRELATION_SETTING_REQUIRED,
    CORRELATION_SETTING_OFF
};
enum missing_setting { MISSING_BY_THRESHOLD, MISSING_FAIL, MISSING_INCONCLUSIVE, MISSING_IGNORE };
enum unjudged_setting { UNJUDGED_WARN, UNJUDGED_IGNORE, UNJUDGED_FAIL };

struct campaign_settings {
    enum correlation_setting correlation;
    enum missing_setting missing;
    enum unjudged_setting unjudged;
    uint32_t max_failures; /* report.max_failures, for each assertion */
    uint32_t max_spans_per_trace;
    bool keep_read; /* of spans nothing is kept but what the suites read */
    bool offline;   /* check: every trace is complete at the end of input, nothing is late */
};

struct campaign {
    _Atomic uint32_t refs;
    char key[CAMPAIGN_KEY_MAX + 1];
    struct arena arena;
    struct campaign_settings settings;
    const struct attr *labels; /* texts, in the arena */
    uint32_t label_count;
    struct suite_set *set; /* referenced */
    uint64_t start_unix_ns;
    uint64_t origin_unix_ns; /* from where windows, stages and warm-up are counted: the start; in
                                `check`, set before any trace is final, the earliest of its times */
    uint64_t number;       /* rising: a later campaign has a greater one */
    _Atomic int auto_mode; /* 0 undecided, else enum correlation_mode + 1 */
    _Atomic bool complete; /* completed or aborted: no new traces */
    _Atomic bool lost;     /* some shard had no memory for it */
};

/* What is kept of the spans of its traces; NULL: all. Lives as long. */
const struct keep *campaign_keep(const struct campaign *campaign);

/* Whether `key` is one of [A-Za-z0-9._-]{1,128}. */
bool campaign_key_valid(struct bytes key);

/* A campaign with one reference; takes a reference of the set. NULL: no memory. */
struct campaign *campaign_new(struct bytes key, const struct attr *labels, uint32_t label_count,
                              const struct campaign_settings *settings, struct suite_set *set,
                              uint64_t start_unix_ns, uint64_t number);
void campaign_ref(struct campaign *campaign);
void campaign_unref(struct campaign *campaign);

/* `auto`: an injection was registered / the first trace closed; the first of both decides for good.
 * Any thread. */
void campaign_saw_injection(struct campaign *campaign);
void campaign_saw_close(struct campaign *campaign);

/* A shard had no memory to begin with it: nothing can be said of its traces. Any thread. */
void campaign_lose(struct campaign *campaign);
bool campaign_is_lost(const struct campaign *campaign);

/* Whose traces it judges: -1 while `auto` is undecided, else enum correlation_mode. Any thread. */
int campaign_mode(const struct campaign *campaign);

#endif
