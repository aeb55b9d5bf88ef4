#include "tests/bench/decode_variants.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/utf8.h"
#include "daemon/core/wire.h"
#include "daemon/model/attr_check.h"
#include "daemon/model/span.h"

#define SPANS_MAX 1024

struct corpus {
    struct bytes spans[DECODE_COPIES][SPANS_MAX];
    size_t count; /* of each copy */
    struct bytes resources[DECODE_COPIES][SPANS_MAX];
    size_t resource_count;
};

static struct corpus corpus;
static uint64_t sink;

static void collect(struct bytes message, const uint32_t *path, struct bytes *spans, size_t *count)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    if (*path == 0) {
        spans[(*count)++] = message;
        return;
    }
    while (wire_next(&reader, &field) == 0) {
        if (field.number == *path && field.type == WIRE_BYTES && *count < SPANS_MAX) {
            collect(field.bytes, path + 1, spans, count);
        }
    }
}

void decode_corpus_load(void)
{
    static const uint32_t path[] = {1, 2, 2, 0};
    static const uint32_t resource_path[] = {1, 1, 0};
    FILE *file = fopen(ASSERTD_SOURCE_DIR "/tests/payloads/http-512.pb", "rb");
    if (file == NULL) {
        perror("http-512.pb");
        exit(1);
    }
    for (size_t i = 0; i < DECODE_COPIES; i++) {
        uint8_t *body = malloc(1 << 20);
        rewind(file);
        size_t len = body != NULL ? fread(body, 1, 1 << 20, file) : 0;
        corpus.count = corpus.resource_count = 0;
        collect(bytes_from(body, len), path, corpus.spans[i], &corpus.count);
        collect(bytes_from(body, len), resource_path, corpus.resources[i], &corpus.resource_count);
    }
    fclose(file);
}

/* The floor: every field of the span read by tag and length, nothing looked at. */
static void skip_fields(struct bytes span)
{
    const uint8_t *at = span.data;
    const uint8_t *end = at + span.len;
    uint64_t sum = 0;
    while (at < end) {
        uint32_t tag = *at++;
        uint64_t length = 0;
        unsigned shift = 0;
        if (tag >= 0x80) {
            tag = (tag & 0x7f) | (uint32_t)*at++ << 7;
        }
        if ((tag & 7) == WIRE_FIXED64) {
            at += 8;
        } else if ((tag & 7) == WIRE_FIXED32) {
            at += 4;
        } else {
            do {
                length |= (uint64_t)(*at & 0x7f) << shift;
                shift += 7;
            } while (*at++ >= 0x80 && at < end);
            at += (tag & 7) == WIRE_BYTES ? length : 0;
        }
        sum += tag;
    }
    sink += sum;
}

static void skip_all(size_t copy, struct arena *arena)
{
    (void)arena;
    for (size_t i = 0; i < corpus.count; i++) {
        skip_fields(corpus.spans[copy][i]);
    }
}

/* Skips the fields of the attributes, keys and values too: what any decoder of attributes has to
 * step over. */
static void skip_deep(size_t copy, struct arena *arena)
{
    (void)arena;
    for (size_t i = 0; i < corpus.count; i++) {
        struct wire_reader reader = wire_reader_of(corpus.spans[copy][i]);
        struct wire_field field;
        while (wire_next_fast(&reader, &field) == 0) {
            if (field.number == 9 && field.type == WIRE_BYTES) {
                skip_fields(field.bytes);
            }
        }
    }
}

static void decode_one(struct bytes raw, const struct attr_hints *listed, struct arena *arena,
                       struct span *span)
{
    struct span_limits limits = SPAN_LIMITS_DEFAULT;
    limits.listed = listed;
    if (span_decode(raw, &resource_empty, &scope_empty, &limits, arena, span) != 0) {
        abort();
    }
    sink += span->attr_count;
}

static void decode_all(size_t copy, struct arena *arena)
{
    struct span span;
    for (size_t i = 0; i < corpus.count; i++) {
        decode_one(corpus.spans[copy][i], NULL, arena, &span);
    }
}

/* The keys that the assertions of peers/assertd.conf read. */
static struct attr_hints six_keys(void)
{
    static const char *const keys[] = {
        "http.request.method",       "db.system.name", "messaging.destination.name",
        "http.response.status_code", "server.port",    "app.cart.items"};
    struct attr_hints listed = {.made = true};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        (void)attr_hints_add(&listed, bytes_of(keys[i]));
    }
    return listed;
}

static void decode_read(size_t copy, struct arena *arena)
{
    const struct attr_hints listed = six_keys();
    struct span span;
    for (size_t i = 0; i < corpus.count; i++) {
        decode_one(corpus.spans[copy][i], &listed, arena, &span);
    }
}

static void decode_and_check_utf8(size_t copy, struct arena *arena)
{
    struct span span;
    for (size_t i = 0; i < corpus.count; i++) {
        struct attr_oddities oddities = {.duplicate_keys = 0};
        decode_one(corpus.spans[copy][i], NULL, arena, &span);
        oddities.bad_text = !utf8_valid(span.name) || !utf8_valid(span.status_message);
        if (span.hints.odd != 0) {
            attrs_check(span.attrs, span.attr_count, &oddities);
        }
        sink += oddities.bad_text + oddities.duplicate_keys;
    }
}

/* As if each span came with a resource of its own: as many of these as there are spans. */
static void decode_resources(size_t copy, const struct attr_hints *listed, struct arena *arena)
{
    struct resource resource;
    for (size_t i = 0; i < corpus.count; i++) {
        struct bytes raw = corpus.resources[copy][i % corpus.resource_count];
        if (resource_decode(raw, listed, arena, &resource) != 0) {
            abort();
        }
        sink += resource.attr_count;
    }
}

static void decode_resources_all(size_t copy, struct arena *arena)
{
    decode_resources(copy, NULL, arena);
}

static void decode_resources_read(size_t copy, struct arena *arena)
{
    const struct attr_hints listed = six_keys();
    decode_resources(copy, &listed, arena);
}

size_t decode_corpus_spans(void)
{
    return corpus.count;
}

uint64_t decode_sink(void)
{
    return sink;
}

const struct decode_variant decode_variants[DECODE_VARIANTS] = {
    {"skip every field", skip_all},
    {"skip every field, of attributes too", skip_deep},
    {"decode", decode_all},
    {"decode, UTF-8 checked", decode_and_check_utf8},
    {"decode, six keys read", decode_read},
    {"a resource", decode_resources_all},
    {"a resource, six keys read", decode_resources_read},
};
