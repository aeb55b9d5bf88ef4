/* One connection to the server under load, with several requests in flight.
 *
 * The socket and the slots are here; how a request is put into bytes and an answer is read is the
 * protocol's (client_grpc.c, client_http.c). Whatever goes wrong with the connection ends the
 * program: a figure without it would be none. Thread rule: none shared. */
#ifndef ASSERTD_TESTS_BENCH_CLIENT_H
#define ASSERTD_TESTS_BENCH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/histogram.h"
#include "tests/bench/request.h"

struct client;

/* What the server answered, over all connections. */
struct totals {
    uint64_t ok, refused, bytes;
    struct histogram answers; /* from sending to the answer */
};

struct protocol {
    const char *name;
    uint32_t in_flight_max; /* 1: requests go one after the other */
    void *(*begin)(struct client *client);
    void (*end)(void *state);
    /* A renewed request is to be sent. */
    void (*submit)(struct client *client, uint32_t slot);
    /* Puts what may be sent behind what is in client->out, which is empty. */
    void (*fill)(struct client *client);
    void (*input)(struct client *client, const uint8_t *data, size_t len);
};

extern const struct protocol client_grpc;
extern const struct protocol client_http;

struct client_options {
    uint16_t port;
    const struct protocol *protocol;
    const struct body *body;
    enum packing packing;
    uint32_t in_flight;
    struct ids *ids;
    struct totals *totals;
};

struct slot {
    struct request request;
    bool busy;
    bool good; /* the answer so far */
    size_t sent;
    struct client *client; /* back */
};

struct client {
    struct client_options options;
    int fd;
    void *state; /* the protocol's */
    struct slot *slots;
    uint32_t busy;
    struct buf out; /* on its way to the socket */
    size_t out_sent;
};

/* Connects. The options' pointers outlive the client. */
void client_init(struct client *ret, const struct client_options *options);
void client_deinit(struct client *client);

/* Whether another request may be sent. */
bool client_has_room(const struct client *client);

/* Sends a request with fresh IDs; there must be room. */
void client_submit(struct client *client);

/* Writes what the socket takes; whether something is left. */
bool client_flush(struct client *client);

/* Reads what is there. */
void client_receive(struct client *client);

/* For protocols: the request in `slot` was answered. */
void client_answered(struct client *client, uint32_t slot, bool good);

/* CLOCK_MONOTONIC. */
uint64_t client_now_ns(void);

/* Ends the program with a message; `code` is a negative errno, or 0. */
_Noreturn void client_die(const char *what, int code);

#endif
