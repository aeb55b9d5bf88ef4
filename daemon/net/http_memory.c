#include "daemon/net/http_memory.h"

#include <stdlib.h>

/* The budget hears of buffers when they have changed by so much. */
#define STEP_BYTES 65536u

bool http_memory_take_body(const struct http_memory *memory, struct http_request *request,
                           size_t room)
{
    if (room > request->body_charge) {
        if (!budget_take(memory->options.budget, memory->options.bodies,
                         room - request->body_charge)) {
            return false;
        }
        request->body_charge = room;
    }
    return true;
}

void http_memory_free_body(const struct http_memory *memory, struct http_request *request)
{
    free(request->body);
    request->body = NULL;
    request->body_len = 0;
    budget_give(memory->options.budget, memory->options.bodies, request->body_charge);
    request->body_charge = 0;
}

bool http_memory_enter(struct http_memory *memory)
{
    const struct http_budget *options = &memory->options;
    if (budget_take(options->budget, options->buffers, HTTP_CONNECTION_BYTES)) {
        return true;
    }
    if (memory->beyond >= options->reserve) {
        return false;
    }
    memory->beyond++;
    budget_add(options->budget, options->buffers, HTTP_CONNECTION_BYTES);
    return true;
}

void http_memory_leave(struct http_memory *memory)
{
    memory->beyond -= memory->beyond != 0;
    budget_give(memory->options.budget, memory->options.buffers, HTTP_CONNECTION_BYTES);
}

bool http_memory_is_full(const struct http_memory *memory)
{
    return !budget_has_room(memory->options.budget, memory->options.buffers, HTTP_CONNECTION_BYTES);
}

size_t http_memory_head_max(const struct http_memory *memory)
{
    if (!http_memory_is_full(memory)) {
        return SIZE_MAX;
    }
    return budget_left(memory->options.budget) != 0 ? HTTP_CONNECTION_BYTES : 0;
}

void http_memory_hold(struct http_memory *memory, size_t *held, size_t now)
{
    memory->held = memory->held - *held + now;
    *held = now;
    if (memory->held > memory->told || memory->told - memory->held >= 2 * STEP_BYTES) {
        uint64_t tell = memory->held == 0 ? 0 : (memory->held / STEP_BYTES + 1) * STEP_BYTES;
        budget_tell(memory->options.budget, memory->options.buffers, &memory->told, tell);
    }
}
