/* All but the IDs of a span is encoded when it is read; IDs are put in front at the end. */
#include "receivers/zipkin_json.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/memory.h"
#include "receivers/zipkin_span.h"

enum envelope_number { ENVELOPE_RESOURCE = 1, SCOPE_SPANS_SPANS = 2 };

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

void zipkin_spans_init(struct zipkin_spans *spans)
{
    *spans = (struct zipkin_spans){.arena = ARENA_INIT(65536, 0), .scratch = BUF_NULL};
}

void zipkin_spans_deinit(struct zipkin_spans *spans)
{
    free(spans->items);
    free(spans->by_service);
    arena_deinit(&spans->arena);
    buf_deinit(&spans->scratch);
    zipkin_spans_init(spans);
}

void zipkin_spans_cut(struct zipkin_spans *spans, size_t count)
{
    spans->count = count;
}

/* Makes the views last. False: no memory. */
static bool keep(struct zipkin_spans *spans, struct zipkin_span *span,
                 const struct zipkin_tags *seen)
{
    bool older = seen->otel.scope_name.len == 0;
    struct bytes *views[] = {&span->service, &span->scope_name, &span->scope_version,
                             &span->fields};
    span->scope_name = older ? seen->otel.library_name : seen->otel.scope_name;
    span->scope_version =
        seen->otel.scope_version.len == 0 ? seen->otel.library_version : seen->otel.scope_version;
    span->fields = buf_bytes(&spans->scratch);
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        if (views[i]->len > 0) {
            *views[i] = arena_copy(&spans->arena, *views[i]);
            if (views[i]->data == NULL) {
                return false;
            }
        }
    }
    return true;
}

static bool make_room(struct zipkin_spans *spans)
{
    if (spans->count < spans->room) {
        return true;
    }
    size_t room = spans->room != 0 ? 2 * spans->room : 64;
    struct zipkin_span *items =
        memory_resize(spans->items, spans->room * sizeof *items, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    spans->items = items;
    spans->room = room;
    return true;
}

int zipkin_spans_add(struct zipkin_spans *spans, const struct json_node *span, char *error,
                     size_t error_bytes)
{
    struct zipkin_span read = {.service = BYTES_LITERAL("")};
    struct zipkin_tags seen = {.has_error = false};
    if (span->type != JSON_OBJECT) {
        snprintf(error, error_bytes, "not an object");
        return ZIPKIN_MALFORMED;
    }
    buf_reset(&spans->scratch);
    int outcome = zipkin_span_read(&read, &spans->scratch, span, &seen, error, error_bytes);
    if (outcome != 0) {
        return outcome;
    }
    if (spans->scratch.failed || !keep(spans, &read, &seen) || !make_room(spans)) {
        return ZIPKIN_NO_MEMORY;
    }
    spans->items[spans->count++] = read;
    return 0;
}

/* Parting shared IDs. */

uint64_t zipkin_own_id(const uint8_t trace_id[16], const uint8_t id[8], struct bytes service)
{
    const struct bytes parts[] = {bytes_from(trace_id, 16), bytes_from(id, 8), service};
    uint64_t hash = FNV_BASIS;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (size_t k = 0; k < parts[i].len; k++) {
            hash = (hash ^ parts[i].data[k]) * FNV_PRIME;
        }
    }
    return hash != 0 ? hash : 1;
}

static bool is_usable(const struct zipkin_span *span)
{
    return span->trace_state == ID_GOOD && span->id_state == ID_GOOD &&
           span->parent_state != ID_BAD;
}

static int compare_ids(const struct zipkin_span *a, const struct zipkin_span *b)
{
    int order = memcmp(a->trace_id, b->trace_id, sizeof a->trace_id);
    return order != 0 ? order : memcmp(a->id, b->id, sizeof a->id);
}

static int by_id(const void *left, const void *right)
{
    return compare_ids(*(struct zipkin_span *const *)left, *(struct zipkin_span *const *)right);
}

static int by_owner(const void *left, const void *right)
{
    const struct zipkin_span *a = *(struct zipkin_span *const *)left;
    const struct zipkin_span *b = *(struct zipkin_span *const *)right;
    int order = compare_ids(a, b);
    return order != 0 ? order : bytes_compare(a->service, b->service);
}

static int by_writing(const void *left, const void *right)
{
    const struct zipkin_span *a = *(struct zipkin_span *const *)left;
    const struct zipkin_span *b = *(struct zipkin_span *const *)right;
    int order = bytes_compare(a->service, b->service);
    order = order != 0 ? order : bytes_compare(a->scope_name, b->scope_name);
    order = order != 0 ? order : bytes_compare(a->scope_version, b->scope_version);
    return order != 0 ? order : (a > b) - (a < b);
}

/* Spans of one ID: its servers part where they say that it is shared, or a client is among them. */
static void part_namesakes(struct zipkin_span **spans, size_t count)
{
    bool has_client = false;
    for (size_t i = 0; i < count; i++) {
        has_client |= spans[i]->kind == KIND_NUMBER_CLIENT;
    }
    for (size_t i = 0; i < count; i++) {
        struct zipkin_span *span = spans[i];
        span->parted = span->kind == KIND_NUMBER_SERVER && (span->shared || has_client);
        span->own_id = span->parted ? zipkin_own_id(span->trace_id, span->id, span->service) : 0;
    }
}

static size_t part_all(struct zipkin_span **spans, size_t count)
{
    size_t parted = 0;
    qsort(spans, count, sizeof *spans, by_id);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && compare_ids(spans[i], spans[end]) == 0) {
            end++;
        }
        part_namesakes(spans + i, end - i);
        i = end;
    }
    for (size_t i = 0; i < count; i++) {
        if (spans[i]->parted) {
            spans[parted++] = spans[i];
        }
    }
    return parted;
}

/* Children of a parted ID go below the server of their own service. */
static void move_children(struct zipkin_spans *spans, struct zipkin_span **servers, size_t count)
{
    qsort(servers, count, sizeof *servers, by_owner);
    for (size_t i = 0; i < spans->count; i++) {
        struct zipkin_span *child = &spans->items[i];
        struct zipkin_span wanted = *child;
        const struct zipkin_span *key = &wanted;
        if (child->parted || child->parent_state != ID_GOOD) {
            continue;
        }
        memcpy(wanted.id, child->parent, sizeof wanted.id);
        struct zipkin_span **server = bsearch(&key, servers, count, sizeof *servers, by_owner);
        child->moved_below = server != NULL ? (*server)->own_id : 0;
    }
}

int zipkin_spans_part(struct zipkin_spans *spans)
{
    if (spans->count == 0) {
        return 0;
    }
    struct zipkin_span **order = memory_alloc(spans->count * sizeof *order);
    if (order == NULL) {
        return ZIPKIN_NO_MEMORY;
    }
    size_t usable = 0;
    for (size_t i = 0; i < spans->count; i++) {
        if (is_usable(&spans->items[i])) {
            order[usable++] = &spans->items[i];
        }
    }
    size_t parted = part_all(order, usable);
    if (parted > 0) {
        move_children(spans, order, parted);
    }
    for (size_t i = 0; i < spans->count; i++) {
        order[i] = &spans->items[i];
    }
    qsort(order, spans->count, sizeof *order, by_writing);
    spans->by_service = (const struct zipkin_span **)order;
    spans->written = 0;
    return 0;
}

/* Writing. */

static void put_id(struct buf *out, uint32_t field, uint8_t state, const uint8_t *id, size_t len)
{
    if (state != ID_ABSENT) {
        wire_put_bytes(out, field, bytes_from(id, state == ID_GOOD ? len : 1));
    }
}

static void put_number_id(struct buf *out, uint32_t field, uint64_t number)
{
    uint64_t id = htobe64(number);
    wire_put_bytes(out, field, bytes_from(&id, sizeof id));
}

static void put_span(struct buf *out, const struct zipkin_span *span)
{
    size_t mark = wire_begin(out, SCOPE_SPANS_SPANS);
    put_id(out, SPAN_TRACE_ID, span->trace_state, span->trace_id, sizeof span->trace_id);
    if (span->parted) {
        put_number_id(out, SPAN_ID, span->own_id);
        put_id(out, SPAN_PARENT_ID, ID_GOOD, span->id, sizeof span->id);
    } else {
        put_id(out, SPAN_ID, span->id_state, span->id, sizeof span->id);
        if (span->moved_below != 0) {
            put_number_id(out, SPAN_PARENT_ID, span->moved_below);
        } else {
            put_id(out, SPAN_PARENT_ID, span->parent_state, span->parent, sizeof span->parent);
        }
    }
    buf_append_bytes(out, span->fields);
    wire_end(out, mark);
}

static void put_resource(struct otlp_writer *writer, struct bytes service)
{
    otlp_writer_resource(writer);
    if (service.len > 0) {
        size_t resource = wire_begin(writer->out, ENVELOPE_RESOURCE);
        otlp_put_text_attr(writer->out, RESOURCE_ATTRIBUTES, BYTES_LITERAL("service.name"),
                           service);
        wire_end(writer->out, resource);
    }
}

bool zipkin_spans_take(struct zipkin_spans *spans, struct buf *out)
{
    struct otlp_writer writer = {.out = out};
    size_t first = spans->written;
    size_t left = spans->count - first;
    size_t end = first + (left < ZIPKIN_MESSAGE_SPANS ? left : ZIPKIN_MESSAGE_SPANS);
    if (spans->by_service == NULL) {
        return false;
    }
    for (size_t i = first; i < end; i++) {
        const struct zipkin_span *span = spans->by_service[i];
        if (i == first || !bytes_equal(span->service, spans->by_service[i - 1]->service)) {
            put_resource(&writer, span->service);
        }
        otlp_writer_scope(&writer, span->scope_name, span->scope_version);
        put_span(out, span);
    }
    otlp_writer_end(&writer);
    spans->written = end;
    return end > first;
}
