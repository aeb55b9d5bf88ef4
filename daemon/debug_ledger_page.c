/* One campaign after the other is asked for: a report takes every shard's tallies. */
#include <stdlib.h>

#include "daemon/debug_ledger.h"
#include "daemon/debug_parts.h"
#include "daemon/waiter.h"

#define LEDGER_CAMPAIGNS 20

struct ledger_wish {
    struct waiter waiter;
    struct debug_pages *pages; /* good as long as the request is there */
    struct campaign_entry *entry;
    enum outline_form form;
    struct outline outline;
    struct buf body;
};

static void ledger_end(struct ledger_wish *wish)
{
    struct ledger_sink sinks[CAMPAIGNS_SINKS_MAX];
    struct debug_pages *pages = wish->pages;
    struct http_request *request = waiter_end(&wish->waiter);
    if (request != NULL) {
        outline_list_end(&wish->outline);
        debug_ledger_write_sinks(&wish->outline, sinks, campaigns_sinks(pages->campaigns, sinks));
        outline_end(&wish->outline);
        debug_answer(request, wish->form, &wish->body);
    }
    buf_deinit(&wish->body);
    free(wish);
}

static void told_ledger(void *self, struct report *report);

static void ledger_next(struct ledger_wish *wish)
{
    if (wish->entry == NULL) {
        ledger_end(wish);
        return;
    }
    campaigns_report(wish->pages->campaigns, wish->entry, told_ledger, wish);
}

static void told_ledger(void *self, struct report *report)
{
    struct ledger_wish *wish = self;
    wish->body.failed |= report == NULL;
    if (report != NULL) {
        if (wish->waiter.request != NULL) {
            debug_ledger_write(&wish->outline, report);
        }
        arena_deinit(&report->arena);
    }
    if (wish->waiter.request == NULL || wish->body.failed) {
        ledger_end(wish);
        return;
    }
    wish->entry = campaigns_next(wish->pages->campaigns, wish->entry);
    ledger_next(wish);
}

/* The first of the newest ones; how many older ones there are. */
static struct campaign_entry *newest_campaigns(struct campaigns *campaigns, uint32_t *ret_omitted)
{
    uint32_t count = 0;
    struct campaign_entry *at = NULL;
    while ((at = campaigns_next(campaigns, at)) != NULL) {
        count++;
    }
    *ret_omitted = count > LEDGER_CAMPAIGNS ? count - LEDGER_CAMPAIGNS : 0;
    at = campaigns_next(campaigns, NULL);
    for (uint32_t i = 0; i < *ret_omitted; i++) {
        at = campaigns_next(campaigns, at);
    }
    return at;
}

void debug_show_ledger(void *self, struct http_request *request, const struct route_match *match)
{
    struct debug_pages *pages = self;
    enum outline_form form;
    uint32_t omitted;
    (void)match;
    if (debug_choose_form(request, &form) != 0) {
        return;
    }
    struct ledger_wish *wish = calloc(1, sizeof *wish);
    if (wish == NULL) {
        router_error(request, 503, "no memory");
        return;
    }
    wish->pages = pages;
    wish->form = form;
    wish->entry = newest_campaigns(pages->campaigns, &omitted);
    outline_begin(&wish->outline, form, &wish->body);
    outline_number(&wish->outline, "campaigns_omitted", omitted);
    outline_list(&wish->outline, "campaigns");
    waiter_begin(&wish->waiter, pages->waiting, request);
    ledger_next(wish);
}
