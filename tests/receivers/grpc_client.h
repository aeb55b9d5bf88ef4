/* A gRPC client for tests, on nghttp2, over a socket pair that the test's loop turns. Never sleeps.
 */
#ifndef ASSERTD_TESTS_RECEIVERS_GRPC_CLIENT_H
#define ASSERTD_TESTS_RECEIVERS_GRPC_CLIENT_H

#include <stdint.h>

#include "daemon/core/buf.h"
#include "daemon/net/loop.h"

struct grpc_client;

struct grpc_call {
    int32_t stream;
    struct buf sent; /* the body, with its frame */
    size_t sent_len;
    struct buf body;
    char http_status[8], grpc_status[8];
    bool trailers_only;
    bool closed;
    uint32_t reset; /* error code of the stream's end */
};

/* A client whose other end is *ret_server_fd. */
struct grpc_client *grpc_client_new(struct loop *loop, int *ret_server_fd);
void grpc_client_free(struct grpc_client *client);

/* Starts a call with a message in its frame; `call` is zeroed. */
void grpc_client_call(struct grpc_client *client, struct grpc_call *call, const char *path,
                      struct bytes message);
/* Turns until the call is closed; false when the connection ended before. */
bool grpc_client_wait(struct grpc_client *client, struct grpc_call *call);
/* Resets the call's stream. */
void grpc_client_cancel(struct grpc_client *client, struct grpc_call *call);
/* Turns a few times. */
void grpc_client_idle(struct grpc_client *client);
/* Whether the server has said GOAWAY, and whether it closed. */
bool grpc_client_got_goaway(const struct grpc_client *client);
bool grpc_client_wait_end(struct grpc_client *client);
void grpc_call_deinit(struct grpc_call *call);

#endif
