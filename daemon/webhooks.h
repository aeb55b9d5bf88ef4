/* Messages to webhooks: small JSON documents that are posted when something has happened.
 *
 * Each is tried WEBHOOK_TRIES times, a second and then two apart, for five seconds each; what gets
 * no answer of 2xx is logged by its name: a URL is a secret. Limit: WEBHOOKS_MAX under way; further
 * ones are logged and dropped. Each message ends in one class of the account. Thread rule: confined
 * to its loop. */
#ifndef ASSERTD_DAEMON_WEBHOOKS_H
#define ASSERTD_DAEMON_WEBHOOKS_H

#include "daemon/core/log.h"
#include "daemon/model/report.h"
#include "daemon/net/loop.h"

#define WEBHOOKS_MAX  64u
#define WEBHOOK_TRIES 3u

struct webhooks;

/* Without a connection until something is posted. 0; -ENOMEM. Free drops what is under way; the
 * loop outlives it. */
int webhooks_new(struct webhooks **ret, struct loop *loop, struct log *log);
void webhooks_free(struct webhooks *webhooks);

/* Posts a document (copied) to the URL; `name` is for the log. What can't be sent is logged. */
void webhooks_post(struct webhooks *webhooks, const char *url, const char *name,
                   struct bytes document);

/* Whether nothing is under way. */
bool webhooks_idle(const struct webhooks *webhooks);

/* Gives up what is under way, and all that comes after: the end has come. */
void webhooks_abandon(struct webhooks *webhooks);

/* The balance of all messages so far, as that of a sink called "webhook": acknowledged (2xx),
 * rejected (the last answer was another), dropped (no answer came, no room, given up at the end),
 * in flight. False: there was none. */
bool webhooks_account(const struct webhooks *webhooks, struct ledger_sink *ret);

#endif
