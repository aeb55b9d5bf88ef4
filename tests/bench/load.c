/* Loads an OTLP/gRPC server: N connections with one request in flight each, h2c with prior
 * knowledge, fresh trace IDs in every request. Prints one line of JSON about the measured time,
 * which begins when the warm-up has ended; the CPU time of the server is read from its process's
 * clock at both ends.
 *
 *   bench_load --port P --pid SERVER --body FILE [--connections 8] [--warm 3] [--seconds 5] [--rate
 * SPANS_PER_S] */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/body.h"

#define CONNECTIONS_MAX 256
#define READ_BYTES      65536
#define NS_PER_S        UINT64_C(1000000000)

struct options {
    uint16_t port;
    pid_t pid;
    const char *body;
    uint32_t connections;
    double warm_s, seconds;
    double rate; /* spans a second; 0: as fast as the server answers */
};

/* What the server answered. */
struct totals {
    uint64_t ok, refused;
};

struct connection {
    int fd;
    nghttp2_session *session;
    struct body body;
    size_t body_sent;
    struct buf out; /* frames on their way to the socket */
    size_t out_sent;
    bool busy, good;
    struct totals *totals;
};

static void die(const char *what, int code)
{
    fprintf(stderr, "load: %s: %s\n", what, code < 0 ? strerror(-code) : "failed");
    exit(1);
}

static uint64_t clock_ns(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0) {
        die("the server is gone", -errno);
    }
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static ssize_t on_body(nghttp2_session *session, int32_t stream, uint8_t *to, size_t room,
                       uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct connection *connection = source->ptr;
    size_t left = connection->body.bytes.len - connection->body_sent;
    size_t len = left < room ? left : room;
    (void)session, (void)stream, (void)user;
    memcpy(to, connection->body.bytes.data + connection->body_sent, len);
    connection->body_sent += len;
    if (len == left) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return (ssize_t)len;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *received, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *user)
{
    struct connection *connection = user;
    (void)session, (void)received, (void)flags;
    if (name_len == 11 && memcmp(name, "grpc-status", 11) == 0) {
        connection->good = value_len == 1 && value[0] == '0';
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *user)
{
    struct connection *connection = user;
    (void)session, (void)stream;
    connection->busy = false;
    if (error == 0 && connection->good) {
        connection->totals->ok++;
    } else {
        connection->totals->refused++;
    }
    return 0;
}

#define HEADER(name, value)                                                                        \
    {                                                                                              \
        (uint8_t *)(uintptr_t)(name), (uint8_t *)(uintptr_t)(value), sizeof(name) - 1,             \
            sizeof(value) - 1, NGHTTP2_NV_FLAG_NONE                                                \
    }

static void submit(struct connection *connection)
{
    static const nghttp2_nv headers[] = {
        HEADER(":method", "POST"),
        HEADER(":scheme", "http"),
        HEADER(":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        HEADER(":authority", "127.0.0.1"),
        HEADER("te", "trailers"),
        HEADER("content-type", "application/grpc"),
        HEADER("user-agent", "assertd-bench"),
    };
    nghttp2_data_provider provider = {.source.ptr = connection, .read_callback = on_body};
    body_renew(&connection->body);
    connection->body_sent = 0;
    connection->busy = true;
    connection->good = false;
    int32_t id = nghttp2_submit_request(connection->session, NULL, headers,
                                        sizeof headers / sizeof *headers, &provider, NULL);
    if (id < 0) {
        die("request", 0);
    }
}

/* One send for all that may be sent, as a client with large buffers does. */
static void flush(struct connection *connection)
{
    const uint8_t *frame;
    ssize_t len;
    if (connection->out_sent == connection->out.len) {
        buf_reset(&connection->out);
        connection->out_sent = 0;
        while ((len = nghttp2_session_mem_send(connection->session, &frame)) > 0) {
            buf_append(&connection->out, frame, (size_t)len);
        }
    }
    while (connection->out_sent < connection->out.len) {
        len = send(connection->fd, connection->out.data + connection->out_sent,
                   connection->out.len - connection->out_sent, MSG_NOSIGNAL);
        if (len < 0 && errno == EAGAIN) {
            return;
        }
        if (len < 0) {
            die("send", -errno);
        }
        connection->out_sent += (size_t)len;
    }
}

static void receive(struct connection *connection)
{
    static uint8_t block[READ_BYTES];
    ssize_t len = recv(connection->fd, block, sizeof block, 0);
    if (len == 0 || (len < 0 && errno != EAGAIN)) {
        die("the server closed a connection", len < 0 ? -errno : 0);
    }
    if (len > 0 && nghttp2_session_mem_recv(connection->session, block, (size_t)len) < 0) {
        die("HTTP/2", 0);
    }
}

static void open_socket(struct connection *connection, uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        die("connect", -errno);
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) != 0) {
        die("socket", -errno);
    }
}

static void connection_open(struct connection *connection, const struct options *options,
                            uint32_t number, struct totals *totals)
{
    nghttp2_session_callbacks *callbacks = NULL;
    int bad = body_read(&connection->body, options->body, (uint64_t)getpid() << 8 | number);
    if (bad) {
        die(options->body, bad);
    }
    connection->out = BUF_NULL;
    connection->totals = totals;
    open_socket(connection, options->port);
    if (nghttp2_session_callbacks_new(&callbacks) != 0) {
        die("HTTP/2", 0);
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    bad = nghttp2_session_client_new(&connection->session, callbacks, connection);
    nghttp2_session_callbacks_del(callbacks);
    if (bad || nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, NULL, 0) != 0) {
        die("HTTP/2", 0);
    }
}

static void connection_close(struct connection *connection)
{
    nghttp2_session_del(connection->session);
    close(connection->fd);
    buf_deinit(&connection->out);
    body_deinit(&connection->body);
}

struct load {
    struct options options;
    struct connection *connections;
    struct totals totals;
    uint64_t submitted;
    uint64_t started_ns;
};

/* Whether the next request may go: at once, or when the rate has come so far. */
static bool is_due(const struct load *load, uint64_t now_ns)
{
    double spans = (double)load->submitted * load->connections[0].body.span_count;
    return load->options.rate <= 0 ||
           spans <= load->options.rate * (double)(now_ns - load->started_ns) / NS_PER_S;
}

static void turn(struct load *load)
{
    struct pollfd polls[CONNECTIONS_MAX];
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    for (uint32_t i = 0; i < load->options.connections; i++) {
        struct connection *connection = &load->connections[i];
        if (!connection->busy && is_due(load, now_ns)) {
            submit(connection);
            load->submitted++;
        }
        flush(connection);
        bool waits = connection->out_sent < connection->out.len;
        polls[i] = (struct pollfd){.fd = connection->fd,
                                   .events = (short)(POLLIN | (waits ? POLLOUT : 0))};
    }
    poll(polls, load->options.connections, load->options.rate > 0 ? 1 : 100);
    for (uint32_t i = 0; i < load->options.connections; i++) {
        if (polls[i].revents & (POLLIN | POLLERR | POLLHUP)) {
            receive(&load->connections[i]);
        }
    }
}

static void run_for(struct load *load, double seconds)
{
    uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * (double)NS_PER_S);
    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
        turn(load);
    }
}

static void measure(struct load *load, clockid_t server)
{
    const struct body *body = &load->connections[0].body;
    struct totals before = load->totals;
    uint64_t wall_ns = clock_ns(CLOCK_MONOTONIC), server_ns = clock_ns(server);
    uint64_t own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    run_for(load, load->options.seconds);
    server_ns = clock_ns(server) - server_ns;
    wall_ns = clock_ns(CLOCK_MONOTONIC) - wall_ns;
    own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own_ns;
    uint64_t ok = load->totals.ok - before.ok;
    printf("{\"requests\": %" PRIu64 ", \"refused\": %" PRIu64 ", \"spans\": %" PRIu64
           ", \"wall_s\": %.6f, "
           "\"server_cpu_s\": %.6f, \"client_cpu_s\": %.6f, \"spans_per_request\": %" PRIu32
           ", \"traces_per_request\": %" PRIu32
           ", \"bytes_per_request\": %zu, \"connections\": %" PRIu32 "}\n",
           ok, load->totals.refused - before.refused, ok * body->span_count,
           (double)wall_ns / NS_PER_S, (double)server_ns / NS_PER_S, (double)own_ns / NS_PER_S,
           body->span_count, body->trace_count, body->bytes.len, load->options.connections);
}

static int parse(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"port", required_argument, NULL, 'p'}, {"pid", required_argument, NULL, 'i'},
        {"body", required_argument, NULL, 'b'}, {"connections", required_argument, NULL, 'c'},
        {"warm", required_argument, NULL, 'w'}, {"seconds", required_argument, NULL, 's'},
        {"rate", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0},
    };
    int letter;
    *options = (struct options){.connections = 8, .warm_s = 3, .seconds = 5};
    while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (letter) {
        case 'p':
            options->port = (uint16_t)atoi(optarg);
            break;
        case 'i':
            options->pid = atoi(optarg);
            break;
        case 'b':
            options->body = optarg;
            break;
        case 'c':
            options->connections = (uint32_t)atoi(optarg);
            break;
        case 'w':
            options->warm_s = atof(optarg);
            break;
        case 's':
            options->seconds = atof(optarg);
            break;
        case 'r':
            options->rate = atof(optarg);
            break;
        default:
            return 1;
        }
    }
    return options->port == 0 || options->pid == 0 || options->body == NULL ||
           options->connections == 0 || options->connections > CONNECTIONS_MAX;
}

int main(int argc, char **argv)
{
    struct load load = {.started_ns = clock_ns(CLOCK_MONOTONIC)};
    clockid_t server;
    if (parse(&load.options, argc, argv)) {
        fprintf(stderr, "usage: bench_load --port P --pid SERVER --body FILE [--connections N] "
                        "[--warm S] [--seconds S] "
                        "[--rate SPANS_PER_S]\n");
        return 1;
    }
    load.connections = calloc(load.options.connections, sizeof *load.connections);
    if (load.connections == NULL || clock_getcpuclockid(load.options.pid, &server) != 0) {
        die("memory, or the server's clock", 0);
    }
    for (uint32_t i = 0; i < load.options.connections; i++) {
        connection_open(&load.connections[i], &load.options, i, &load.totals);
    }
    run_for(&load, load.options.warm_s);
    measure(&load, server);
    for (uint32_t i = 0; i < load.options.connections; i++) {
        connection_close(&load.connections[i]);
    }
    free(load.connections);
    return 0;
}
