/* The floor that the pipeline is measured against: servers on the same HTTP/2 and HTTP/1.1 code
 * that answer OK to every export and throw the body away, packed as it came. It prints the
 * addresses it listens on and runs until SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/net/http1.h"
#include "daemon/net/http2.h"
#include "daemon/net/listener.h"
#include "daemon/net/loop.h"
#include "daemon/net/transport.h"

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    (void)self, (void)request, (void)announced, (void)ret_refusal;
    return 0;
}

static void answer_grpc(void *self, struct http_request *request)
{
    static const struct http_header status = {{(const uint8_t *)"grpc-status", 11},
                                              {(const uint8_t *)"0", 1}};
    struct http_response response = {.status = 200,
                                     .content_type = "application/grpc",
                                     .trailers = &status,
                                     .trailer_count = 1,
                                     .body = bytes_from("\0\0\0\0\0", 5)};
    (void)self;
    http_respond(request, &response);
}

static void answer_http(void *self, struct http_request *request)
{
    struct http_response response = {.status = 200, .content_type = "application/x-protobuf"};
    (void)self;
    http_respond(request, &response);
}

static const struct http_handler grpc_handler = {.begin = begin, .complete = answer_grpc};
static const struct http_handler http_handler = {.begin = begin, .complete = answer_http};

static void accept_grpc(void *self, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http2_server_accept(self, transport);
    }
}

static void accept_http(void *self, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http1_server_accept(self, transport);
    }
}

static void stop(void *self)
{
    loop_stop(self);
}

static struct listener *listen_on(struct loop *loop, listener_accept_fn accepted, void *server)
{
    char error[LISTENER_ADDRESS_MAX + 128] = "";
    struct listener *listener = NULL;
    if (listener_new(&listener, loop, "127.0.0.1:0", accepted, server, error, sizeof error) != 0) {
        fprintf(stderr, "discard: %s\n", error);
        exit(1);
    }
    return listener;
}

int main(void)
{
    static struct http_counters counters;
    struct loop *loop = NULL;
    struct http2_server *grpc = NULL;
    struct http1_server *http = NULL;
    signal(SIGPIPE, SIG_IGN);
    if (loop_new(&loop) != 0 || loop_on_signal(loop, SIGTERM, stop, loop) != 0 ||
        http2_server_new(&grpc, &(struct http2_options){.loop = loop,
                                                        .limits = HTTP_LIMITS_DEFAULT,
                                                        .handler = &grpc_handler,
                                                        .counters = &counters}) != 0 ||
        http1_server_new(&http, &(struct http1_options){.loop = loop,
                                                        .limits = HTTP_LIMITS_DEFAULT,
                                                        .handler = &http_handler,
                                                        .counters = &counters}) != 0) {
        fprintf(stderr, "discard: no memory\n");
        return 1;
    }
    struct listener *grpc_listener = listen_on(loop, accept_grpc, grpc);
    struct listener *http_listener = listen_on(loop, accept_http, http);
    printf("grpc %s\nhttp %s\n", listener_address(grpc_listener), listener_address(http_listener));
    fflush(stdout);
    loop_run(loop);
    listener_free(grpc_listener);
    listener_free(http_listener);
    http2_server_free(grpc);
    http1_server_free(http);
    loop_free(loop);
    return 0;
}
