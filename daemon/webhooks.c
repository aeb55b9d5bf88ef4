#include "daemon/webhooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/buf.h"
#include "daemon/core/list.h"
#include "daemon/net/http_client.h"

#define TIMEOUT_NS   (5 * NS_PER_S)
#define WAIT_NS      NS_PER_S
#define CONNECTIONS  4
#define ANSWER_BYTES 256

struct webhooks {
    struct loop *loop;
    struct log *log;
    struct http_client *client; /* NULL until the first message */
    struct list messages;
    uint32_t count;
    bool abandoned;
    uint64_t produced, acknowledged, rejected, dropped;
};

struct message {
    struct list link;
    struct webhooks *webhooks;
    struct loop_timer *again;
    unsigned tries;
    char *url;
    char *name;
    struct buf body;
};

int webhooks_new(struct webhooks **ret, struct loop *loop, struct log *log)
{
    struct webhooks *webhooks = calloc(1, sizeof *webhooks);
    if (webhooks == NULL) {
        return -ENOMEM;
    }
    webhooks->loop = loop;
    webhooks->log = log;
    list_init(&webhooks->messages);
    *ret = webhooks;
    return 0;
}

static void message_free(struct message *message)
{
    list_remove(&message->link);
    loop_timer_free(message->again);
    free(message->url);
    free(message->name);
    buf_deinit(&message->body);
    free(message);
}

/* Nothing answers any more once the client is gone. */
void webhooks_abandon(struct webhooks *webhooks)
{
    webhooks->abandoned = true;
    http_client_free(webhooks->client);
    webhooks->client = NULL;
    if (webhooks->count != 0) {
        log_line(webhooks->log, LOG_ERROR, "webhooks-given-up",
                 LOG_NUMBER("messages", webhooks->count));
    }
    webhooks->dropped += webhooks->count;
    webhooks->count = 0;
    while (!list_empty(&webhooks->messages)) {
        message_free(container_of(webhooks->messages.next, struct message, link));
    }
}

void webhooks_free(struct webhooks *webhooks)
{
    if (webhooks != NULL) {
        webhooks_abandon(webhooks);
        free(webhooks);
    }
}

bool webhooks_account(const struct webhooks *webhooks, struct ledger_sink *ret)
{
    *ret = (struct ledger_sink){.name = BYTES_LITERAL("webhook"),
                                .produced = webhooks->produced,
                                .acknowledged = webhooks->acknowledged,
                                .rejected = webhooks->rejected,
                                .dropped = webhooks->dropped,
                                .in_flight = webhooks->count};
    return webhooks->produced != 0;
}

bool webhooks_idle(const struct webhooks *webhooks)
{
    return webhooks->count == 0;
}

static void end(struct message *message)
{
    message->webhooks->count--;
    message_free(message);
}

static void give_up(struct message *message, const char *why)
{
    log_line(message->webhooks->log, LOG_ERROR, "webhook-failed", LOG_STRING("of", message->name),
             LOG_STRING("why", why));
    end(message);
}

static void on_answer(void *self, const struct http_answer *answer)
{
    struct message *message = self;
    if (answer->status >= 200 && answer->status < 300) {
        message->webhooks->acknowledged++;
        end(message);
    } else if (message->tries < WEBHOOK_TRIES) {
        loop_timer_set(message->again, message->tries * WAIT_NS);
    } else {
        bool refused = answer->status != 0;
        message->webhooks->rejected += refused;
        message->webhooks->dropped += !refused;
        give_up(message, refused ? "its server refused it" : "no answer came");
    }
}

static void try_once(void *self)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct message *message = self;
    struct http_exchange exchange = {.method = "POST",
                                     .url = message->url,
                                     .headers = headers,
                                     .body = buf_bytes(&message->body),
                                     .timeout_ns = TIMEOUT_NS,
                                     .answer_limit = ANSWER_BYTES};
    message->tries++;
    if (http_client_send(message->webhooks->client, &exchange, on_answer, message) != 0) {
        message->webhooks->dropped++;
        give_up(message, "no memory");
    }
}

static struct message *message_new(struct webhooks *webhooks, const char *url, const char *name,
                                   struct bytes document)
{
    struct message *message = calloc(1, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    list_init(&message->link);
    message->webhooks = webhooks;
    message->url = strdup(url);
    message->name = strdup(name);
    message->body = BUF_NULL;
    buf_append_bytes(&message->body, document);
    if (message->url == NULL || message->name == NULL || message->body.failed ||
        loop_timer_new(&message->again, webhooks->loop, try_once, message) != 0) {
        message_free(message);
        return NULL;
    }
    return message;
}

static bool has_client(struct webhooks *webhooks)
{
    if (webhooks->abandoned) {
        return false;
    }
    return webhooks->client != NULL ||
           http_client_new(&webhooks->client, webhooks->loop, CONNECTIONS) == 0;
}

void webhooks_post(struct webhooks *webhooks, const char *url, const char *name,
                   struct bytes document)
{
    bool full = webhooks->count >= WEBHOOKS_MAX;
    struct message *message =
        !full && has_client(webhooks) ? message_new(webhooks, url, name, document) : NULL;
    webhooks->produced++;
    if (message == NULL) {
        webhooks->dropped++;
        log_line(webhooks->log, LOG_ERROR, "webhook-failed", LOG_STRING("of", name),
                 LOG_STRING("why", webhooks->abandoned ? "the daemon is ending"
                                   : full              ? "too many are under way"
                                                       : "no memory"));
        return;
    }
    list_append(&webhooks->messages, &message->link);
    webhooks->count++;
    loop_timer_set(message->again, 0);
}
