/* Loads an OTLP server: N connections with M requests in flight each, gRPC (h2c with prior
 * knowledge) or HTTP/1.1, protobuf or JSON as the body's file is, packed or not, fresh trace IDs in
 * every request, at a rate or as fast as the server answers. Prints two lines of JSON: how long the
 * warm-up took, when it has ended, and what was measured then; the CPU time of the server is read
 * from its process's clock at both ends. load_options.c tells the command line.
 *
 * Probes go over a connection of their own, at their own rate, and are not in the figures. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/clock.h"
#include "tests/bench/load_options.h"
#include "tests/bench/settle.h"

/* A rate of requests, kept by counting what should have been sent. */
struct pace {
    double per_s; /* 0: no limit */
    uint64_t from_ns, sent;
};

static bool pace_is_due(const struct pace *pace, uint64_t now_ns)
{
    return pace->per_s <= 0 ||
           (double)pace->sent <= pace->per_s * (double)(now_ns - pace->from_ns) / NS_PER_S;
}

struct load {
    struct load_options options;
    struct body body, probe;
    struct ids ids, probe_ids;
    struct totals totals, probe_totals;
    struct client *clients; /* the probes' is the last */
    uint32_t first;         /* who is asked first whether it has room */
    struct pace pace, probe_pace;
    bool probing;
};

static uint64_t clock_ns(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0) {
        client_die("the server is gone", -errno);
    }
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void body_must_read(struct body *ret, const char *path)
{
    int bad = body_read(ret, path);
    if (bad) {
        client_die(path, bad);
    }
}

static void load_open(struct load *load)
{
    struct load_options *options = &load->options;
    struct client_options client = {.port = (uint16_t)options->port,
                                    .protocol = options->protocol,
                                    .body = &load->body,
                                    .packing = options->packing,
                                    .in_flight = options->in_flight,
                                    .ids = &load->ids,
                                    .totals = &load->totals};
    load->ids = ids_from((uint32_t)getpid(), false);
    load->probe_ids = ids_from(0, true);
    load->clients = calloc(options->connections + 1, sizeof *load->clients);
    if (load->clients == NULL) {
        client_die("connections", -ENOMEM);
    }
    for (uint32_t i = 0; i < options->connections; i++) {
        client_init(&load->clients[i], &client);
    }
    if (options->probe != NULL) {
        client.body = &load->probe;
        client.ids = &load->probe_ids;
        client.totals = &load->probe_totals;
        client_init(&load->clients[options->connections], &client);
    }
}

static uint32_t open_count(const struct load *load)
{
    return load->options.connections + (load->options.probe != NULL);
}

static void load_close(struct load *load)
{
    for (uint32_t i = 0; i < open_count(load); i++) {
        client_deinit(&load->clients[i]);
    }
    free(load->clients);
    body_deinit(&load->body);
    if (load->options.probe != NULL) {
        body_deinit(&load->probe);
    }
}

static void submit_due(struct client *client, struct pace *pace, uint64_t now_ns)
{
    while (client_has_room(client) && pace_is_due(pace, now_ns)) {
        client_submit(client);
        pace->sent++;
    }
}

static void submit_all(struct load *load)
{
    uint64_t now_ns = client_now_ns();
    uint32_t count = load->options.connections;
    for (uint32_t i = 0; i < count; i++) {
        submit_due(&load->clients[(load->first + i) % count], &load->pace, now_ns);
    }
    load->first = (load->first + 1) % count;
    if (load->probing) {
        submit_due(&load->clients[count], &load->probe_pace, now_ns);
    }
}

static void turn(struct load *load)
{
    struct pollfd polls[LOAD_CONNECTIONS_MAX];
    uint32_t count = open_count(load);
    submit_all(load);
    for (uint32_t i = 0; i < count; i++) {
        bool waits = client_flush(&load->clients[i]);
        polls[i] = (struct pollfd){.fd = load->clients[i].fd,
                                   .events = (short)(POLLIN | (waits ? POLLOUT : 0))};
    }
    poll(polls, count, load->pace.per_s > 0 || load->probing ? 1 : 100);
    for (uint32_t i = 0; i < count; i++) {
        if (polls[i].revents & (POLLIN | POLLERR | POLLHUP)) {
            client_receive(&load->clients[i]);
        }
    }
}

static void run_for(struct load *load, double seconds)
{
    uint64_t end_ns = client_now_ns() + (uint64_t)(seconds * (double)NS_PER_S);
    while (client_now_ns() < end_ns) {
        turn(load);
    }
}

struct reading {
    uint64_t wall_ns, server_ns, own_ns, ok, refused, bytes;
};

static struct reading read_all(const struct load *load, clockid_t server)
{
    return (struct reading){.wall_ns = client_now_ns(),
                            .server_ns = clock_ns(server),
                            .own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
                            .ok = load->totals.ok,
                            .refused = load->totals.refused,
                            .bytes = load->totals.bytes};
}

static double seconds_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static void print(const struct load *load, const struct reading *from, const struct reading *to)
{
    uint64_t ok = to->ok - from->ok;
    printf("{\"requests\": %" PRIu64 ", \"refused\": %" PRIu64 ", \"spans\": %" PRIu64
           ", \"bytes\": %" PRIu64 ", \"wall_s\": %.6f, \"server_cpu_s\": %.6f"
           ", \"client_cpu_s\": %.6f",
           ok, to->refused - from->refused, ok * load->body.span_count, to->bytes - from->bytes,
           seconds_of(to->wall_ns - from->wall_ns), seconds_of(to->server_ns - from->server_ns),
           seconds_of(to->own_ns - from->own_ns));
    printf(", \"spans_per_request\": %" PRIu32 ", \"traces_per_request\": %" PRIu32
           ", \"plain_bytes_per_request\": %zu, \"connections\": %" PRIu32
           ", \"in_flight\": %" PRIu32 ", \"probes\": %" PRIu64 ", \"answers\": ",
           load->body.span_count, load->body.trace_count, load->body.bytes.len,
           load->options.connections, load->options.in_flight, load->probe_pace.sent);
    histogram_print(&load->totals.answers);
    printf("}\n");
}

/* The warm-up, and that it has ended. */
static void warm(struct load *load)
{
    const struct load_options *options = &load->options;
    uint64_t begin_ns = client_now_ns();
    run_for(load, options->warm_s);
    uint64_t most_ns = client_now_ns() + (uint64_t)(options->settle_s * (double)NS_PER_S);
    struct settling settling = settling_of(options->pid, load->totals.ok * load->body.span_count);
    bool settled = options->settle_s <= 0;
    while (!settled && client_now_ns() < most_ns) {
        run_for(load, 1);
        settled = settling_look(&settling, load->totals.ok * load->body.span_count);
    }
    printf("{\"warm_s\": %.3f, \"settled\": %s}\n", seconds_of(client_now_ns() - begin_ns),
           settled ? "true" : "false");
    fflush(stdout);
}

static void measure(struct load *load, clockid_t server)
{
    struct reading from = read_all(load, server);
    load->totals.answers = (struct histogram){0};
    if (load->options.probe != NULL) {
        load->probe_pace = (struct pace){load->options.probe_rate, from.wall_ns, 0};
        load->probing = true;
    }
    run_for(load, load->options.seconds);
    struct reading to = read_all(load, server);
    print(load, &from, &to);
}

int main(int argc, char **argv)
{
    static struct load load;
    clockid_t server;
    if (load_options_parse(&load.options, argc, argv)) {
        return 1;
    }
    if (clock_getcpuclockid((pid_t)load.options.pid, &server) != 0) {
        client_die("the server's clock", 0);
    }
    body_must_read(&load.body, load.options.body);
    if (load.options.probe != NULL) {
        body_must_read(&load.probe, load.options.probe);
    }
    load_open(&load);
    load.pace.per_s = load.options.rate / load.body.span_count;
    load.pace.from_ns = client_now_ns();
    warm(&load);
    measure(&load, server);
    load_close(&load);
    return 0;
}
