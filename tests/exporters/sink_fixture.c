#include "tests/exporters/sink_fixture.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_NS (20 * NS_PER_S)

struct exporter_settings quick_settings(void)
{
    return (struct exporter_settings){
        .set = true,
        .timeout_ns = 5 * NS_PER_S,
        .queue = {1 << 30},
        .retry = {20 * NS_PER_MS, 100 * NS_PER_MS, 60 * NS_PER_S},
    };
}

void sink_fixture_init(struct sink_fixture *fixture, const struct exporter_type *type,
                       const void *settings)
{
    struct hub_sink sink = {type, settings};
    assert_int_equal(loop_new(&fixture->loop), 0);
    log_init(&fixture->log, &clock_system, STDERR_FILENO, LOG_INFO, LOG_TEXT);
    struct hub_options options = {.loop = fixture->loop,
                                  .log = &fixture->log,
                                  .clock = &clock_system,
                                  .sinks = &sink,
                                  .sink_count = 1,
                                  .random_seed = 7};
    assert_int_equal(hub_new(&fixture->hub, &options), 0);
}

void sink_fixture_deinit(struct sink_fixture *fixture)
{
    hub_free(fixture->hub);
    loop_free(fixture->loop);
}

bool turn_until(struct sink_fixture *fixture, bool (*holds)(void *self), void *self)
{
    uint64_t end = clock_system.monotonic_ns(&clock_system) + PATIENCE_NS;
    while (!holds(self)) {
        if (clock_system.monotonic_ns(&clock_system) > end) {
            return false;
        }
        loop_turn(fixture->loop);
        nanosleep(&(struct timespec){0, 200000},
                  NULL); /* librdkafka and curl have threads that need the core */
    }
    return true;
}

static bool is_idle(void *self)
{
    return hub_idle(((struct sink_fixture *)self)->hub);
}

struct ledger_sink balance(struct sink_fixture *fixture)
{
    struct ledger_sink sink;
    assert_int_equal(hub_account(fixture->hub, &sink, 1), 1);
    assert_int_equal(sink.produced, sink.acknowledged + sink.rejected + sink.dropped +
                                        sink.spooled + sink.in_flight);
    return sink;
}

struct ledger_sink settled(struct sink_fixture *fixture)
{
    assert_true(turn_until(fixture, is_idle, fixture));
    return balance(fixture);
}

struct export_batch *make_batch(uint32_t first, uint32_t verdicts, uint32_t meters, uint32_t events)
{
    struct export_batch *batch = export_batch_new();
    for (uint32_t i = 0; i < verdicts; i++) {
        struct verdict *verdict = export_batch_verdict(batch);
        verdict->campaign = BYTES_LITERAL("c");
        verdict->suite = BYTES_LITERAL("s");
        verdict->trace_id.bytes[0] = 1;
        verdict->trace_id.bytes[14] = (uint8_t)((first + i) >> 8);
        verdict->trace_id.bytes[15] = (uint8_t)(first + i);
        verdict->result = RESULT_PASS;
        verdict->revision = 1;
        verdict->final = true;
        verdict_id(verdict->id, verdict->campaign, verdict->suite, &verdict->trace_id);
    }
    for (uint32_t i = 0; i < meters; i++) {
        struct meter *meter = export_batch_meter(batch);
        meter->kind = METER_ASSERTION;
        meter->time_unix_ns = 1700000000 * NS_PER_S;
        meter->tags.campaign = BYTES_LITERAL("c");
        meter->fields[0] =
            (struct meter_field){.name = "count", .type = METER_INT, .integer = first + i};
        meter->field_count = 1;
    }
    for (uint32_t i = 0; i < events; i++) {
        struct campaign_event *event = export_batch_event(batch);
        event->campaign = BYTES_LITERAL("c");
        event->json = BYTES_LITERAL("{\"key\":\"c\"}");
    }
    return batch;
}

int bind_on_loopback(char endpoint[32])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(endpoint, 32, "127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

int listen_on_loopback(char endpoint[32])
{
    int fd = bind_on_loopback(endpoint);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}
