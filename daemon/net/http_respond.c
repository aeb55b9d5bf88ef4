#include "daemon/core/list.h"
#include "daemon/net/http_incoming.h"

void http_respond(struct http_request *request, const struct http_response *response)
{
    struct http_incoming *incoming = container_of(request, struct http_incoming, request);
    incoming->respond(incoming, response);
}
