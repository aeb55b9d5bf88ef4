/* A server that echoes bodies, for conformance tools and load generators: `echo_server 1|2
 * HOST:PORT` speaks HTTP/1.1 or HTTP/2 there, prints the address it got, and ends on SIGTERM or
 * SIGINT. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/net/http1.h"
#include "daemon/net/http2.h"
#include "daemon/net/listener.h"

struct server {
    struct loop *loop;
    struct http1_server *http1;
    struct http2_server *http2;
    struct http_counters counters;
};

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    (void)self;
    (void)request;
    (void)announced;
    (void)ret_refusal;
    return 0;
}

static void complete(void *self, struct http_request *request)
{
    (void)self;
    http_respond(request,
                 &(struct http_response){.status = 200,
                                         .content_type = "text/plain",
                                         .body = request->body_len != 0
                                                     ? bytes_from(request->body, request->body_len)
                                                     : BYTES_LITERAL("hello\n")});
}

static const struct http_handler handler = {.begin = begin, .complete = complete};

static void accepted(void *self, int take_fd)
{
    struct server *server = self;
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL && server->http1 != NULL) {
        http1_server_accept(server->http1, transport);
    } else if (transport != NULL) {
        http2_server_accept(server->http2, transport);
    }
}

static void stop(void *self)
{
    loop_stop(((struct server *)self)->loop);
}

int main(int argc, char **argv)
{
    struct server server = {0};
    struct listener *listener = NULL;
    char error[200] = "usage: echo_server 1|2 HOST:PORT";
    int bad = argc == 3 ? loop_new(&server.loop) : 1;
    struct http1_options http1 = {.loop = server.loop,
                                  .limits = HTTP_LIMITS_DEFAULT,
                                  .handler = &handler,
                                  .counters = &server.counters};
    struct http2_options http2 = {.loop = server.loop,
                                  .limits = HTTP_LIMITS_DEFAULT,
                                  .handler = &handler,
                                  .counters = &server.counters};
    if (!bad) {
        bad = strcmp(argv[1], "1") == 0 ? http1_server_new(&server.http1, &http1)
                                        : http2_server_new(&server.http2, &http2);
    }
    if (!bad) {
        bad = listener_new(&listener, server.loop, argv[2], accepted, &server, error, sizeof error);
    }
    if (bad) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    loop_on_signal(server.loop, SIGTERM, stop, &server);
    loop_on_signal(server.loop, SIGINT, stop, &server);
    printf("%s\n", listener_address(listener));
    fflush(stdout);
    loop_run(server.loop);
    listener_free(listener);
    http1_server_free(server.http1);
    http2_server_free(server.http2);
    loop_free(server.loop);
    return 0;
}
