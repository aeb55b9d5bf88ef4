/* Bytes into the HTTP/2 server, behind a good preface: each request that was begun ends once, all
 * memory comes back. The first byte says how the input is cut and which requests are answered
 * later. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/net/http2.h"

#define WAITING_MAX 64

struct handler {
    unsigned begun, ended;
    bool later;
    struct http_request *waiting[WAITING_MAX];
    size_t count;
};

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    struct handler *handler = self;
    (void)announced;
    if (bytes_is(request->path, "/refuse")) {
        *ret_refusal = (struct http_response){.status = 401, .body = BYTES_LITERAL("no")};
        return 1;
    }
    handler->begun++;
    request->state = malloc(1);
    return 0;
}

static void answer(struct handler *handler, struct http_request *request)
{
    static const struct http_header trailer = {BYTES_LITERAL("grpc-status"), BYTES_LITERAL("0")};
    const struct http_response response = {.status = 200,
                                           .content_type = "text/plain",
                                           .trailers = &trailer,
                                           .trailer_count = request->body_len % 2,
                                           .body = bytes_from(request->body, request->body_len)};
    handler->ended++;
    free(request->state);
    http_respond(request, &response);
}

static void complete(void *self, struct http_request *request)
{
    struct handler *handler = self;
    if (handler->later && handler->count < WAITING_MAX) {
        handler->waiting[handler->count++] = request;
    } else {
        answer(handler, request);
    }
}

static void closed(void *self, struct http_request *request)
{
    struct handler *handler = self;
    handler->ended++;
    free(request->state);
    for (size_t i = 0; i < handler->count; i++) {
        if (handler->waiting[i] == request) {
            handler->waiting[i] = handler->waiting[--handler->count];
        }
    }
}

static void run(struct loop *loop, struct handler *handler, int fd, const uint8_t *data,
                size_t size, size_t piece)
{
    uint8_t drain[4096];
    while (size != 0) {
        size_t len = size < piece ? size : piece;
        if (send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
            return;
        }
        loop_turn(loop);
        if (handler->count != 0 && data[0] % 4 == 0) {
            answer(handler, handler->waiting[--handler->count]);
        }
        (void)!recv(fd, drain, sizeof drain, MSG_DONTWAIT);
        data += len;
        size -= len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    static const struct http_handler type = {
        .begin = begin, .complete = complete, .closed = closed};
    static struct clock_manual clock;
    static struct loop *loop;
    struct http_counters counters = {0};
    struct handler handler = {.later = size != 0 && data[0] % 2 == 1};
    struct http2_server *server;
    int fds[2];
    if (loop == NULL) {
        clock = clock_manual_at(NS_PER_S, NS_PER_S);
        check(loop_new_with_clock(&loop, &clock.base) == 0);
    }
    struct http2_options options = {.loop = loop,
                                    .limits = HTTP_LIMITS_DEFAULT,
                                    .handler = &type,
                                    .self = &handler,
                                    .counters = &counters};
    options.limits.body_bytes = 1 << 16;
    check(http2_server_new(&server, &options) == 0);
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    http2_server_accept(server, transport_plain_new(fds[1]));
    check(send(fds[0], preface, sizeof preface - 1, MSG_NOSIGNAL) > 0);
    if (size > 1) {
        run(loop, &handler, fds[0], data + 1, size - 1, data[0] >= 128 ? size : 1 + data[0] / 2u);
    }
    http2_server_free(server);
    close(fds[0]);
    loop_turn(loop);
    check(handler.begun == handler.ended && handler.count == 0);
    check(counter_get(&counters.connections_opened) == counter_get(&counters.connections_closed));
    return 0;
}
