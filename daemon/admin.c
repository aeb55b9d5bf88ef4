#include "daemon/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/campaign_pages.h"
#include "daemon/debug_pages.h"
#include "daemon/find_page.h"
#include "daemon/injection_page.h"
#include "daemon/net/http1.h"
#include "daemon/trace_page.h"
#include "daemon/waiter.h"

#define BODY_BYTES (64u << 20)
/* Of each set of pages. Each has one request under way, so that this many wait at most. */
#define CONNECTIONS_MAX 1024u
/* Of each set: let in though limits.memory is full, so that one can ask what fills it. */
#define CONNECTIONS_RESERVED 16u
#define PAGE_SETS            3
#define ROUTE_SETS           7

struct admin {
    struct http1_server *servers[PAGE_SETS];
    struct http_counters counters;
    struct http_header later; /* of the refusal being written, as the next two */
    char retry_text[ROUTER_RETRY_BYTES];
    char refusal[128];
    struct list waiting; /* struct waiter: requests whose answer comes from the workers */
    struct campaign_pages campaigns;
    struct injection_page injections;
    struct trace_page traces;
    struct find_page finds;
    struct debug_pages debug;
    struct health_pages health;
    struct route_set routes[ROUTE_SETS]; /* ordered so that each listener serves a run of them */
};

/* Where the runs begin in `routes`: all, the metrics, the probes. */
enum { FIRST_METRICS = 5, FIRST_HEALTH = 6 };

static void complete_all(void *self, struct http_request *request)
{
    struct admin *admin = self;
    router_dispatch(admin->routes, ROUTE_SETS, request);
}

static void complete_health(void *self, struct http_request *request)
{
    struct admin *admin = self;
    router_dispatch(admin->routes + FIRST_HEALTH, ROUTE_SETS - FIRST_HEALTH, request);
}

static void complete_metrics(void *self, struct http_request *request)
{
    struct admin *admin = self;
    router_dispatch(admin->routes + FIRST_METRICS, FIRST_HEALTH - FIRST_METRICS, request);
}

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    (void)self;
    (void)request;
    (void)announced;
    (void)ret_refusal;
    return 0;
}

static void closed(void *self, struct http_request *request)
{
    (void)self;
    waiter_closed(request);
}

static void ended(void *self, struct http_request *request)
{
    (void)self;
    waiter_ended(request);
}

/* The server's own refusals are JSON, too, and say when a body will find room. */
static void refuse(void *self, struct http_request *request, unsigned status, const char *reason,
                   struct http_response *response)
{
    struct admin *admin = self;
    snprintf(admin->refusal, sizeof admin->refusal, "{\"error\":\"%s\"}", reason);
    response->content_type = "application/json";
    response->body = bytes_of(admin->refusal);
    if (status == 503) {
        budget_refuse(admin->campaigns.budget, BUDGET_ADMIN_BUSY);
        admin->later = router_retry_after(
            admin->retry_text, worker_pool_retry_after_ms(admin->traces.pool, request->body_len));
        response->headers = &admin->later;
        response->header_count = 1;
    }
}

static const struct http_handler handlers[PAGE_SETS] = {
    [ADMIN_ALL] = {.begin = begin,
                   .complete = complete_all,
                   .refuse = refuse,
                   .closed = closed,
                   .ended = ended},
    [ADMIN_HEALTH] = {.begin = begin,
                      .complete = complete_health,
                      .refuse = refuse,
                      .closed = closed},
    [ADMIN_METRICS] = {.begin = begin,
                       .complete = complete_metrics,
                       .refuse = refuse,
                       .closed = closed},
};

/* What the suites, which all campaigns share, leave of stored spans. */
static const struct keep *keep_of(const struct loaded *loaded)
{
    return loaded->settings->evidence.keep == EVIDENCE_KEEP_READ ? suite_set_keep(loaded->set)
                                                                 : NULL;
}

static void set_pages(struct admin *admin, const struct admin_options *options)
{
    admin->campaigns =
        (struct campaign_pages){options->campaigns, &admin->waiting, options->budget};
    admin->injections = (struct injection_page){options->campaigns, options->pool};
    admin->traces = (struct trace_page){options->pool, &admin->waiting};
    admin->finds = (struct find_page){.pool = options->pool,
                                      .loop = options->loop,
                                      .budget = options->budget,
                                      .waiting = &admin->waiting,
                                      .keep = keep_of(options->loaded)};
    find_page_init(&admin->finds);
    admin->debug = (struct debug_pages){
        .campaigns = options->campaigns,
        .loaded = options->loaded,
        .pool = options->pool,
        .exports = options->exports,
        .waiting = &admin->waiting,
    };
    admin->health = options->health;
    admin->routes[0] = campaign_pages_routes(&admin->campaigns);
    admin->routes[1] = injection_page_routes(&admin->injections);
    admin->routes[2] = trace_page_routes(&admin->traces);
    admin->routes[3] = find_page_routes(&admin->finds);
    admin->routes[4] = debug_pages_routes(&admin->debug);
    admin->routes[FIRST_METRICS] = metrics_page_routes(&admin->health);
    admin->routes[FIRST_HEALTH] = health_pages_routes(&admin->health);
}

int admin_new(struct admin **ret, const struct admin_options *options)
{
    struct admin *admin = calloc(1, sizeof *admin);
    int bad = admin == NULL ? -ENOMEM : 0;
    if (!bad) {
        list_init(&admin->waiting);
        set_pages(admin, options);
    }
    for (size_t i = 0; !bad && i < PAGE_SETS; i++) {
        struct http1_options server = {.loop = options->loop,
                                       .limits = HTTP_LIMITS_DEFAULT,
                                       .handler = &handlers[i],
                                       .self = admin,
                                       .counters = &admin->counters,
                                       .budget = {options->budget, BUDGET_ADMIN, BUDGET_ADMIN,
                                                  .reserve = CONNECTIONS_RESERVED},
                                       .post_without_length = true};
        uint64_t most = budget_request_max(options->budget);
        server.limits.connections = CONNECTIONS_MAX;
        server.limits.body_bytes = most < BODY_BYTES ? (size_t)most : BODY_BYTES;
        bad = http1_server_new(&admin->servers[i], &server);
    }
    if (bad) {
        admin_free(admin);
        return bad;
    }
    *ret = admin;
    return 0;
}

void admin_accept(struct admin *admin, enum admin_pages pages, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http1_server_accept(admin->servers[pages], transport);
    }
}

void admin_drain(struct admin *admin)
{
    find_page_drain(&admin->finds);
}

bool admin_is_idle(const struct admin *admin)
{
    return admin->finds.count == 0;
}

void admin_free(struct admin *admin)
{
    if (admin == NULL) {
        return;
    }
    for (size_t i = 0; i < PAGE_SETS; i++) {
        if (admin->servers[i] != NULL) {
            http1_server_free(admin->servers[i]);
        }
    }
    find_page_deinit(&admin->finds);
    waiters_orphan(&admin->waiting); /* their answers still come when the workers stop */
    free(admin);
}
