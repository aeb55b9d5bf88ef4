#include "tests/bench/body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/wire.h"

#define GRPC_PREFIX_BYTES 5
#define TRACE_ID_BYTES    16
#define FIELD_TRACE_ID    1

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

/* A bare request begins with the tag of its first field, a gRPC message with the flag 0. */
static int frame(struct body *body, struct buf *raw)
{
    if (raw->len <= GRPC_PREFIX_BYTES) {
        return -EINVAL;
    }
    if (raw->data[0] != 0) {
        uint32_t len = (uint32_t)raw->len;
        uint8_t prefix[GRPC_PREFIX_BYTES] = {0, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
                                             (uint8_t)(len >> 8), (uint8_t)len};
        buf_append(&body->bytes, prefix, sizeof prefix);
    }
    buf_append(&body->bytes, raw->data, raw->len);
    return body->bytes.failed ? -ENOMEM : 0;
}

/* The number of the trace within the request; traces come one after the other, so the last is
 * looked at first. */
static uint32_t trace_of(struct body *body, const uint8_t *id)
{
    for (uint32_t i = body->span_count; i-- > 0;) {
        if (memcmp(body->bytes.data + body->places[i].offset, id, TRACE_ID_BYTES) == 0) {
            return body->places[i].trace;
        }
    }
    return body->trace_count++;
}

static int note(struct body *body, struct bytes id)
{
    if (id.len != TRACE_ID_BYTES || body->span_count == BODY_SPANS_MAX) {
        return -EINVAL;
    }
    uint32_t trace = trace_of(body, id.data);
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

int body_read(struct body *ret, const char *path, uint64_t seed)
{
    static const uint32_t to_ids[] = {1, 2, 2, FIELD_TRACE_ID, 0};
    struct buf raw = BUF_NULL;
    *ret = (struct body){.bytes = BUF_NULL, .next_id = seed << 48};
    ret->places = calloc(BODY_SPANS_MAX, sizeof *ret->places);
    int bad = ret->places == NULL ? -ENOMEM : read_file(&raw, path);
    bad = bad ? bad : frame(ret, &raw);
    buf_deinit(&raw);
    if (bad == 0) {
        struct bytes whole = buf_bytes(&ret->bytes);
        bad = find_ids(
            ret, bytes_from(whole.data + GRPC_PREFIX_BYTES, whole.len - GRPC_PREFIX_BYTES), to_ids);
    }
    if (bad == 0 && ret->span_count == 0) {
        bad = -EINVAL;
    }
    if (bad) {
        body_deinit(ret);
    }
    return bad;
}

/* Spreads numbers over 64 bits, one to one (splitmix64's finaliser). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

void body_renew(struct body *body)
{
    for (uint32_t i = 0; i < body->span_count; i++) {
        uint64_t number = body->next_id + body->places[i].trace;
        uint64_t id[2] = {mix(number + 1), mix(~number)};
        memcpy(body->bytes.data + body->places[i].offset, id, sizeof id);
    }
    body->next_id += body->trace_count;
}

void body_deinit(struct body *body)
{
    buf_deinit(&body->bytes);
    free(body->places);
    *body = (struct body){.bytes = BUF_NULL};
}
