#include "tests/bench/body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/wire.h"
#include "tests/bench/ids.h"

#define GRPC_PREFIX_BYTES 5
#define FIELD_TRACE_ID    1
#define HEX_ID_BYTES      32

static int read_file(struct buf *to, const char *path)
{
    uint8_t block[65536];
    size_t len;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -errno;
    }
    while ((len = fread(block, 1, sizeof block, file)) > 0) {
        buf_append(to, block, len);
    }
    int bad = ferror(file) != 0 ? -EIO : 0;
    fclose(file);
    return to->failed ? -ENOMEM : bad;
}

/* The number of the trace within the request; traces come one after the other, so the last is
 * looked at first. */
static uint32_t trace_of(struct body *body, const uint8_t *id, size_t len)
{
    for (uint32_t i = body->span_count; i-- > 0;) {
        if (memcmp(body->bytes.data + body->places[i].offset, id, len) == 0) {
            return body->places[i].trace;
        }
    }
    return body->trace_count++;
}

static int note(struct body *body, struct bytes id)
{
    size_t expected = body->form == BODY_JSON ? HEX_ID_BYTES : TRACE_ID_BYTES;
    if (id.len != expected || body->span_count == BODY_SPANS_MAX) {
        return -EINVAL;
    }
    uint32_t trace = trace_of(body, id.data, id.len);
    body->places[body->span_count++] =
        (struct body_place){(uint32_t)(id.data - body->bytes.data), trace};
    return 0;
}

/* ExportTraceServiceRequest.resource_spans.scope_spans.spans.trace_id */
static int find_ids(struct body *body, struct bytes message, const uint32_t *path)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    int bad = 0;
    while (bad == 0 && wire_next(&reader, &field) == 0) {
        if (field.number == *path && field.type == WIRE_BYTES) {
            bad = path[1] == 0 ? note(body, field.bytes) : find_ids(body, field.bytes, path + 1);
        }
    }
    return bad;
}

/* Links are not looked for: the prepared bodies have none. */
static int find_hex_ids(struct body *body)
{
    static const char key[] = "\"traceId\":\"";
    const uint8_t *at = body->bytes.data;
    const uint8_t *end = at + body->bytes.len;
    int bad = 0;
    while (bad == 0 && (at = memmem(at, (size_t)(end - at), key, sizeof key - 1)) != NULL) {
        at += sizeof key - 1;
        const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
        bad = quote == NULL ? -EINVAL : note(body, bytes_from(at, (size_t)(quote - at)));
    }
    return bad;
}

int body_from(struct body *ret, struct bytes request)
{
    static const uint32_t to_ids[] = {1, 2, 2, FIELD_TRACE_ID, 0};
    *ret = (struct body){.bytes = BUF_NULL};
    if (request.len > GRPC_PREFIX_BYTES && request.data[0] == 0) {
        request.data += GRPC_PREFIX_BYTES;
        request.len -= GRPC_PREFIX_BYTES;
    }
    buf_append_bytes(&ret->bytes, request);
    ret->places = calloc(BODY_SPANS_MAX, sizeof *ret->places);
    int bad = ret->places == NULL || ret->bytes.failed ? -ENOMEM : 0;
    ret->form = request.len != 0 && request.data[0] == '{' ? BODY_JSON : BODY_PROTOBUF;
    if (bad == 0) {
        bad = ret->form == BODY_JSON ? find_hex_ids(ret)
                                     : find_ids(ret, buf_bytes(&ret->bytes), to_ids);
    }
    if (bad == 0 && ret->span_count == 0) {
        bad = -EINVAL;
    }
    if (bad) {
        body_deinit(ret);
    }
    return bad;
}

int body_read(struct body *ret, const char *path)
{
    struct buf raw = BUF_NULL;
    int bad = read_file(&raw, path);
    bad = bad ? bad : body_from(ret, buf_bytes(&raw));
    buf_deinit(&raw);
    return bad;
}

void body_deinit(struct body *body)
{
    buf_deinit(&body->bytes);
    free(body->places);
    *body = (struct body){.bytes = BUF_NULL};
}
