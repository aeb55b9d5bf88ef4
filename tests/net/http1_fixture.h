/* What the tests of the HTTP/1.1 server share: a server with a handler of ours on a loop whose time
 * they set, and one peer. */
#ifndef ASSERTD_TESTS_NET_HTTP1_FIXTURE_H
#define ASSERTD_TESTS_NET_HTTP1_FIXTURE_H

#include "daemon/net/http1.h"
#include "tests/net/fake_handler.h"
#include "tests/net/socket_peer.h"

#define S NS_PER_S

/* Beginnings of requests. */
#define HOST    "Host: x\r\n"
#define POST    "POST / HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_counters counters;
    struct fake_handler handler;
    struct http1_options options;
    struct http1_server *server;
    struct socket_peer peer;
};

/* For cmocka: `*state` becomes a fixture, with its server and peer, or before the options are used.
 */
int setup(void **state);
int setup_stopped(void **state);
int teardown(void **state);

/* Starts the server and connects the peer. */
void start(struct fixture *f);

/* A connection of the peer's. */
void connect_peer(struct fixture *f, int buffer_bytes);

/* Another connection in its place. */
void again(struct fixture *f);

/* What the handler has seen, a line a request. */
void assert_seen(struct fixture *f, const char *text);

#define TEST(f)         cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_STOPPED(f) cmocka_unit_test_setup_teardown(f, setup_stopped, teardown)

#endif
