#include "daemon/find_page.h"

#include <stdlib.h>

#include "daemon/core/json.h"
#include "daemon/core/number.h"
#include "daemon/core/units.h"
#include "daemon/core/utf8.h"
#include "daemon/pipeline/watches.h"
#include "daemon/waiter.h"

#define TIMEOUT_DEFAULT_NS (30 * NS_PER_S)
#define BUSY_MS            1000u

/* A request under way. Each of its two tasks comes back from the worker once; it is freed with the
 * last that does. */
struct find_ask {
    struct task begin; /* there to ask, back with the answer */
    struct task stop;  /* there to say that the time is over */
    struct waiter waiter;
    struct list link;       /* of the page's */
    struct find_page *page; /* NULL: it has ended */
    struct worker *worker;
    struct budget *budget;
    struct finder *finder;
    struct loop_timer *timer;
    struct watch watch;
    uint64_t charge; /* what is held for asking */
    unsigned away;   /* tasks at the worker */
    bool stopped;    /* the second was sent */
};

/* What is asked for. */
struct wish {
    struct trace_id id;
    uint32_t expected;
    uint64_t timeout_ns;
    struct finder *finder;
};

/* --- on the worker --- */

static struct find_ask *ask_of(struct watch *watch)
{
    return container_of(watch, struct find_ask, watch);
}

static void told(struct watch *watch)
{
    struct find_ask *ask = ask_of(watch);
    worker_reply(ask->worker, &ask->begin);
}

static void answered(struct task *task, struct worker *worker);
static void came_back(struct task *task, struct worker *worker);

static void begin_watch(struct task *task, struct worker *worker)
{
    struct find_ask *ask = container_of(task, struct find_ask, begin);
    task->run = answered;
    shard_watch(worker_shard(worker), &ask->watch);
}

static void end_watch(struct task *task, struct worker *worker)
{
    struct find_ask *ask = container_of(task, struct find_ask, stop);
    task->run = came_back;
    shard_unwatch(worker_shard(worker), &ask->watch);
    worker_reply(worker, task);
}

/* --- the answer --- */

static void free_if_back(struct find_ask *ask)
{
    if (--ask->away == 0) {
        free(ask);
    }
}

static void refuse_busy(struct budget *budget, struct http_request *request, const char *why)
{
    budget_refuse(budget, BUDGET_ADMIN_BUSY);
    router_busy(request, BUSY_MS, why);
}

#define NO_MEMORY "limits.memory is full"

static void respond(struct find_ask *ask, struct http_request *request)
{
    switch (ask->watch.outcome) {
    case WATCH_FOUND:
        router_answer(request, 200, "application/json", buf_bytes(&ask->watch.body));
        break;
    case WATCH_UNKNOWN:
        router_error(request, 404, "no span of this trace has come");
        break;
    case WATCH_FORGOTTEN:
        router_error(request, 404, "the trace is final, and its spans are no longer kept");
        break;
    case WATCH_NO_MEMORY:
        refuse_busy(ask->budget, request, NO_MEMORY);
        break;
    }
}

/* Leaves the page, which may end before the last task is back. */
static void leave_page(struct find_ask *ask)
{
    loop_timer_free(ask->timer);
    ask->timer = NULL;
    if (ask->page != NULL) {
        list_remove(&ask->link);
        ask->page->count--;
        ask->page = NULL;
    }
}

static void answered(struct task *task, struct worker *worker)
{
    struct find_ask *ask = container_of(task, struct find_ask, begin);
    struct http_request *request = waiter_end(&ask->waiter);
    (void)worker;
    leave_page(ask);
    if (request != NULL) {
        respond(ask, request);
    }
    budget_give(ask->budget, BUDGET_ADMIN, ask->charge + ask->watch.charge);
    buf_deinit(&ask->watch.body);
    finder_free(ask->finder);
    free_if_back(ask);
}

static void came_back(struct task *task, struct worker *worker)
{
    (void)worker;
    free_if_back(container_of(task, struct find_ask, stop));
}

/* --- the end of a wait --- */

static void stop(struct find_ask *ask)
{
    if (!ask->stopped) {
        ask->stopped = true;
        ask->away++;
        ask->stop.run = end_watch;
        worker_send(ask->worker, &ask->stop);
    }
}

static void time_over(void *self)
{
    stop(self);
}

static void peer_left(struct waiter *waiter)
{
    stop(container_of(waiter, struct find_ask, waiter));
}

/* --- the question --- */

static int parse_expect(struct http_request *request, uint32_t *ret)
{
    struct bytes word = router_query(request, "expect");
    uint64_t number = 1;
    if (word.data != NULL && (number_parse_u64(word, &number) != 0 || number > FIND_EXPECT_MAX)) {
        router_error(request, 400, "expect: write a number of spans up to 1000000");
        return 1;
    }
    *ret = (uint32_t)number;
    return 0;
}

static int parse_timeout(struct http_request *request, uint64_t *ret)
{
    struct bytes word = router_query(request, "timeout");
    int64_t ns = (int64_t)TIMEOUT_DEFAULT_NS;
    if (word.data != NULL &&
        (units_parse_duration(word, &ns) != 0 || ns < 0 || (uint64_t)ns > FIND_TIMEOUT_MAX_NS)) {
        router_error(request, 400, "timeout: write a duration up to 600s, such as 30s");
        return 1;
    }
    *ret = (uint64_t)ns;
    return 0;
}

static void refuse_selector(struct http_request *request, const struct finder_problem *problem)
{
    struct buf body = BUF_NULL;
    struct json json = JSON_INIT(&body);
    json_object(&json);
    json_key(&json, "error");
    struct buf text = BUF_NULL;
    buf_printf(&text, "select: byte %d: %s", problem->byte, problem->text);
    json_text(&json, buf_bytes(&text));
    json_member_u64(&json, "byte", (uint64_t)problem->byte);
    json_object_end(&json);
    router_answer(request, 400, "application/json", buf_bytes(&body));
    buf_deinit(&text);
    buf_deinit(&body);
}

static int parse_select(struct find_page *page, struct http_request *request, struct finder **ret)
{
    struct finder_problem problem = {.byte = 0};
    struct buf text = BUF_NULL;
    int bad = router_query_decoded(request, "select", &text);
    if (bad == ROUTER_ABSENT) {
        buf_append_text(&text, "span[]");
        bad = 0;
    }
    if (bad != 0 || !utf8_valid(buf_bytes(&text))) {
        router_error(request, 400, "select: write it percent-encoded, in UTF-8");
        bad = 1;
    } else if ((bad = finder_new(ret, buf_bytes(&text), &problem)) == FINDER_REFUSED) {
        refuse_selector(request, &problem);
    } else if (bad != 0) {
        refuse_busy(page->budget, request, NO_MEMORY);
    } else if (!keep_covers(page->keep, finder_keep(*ret))) {
        router_error(request, 409,
                     "select: it reads a key that no suite reads, and evidence.keep = 'read' keeps "
                     "nothing else of a span; name the key in a suite, or keep 'raw'");
        finder_free(*ret);
        bad = 1;
    }
    buf_deinit(&text);
    return bad;
}

/* 0; else the request was answered. */
static int parse_wish(struct find_page *page, struct http_request *request,
                      const struct route_match *match, struct wish *ret)
{
    if (trace_id_parse(match->captures[0], &ret->id) != 0) {
        router_error(request, 404, "a trace ID is 32 hex digits, not all zero");
        return 1;
    }
    if (page->count >= FINDS_MAX) {
        refuse_busy(page->budget, request, "too many wait for spans");
        return 1;
    }
    return parse_expect(request, &ret->expected) != 0 ||
           parse_timeout(request, &ret->timeout_ns) != 0 ||
           parse_select(page, request, &ret->finder) != 0;
}

static struct find_ask *ask_new(struct find_page *page, const struct wish *wish)
{
    struct find_ask *ask = calloc(1, sizeof *ask);
    uint64_t charge = sizeof *ask + finder_held(wish->finder);
    if (ask == NULL || loop_timer_new(&ask->timer, page->loop, time_over, ask) != 0) {
        free(ask);
        return NULL;
    }
    if (!budget_take(page->budget, BUDGET_ADMIN, charge)) {
        loop_timer_free(ask->timer);
        free(ask);
        return NULL;
    }
    ask->page = page;
    ask->budget = page->budget;
    ask->charge = charge;
    ask->finder = wish->finder;
    ask->waiter.hurry = peer_left;
    ask->watch = (struct watch){
        .id = wish->id, .finder = wish->finder, .expected = wish->expected, .done = told};
    uint32_t shard = shard_map_find(worker_pool_shards(page->pool), &wish->id);
    ask->worker = worker_pool_get(page->pool, shard);
    list_append(&page->asks, &ask->link);
    page->count++;
    return ask;
}

static void show_spans(void *self, struct http_request *request, const struct route_match *match)
{
    struct find_page *page = self;
    struct wish wish;
    if (parse_wish(page, request, match, &wish) != 0) {
        return;
    }
    struct find_ask *ask = ask_new(page, &wish);
    if (ask == NULL) {
        finder_free(wish.finder);
        refuse_busy(page->budget, request, NO_MEMORY);
        return;
    }
    waiter_begin(&ask->waiter, page->waiting, request);
    ask->away = 1;
    ask->begin.run = begin_watch;
    worker_send(ask->worker, &ask->begin);
    if (page->drains || wish.timeout_ns == 0 || loop_timer_set(ask->timer, wish.timeout_ns) != 0) {
        stop(ask);
    }
}

/* --- life cycle --- */

void find_page_init(struct find_page *page)
{
    list_init(&page->asks);
    page->count = 0;
    page->drains = false;
}

void find_page_drain(struct find_page *page)
{
    page->drains = true;
    for (struct list *at = page->asks.next; at != &page->asks; at = at->next) {
        stop(container_of(at, struct find_ask, link));
    }
}

void find_page_deinit(struct find_page *page)
{
    find_page_drain(page);
    while (!list_empty(&page->asks)) {
        leave_page(container_of(page->asks.next, struct find_ask, link));
    }
}

static const struct route routes[] = {
    {"GET", "/api/traces/{trace_id}/spans", show_spans},
};

struct route_set find_page_routes(struct find_page *page)
{
    return (struct route_set){routes, sizeof routes / sizeof *routes, page};
}
