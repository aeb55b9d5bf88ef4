/* What the tests of the HTTP/2 server share: a server with a handler of ours on a loop whose time
 * they set, one peer, and frames as bytes. */
#ifndef ASSERTD_TESTS_NET_HTTP2_FIXTURE_H
#define ASSERTD_TESTS_NET_HTTP2_FIXTURE_H

#include "daemon/net/http2.h"
#include "tests/net/fake_handler.h"
#include "tests/net/http2_peer.h"

#define S           NS_PER_S
#define END_STREAM  1
#define END_HEADERS 4
#define BODY_LIMIT  2000000

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_counters counters;
    struct fake_handler handler;
    struct http2_options options;
    struct http2_server *server;
    struct http2_peer peer;
};

/* For cmocka: `*state` becomes a fixture, with its server and peer, or before the options are used.
 */
int setup(void **state);
int setup_stopped(void **state);
int teardown(void **state);

/* Starts the server and opens the peer. */
void start(struct fixture *f);

/* Another connection in the place of the peer's. */
void again(struct fixture *f);

/* So many bytes that do not repeat soon. */
struct bytes filled(struct buf *buf, size_t len);

/* HPACK: GET (POST), http, "/", and :authority x as a literal. */
extern const uint8_t get_block[6], post_block[6];

/* Header fields of a gRPC request, for http2_peer_request. */
extern const char *const grpc[];

/* HEADERS of such a request, with and without the end of its stream. False: the peer is gone. */
bool raw_get(struct fixture *f, uint32_t id);
bool raw_post(struct fixture *f, uint32_t id);

#define TEST(f)         cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_STOPPED(f) cmocka_unit_test_setup_teardown(f, setup_stopped, teardown)

#endif
