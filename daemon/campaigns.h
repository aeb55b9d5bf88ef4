/* The campaigns of a running daemon: started, completed, aborted, reported. Shards count; this asks
 * them.
 *
 * Thread rule: confined to the control thread; answers that need the workers come later, on the
 * control loop. */
#ifndef ASSERTD_DAEMON_CAMPAIGNS_H
#define ASSERTD_DAEMON_CAMPAIGNS_H

#include "daemon/export_thread.h"
#include "daemon/load.h"
#include "daemon/pipeline/worker.h"

struct campaigns;
struct campaign_entry; /* one campaign, until campaigns_free */

enum campaign_phase { CAMPAIGN_RUNNING, CAMPAIGN_COMPLETING, CAMPAIGN_ABORTING, CAMPAIGN_DONE };

struct campaigns_options {
    const struct loaded *loaded;
    struct worker_pool *pool;
    struct export_thread *exports;
    uint32_t producer; /* our slot of the export thread */
    struct loop *loop;
    const struct clock *clock;
    uint64_t max_running; /* campaigns at a time */
    struct log *log;
    /* Appends why nothing may have come (NO_DATA): addresses, connections, requests. */
    void (*describe_input)(void *self, struct buf *out);
    /* A campaign has ended: its final report can be had. May be NULL. */
    void (*ended)(void *self, struct campaign_entry *entry);
    void *self;
};

/* 0; -ENOMEM. To be freed after the workers have stopped. */
int campaigns_new(struct campaigns **ret, const struct campaigns_options *options);
void campaigns_free(struct campaigns *campaigns);

enum campaigns_outcome {
    CAMPAIGNS_RUNNING = 1, /* one of that key runs */
    CAMPAIGNS_BAD_KEY = 2,
    CAMPAIGNS_FULL = 3,   /* limits.max_campaigns run */
    CAMPAIGNS_CLOSED = 4, /* the daemon is ending */
};

/* Starts a campaign. `labels` are texts, copied. 0; enum campaigns_outcome; < 0. */
int campaigns_start(struct campaigns *campaigns, struct bytes key, const struct attr *labels,
                    uint32_t label_count, struct campaign_entry **ret);

/* The newest campaign of a key; NULL: unknown. */
struct campaign_entry *campaigns_find(struct campaigns *campaigns, struct bytes key);

/* All, oldest first: NULL after the last; begin with NULL. */
struct campaign_entry *campaigns_next(struct campaigns *campaigns, struct campaign_entry *after);

/* Its definition, and how far it is. */
const struct campaign *campaign_entry_campaign(const struct campaign_entry *entry);
enum campaign_phase campaign_entry_phase(const struct campaign_entry *entry);

/* Traces and injections not final, as of the last look (twice a second while ending). */
struct shard_open campaign_entry_open(const struct campaign_entry *entry);

/* Whether it was cut short: by the user, or by a threshold with abort_on_fail. */
bool campaign_entry_aborted(const struct campaign_entry *entry);

/* No new trace joins; it is done when the open ones are final. Aborting cuts them short. Harmless
 * when not running. */
void campaigns_complete(struct campaigns *campaigns, struct campaign_entry *entry);
void campaigns_abort(struct campaigns *campaigns, struct campaign_entry *entry);

/* Ends every campaign at once with what is there: the deadline of a drain or a run has come. */
void campaigns_finish(struct campaigns *campaigns);

/* No further campaign starts. */
void campaigns_close(struct campaigns *campaigns);

/* Whether no webhook is still to be told of a breach. */
bool campaigns_told(const struct campaigns *campaigns);

/* Gives up webhooks that are still to be told; they are counted. */
void campaigns_give_up_telling(struct campaigns *campaigns);

/* The accounts of all that leaves: of each sink, then of the webhooks' messages, where there were
 * some. Returns how many there are. */
#define CAMPAIGNS_SINKS_MAX (HUB_SINKS_MAX + 1)
uint32_t campaigns_sinks(const struct campaigns *campaigns,
                         struct ledger_sink ret[CAMPAIGNS_SINKS_MAX]);

/* Whether every campaign is done. */
bool campaigns_all_done(struct campaigns *campaigns);

/* Registers injection records with the shards: each is copied. Counts those that were. */
uint32_t campaigns_inject(struct campaigns *campaigns, struct campaign_entry *entry,
                          const struct injection *records, uint32_t count);

/* Calls `done` once every shard has done what was asked of the campaign until now: a span that
 * comes later meets it. 0; -ENOMEM: `done` will not be called. */
typedef void (*campaign_fn)(void *self, struct campaign_entry *entry);
int campaigns_settle(struct campaigns *campaigns, struct campaign_entry *entry, campaign_fn done,
                     void *self);

/* Builds a report from all shards; `done` gets it later (to deinit its arena), or NULL when memory
 * ran out. Those who ask while the shards are being asked share the next answer: however many wait,
 * there is one copy of the tallies. */
typedef void (*campaign_report_fn)(void *self, struct report *report);
void campaigns_report(struct campaigns *campaigns, struct campaign_entry *entry,
                      campaign_report_fn done, void *self);

#endif
