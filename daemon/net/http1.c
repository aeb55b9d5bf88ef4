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
    http_shell_init(&server->shell, &options->budget);
    *ret = server;
    return 0;
}

void http1_server_accept(struct http1_server *server, struct transport *take_transport)
{
    const struct http1_options *options = &server->options;
    if (http_shell_admit(&server->shell, &options->limits, options->counters, take_transport)) {
        http1_connection_new(server, take_transport);
    }
}

static void drain(struct list *link)
{
    http1_connection_drain(container_of(link, struct http1_connection, link));
}

void http1_server_drain(struct http1_server *server)
{
    server->shell.draining = true;
    http_shell_each(&server->shell, drain);
}

uint32_t http1_server_open(const struct http1_server *server)
{
    return server->shell.open;
}

static void close_connection(struct list *link)
{
    http1_connection_close(container_of(link, struct http1_connection, link));
}

void http1_server_free(struct http1_server *server)
{
    if (server == NULL) {
        return;
    }
    http_shell_each(&server->shell, close_connection);
    http_shell_deinit(&server->shell);
    free(server);
}
