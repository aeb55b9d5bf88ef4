#include "daemon/trace_page.h"

#include <stdlib.h>

#include "daemon/core/json.h"
#include "daemon/waiter.h"

/* A trace is shown by the worker that owns it. */
struct trace_ask {
    struct task task;
    struct waiter waiter;
    struct trace_id id;
    struct buf body;
    bool known;
};

static void told_trace(struct task *task, struct worker *worker)
{
    struct trace_ask *ask = (struct trace_ask *)(void *)task;
    struct http_request *request = waiter_end(&ask->waiter);
    (void)worker;
    if (request != NULL && ask->known) {
        router_answer(request, 200, "application/json", buf_bytes(&ask->body));
    } else if (request != NULL) {
        router_error(request, 404, "no such trace, or forgotten");
    }
    buf_deinit(&ask->body);
    free(ask);
}

static void look_up_trace(struct task *task, struct worker *worker)
{
    struct trace_ask *ask = (struct trace_ask *)(void *)task;
    struct json json = JSON_INIT(&ask->body);
    ask->known = shard_write_trace(worker_shard(worker), &ask->id, &json) == 0;
    ask->task.run = told_trace;
    worker_reply(worker, &ask->task);
}

static void show_trace(void *self, struct http_request *request, const struct route_match *match)
{
    struct trace_page *page = self;
    struct trace_id id;
    if (trace_id_parse(match->captures[0], &id) != 0) {
        router_error(request, 404, "a trace ID is 32 hex digits, not all zero");
        return;
    }
    struct trace_ask *ask = malloc(sizeof *ask);
    if (ask == NULL) {
        router_error(request, 503, "no memory");
        return;
    }
    *ask = (struct trace_ask){.task = {.run = look_up_trace}, .id = id, .body = BUF_NULL};
    waiter_begin(&ask->waiter, page->waiting, request);
    uint32_t shard = shard_map_find(worker_pool_shards(page->pool), &id);
    worker_send(worker_pool_get(page->pool, shard), &ask->task);
}

static const struct route routes[] = {
    {"GET", "/api/traces/{trace_id}", show_trace},
};

struct route_set trace_page_routes(struct trace_page *page)
{
    return (struct route_set){routes, sizeof routes / sizeof *routes, page};
}
