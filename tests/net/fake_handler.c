#include "tests/net/fake_handler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Each request that was begun owns a block, so that the leak checker sees a request that nobody
 * ended. */
static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    struct fake_handler *handler = self;
    handler->begun++;
    handler->last_announced = announced;
    if (handler->begin_answers != 0) {
        *ret_refusal = (struct http_response){.status = handler->begin_answers,
                                              .body = BYTES_LITERAL("no"),
                                              .patient = handler->patient};
        return 1;
    }
    assert_null(request->state);
    request->state = malloc(1);
    return 0;
}

static void answer(struct fake_handler *handler, struct http_request *request)
{
    struct http_response echo = {.status = 200,
                                 .content_type = "text/plain",
                                 .body = bytes_from(request->body, request->body_len)};
    free(request->state);
    request->state = NULL;
    handler->answered++;
    http_respond(request, handler->response != NULL ? handler->response : &echo);
}

static void complete(void *self, struct http_request *request)
{
    struct fake_handler *handler = self;
    handler->completed++;
    buf_append_bytes(&handler->seen, request->method);
    buf_append_char(&handler->seen, ' ');
    buf_append_bytes(&handler->seen, request->path);
    buf_append_char(&handler->seen, '?');
    buf_append_bytes(&handler->seen, request->query);
    buf_printf(&handler->seen, " %zu\n", request->body_len);
    if (handler->later) {
        assert_true(handler->waiting_count < FAKE_WAITING_MAX);
        handler->waiting[handler->waiting_count++] = request;
    } else {
        answer(handler, request);
    }
}

static void refuse(void *self, struct http_request *request, unsigned status, const char *reason,
                   struct http_response *response)
{
    struct fake_handler *handler = self;
    (void)request;
    assert_non_null(reason);
    handler->refused++;
    handler->last_refusal = status;
    response->content_type = "application/x-refusal";
}

static void forget(struct fake_handler *handler, size_t i)
{
    handler->waiting_count--;
    memmove(&handler->waiting[i], &handler->waiting[i + 1],
            (handler->waiting_count - i) * sizeof *handler->waiting);
}

static void closed(void *self, struct http_request *request)
{
    struct fake_handler *handler = self;
    handler->closed++;
    assert_non_null(request->state);
    free(request->state);
    request->state = NULL;
    for (size_t i = 0; i < handler->waiting_count; i++) {
        if (handler->waiting[i] == request) {
            forget(handler, i);
            return;
        }
    }
}

static void ended(void *self, struct http_request *request)
{
    struct fake_handler *handler = self;
    (void)request;
    handler->ended++;
}

const struct http_handler fake_handler_type = {
    .begin = begin, .complete = complete, .refuse = refuse, .closed = closed, .ended = ended};

void fake_handler_answer(struct fake_handler *handler)
{
    assert_true(handler->waiting_count != 0);
    struct http_request *request = handler->waiting[0];
    forget(handler, 0);
    answer(handler, request);
}

void fake_handler_deinit(struct fake_handler *handler)
{
    buf_deinit(&handler->seen);
}
