/* The inside of the campaigns, shared by the files that run, report and export them. Nobody else
 * includes this. */
#ifndef ASSERTD_DAEMON_CAMPAIGNS_STATE_H
#define ASSERTD_DAEMON_CAMPAIGNS_STATE_H

#include "daemon/breaches.h"
#include "daemon/campaigns.h"
#include "daemon/core/list.h"
#include "daemon/survey.h"
#include "daemon/webhooks.h"

struct campaign_entry {
    struct list link;
    struct campaigns *campaigns;
    struct campaign *campaign;
    enum campaign_phase phase;
    bool aborted;
    unsigned surveys;              /* under way: the entry must stay */
    bool looking;                  /* a look at its open traces is under way */
    enum campaign_phase looked_in; /* the phase in which that look was begun */
    uint64_t end_unix_ns;
    struct shard_open open;
    struct breaches breaches;
    struct list wishes; /* struct report_wish: reports that wait for the next answer */
    bool reporting;     /* the shards are being asked for one, or wishes are being fulfilled */
};

struct campaigns {
    struct campaigns_options options;
    struct list entries;
    struct loop_timer *look;
    struct loop_timer *tick;  /* meters leave */
    struct loop_timer *judge; /* thresholds are judged */
    struct webhooks *webhooks;
    uint64_t last_number;
    bool closed;
};

/* --- campaigns.c --- */

/* The wall clock. */
uint64_t campaigns_wall_ns(const struct campaigns *campaigns);

/* --- campaigns_report.c: what the shards are asked --- */

/* Asks every shard about the campaign; the entry stays until `done` was called. 0; -ENOMEM: it will
 * not be. */
int campaign_entry_ask(struct campaign_entry *entry, unsigned wants, survey_fn done, void *self);
/* The report of what a survey brought. 0, or -ENOMEM. */
int campaign_entry_report(struct campaign_entry *entry, struct survey_answer *answer,
                          enum campaign_status forced, struct report *ret);
/* What a campaign that has ended is at best: aborted, or successful. */
enum campaign_status campaign_entry_final_status(const struct campaign_entry *entry);

/* --- campaigns_export.c: what leaves for the sinks; nothing leaves where memory runs out --- */

/* The campaign's state, for the compacted topic. */
void campaign_entry_export_event(struct campaign_entry *entry, const char *status);
/* Meters of a period, or of the whole campaign; NULL: none. */
void campaign_entry_export_meters(struct campaign_entry *entry, const struct meters *meters,
                                  bool whole);

/* --- campaigns_webhook.c --- */

/* Tells the threshold's webhook that a breach begins, or that it ends the campaign (a breach_fn;
 * `self` is the entry). */
void campaign_entry_tell_breach(void *self, const struct breach_news *news);

#endif
