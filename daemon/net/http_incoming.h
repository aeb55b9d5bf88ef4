/* The server's side of a request: how http_respond finds the server that read it. Only for the
 * servers of this folder.
 *
 * Thread rule: confined to the connection's worker. */
#ifndef ASSERTD_NET_HTTP_INCOMING_H
#define ASSERTD_NET_HTTP_INCOMING_H

#include "daemon/net/http.h"

struct http_incoming {
    /* Sends the answer and ends the request. */
    void (*respond)(struct http_incoming *incoming, const struct http_response *response);
    struct http_request request;
};

#endif
