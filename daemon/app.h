/* The running daemon: workers, receivers, export thread, listeners, campaigns and admin API,
 * composed and taken apart in order.
 *
 * Start: workers -> exports -> campaigns -> listeners. Stop: listeners, receivers, campaigns,
 * exports, workers. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_APP_H
#define ASSERTD_DAEMON_APP_H

#include "daemon/campaigns.h"
#include "daemon/load.h"

struct app;

struct app_options {
    const struct loaded *loaded;
    const char
        *listen_host; /* replaces the host of the OTLP and admin endpoints; NULL: as configured */
    /* A campaign has ended; may be NULL. */
    void (*campaign_ended)(void *self, struct campaign_entry *entry);
    void *self;
};

/* Starts everything. 0; an exit code, after telling why on the log. */
int app_new(struct app **ret, const struct app_options *options);

/* What commands compose on. */
struct loop *app_loop(struct app *app);
struct campaigns *app_campaigns(struct app *app);
struct log *app_log(struct app *app);
const struct clock *app_clock(struct app *app);

/* Addresses as bound ("127.0.0.1:4318"); NULL: not listening. */
const char *app_http_address(const struct app *app);
const char *app_admin_address(const struct app *app);

/* Spans accepted so far, by all workers. */
uint64_t app_spans_accepted(const struct app *app);

/* Stops listening, sends peers away, refuses what still comes as retryable. */
void app_stop_intake(struct app *app);

/* No span comes any more: who waits for spans over the admin API is answered with what there is.
 * Whether that was done. */
void app_end_waits(struct app *app);
bool app_waits_ended(const struct app *app);

/* Whether every sink has what it was given, or has given up. */
bool app_exports_idle(const struct app *app);

/* Gives up on the sinks: what they did not take is counted as dropped. */
void app_stop_exports(struct app *app);

/* Takes everything apart; NULL is fine. */
void app_free(struct app *app);

#endif
