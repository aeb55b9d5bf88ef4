#include "daemon/health_pages.h"

static void answer_probe(struct http_request *request, bool good)
{
    router_answer(request, good ? 200 : 503, "text/plain; charset=utf-8",
                  good ? BYTES_LITERAL("ok\n") : BYTES_LITERAL("not now\n"));
}

static void live(void *self, struct http_request *request, const struct route_match *match)
{
    (void)self;
    (void)match;
    answer_probe(request, true);
}

static void ready(void *self, struct http_request *request, const struct route_match *match)
{
    struct health_pages *pages = self;
    (void)match;
    answer_probe(request, pages->health->ready);
}

static void started(void *self, struct http_request *request, const struct route_match *match)
{
    struct health_pages *pages = self;
    (void)match;
    answer_probe(request, pages->health->started);
}

static void metrics(void *self, struct http_request *request, const struct route_match *match)
{
    struct health_pages *pages = self;
    struct buf body = BUF_NULL;
    (void)match;
    pages->write_metrics(pages->self, &body);
    router_answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_bytes(&body));
    buf_deinit(&body);
}

static const struct route health_routes[] = {
    {"GET", "/livez", live},
    {"GET", "/readyz", ready},
    {"GET", "/startupz", started},
    {"GET", "/", ready},
};

static const struct route metrics_routes[] = {{"GET", "/metrics", metrics}};

struct route_set health_pages_routes(struct health_pages *pages)
{
    return (struct route_set){health_routes, sizeof health_routes / sizeof *health_routes, pages};
}

struct route_set metrics_page_routes(struct health_pages *pages)
{
    return (struct route_set){metrics_routes, sizeof metrics_routes / sizeof *metrics_routes,
                              pages};
}
