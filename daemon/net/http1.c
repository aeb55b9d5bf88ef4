#include "daemon/net/http1.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/net/http1_connection.h"

int http1_server_new(struct http1_server **ret, const struct http1_options *options)
{
    struct http1_server *server = malloc(sizeof *server);
    if (server == NULL) {
        return -ENOMEM;
    }
    server->options = *options;
    list_init(&server->connections);
    server->open = 0;
    server->draining = false;
    *ret = server;
    return 0;
}

void http1_server_accept(struct http1_server *server, struct transport *take_transport)
{
    if (server->draining || server->open >= server->options.limits.connections) {
        counter_add(&server->options.counters->refused_connections, 1);
        take_transport->type->free(take_transport);
        return;
    }
    http1_connection_new(server, take_transport);
}

void http1_server_drain(struct http1_server *server)
{
    server->draining = true;
    struct list *link = server->connections.next;
    while (link != &server->connections) {
        struct list *next = link->next;
        http1_connection_drain(container_of(link, struct http1_connection, link));
        link = next;
    }
}

uint32_t http1_server_open(const struct http1_server *server)
{
    return server->open;
}

void http1_server_free(struct http1_server *server)
{
    if (server == NULL) {
        return;
    }
    while (!list_empty(&server->connections)) {
        http1_connection_close(
            container_of(server->connections.next, struct http1_connection, link));
    }
    free(server);
}
