/* The floor that the pipeline is measured against: a gRPC server on the same HTTP/2 code that
 * answers OK to every call and throws the body away. It prints the address it listens on and runs
 * until SIGTERM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

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

static void complete(void *self, struct http_request *request)
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

static const struct http_handler handler = {.begin = begin, .complete = complete};

static void accepted(void *self, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http2_server_accept(self, transport);
    }
}

static void stop(void *self)
{
    loop_stop(self);
}

int main(int argc, char **argv)
{
    static struct http_counters counters;
    struct loop *loop = NULL;
    struct http2_server *server = NULL;
    struct listener *listener = NULL;
    char error[LISTENER_ADDRESS_MAX + 128] = "no memory";
    signal(SIGPIPE, SIG_IGN);
    if (loop_new(&loop) != 0 ||
        http2_server_new(&server, &(struct http2_options){.loop = loop,
                                                          .limits = HTTP_LIMITS_DEFAULT,
                                                          .handler = &handler,
                                                          .counters = &counters}) != 0 ||
        listener_new(&listener, loop, argc > 1 ? argv[1] : "127.0.0.1:0", accepted, server, error,
                     sizeof error) != 0 ||
        loop_on_signal(loop, SIGTERM, stop, loop) != 0) {
        fprintf(stderr, "discard: %s\n", error);
        return 1;
    }
    printf("%s\n", listener_address(listener));
    fflush(stdout);
    loop_run(loop);
    listener_free(listener);
    http2_server_free(server);
    loop_free(loop);
    return 0;
}
