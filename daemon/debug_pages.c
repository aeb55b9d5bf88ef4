#include "daemon/debug_pages.h"

#include <stdlib.h>

#include "daemon/core/number.h"
#include "daemon/debug_assertions.h"
#include "daemon/debug_ledger.h"
#include "daemon/debug_traces.h"
#include "daemon/glimpses.h"
#include "daemon/waiter.h"

#define TRACES_DEFAULT   20
#define LEDGER_CAMPAIGNS 20

/* --- forms --- */

static bool accepts_json(const struct http_request *request)
{
    return bytes_contain(http_request_header(request, "accept"), BYTES_LITERAL("application/json"));
}

/* 0; 1: refused, answered. */
static int choose_form(struct http_request *request, enum outline_form *ret)
{
    struct bytes word = router_query(request, "format");
    if (word.data == NULL) {
        *ret = accepts_json(request) ? OUTLINE_JSON : OUTLINE_TEXT;
        return 0;
    }
    *ret = bytes_is(word, "json") ? OUTLINE_JSON : OUTLINE_TEXT;
    if (!bytes_is(word, "json") && !bytes_is(word, "text")) {
        router_error(request, 400, "format: write json or text");
        return 1;
    }
    return 0;
}

static void answer_page(struct http_request *request, enum outline_form form, struct buf *body)
{
    if (body->failed) {
        router_error(request, 503, "no memory");
    } else {
        router_answer(request, 200,
                      form == OUTLINE_JSON ? "application/json" : "text/plain; charset=utf-8",
                      buf_bytes(body));
    }
    buf_deinit(body);
}

/* --- pages that are written at once --- */

/* Answers with what `write` writes of the pages. */
static void answer_now(struct debug_pages *pages, struct http_request *request,
                       void (*write)(const struct debug_pages *pages, struct outline *outline))
{
    struct buf body = BUF_NULL;
    struct outline outline;
    enum outline_form form;
    if (choose_form(request, &form) != 0) {
        return;
    }
    outline_begin(&outline, form, &body);
    write(pages, &outline);
    outline_end(&outline);
    answer_page(request, form, &body);
}

static void write_index(const struct debug_pages *pages, struct outline *outline)
{
    static const char *const list[][2] = {
        {"/debug/traces", "how many are open, and the oldest (?count=20)"},
        {"/debug/assertions", "the suites as they were compiled"},
        {"/debug/ledger", "where every injection, span and record is, by campaign"},
        {"/debug/rings", "how full the queues between threads are"},
        {"/debug/memory", "who holds memory"},
        {"/debug/stages", "where each thread's time went, in seconds"},
        {"/debug/config", "the effective configuration, secrets masked"},
    };
    (void)pages;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        outline_string(outline, list[i][0], list[i][1]);
    }
}

static void show_index(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_index);
}

static void write_assertions(const struct debug_pages *pages, struct outline *outline)
{
    debug_assertions_write(outline, pages->loaded->set, &pages->loaded->settings->suites);
}

static void show_assertions(void *self, struct http_request *request,
                            const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_assertions);
}

static void write_rings(const struct debug_pages *pages, struct outline *outline)
{
    debug_rings_write(outline, pages->pool, pages->exports);
}

static void show_rings(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_rings);
}

static void write_memory(const struct debug_pages *pages, struct outline *outline)
{
    debug_memory_write(outline, pages->pool);
}

static void show_memory(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_memory);
}

static void write_stages(const struct debug_pages *pages, struct outline *outline)
{
    debug_stages_write(outline, pages->pool, pages->exports);
}

static void show_stages(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_stages);
}

/* libconfig text; as JSON it is one text. */
static void show_config(void *self, struct http_request *request, const struct route_match *match)
{
    const struct debug_pages *pages = self;
    struct buf text = BUF_NULL;
    struct buf body = BUF_NULL;
    struct outline outline;
    enum outline_form form;
    (void)match;
    if (choose_form(request, &form) != 0) {
        return;
    }
    config_print(pages->loaded->config, &text);
    if (form == OUTLINE_TEXT) {
        answer_page(request, form, &text);
        return;
    }
    outline_begin(&outline, form, &body);
    outline_text(&outline, "config", buf_bytes(&text));
    outline_end(&outline);
    body.failed |= text.failed;
    buf_deinit(&text);
    answer_page(request, form, &body);
}

/* --- traces: the shards are asked --- */

struct traces_wish {
    struct waiter waiter;
    struct worker_pool *pool;
    enum outline_form form;
};

static void write_traces(struct traces_wish *wish, struct outline *outline,
                         const struct trace_glimpse *traces, uint32_t count)
{
    const struct shard_gauges *shards[SHARDS_MAX];
    uint32_t shard_count = worker_pool_count(wish->pool);
    for (uint32_t i = 0; i < shard_count; i++) {
        shards[i] = shard_gauges(worker_shard(worker_pool_get(wish->pool, i)));
    }
    debug_traces_write(outline, shards, shard_count, traces, count);
}

static void told_traces(void *self, const struct trace_glimpse *traces, uint32_t count)
{
    struct traces_wish *wish = self;
    struct http_request *request = waiter_end(&wish->waiter);
    struct buf body = BUF_NULL;
    struct outline outline;
    if (request != NULL && traces == NULL) {
        router_error(request, 503, "no memory");
    } else if (request != NULL) {
        outline_begin(&outline, wish->form, &body);
        write_traces(wish, &outline, traces, count);
        outline_end(&outline);
        answer_page(request, wish->form, &body);
    }
    free(wish);
}

/* 0; 1: refused, answered. */
static int choose_count(struct http_request *request, uint32_t *ret)
{
    struct bytes word = router_query(request, "count");
    uint64_t count = TRACES_DEFAULT;
    if (word.data != NULL && (number_parse_u64(word, &count) != 0 || count > GLIMPSE_TRACES_MAX)) {
        router_error(request, 400, "count: write a number up to 100");
        return 1;
    }
    *ret = (uint32_t)count;
    return 0;
}

static void show_traces(void *self, struct http_request *request, const struct route_match *match)
{
    struct debug_pages *pages = self;
    uint32_t count;
    enum outline_form form;
    (void)match;
    if (choose_form(request, &form) != 0 || choose_count(request, &count) != 0) {
        return;
    }
    struct traces_wish *wish = malloc(sizeof *wish);
    if (wish == NULL) {
        router_error(request, 503, "no memory");
        return;
    }
    *wish = (struct traces_wish){.pool = pages->pool, .form = form};
    waiter_begin(&wish->waiter, pages->waiting, request);
    if (glimpses_begin(wish->pool, count, told_traces, wish) != 0) {
        told_traces(wish, NULL, 0);
    }
}

/* --- ledger: one campaign after the other is asked for --- */

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
    struct ledger_sink sinks[HUB_SINKS_MAX];
    struct debug_pages *pages = wish->pages;
    struct http_request *request = waiter_end(&wish->waiter);
    if (request != NULL) {
        outline_list_end(&wish->outline);
        debug_ledger_write_sinks(&wish->outline, sinks,
                                 export_thread_account(pages->exports, sinks, HUB_SINKS_MAX));
        outline_end(&wish->outline);
        answer_page(request, wish->form, &wish->body);
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

static void show_ledger(void *self, struct http_request *request, const struct route_match *match)
{
    struct debug_pages *pages = self;
    enum outline_form form;
    uint32_t omitted;
    (void)match;
    if (choose_form(request, &form) != 0) {
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

static const struct route routes[] = {
    {"GET", "/debug", show_index},         {"GET", "/debug/", show_index},
    {"GET", "/debug/traces", show_traces}, {"GET", "/debug/assertions", show_assertions},
    {"GET", "/debug/ledger", show_ledger}, {"GET", "/debug/rings", show_rings},
    {"GET", "/debug/memory", show_memory}, {"GET", "/debug/stages", show_stages},
    {"GET", "/debug/config", show_config},
};

struct route_set debug_pages_routes(struct debug_pages *pages)
{
    return (struct route_set){routes, sizeof routes / sizeof *routes, pages};
}
