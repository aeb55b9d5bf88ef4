#include "daemon/net/http2.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "daemon/net/http2_connection.h"
#include "daemon/net/http2_library.h"

#define SETTINGS_MAX       32
#define OUTBOUND_ACKS_MAX  1000
#define FIRST_UNKNOWN_TYPE 10

static nghttp2_option *option_new(void)
{
    nghttp2_option *option;
    if (nghttp2_option_new(&option) != 0) {
        return NULL;
    }
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_max_settings(option, SETTINGS_MAX);
    nghttp2_option_set_max_outbound_ack(option, OUTBOUND_ACKS_MAX);
    /* Unknown frames are passed over in silence otherwise, where the guard would not see a flood of
     * them. */
    for (unsigned type = FIRST_UNKNOWN_TYPE; type <= UINT8_MAX; type++) {
        nghttp2_option_set_user_recv_extension_type(option, (uint8_t)type);
    }
    http2_library_limit(option);
    return option;
}

int http2_server_new(struct http2_server **ret, const struct http2_options *options)
{
    struct http2_server *server = malloc(sizeof *server);
    if (server == NULL) {
        return -ENOMEM;
    }
    server->options = *options;
    http_shell_init(&server->shell, &options->budget);
    server->callbacks = http2_callbacks_new();
    server->option = option_new();
    server->memory = http2_memory_new(options->budget.budget);
    if (server->callbacks == NULL || server->option == NULL || server->memory == NULL) {
        http2_server_free(server);
        return -ENOMEM;
    }
    *ret = server;
    return 0;
}

void http2_server_accept(struct http2_server *server, struct transport *take_transport)
{
    const struct http2_options *options = &server->options;
    if (http_shell_admit(&server->shell, &options->limits, options->counters, take_transport)) {
        http2_connection_new(server, take_transport);
    }
}

static void drain(struct list *link)
{
    http2_connection_drain(container_of(link, struct http2_connection, link));
}

void http2_server_drain(struct http2_server *server)
{
    server->shell.draining = true;
    http_shell_each(&server->shell, drain);
}

uint32_t http2_server_open(const struct http2_server *server)
{
    return server->shell.open;
}

static void close_connection(struct list *link)
{
    http2_connection_close(container_of(link, struct http2_connection, link));
}

void http2_server_free(struct http2_server *server)
{
    if (server == NULL) {
        return;
    }
    http_shell_each(&server->shell, close_connection);
    http_shell_deinit(&server->shell);
    nghttp2_session_callbacks_del(server->callbacks);
    nghttp2_option_del(server->option);
    http2_memory_free(server->memory);
    free(server);
}
