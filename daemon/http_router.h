/* Routes of the admin listeners: method and path to a function, segments in braces captured. Thread
 * rule: control thread. */
#ifndef ASSERTD_DAEMON_HTTP_ROUTER_H
#define ASSERTD_DAEMON_HTTP_ROUTER_H

#include "daemon/core/buf.h"
#include "daemon/net/http.h"

#define ROUTE_CAPTURES 2

struct route_match {
    struct bytes captures[ROUTE_CAPTURES]; /* of the path's {...} segments */
};

struct route {
    const char *method;
    const char *path; /* "/api/campaigns/{key}/report" */
    void (*answer)(void *self, struct http_request *request, const struct route_match *match);
};

/* Routes of one module, and what their functions are called with. */
struct route_set {
    const struct route *routes;
    size_t count;
    void *self;
};

/* Calls the first route that matches, or answers 404 or 405 (with Allow) as JSON. */
void router_dispatch(const struct route_set *sets, size_t count, struct http_request *request);

/* The value of a query parameter, not decoded; `.data` NULL: absent. */
struct bytes router_query(const struct http_request *request, const char *name);

/* Appends the value decoded: %XX is a byte, a plus is a blank, as forms have it. 0; an outcome:
 * nothing is appended. */
enum router_outcome { ROUTER_ABSENT = 1, ROUTER_MALFORMED = 2 };
int router_query_decoded(const struct http_request *request, const char *name, struct buf *ret);

/* Answers. `router_error` gives {"error":"..."}. */
void router_answer(struct http_request *request, unsigned status, const char *content_type,
                   struct bytes body);
void router_error(struct http_request *request, unsigned status, const char *text);
/* The header that says when to come back, in whole seconds, at least one. `text` holds its value.
 */
#define ROUTER_RETRY_BYTES 16
struct http_header router_retry_after(char text[ROUTER_RETRY_BYTES], uint32_t retry_after_ms);
/* 503 with {"error":"..."} and Retry-After. */
void router_busy(struct http_request *request, uint32_t retry_after_ms, const char *text);

#endif
