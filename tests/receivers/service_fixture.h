/* A service without a server: requests made by hand, answers kept as text. */
#ifndef ASSERTD_TESTS_RECEIVERS_SERVICE_FIXTURE_H
#define ASSERTD_TESTS_RECEIVERS_SERVICE_FIXTURE_H

#include "daemon/core/clock.h"
#include "daemon/net/http_incoming.h"
#include "receivers/otlp_call.h"
#include "tests/receivers/fake_admission.h"

#define FIXTURE_HEADERS_MAX 8

struct service {
    struct otlp_context context;
    struct fake_admission admission;
    struct clock_manual clock;
    const struct http_handler *handler;
    uint64_t refused_requests, rejected_spans; /* told to options.refused */
};

/* One request and what became of it. */
struct exchange {
    struct budget *account;
    struct http_incoming incoming;
    struct http_header headers[FIXTURE_HEADERS_MAX];
    unsigned answers; /* how many came: one, or none yet */
    bool refused;     /* by `begin`, before the body */
    unsigned status;
    struct buf head; /* content type, headers and trailers, "name: value\n" */
    struct buf body;
};

void service_init(struct service *service, const struct http_handler *handler);
void service_deinit(struct service *service);

/* Begins a POST; headers as name, value, ..., NULL. `announced` as http_handler.begin. */
void exchange_begin(struct exchange *exchange, struct service *service, const char *method,
                    const char *path, const char *const *headers, uint64_t announced);
/* Gives the body and completes, where `begin` did not refuse. */
void exchange_complete(struct exchange *exchange, struct service *service, struct bytes body);
/* The peer goes away. */
void exchange_close(struct exchange *exchange, struct service *service);
/* Begins with an unknown length, completes. */
void exchange_run(struct exchange *exchange, struct service *service, const char *path,
                  const char *const *headers, struct bytes body);
void exchange_deinit(struct exchange *exchange);

/* The value of a header or trailer, NULL where there is none; valid until the next call. */
const char *exchange_header(struct exchange *exchange, const char *name);

#endif
