#include "tests/bench/request.h"

#include <errno.h>
#include <string.h>

#include "daemon/core/hex.h"

int request_init(struct request *ret, const struct body *body, enum packing packing)
{
    *ret = (struct request){.body = body, .plain = BUF_NULL, .packed = BUF_NULL};
    buf_append_bytes(&ret->plain, buf_bytes(&body->bytes));
    if (packing != PACKING_NONE) {
        ret->packer = packer_new(packing);
    }
    bool good = !ret->plain.failed && (packing == PACKING_NONE) == (ret->packer == NULL);
    if (!good) {
        request_deinit(ret);
    }
    return good ? 0 : -ENOMEM;
}

static void put_id(const struct request *request, const uint8_t *id, uint32_t offset)
{
    uint8_t *to = request->plain.data + offset;
    if (request->body->form == BODY_JSON) {
        hex_print((char *)to, id, TRACE_ID_BYTES);
    } else {
        memcpy(to, id, TRACE_ID_BYTES);
    }
}

/* Mostly the spans of a trace stand together, so that an ID is made once for all of them. */
static void patch(const struct request *request, const struct ids *ids, uint64_t now_ns)
{
    const struct body *body = request->body;
    uint8_t id[TRACE_ID_BYTES] = {0};
    uint32_t made = UINT32_MAX;
    for (uint32_t i = 0; i < body->span_count; i++) {
        if (body->places[i].trace != made) {
            made = body->places[i].trace;
            ids_write(ids, made, now_ns, id);
        }
        put_id(request, id, body->places[i].offset);
    }
}

int request_renew(struct request *request, struct ids *ids, uint64_t now_ns)
{
    request->sent_ns = now_ns;
    patch(request, ids, now_ns);
    ids->next += request->body->trace_count;
    request->wire = buf_bytes(&request->plain);
    if (request->packer == NULL) {
        return 0;
    }
    int bad = packer_pack(request->packer, request->wire, &request->packed);
    request->wire = buf_bytes(&request->packed);
    return bad;
}

void request_deinit(struct request *request)
{
    buf_deinit(&request->plain);
    buf_deinit(&request->packed);
    packer_free(request->packer);
    request->packer = NULL;
}
