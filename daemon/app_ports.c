/* Where connections come in: listening, and which worker gets them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/app_state.h"
#include "daemon/exit_code.h"

const char *const app_port_names[PORT_COUNT] = {"otlp/grpc", "otlp/http", "admin", "health",
                                                "metrics"};

/* A connection on its way to a worker. */
struct accept_task {
    struct task task;
    struct app *app;
    enum port port;
    int fd;
};

static void accept_on_worker(struct task *task, struct worker *worker)
{
    struct accept_task *accept = (struct accept_task *)(void *)task;
    struct otlp_receiver *receiver = accept->app->receivers[worker_index(worker)];
    if (receiver == NULL) {
        close(accept->fd); /* the worker has stopped */
    } else if (accept->port == PORT_GRPC) {
        otlp_receiver_accept_grpc(receiver, accept->fd);
    } else {
        otlp_receiver_accept_http(receiver, accept->fd);
    }
    free(accept);
}

static uint64_t open_connections(const struct otlp_receiver *receiver)
{
    const struct otlp_counters *counters = otlp_receiver_counters(receiver);
    return counter_get(&counters->grpc.connections_opened) -
           counter_get(&counters->grpc.connections_closed) +
           counter_get(&counters->http.connections_opened) -
           counter_get(&counters->http.connections_closed);
}

static uint32_t least_loaded(const struct app *app)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < app->workers; i++) {
        if (open_connections(app->receivers[i]) < open_connections(app->receivers[best])) {
            best = i;
        }
    }
    return best;
}

static void accepted(void *self, int take_fd)
{
    struct app_port *port = self;
    struct app *app = port->app;
    static const enum admin_pages pages[] = {
        [PORT_ADMIN] = ADMIN_ALL, [PORT_HEALTH] = ADMIN_HEALTH, [PORT_METRICS] = ADMIN_METRICS};
    if (port->port >= PORT_ADMIN) {
        admin_accept(app->admin, pages[port->port], take_fd);
        return;
    }
    struct accept_task *accept = malloc(sizeof *accept);
    if (accept == NULL) {
        close(take_fd);
        return;
    }
    *accept = (struct accept_task){{.run = accept_on_worker}, app, port->port, take_fd};
    worker_send(worker_pool_get(app->pool, least_loaded(app)), &accept->task);
}

static int listen_on(struct app *app, enum port port, const char *endpoint, bool movable)
{
    char error[256];
    char moved[256];
    const char *colon = endpoint != NULL ? strrchr(endpoint, ':') : NULL;
    if (endpoint == NULL || endpoint[0] == '\0') {
        return 0;
    }
    if (movable && app->options.listen_host != NULL && colon != NULL) {
        snprintf(moved, sizeof moved, "%s%s", app->options.listen_host, colon);
        endpoint = moved;
    }
    app->ports[port].app = app;
    app->ports[port].port = port;
    if (listener_new(&app->ports[port].listener, app->loop, endpoint, accepted, &app->ports[port],
                     error, sizeof error) != 0) {
        log_line(&app->log, LOG_ERROR, "listen-failed", LOG_STRING("name", app_port_names[port]),
                 LOG_STRING("error", error));
        return EXIT_CODE_USAGE;
    }
    log_line(&app->log, LOG_INFO, "listening", LOG_STRING("name", app_port_names[port]),
             LOG_STRING("address", listener_address(app->ports[port].listener)));
    return 0;
}

int app_listen(struct app *app)
{
    const struct settings *settings = app->settings;
    int bad = listen_on(app, PORT_GRPC, settings->receivers.otlp.grpc.endpoint.text, true);
    bad = bad ? bad : listen_on(app, PORT_HTTP, settings->receivers.otlp.http.endpoint.text, true);
    bad = bad ? bad : listen_on(app, PORT_ADMIN, settings->admin.endpoint.text, true);
    bad = bad ? bad : listen_on(app, PORT_HEALTH, settings->health.endpoint.text, false);
    return bad ? bad : listen_on(app, PORT_METRICS, settings->metrics.endpoint.text, false);
}

const char *app_http_address(const struct app *app)
{
    return app->ports[PORT_HTTP].listener != NULL ? listener_address(app->ports[PORT_HTTP].listener)
                                                  : NULL;
}

const char *app_admin_address(const struct app *app)
{
    return app->ports[PORT_ADMIN].listener != NULL
               ? listener_address(app->ports[PORT_ADMIN].listener)
               : NULL;
}

static void drain_worker(struct task *task, struct worker *worker)
{
    struct accept_task *drain = (struct accept_task *)(void *)task;
    struct otlp_receiver *receiver = drain->app->receivers[worker_index(worker)];
    if (receiver != NULL) {
        otlp_receiver_drain(receiver);
    }
    free(drain);
}

void app_stop_intake(struct app *app)
{
    app->health.ready = false;
    for (int i = PORT_GRPC; i <= PORT_HTTP; i++) {
        listener_free(app->ports[i].listener);
        app->ports[i].listener = NULL;
    }
    worker_pool_drain(app->pool);
    for (uint32_t i = 0; i < app->workers; i++) {
        struct accept_task *drain = calloc(1, sizeof *drain);
        if (drain != NULL) {
            *drain = (struct accept_task){{.run = drain_worker}, app, PORT_GRPC, -1};
            worker_send(worker_pool_get(app->pool, i), &drain->task);
        }
    }
}
