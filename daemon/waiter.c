#include "daemon/waiter.h"

void waiter_begin(struct waiter *waiter, struct list *waiting, struct http_request *request)
{
    waiter->request = request;
    request->state = waiter;
    list_append(waiting, &waiter->link);
}

struct http_request *waiter_end(struct waiter *waiter)
{
    struct http_request *request = waiter->request;
    list_remove(&waiter->link);
    if (request != NULL) {
        request->state = NULL;
    }
    return request;
}

static void waiter_hurry(struct waiter *waiter)
{
    if (waiter->hurry != NULL) {
        waiter->hurry(waiter);
    }
}

void waiter_closed(struct http_request *request)
{
    struct waiter *waiter = request->state;
    if (waiter != NULL) {
        waiter->request = NULL;
        waiter_hurry(waiter);
    }
}

void waiter_ended(struct http_request *request)
{
    struct waiter *waiter = request->state;
    if (waiter != NULL) {
        waiter_hurry(waiter);
    }
}

void waiters_orphan(struct list *waiting)
{
    while (!list_empty(waiting)) {
        list_remove(waiting->next);
    }
}
