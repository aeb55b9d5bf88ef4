#include <stdlib.h>

#include "daemon/core/number.h"
#include "daemon/debug_parts.h"
#include "daemon/debug_traces.h"
#include "daemon/glimpses.h"
#include "daemon/waiter.h"

#define TRACES_DEFAULT 20

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
        debug_answer(request, wish->form, &body);
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

void debug_show_traces(void *self, struct http_request *request, const struct route_match *match)
{
    struct debug_pages *pages = self;
    uint32_t count;
    enum outline_form form;
    (void)match;
    if (debug_choose_form(request, &form) != 0 || choose_count(request, &count) != 0) {
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
