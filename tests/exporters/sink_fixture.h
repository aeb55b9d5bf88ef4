/* A hub with one real exporter on a real loop, batches for it, and a loopback server that does what
 * the test says. */
#ifndef ASSERTD_TESTS_EXPORTERS_SINK_FIXTURE_H
#define ASSERTD_TESTS_EXPORTERS_SINK_FIXTURE_H

#include "exporters/hub.h"
#include "exporters/settings.h"

struct sink_fixture {
    struct loop *loop;
    struct log log;
    struct hub *hub;
};

/* Settings that are quick: pauses of 20 to 100 ms, nothing given up for 60 s. */
struct exporter_settings quick_settings(void);

/* A hub with one sink. */
void sink_fixture_init(struct sink_fixture *fixture, const struct exporter_type *type,
                       const void *settings);
void sink_fixture_deinit(struct sink_fixture *fixture);

/* Turns the loop until `holds` or 20 s have passed; returns what `holds` said last. */
bool turn_until(struct sink_fixture *fixture, bool (*holds)(void *self), void *self);

/* Turns the loop until nothing is under way; the balance must add up. */
struct ledger_sink settled(struct sink_fixture *fixture);
struct ledger_sink balance(struct sink_fixture *fixture);

/* A batch of verdicts with rising trace IDs, assertion meters with rising counts, and campaign
 * events. */
struct export_batch *make_batch(uint32_t first, uint32_t verdicts, uint32_t meters,
                                uint32_t events);

/* A socket on a free loopback port, which refuses until it listens; its "127.0.0.1:PORT" in
 * `endpoint`. */
int bind_on_loopback(char endpoint[32]);
/* A listening socket on a free loopback port; its "127.0.0.1:PORT" in `endpoint`. */
int listen_on_loopback(char endpoint[32]);

#endif
