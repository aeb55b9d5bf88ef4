/* The inside of the running program, shared by the files that compose it (app.c) and that let
 * connections in (app_ports.c). Nobody else includes this. Thread rule: the control thread's, but
 * for `receivers`, of which each worker owns one. */
#ifndef ASSERTD_APP_STATE_H
#define ASSERTD_APP_STATE_H

#include "daemon/admin.h"
#include "daemon/app.h"
#include "daemon/net/listener.h"
#include "receivers/otlp_receiver.h"

enum port { PORT_GRPC, PORT_HTTP, PORT_ADMIN, PORT_HEALTH, PORT_METRICS, PORT_COUNT };

/* One listening address and what is done with its connections. */
struct app_port {
    struct app *app;
    enum port port;
    struct listener *listener;
};

struct app {
    struct app_options options;
    const struct settings *settings;
    struct log log;
    struct loop *loop;
    struct worker_pool *pool;
    struct export_thread *exports;
    struct campaigns *campaigns;
    struct admin *admin;
    uint64_t started_ns;
    struct health health;
    struct app_port ports[PORT_COUNT];
    struct otlp_receiver *receivers[SHARDS_MAX];
    struct budget budget; /* limits.memory */
    uint32_t workers;
};

/* The names of the ports in logs and reports, by enum port. */
extern const char *const app_port_names[PORT_COUNT];

/* Opens all configured ports. 0; an exit code, logged. */
int app_listen(struct app *app);

#endif
